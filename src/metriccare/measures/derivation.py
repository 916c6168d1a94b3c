"""Can a hidden count be worked out from all that is shown? Linear algebra over the published sums.

A quantity follows from the lines exactly when it cannot change while everything shown, and every
line, stays as it is: when it is 0 in every direction the hidden quantities can move in together.
A random such direction is found by projecting a random vector onto them.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
_SEED = 20240101
_NOTHING = 1e-7
_PRECISE = 1e-24


class Sum(Protocol):
    """Quantities that add up to another."""

    @property
    def total(self) -> Hashable:
        """Return the sum."""

    @property
    def parts(self) -> tuple[Hashable, ...]:
        """Return what is summed."""


def determined(
    sums: Iterable[Sum], hidden: Sequence[Hashable], asked: Collection[Hashable]
) -> list[Hashable]:
    """Return those of the asked quantities that follow from the sums and all that is not hidden."""
    place = {quantity: i for i, quantity in enumerate(hidden)}
    rows, columns, signs = _entries(sums, place)
    if not rows:
        return []
    matrix = _Sparse(np.array(rows), np.array(columns), np.array(signs), len(place))
    moved = matrix.project(np.random.default_rng(_SEED).standard_normal(len(place)))
    return [q for q in hidden if q in asked and abs(moved[place[q]]) < _NOTHING]


def _entries(
    sums: Iterable[Sum], place: dict[Hashable, int]
) -> tuple[list[int], list[int], list[float]]:
    rows: list[int] = []
    columns: list[int] = []
    signs: list[float] = []
    number = 0
    for line in sums:
        found = [(place[q], 1.0) for q in line.parts if q in place]
        found += [(place[line.total], -1.0)] if line.total in place else []
        if found:
            rows += [number] * len(found)
            columns += [column for column, _ in found]
            signs += [sign for _, sign in found]
            number += 1
    return rows, columns, signs


def _product(one: Vector, other: Vector) -> float:
    """Return the inner product; unlike `@`, on this thread: waiting for others takes ms each."""
    return float((one * other).sum())


class _Sparse:
    """A matrix of few entries: one row per line, one column per hidden quantity."""

    def __init__(
        self, rows: NDArray[np.int64], columns: NDArray[np.int64], values: Vector, width: int
    ) -> None:
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
