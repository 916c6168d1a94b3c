"""The data quality score of a table: five components, each 0 to 1, weighed.

A component with nothing to judge does not apply, and the others weigh more. Source: claims
specification, 7.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

WEIGHTS: Mapping[str, Fraction] = {
    "completeness": Fraction(35, 100),
    "validity": Fraction(30, 100),
    "consistency": Fraction(15, 100),
    "uniqueness": Fraction(10, 100),
    "timeliness": Fraction(10, 100),
}
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Counts:
    """What was counted of a table's rows; see `tables/quality.py`."""

    received: int
    rejected: int
    loaded: int
    distinct_versions: int
    kept: int
    flagged: int
    cells: int
    filled: int
    referred: int
    unresolved: int

    @property
    def bad(self) -> int:
        """Return the rows that were rejected or trip a rule."""
        return self.rejected + self.flagged


@dataclass(frozen=True)
class Score:
    """The components (None: not applicable) and the score, which is None without rows."""

    components: Mapping[str, Fraction | None]
    value: Decimal | None


NO_SCORE = Score(dict.fromkeys(WEIGHTS), None)


def score_of(counts: Counts, age: timedelta, sla_hours: int) -> Score:
    """Return the score of a table whose newest row arrived `age` ago."""
    if not counts.received:
        return NO_SCORE
    return weighed(
        {
            "completeness": _share(counts.filled, counts.cells),
            "validity": 1 - Fraction(min(counts.bad, counts.received), counts.received),
            "consistency": _share(counts.referred - counts.unresolved, counts.referred),
            "uniqueness": _share(counts.distinct_versions, counts.loaded),
            "timeliness": timeliness(age, sla_hours),
        }
    )


def weighed(components: Mapping[str, Fraction | None]) -> Score:
    """Return the score of components: 100 x their mean by weight, one decimal, half up."""
    applicable = {name: value for name, value in components.items() if value is not None}
    if not applicable:
        return Score(components, None)
    total = sum((WEIGHTS[name] * value for name, value in applicable.items()), Fraction(0))
    value = 100 * total / sum((WEIGHTS[name] for name in applicable), Fraction(0))
    # Exact: a fraction is rounded once.
    tenths = (Decimal(value.numerator * 10) / value.denominator).quantize(Decimal(1), ROUND_HALF_UP)
    return Score(components, tenths / 10)


def timeliness(age: timedelta, sla_hours: int) -> Fraction:
    """Return 1 up to the hours agreed, 0 from three times as many, and in between what is left."""
    hours = Fraction(age // timedelta(microseconds=1), _HOUR // timedelta(microseconds=1))
    left = Fraction(3 * sla_hours - hours) / (2 * sla_hours)
    return min(max(left, Fraction(0)), Fraction(1))


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None
