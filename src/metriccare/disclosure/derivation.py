"""Can a hidden count be worked out from all that is shown? Linear algebra over the published sums.

A quantity follows from the lines exactly when it cannot change while everything shown, and every
line, stays as it is: when it is 0 in every direction the hidden quantities can move in together.
A random such direction is found by projecting a random vector onto them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Numbers = NDArray[np.int64]
# Any seed: the same one, so that the same publication hides the same rows.
_SEED = 20240101
# Below this an entry of a random direction is 0; random entries are around 1.
_NOTHING = 1e-7
# The square of the relative error at which the projection is precise to the last digits.
_PRECISE = 1e-24


class Sums:
    """Quantities that add up to others, as entries: line, quantity, and whether it is a part.

    Quantities are numbered from 0; a line is the number of its total and those of its parts.
    """

    def __init__(self, lines: Iterable[tuple[int, Sequence[int]]], quantities: int) -> None:
        rows: list[int] = []
        columns: list[int] = []
        is_part: list[bool] = []
        for number, (total, parts) in enumerate(lines):
            rows += [number] * (len(parts) + 1)
            columns += [*parts, total]
            is_part += [*[True] * len(parts), False]
        self.rows, self.columns = np.array(rows, np.int64), np.array(columns, np.int64)
        self.is_part = np.array(is_part, bool)
        self.height, self.quantities = int(self.rows[-1]) + 1 if rows else 0, quantities


def determined(sums: Sums, hidden: Sequence[int], asked: Collection[int]) -> list[int]:
    """Return those of the asked quantities that follow from the sums and all that is not hidden."""
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


class Groups:
    """Entries by the group each is in, to add up or compare those of one group."""

    def __init__(self, group_of: Numbers) -> None:
        self.order = np.argsort(group_of, kind="stable")
        self.names, self._starts = np.unique(group_of[self.order], return_index=True)

    def sums(self, entries: Vector) -> Vector:
        """Return the sum of each group; entries stand in `order`."""
        return np.add.reduceat(entries, self._starts)

    def least(self, entries: Vector) -> Vector:
        """Return the smallest entry of each group; entries stand in `order`."""
        return np.minimum.reduceat(entries, self._starts)

    def greatest(self, entries: Vector) -> Vector:
        """Return the greatest entry of each group; entries stand in `order`."""
        return np.maximum.reduceat(entries, self._starts)


class _Sparse:
    """A matrix of few entries: one row per line, one column per hidden quantity.

    Its entries are kept by row and by column: adding up what lies side by side takes a quarter of
    the time of `bincount`, and a publication takes thousands of products.
    """

    def __init__(self, rows: Numbers, columns: Numbers, values: Vector, width: int) -> None:
        self._by_row, self._by_column = Groups(rows), Groups(columns)
        by_row, by_column = self._by_row.order, self._by_column.order
        self._columns, self._row_values = columns[by_row], values[by_row]
        self._rows, self._column_values = rows[by_column], values[by_column]
        self._height, self._width = len(self._by_row.names), width

    def times(self, vector: Vector) -> Vector:
        """Return the matrix times a vector."""
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
