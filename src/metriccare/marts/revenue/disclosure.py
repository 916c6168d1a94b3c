"""Which rows of revenue must be hidden: small ones, and those that would give them away.

A row is small with 1 to 10 persons behind it, and a count of 1 to 10 is small whatever it counts.
Amounts add up as the rows behind them do, so it is enough to guard the numbers of rows.
Source: claims specification, section 8; measure specification, section 7.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from metriccare.disclosure.numbering import Publication, Quantities, ranks
from metriccare.disclosure.suppression import Line
from metriccare.marts.revenue.definition import BUCKET
from metriccare.marts.revenue.figures import Figure
from metriccare.marts.revenue.kpis import BY_ID
from metriccare.marts.revenue.quantities import (
    OWED,
    CrossedRow,
    Place,
    complement,
    denominator,
    difference,
    group_of,
    group_of_kpi,
    names,
    numerator,
    place_of,
    population,
    totals_of,
    whole_numbers,
)


def hidden_of(figures: Sequence[Figure], crossed: Iterable[CrossedRow] = ()) -> frozenset[Hashable]:
    """Return the keys of one tenant's figures and crossed rows that must not be shown."""
    listed = list(crossed)
    found: set[Hashable] = set()
    for group in _Numbered(figures, listed).groups():
        found.update(group.hidden())
    return frozenset(found)


class _Count(NamedTuple):
    items: int
    persons: int


class _Placed(NamedTuple):
    """A figure and the number of its place; of a bucket, also that of everything together."""

    figure: Figure
    place: int
    overall: int | None


class _Beyond(NamedTuple):
    """How many rows a wider number has beside a narrower one: never shown, but it adds up."""

    number: int
    rows: int
    whole: int
    part: int


class _Numbered:
    """One tenant's figures and crossed rows by numbers."""

    def __init__(self, figures: Sequence[Figure], crossed: Sequence[CrossedRow]) -> None:
        places = [place_of(figure) for figure in figures]
        of_crossed = {quantity for row in crossed for quantity in row.quantities}
        self._quantities = Quantities(
            (*names(), *(quantity.name for quantity in of_crossed)),
            (*places, *(quantity.place for quantity in of_crossed)),
        )
        self._placed = [self._numbered(f, p) for f, p in zip(figures, places, strict=True)]
        self._crossed = crossed
        self._counts = dict(map(self._count, self._placed))

    def _numbered(self, figure: Figure, place: Place) -> _Placed:
        numbers = self._quantities.place_numbers
        overall = numbers.get(place.overall) if place.stratum_type == BUCKET else None
        return _Placed(figure, numbers[place], overall)

    def _number(self, name: str, placed: _Placed) -> int:
        return self._quantities.base(name) + placed.place

    def _count(self, placed: _Placed) -> tuple[int, _Count]:
        """Return the number of a figure's population and how many rows and persons it has."""
        key, sums = placed.figure.key, placed.figure.sums
        name = population(BY_ID[key.kpi_id], key.stratum_type)
        return self._number(name, placed), _Count(sums.items, sums.persons)

    def groups(self) -> Iterable[Publication]:
        """Return rows and lines, group by group."""
        groups: dict[int, Publication] = defaultdict(Publication)
        # The texts of their keys come before those of figures.
        for rows in _by_table(self._crossed):
            self._add_crossed(groups[group_of(rows[0])], rows)
        by_group: dict[int, list[_Placed]] = defaultdict(list)
        for placed in sorted(self._placed, key=self._key_order()):
            by_group[group_of_kpi(BY_ID[placed.figure.key.kpi_id])].append(placed)
        for number, own in by_group.items():
            self._add_figures(groups[number], own)
        return groups.values()

    def _key_order(self) -> Callable[[_Placed], tuple[int, int]]:
        """Return by what figures are sorted: the order of their keys' texts."""
        kpis = ranks(BY_ID)
        rest = ranks(placed.figure.key[1:] for placed in self._placed)

        def order(placed: _Placed) -> tuple[int, int]:
            key = placed.figure.key
            return kpis[key.kpi_id], rest[key[1:]]

        return order

    def _add_figures(self, group: Publication, figures: Sequence[_Placed]) -> None:
        shown: set[int] = set()
        for placed in figures:
            quantities, derived = self._row(placed)
            shown.update(quantities)
            group.add(placed.figure.key, quantities, derived)
        beyond = {each.number: each for placed in figures for each in self._beyond(placed)}
        for number, each in sorted(beyond.items()):
            group.add(number, {number: each.rows}, published=False)
            group.lines.append(Line(each.whole, (each.part, number)))
        shown.update(beyond)
        group.lines += self._quantities.lines(shown, totals_of)
        group.lines += self._bucket_lines(figures)

    def _row(self, placed: _Placed) -> tuple[dict[int, int], tuple[int, ...]]:
        """Return what a figure shows: counts by their number, and those a reader derives."""
        kpi, counts = BY_ID[placed.figure.key.kpi_id], self._counts
        names = (population(kpi, placed.figure.key.stratum_type), *kpi.shows)
        numbers = [self._number(name, placed) for name in names]
        if placed.overall is not None:
            numbers.append(self._quantities.base(OWED) + placed.overall)
        shown = [number for number in numbers if number in counts]
        quantities = {number: counts[number].items for number in shown}
        derived = [counts[number].persons for number in shown]
        if kpi.is_count:
            part, whole = whole_numbers(placed.figure)
            quantities[self._number(numerator(kpi), placed)] = part
            quantities[self._number(denominator(kpi), placed)] = whole
            derived.append(whole - part)
        return quantities, tuple(derived)

    def _beyond(self, placed: _Placed) -> Iterator[_Beyond]:
        """Yield what is not in a proportion's numerator, and how many more a wider one has."""
        kpi = BY_ID[placed.figure.key.kpi_id]
        if kpi.is_count:
            counted, of_all = whole_numbers(placed.figure)
            whole = self._number(denominator(kpi), placed)
            part = self._number(numerator(kpi), placed)
            yield _Beyond(self._number(complement(kpi), placed), of_all - counted, whole, part)
        if kpi.part_of is not None:
            wide, narrow = (self._number(name, placed) for name in (kpi.part_of, kpi.population))
            if wide in self._counts and narrow in self._counts:
                count = self._counts[wide].items - self._counts[narrow].items
                yield _Beyond(self._number(difference(kpi), placed), count, wide, narrow)

    def _bucket_lines(self, figures: Iterable[_Placed]) -> list[Line]:
        """Return lines of the buckets of an age: together they are all that is owed."""
        parts: dict[tuple[int, str], set[int]] = defaultdict(set)
        for placed in figures:
            if placed.overall is not None:
                name = placed.figure.key.kpi_id
                total = self._quantities.base(OWED) + placed.overall
                parts[total, name].add(self._number(name, placed))
        return _lines(parts)

    def _add_crossed(self, group: Publication, rows: Sequence[CrossedRow]) -> None:
        places = self._quantities.place_numbers
        parts: dict[tuple[int, str], set[int]] = defaultdict(set)
        for row in rows:
            quantities = {
                self._quantities.number(*quantity): count
                for quantity, count in row.quantities.items()
            }
            group.add(row.key, quantities, row.derived)
            for part, total in row.totals:
                if part.place in places and total.place in places:
                    numbers = parts[self._quantities.number(*total), part.name]
                    numbers.add(self._quantities.number(*part))
        group.lines += _lines(parts)


def _lines(parts: Mapping[tuple[int, str], Iterable[int]]) -> list[Line]:
    return [Line(total, tuple(sorted(numbers))) for (total, _), numbers in parts.items()]


def _by_table(crossed: Iterable[CrossedRow]) -> list[list[CrossedRow]]:
    """Return the rows of each crossed table, in the order of their keys' texts."""
    found: dict[str, list[CrossedRow]] = defaultdict(list)
    for row in sorted(crossed, key=lambda row: str(row.key)):
        found[row.key.table].append(row)
    return list(found.values())
