"""Quantities as numbers: a publication names a hundred thousand, and names are slow to compare.

Suppression decides between equals by the order of names. Numbers are in the order of the texts of
names, so both hide the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from metriccare.disclosure.suppression import Line, Row, hidden_rows

ItemT = TypeVar("ItemT", bound=Hashable)


def ranks(items: Iterable[ItemT]) -> dict[ItemT, int]:
    """Return the number of each item in the order of their texts."""
    return {item: number for number, item in enumerate(sorted(set(items), key=repr))}


@dataclass
class Publication:
    """Rows by number, each with the key it stands for, and the lines of their quantities."""

    rows: list[Row] = field(default_factory=list)
    keys: list[Hashable] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def add(
        self,
        key: Hashable,
        quantities: Mapping[int, int],
        derived: tuple[int, ...] = (),
        *,
        published: bool = True,
    ) -> None:
        """Add a row; rows come in the order of their keys' texts."""
        self.rows.append(Row(len(self.keys), quantities, derived, published))
        self.keys.append(key)

    def hidden(self) -> list[Hashable]:
        """Return the keys of the published rows to hide."""
        hidden = hidden_rows(self.rows, self.lines)
        return [
            key
            for row, key in zip(self.rows, self.keys, strict=True)
            if row.published and row.key in hidden
        ]


class Quantities(Generic[ItemT]):
    """Numbers of quantities: what is counted has a name, where it is counted is a place.

    A quantity's number is the `base` of its name plus the number of its place.
    """

    def __init__(self, names: Iterable[str], places: Iterable[ItemT]) -> None:
        self.place_numbers: Mapping[ItemT, int] = ranks(places)
        self.places: Sequence[ItemT] = list(self.place_numbers)
        self._bases = {name: rank * len(self.places) for name, rank in ranks(names).items()}

    def base(self, name: str) -> int:
        """Return what is added to the number of a place."""
        return self._bases[name]

    def number(self, name: str, place: ItemT) -> int:
        """Return the number of a quantity."""
        return self._bases[name] + self.place_numbers[place]

    def lines(
        self,
        quantities: Iterable[int],
        totals_of: Callable[[ItemT], Iterable[tuple[ItemT, str]]],
        exceptions: Collection[tuple[str, str]] = (),
    ) -> list[Line]:
        """Return a line of the quantities at the places that are parts of one place.

        `totals_of` gives the places that a place is part of, each with the kind of line;
        `exceptions` are names that do not add up along a kind.
        """
        left_out = {(self._bases[name], kind) for name, kind in exceptions if name in self._bases}
        totals: dict[int, list[tuple[int, str]]] = {}
        parts: dict[tuple[int, str], list[int]] = {}
        for number in sorted(quantities):
            place = number % len(self.places)
            base = number - place
            if place not in totals:
                totals[place] = self._numbered(totals_of(self.places[place]))
            for total, kind in totals[place]:
                if not left_out or (base, kind) not in left_out:
                    parts.setdefault((base + total, kind), []).append(number)
        return [Line(total, tuple(numbers)) for (total, _), numbers in parts.items()]

    def _numbered(self, places: Iterable[tuple[ItemT, str]]) -> list[tuple[int, str]]:
        numbers = self.place_numbers
        return [(numbers[place], kind) for place, kind in places if place in numbers]
