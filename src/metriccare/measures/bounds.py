"""How closely can a hidden count be told? Least and greatest values over all published sums.

Nobody can be counted fewer than 0 times, no numerator is above its denominator, and no measure
that looks at some of another's stays counts more of them: where hidden counts all stand at such
a limit, their sum gives each of them away.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from metriccare.measures.derivation import Sum

Vector = NDArray[np.float64]
_ROUNDS = 200
# Above every count, and small enough to be added up exactly.
_ANYTHING = 1e12
_ONE = 0.5


class Bounds:
    """The sums and limits of one publication, ready to be asked for several sets of hidden counts.

    `at_most` holds pairs of quantities, the first never above the second.
    """

    def __init__(
        self,
        sums: Iterable[Sum],
        at_most: Iterable[tuple[Hashable, Hashable]],
        counts: Mapping[Hashable, int],
    ) -> None:
        self._names = list(counts)
        self._place = {name: i for i, name in enumerate(self._names)}
        self._true = np.array([counts[name] for name in self._names], np.float64)
        place = self._place
        pairs = [(place[a], place[b]) for a, b in at_most if a in place and b in place]
        self._less, self._more = np.array(pairs, np.int64).reshape(-1, 2).T
        self._lines = _Lines(list(sums), place)

    def pinned(self, hidden: Iterable[Hashable]) -> list[Hashable]:
        """Return the hidden quantities that have one possible value left."""
        unknown = np.zeros(len(self._names), bool)
        unknown[[self._place[name] for name in hidden]] = True
        low, high = np.where(unknown, 0.0, self._true), np.where(unknown, _ANYTHING, self._true)
        for _ in range(_ROUNDS):
            width = (high - low).sum()
            np.minimum.at(high, self._less, high[self._more])
            np.maximum.at(low, self._more, low[self._less])
            self._lines.tighten(low, high)
            if (high - low).sum() == width:
                break
        return [self._names[i] for i in np.flatnonzero((high - low < _ONE) & unknown)]


class _Lines:
    """The sums as one list of entries: number of the line, place of the quantity, sign."""

    def __init__(self, sums: Sequence[Sum], place: Mapping[Hashable, int]) -> None:
        entries = [
            (number, place[quantity], sign)
            for number, line in enumerate(sums)
            for quantity, sign in [(line.total, -1.0), *((part, 1.0) for part in line.parts)]
        ]
        self._height = len(sums)
        columns = np.array(entries, np.float64).reshape(-1, 3).T
        self._row, self._column = columns[0].astype(np.int64), columns[1].astype(np.int64)
        self._is_part = columns[2] > 0

    def tighten(self, low: Vector, high: Vector) -> None:
        """Narrow every quantity to what the others of its line leave."""
        own_low, own_high = low[self._column], high[self._column]
        least = np.where(self._is_part, own_low, -own_high)
        most = np.where(self._is_part, own_high, -own_low)
        others_least = np.bincount(self._row, least, self._height)[self._row] - least
        others_most = np.bincount(self._row, most, self._height)[self._row] - most
        ceiling = np.where(self._is_part, -others_least, others_most)
        floor = np.where(self._is_part, -others_most, others_least)
        np.minimum.at(high, self._column, ceiling)
        np.maximum.at(low, self._column, floor)
