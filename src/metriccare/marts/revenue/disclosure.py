"""Which rows of revenue must be hidden: small ones, and those that would give them away.

A row is small with 1 to 10 persons behind it, and a count of 1 to 10 is small whatever it counts.
Amounts add up as the rows behind them do, so it is enough to guard the numbers of rows.
Source: claims specification, section 8; measure specification, section 7.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from metriccare.disclosure.suppression import Line, Row, hidden_rows
from metriccare.marts.periods import ALL, MONTH, QUARTER, YEAR, period_start
from metriccare.marts.revenue.definition import BUCKET, Kpi
from metriccare.marts.revenue.figures import Figure
from metriccare.marts.revenue.kpis import BY_ID, KPIS
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
    quantities: Mapping[Hashable, int]
    totals: tuple[tuple[Quantity, Quantity], ...]
    derived: tuple[int, ...]


def hidden_of(figures: Sequence[Figure], crossed: Iterable[CrossedRow] = ()) -> frozenset[Hashable]:
    """Return the keys of one tenant's figures and crossed rows that must not be shown."""
    counts = _counts(figures)
    rows: dict[int, list[Row]] = defaultdict(list)
    lines: dict[int, list[Line]] = defaultdict(list)
    by_group: dict[int, list[Figure]] = defaultdict(list)
    for figure in figures:
        by_group[_groups()[BY_ID[figure.key.kpi_id].population]].append(figure)
    for group, own in by_group.items():
        rows[group] = [_row(figure, counts) for figure in own]
        beyond = [*_complements(own, counts), *_differences(own, counts)]
        rows[group] += [row for row, _ in beyond]
        lines[group] = [*lines_of(rows[group]), *(line for _, line in beyond)]
    for crossed_rows in _by_group(crossed).values():
        group = _group_of(crossed_rows[0])
        rows[group] += [_crossed(row) for row in crossed_rows]
        lines[group] += _crossed_lines(crossed_rows)
    found: set[Hashable] = set()
    for group, own_rows in rows.items():
        published = {row.key for row in own_rows if row.published}
        found |= hidden_rows(own_rows, lines[group]) & published
    return frozenset(found)


def place_of(figure: Figure) -> Place:
    """Return where a figure stands; the stock of a year is that of its last month."""
    key, day = figure.key, figure.sums.stock_date
    period = (key.grain, key.period_start) if day is None else (STOCK, day)
    return Place(*period, key.stratum_type, key.stratum_value, key.currency)


def _name(kpi: Kpi, place: Place) -> str:
    """Return the name of what a KPI counts; each kind of age has buckets of its own."""
    return kpi.id if place.stratum_type == BUCKET else kpi.population


class _Count(NamedTuple):
    items: int
    persons: int


def _counts(figures: Iterable[Figure]) -> dict[Quantity, _Count]:
    """Return rows and persons of every population."""
    found = {}
    for figure in figures:
        place = place_of(figure)
        quantity = Quantity(_name(BY_ID[figure.key.kpi_id], place), place)
        found[quantity] = _Count(figure.sums.items, figure.sums.persons)
    return found


def _shown(kpi: Kpi, place: Place) -> list[Quantity]:
    """Return the populations of which a figure shows something."""
    names = [_name(kpi, place), *kpi.shows]
    own = [Quantity(name, place) for name in names]
    whole = [Quantity(OWED, place.overall)] if place.stratum_type == BUCKET else []
    return own + whole


def _row(figure: Figure, counts: Mapping[Quantity, _Count]) -> Row:
    kpi, place = BY_ID[figure.key.kpi_id], place_of(figure)
    shown = [quantity for quantity in _shown(kpi, place) if quantity in counts]
    quantities: dict[Hashable, int] = {q: counts[q].items for q in shown}
    derived = [counts[quantity].persons for quantity in shown]
    if kpi.is_count:
        numerator, denominator = _whole_numbers(figure)
        quantities[_numerator(kpi, place)] = numerator
        quantities[_denominator(kpi, place)] = denominator
        derived.append(denominator - numerator)
    return Row(figure.key, quantities, tuple(derived))


def _whole_numbers(figure: Figure) -> tuple[int, int]:
    return figure.sums.numerator // 100, figure.sums.denominator // 100


def _numerator(kpi: Kpi, place: Place) -> Quantity:
    return Quantity(kpi.numerator_name or f"{kpi.id} numerator", place)


def _denominator(kpi: Kpi, place: Place) -> Quantity:
    """Return the name of a denominator; most are the number of rows."""
    counts_rows = kpi.denominator == "1"
    return Quantity(kpi.population if counts_rows else f"{kpi.id} denominator", place)


_Beyond = tuple[Row, Line]


def _complements(figures: Iterable[Figure], counts: Mapping[Quantity, _Count]) -> Iterator[_Beyond]:
    """Yield how many rows of a proportion are not in its numerator: never shown."""
    for figure in figures:
        kpi, place = BY_ID[figure.key.kpi_id], place_of(figure)
        if kpi.is_count:
            numerator, denominator = _whole_numbers(figure)
            whole, part = _denominator(kpi, place), _numerator(kpi, place)
            name = f"{kpi.id} complement"
            yield _beyond(Quantity(name, place), denominator - numerator, whole, part)


def _differences(figures: Iterable[Figure], counts: Mapping[Quantity, _Count]) -> Iterator[_Beyond]:
    """Yield how many more rows a wider population has: never shown, but it adds up."""
    for figure in figures:
        kpi, place = BY_ID[figure.key.kpi_id], place_of(figure)
        wide, narrow = Quantity(kpi.part_of or "", place), Quantity(kpi.population, place)
        if wide in counts and narrow in counts:
            count = counts[wide].items - counts[narrow].items
            name = f"{wide.name} beyond {narrow.name}"
            yield _beyond(Quantity(name, place), count, wide, narrow)


def _beyond(quantity: Quantity, count: int, whole: Quantity, part: Quantity) -> _Beyond:
    row = Row(quantity, {quantity: count}, published=False)
    return row, Line(whole, (part, quantity))


def lines_of(rows: Iterable[Row]) -> list[Line]:
    """Return every line of quantities that add up to another: strata, periods."""
    # Rows of one group show the same quantities.
    shown = dict.fromkeys(q for row in rows for q in row.quantities if isinstance(q, Quantity))
    return _lines((part, *total) for part in shown for total in _totals(part))


def _lines(parts: Iterable[tuple[Quantity, Quantity, str]]) -> list[Line]:
    """Return a line of each total and kind; each part comes with both."""
    by_line: dict[tuple[Quantity, str], set[Quantity]] = defaultdict(set)
    for part, total, kind in parts:
        by_line[total, kind].add(part)
    return [Line(total, tuple(sorted(found, key=str))) for (total, _), found in by_line.items()]


def _totals(quantity: Quantity) -> Iterator[tuple[Quantity, str]]:
    """Yield the totals a quantity is part of, each with the kind of line."""
    name, place = quantity
    if place.stratum_type == BUCKET:
        yield Quantity(OWED, place.overall), name
    elif place.stratum_type != OVERALL:
        yield Quantity(name, place.overall), place.stratum_type
    for longer in _LONGER.get(place.grain, ()):
        start = None
        if longer != ALL and place.start is not None:
            start = period_start(longer, place.start)
        yield Quantity(name, place._replace(grain=longer, start=start)), place.grain


def _by_group(crossed: Iterable[CrossedRow]) -> Mapping[str, list[CrossedRow]]:
    found: dict[str, list[CrossedRow]] = defaultdict(list)
    for row in crossed:
        found[row.key.table].append(row)
    return found


def _group_of(row: CrossedRow) -> int:
    names = (total.name for _, total in row.totals)
    return next(_groups()[name] for name in names if name in _groups())


def _crossed(row: CrossedRow) -> Row:
    return Row(row.key, row.quantities, row.derived)


def _crossed_lines(rows: Iterable[CrossedRow]) -> list[Line]:
    return _lines((part, total, part.name) for row in rows for part, total in row.totals)


@cache
def _groups() -> Mapping[str, int]:
    """Return, by population, the number of its group: those whose numbers hang together."""
    group: dict[str, int] = {}
    links = [_linked(kpi) for kpi in KPIS]
    # What a crossed table shows of two populations hangs together too.
    for number, names in enumerate((*links, (FIRST_REMIT, INITIAL_DENIALS))):
        joined = {group[name] for name in names if name in group}
        for name, own in group.items():
            if own in joined:
                group[name] = number
        group.update(dict.fromkeys(names, number))
    return group


def _linked(kpi: Kpi) -> tuple[str, ...]:
    names = (kpi.population, *kpi.shows, kpi.part_of, kpi.numerator_name)
    return tuple(name for name in names if name is not None)
