"""Can a hidden count be worked out from all that is shown? Linear algebra over the published sums.

A quantity follows from the lines exactly when it cannot change while everything shown, and every
line, stays as it is: when it is 0 in every direction the hidden quantities can move in together.
A random such direction is found by projecting a random vector onto them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Numbers = NDArray[np.int64]
# Any seed: the same one, so that the same publication hides the same rows.
_SEED = 20240101
# Below this an entry of a random direction is 0; random entries are around 1.
_NOTHING = 1e-7
# So few quantities are looked at with what is around them: this many hidden ones, a solution of
# which takes milliseconds.
_FEW, _MANY = 200, 2_000
# The square of the relative error at which the projection is precise to the last digits.
_PRECISE = 1e-24


@dataclass(frozen=True)
class Sums:
    """Quantities that add up to others, as entries: line, quantity, and whether it is a part.

    Quantities and lines are numbered from 0; a line's entries are its parts and its total.
    """

    rows: Numbers
    columns: Numbers
    is_part: NDArray[np.bool_]
    height: int
    quantities: int

    @classmethod
    def of(cls, lines: Sequence[tuple[int, Sequence[int]]], quantities: int) -> Sums:
        """Return lines, given as the number of each total and those of its parts, as entries."""
        sizes = np.array([len(parts) + 1 for _, parts in lines], np.int64)
        columns = [number for total, parts in lines for number in (*parts, total)]
        is_part = np.ones(len(columns), np.bool_)
        is_part[np.cumsum(sizes) - 1] = False
        rows = np.repeat(np.arange(len(lines)), sizes)
        return cls(rows, np.array(columns, np.int64), is_part, len(lines), quantities)

    def only(self, entries: NDArray[np.bool_]) -> Sums:
        """Return some of the entries, whole lines of them."""
        parts = (self.rows[entries], self.columns[entries], self.is_part[entries])
        return Sums(*parts, self.height, self.quantities)

    def holding(self, counts: Vector) -> NDArray[np.bool_]:
        """Return, for each line, whether the counts of its parts add up to its total's."""
        signed = np.where(self.is_part, counts[self.columns], -counts[self.columns])
        return np.bincount(self.rows, signed, self.height) == 0  # type: ignore[no-any-return]


def determined(sums: Sums, hidden: Sequence[int], asked: Collection[int]) -> list[int]:
    """Return those of the asked quantities that follow from the sums and all that is not hidden.

    Of a few, what is hidden around them mostly says enough. With everything else known, a quantity
    that can change can do so in any case. With the lines around it alone, one that cannot change
    never can.
    """
    if len(asked) > _FEW:
        return _unchanging(sums, hidden, asked)
    around = _around(sums, hidden, asked)
    possible = _unchanging(sums, np.flatnonzero(around).tolist(), asked)
    own_lines = np.zeros(sums.height, np.bool_)
    own_lines[sums.rows[around[sums.columns]]] = True
    certain = _unchanging(sums.only(own_lines[sums.rows]), hidden, possible)
    return certain if len(certain) == len(possible) else _unchanging(sums, hidden, possible)


def _around(sums: Sums, hidden: Sequence[int], asked: Collection[int]) -> NDArray[np.bool_]:
    """Return, by quantity, whether it is hidden and connected to those asked by a few lines."""
    is_hidden, around = np.zeros((2, sums.quantities), np.bool_)
    is_hidden[list(hidden)] = True
    around[list(asked)] = True
    around &= is_hidden
    size = 0
    while size < (size := int(around.sum())) < _MANY:
        touched = np.zeros(sums.height, np.bool_)
        touched[sums.rows[around[sums.columns]]] = True
        around[sums.columns[touched[sums.rows]]] = True
        around &= is_hidden
    return around


def _unchanging(sums: Sums, hidden: Sequence[int], asked: Collection[int]) -> list[int]:
    if not asked:
        return []
    place = np.full(sums.quantities, -1, np.int64)
    place[list(hidden)] = np.arange(len(hidden))
    is_hidden = place[sums.columns] >= 0
    rows = sums.rows[is_hidden]
    if not rows.size:
        return []
    signs = np.where(sums.is_part[is_hidden], 1.0, -1.0)
    # Lines of which nothing is hidden say nothing.
    numbered = np.concatenate([[0], np.cumsum(np.diff(rows) != 0)])
    # Made of one length, the lines say the same and take a quarter fewer steps.
    lengths = np.sqrt(np.bincount(numbered))[numbered]
    matrix = _Sparse(numbered, place[sums.columns[is_hidden]], signs / lengths, len(hidden))
    moved = matrix.project(np.random.default_rng(_SEED).standard_normal(len(hidden)))
    return [q for q, by in zip(hidden, moved.tolist(), strict=True) if q in asked and _is_0(by)]


def _is_0(number: float) -> bool:
    return abs(number) < _NOTHING


def _product(one: Vector, other: Vector) -> float:
    """Return the inner product; unlike `@`, on this thread: waiting for others takes ms each."""
    return float((one * other).sum())


class _Block(NamedTuple):
    """Groups of one size: their entries, how these are laid out, and which groups they are."""

    entries: slice
    shape: tuple[int, int]
    groups: slice


class Groups:
    """Entries by the group each is in, to add up or compare those of one group.

    A publication has tens of thousands of groups of a few entries. Those of one size stand side by
    side, the first entries of all first, so that whole vectors are added: a fifth of the time of
    `reduceat`. `order` puts entries that way; `names` are the groups in the order of the answers,
    and `place` gives each group's place among them.
    """

    def __init__(self, group_of: Numbers) -> None:
        order = np.argsort(group_of, kind="stable")
        names, starts, sizes = np.unique(group_of[order], return_index=True, return_counts=True)
        by_size = np.argsort(sizes, kind="stable")
        self.names = names[by_size]
        self.place = np.zeros(int(names[-1]) + 1 if names.size else 0, np.int64)
        self.place[self.names] = np.arange(len(names))
        lengths, counts = np.unique(sizes, return_counts=True)
        self._blocks: list[_Block] = []
        places, entry, group = [np.zeros(0, np.int64)], 0, 0
        for size, count in zip(lengths.tolist(), counts.tolist(), strict=True):
            entries, groups = slice(entry, entry + size * count), slice(group, group + count)
            self._blocks.append(_Block(entries, (size, count), groups))
            places.append((starts[by_size[groups]] + np.arange(size)[:, np.newaxis]).ravel())
            entry, group = entries.stop, groups.stop
        self.order = order[np.concatenate(places)]

    def sums(self, entries: Vector) -> Vector:
        """Return the sum of each group; entries stand in `order`."""
        return self._reduced(np.add, entries)

    def least(self, entries: Vector) -> Vector:
        """Return the smallest entry of each group; entries stand in `order`."""
        return self._reduced(np.minimum, entries)

    def greatest(self, entries: Vector) -> Vector:
        """Return the greatest entry of each group; entries stand in `order`."""
        return self._reduced(np.maximum, entries)

    def _reduced(self, function: np.ufunc, entries: Vector) -> Vector:
        reduced = np.empty(len(self.names))
        for block in self._blocks:
            of_block = entries[block.entries].reshape(block.shape)
            function.reduce(of_block, axis=0, out=reduced[block.groups])
        return reduced


class _Sparse:
    """A matrix of few entries: one row per line, one column per hidden quantity.

    Its entries are kept by row and by column, as a publication takes thousands of products.
    """

    def __init__(self, rows: Numbers, columns: Numbers, values: Vector, width: int) -> None:
        self._by_row, self._by_column = Groups(rows), Groups(columns)
        by_row, by_column = self._by_row.order, self._by_column.order
        self._columns, self._row_values = columns[by_row], values[by_row]
        self._rows = self._by_row.place[rows[by_column]]
        self._column_values = values[by_column]
        self._height, self._width = len(self._by_row.names), width

    def times(self, vector: Vector) -> Vector:
        """Return the matrix times a vector, by row as the groups of entries stand."""
        return self._by_row.sums(self._row_values * vector[self._columns])

    def back(self, vector: Vector) -> Vector:
        """Return the transposed matrix times a vector."""
        moved = np.zeros(self._width)
        moved[self._by_column.names] = self._by_column.sums(
            self._column_values * vector[self._rows]
        )
        return moved

    def project(self, vector: Vector) -> Vector:
        """Return the part of a vector that changes no line (conjugate gradients)."""
        residual = self.times(vector)
        solution, direction = np.zeros_like(residual), residual.copy()
        size = start = _product(residual, residual)
        for _ in range(20 * self._height + 100):
            if size <= _PRECISE * max(start, 1.0):
                break
            back = self.back(direction)
            step = size / _product(back, back)
            solution += step * direction
            residual -= step * self.times(back)
            size, before = _product(residual, residual), size
            direction = residual + (size / before) * direction
        return vector - self.back(solution)
