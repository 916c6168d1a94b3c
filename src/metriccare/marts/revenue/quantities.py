"""What the figures of revenue count: names of numbers, their places, and what adds up.

Numbers that may be published in several figures have one name. Numbers of one group hang together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from metriccare.marts.periods import ALL, MONTH, QUARTER, YEAR, period_start
from metriccare.marts.revenue.definition import BUCKET, Kpi
from metriccare.marts.revenue.figures import Figure
from metriccare.marts.revenue.kpis import KPIS
from metriccare.tables.strata import OVERALL, WHOLE

STOCK = "stock"
OWED, FIRST_REMIT, INITIAL_DENIALS = "owed", "first remit", "initial denials"
# A year is the sum of its quarters, and of its months: a few months of two quarters may hold a
# small count together.
_LONGER = {MONTH: (QUARTER, YEAR, ALL), QUARTER: (YEAR, ALL), YEAR: (ALL,)}


class Place(NamedTuple):
    """A period, or the date of a stock, and a stratum."""

    grain: str
    start: date | None
    stratum_type: str
    stratum_value: str
    currency: str

    @property
    def overall(self) -> Place:
        """Return the same period of everything together."""
        return self._replace(stratum_type=OVERALL, stratum_value=WHOLE)


class Quantity(NamedTuple):
    """One number of rows, as several figures may show it."""

    name: str
    place: Place


class CrossedKey(NamedTuple):
    """A row of a crossed table by its key."""

    table: str
    key: tuple[Any, ...]


class CrossedRow(NamedTuple):
    """A row of a crossed table: what it counts, and the totals that its quantities are part of."""

    key: CrossedKey
    quantities: Mapping[Quantity, int]
    totals: tuple[tuple[Quantity, Quantity], ...]
    derived: tuple[int, ...]


def place_of(figure: Figure) -> Place:
    """Return where a figure stands; the stock of a year is that of its last month."""
    key, day = figure.key, figure.sums.stock_date
    period = (key.grain, key.period_start) if day is None else (STOCK, day)
    return Place(*period, key.stratum_type, key.stratum_value, key.currency)


def population(kpi: Kpi, stratum_type: str) -> str:
    """Return the name of what a KPI counts; each kind of age has buckets of its own."""
    return kpi.id if stratum_type == BUCKET else kpi.population


def numerator(kpi: Kpi) -> str:
    """Return the name of what a proportion counts."""
    return kpi.numerator_name or f"{kpi.id} numerator"


def denominator(kpi: Kpi) -> str:
    """Return the name of a denominator; most are the number of rows."""
    return kpi.population if kpi.denominator == "1" else f"{kpi.id} denominator"


def complement(kpi: Kpi) -> str:
    """Return the name of the rows of a proportion that are not in its numerator."""
    return f"{kpi.id} complement"


def difference(kpi: Kpi) -> str:
    """Return the name of the rows that the wider population of a KPI has beside its own."""
    return f"{kpi.part_of} beyond {kpi.population}"


def whole_numbers(figure: Figure) -> tuple[int, int]:
    """Return the numerator and denominator of a proportion."""
    return figure.sums.numerator // 100, figure.sums.denominator // 100


@cache
def names() -> frozenset[str]:
    """Return every name of a number that figures show or that follows from them."""
    of_kpis = (
        (kpi.id, kpi.population, *kpi.shows, numerator(kpi), denominator(kpi), complement(kpi))
        for kpi in KPIS
    )
    wider = ((kpi.part_of, difference(kpi)) for kpi in KPIS if kpi.part_of is not None)
    return frozenset((OWED, *(name for found in (*of_kpis, *wider) for name in found)))


def totals_of(place: Place) -> Iterator[tuple[Place, str]]:
    """Yield the places that a place is part of, each with the kind of line.

    Buckets of an age add up to all that is owed, which has another name than they.
    """
    if place.stratum_type not in (BUCKET, OVERALL):
        yield place.overall, place.stratum_type
    for longer in _LONGER.get(place.grain, ()):
        start = None
        if longer != ALL and place.start is not None:
            start = period_start(longer, place.start)
        yield place._replace(grain=longer, start=start), place.grain


def group_of_kpi(kpi: Kpi) -> int:
    """Return the number of the group that a KPI's numbers are in."""
    return _groups()[kpi.population]


def group_of(row: CrossedRow) -> int:
    """Return the number of the group that a crossed row's numbers are in."""
    found = (total.name for _, total in row.totals)
    return next(_groups()[name] for name in found if name in _groups())


@cache
def _groups() -> Mapping[str, int]:
    """Return, by population, the number of its group: those whose numbers hang together."""
    group: dict[str, int] = {}
    links = [_linked(kpi) for kpi in KPIS]
    # What a crossed table shows of two populations hangs together too.
    for number, linked in enumerate((*links, (FIRST_REMIT, INITIAL_DENIALS))):
        joined = {group[name] for name in linked if name in group}
        for name, own in group.items():
            if own in joined:
                group[name] = number
        group.update(dict.fromkeys(linked, number))
    return group


def _linked(kpi: Kpi) -> tuple[str, ...]:
    linked = (kpi.population, *kpi.shows, kpi.part_of, kpi.numerator_name)
    return tuple(name for name in linked if name is not None)
