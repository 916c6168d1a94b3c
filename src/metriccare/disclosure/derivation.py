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


class _Sparse:
    """A matrix of few entries: one row per line, one column per hidden quantity."""

    def __init__(self, rows: Numbers, columns: Numbers, values: Vector, width: int) -> None:
        self._rows, self._columns, self._values = rows, columns, values
        self._height, self._width = int(rows.max()) + 1, width

    def times(self, vector: Vector) -> Vector:
        """Return the matrix times a vector."""
        products = self._values * vector[self._columns]
        return np.asarray(np.bincount(self._rows, products, self._height), np.float64)

    def back(self, vector: Vector) -> Vector:
        """Return the transposed matrix times a vector."""
        products = self._values * vector[self._rows]
        return np.asarray(np.bincount(self._columns, products, self._width), np.float64)

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
