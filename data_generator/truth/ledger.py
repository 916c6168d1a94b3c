"""Counts by measure, month and stratum; quarters, years and the total are sums of months."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from data_generator.clock import day_text, first_day_of_month, month_index
from data_generator.facts.infections import INFECTION_KINDS

Stratum = tuple[str, str]
OVERALL: Stratum = ("overall", "all")

_MONTHS_IN = {"year": 12, "quarter": 3, "month": 1}

INFECTION_MEASURES = ("infection_hospital_acquired", "infection_stay_share")
LABID_MEASURES = ("infection_cdiff_labid", "infection_mrsa_labid")
MEASURES = (
    "readmission_30d",
    "mortality_in_hospital",
    "mortality_30d",
    *INFECTION_MEASURES,
    *LABID_MEASURES,
    "alos",
    "alos_episode",
)
STRATUM_TYPES = (
    "overall",
    "hospital",
    "department",
    "age_band",
    "sex",
    "payer",
    "infection_type",
)


@dataclass(slots=True)
class Count:
    """Numerator, denominator and excluded stays."""

    numerator: int = 0
    denominator: int = 0
    excluded: int = 0


@dataclass(slots=True)
class Ledger:
    """Running counts; the size depends on months and strata, not on people."""

    counts: dict[tuple[str, int, Stratum], Count] = field(
        default_factory=lambda: defaultdict(Count)
    )

    def add(self, measure: str, day: int, strata: Iterable[Stratum], count: Count) -> None:
        """Add a count to the month of ``day``."""
        month = month_index(day)
        for stratum in strata:
            total = self.counts[measure, month, stratum]
            total.numerator += count.numerator
            total.denominator += count.denominator
            total.excluded += count.excluded

    def rows(self, as_of: int) -> Iterator[dict[str, Any]]:
        """Yield the result rows of every grain that are not empty, in a fixed order."""
        self._spread_denominators()
        grains = {
            "all": _rolled_up(self.counts, lambda month: 0),
            **{grain: self._by_months(length) for grain, length in _MONTHS_IN.items()},
        }
        for grain, counts in grains.items():
            for (measure, period, stratum), count in sorted(counts.items(), key=_order):
                if count.denominator or count.excluded:
                    yield _row(measure, grain, _bounds(grain, period, as_of), stratum, count)

    def _by_months(self, length: int) -> dict[tuple[str, int, Stratum], Count]:
        return _rolled_up(self.counts, lambda month: month // length)

    def _spread_denominators(self) -> None:
        """Set the denominator of every infection type to all patient days, or all stays."""
        for measure in INFECTION_MEASURES:
            overall = [
                (month, count.denominator)
                for (name, month, stratum), count in list(self.counts.items())
                if name == measure and stratum == OVERALL
            ]
            for month, denominator in overall:
                for kind in INFECTION_KINDS:
                    stratum = ("infection_type", kind.word)
                    self.counts[measure, month, stratum].denominator = denominator


def _rolled_up(
    counts: dict[tuple[str, int, Stratum], Count], period_of: Any
) -> dict[tuple[str, int, Stratum], Count]:
    totals: dict[tuple[str, int, Stratum], Count] = defaultdict(Count)
    for (measure, month, stratum), count in counts.items():
        total = totals[measure, period_of(month), stratum]
        total.numerator += count.numerator
        total.denominator += count.denominator
        total.excluded += count.excluded
    return totals


def _order(entry: tuple[tuple[str, int, Stratum], Count]) -> tuple[int, int, int, str]:
    (measure, period, (kind, value)), _ = entry
    return MEASURES.index(measure), STRATUM_TYPES.index(kind), period, value


def _bounds(grain: str, period: int, as_of: int) -> tuple[str | None, str]:
    """Return the half-open period; the grain ``all`` ends the day after ``as_of``."""
    if grain == "all":
        return None, day_text(as_of + 1)
    length = _MONTHS_IN[grain]
    first = period * length
    return day_text(first_day_of_month(first)), day_text(first_day_of_month(first + length))


def _row(
    measure: str, grain: str, bounds: tuple[str | None, str], stratum: Stratum, count: Count
) -> dict[str, Any]:
    return {
        "measure_id": measure,
        "grain": grain,
        "period_start": bounds[0],
        "period_end": bounds[1],
        "stratum_type": stratum[0],
        "stratum_value": stratum[1],
        "numerator": count.numerator,
        "denominator": count.denominator,
        "excluded": count.excluded,
    }
