"""How closely can a hidden count be known? Least and greatest values over all published sums.

Nobody can be counted fewer than 0 times, no numerator is above its denominator, and no measure
that looks at some of another's stays counts more of them: where all hidden counts are at such
a limit, their sum gives each of them away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from metriccare.disclosure.derivation import Groups, Sums

Vector = NDArray[np.float64]
# Bounds settle after a few dozen rounds; a limit so that a rounding error cannot loop for ever.
_ROUNDS = 200
# Above every count, and small enough to be added up exactly.
_ANYTHING = 1e12
# Counts are whole numbers: bounds closer than this hold one of them.
_ONE = 0.5


class Bounds:
    """The sums and limits of one publication, ready to be asked for several sets of hidden counts.

    `counts` are those of the quantities by their number; `at_most` holds pairs of quantities, the
    first never above the second.
    """

    def __init__(
        self, sums: Sums, at_most: Iterable[tuple[int, int]], counts: Sequence[int]
    ) -> None:
        self._true = np.array(counts, np.float64)
        # Entries stand as their lines do.
        self._lines = Groups(sums.rows)
        order = self._lines.order
        self._row, self._column = self._lines.place[sums.rows[order]], sums.columns[order]
        self._is_part = sums.is_part[order]
        self._quantities = Groups(self._column)
        self._less, self._more = np.array(list(at_most), np.int64).reshape(-1, 2).T

    def pinned(self, hidden: Sequence[int]) -> list[int]:
        """Return the hidden quantities that have one possible value left."""
        unknown = np.zeros(len(self._true), bool)
        unknown[list(hidden)] = True
        low, high = np.where(unknown, 0.0, self._true), np.where(unknown, _ANYTHING, self._true)
        for _ in range(_ROUNDS):
            width = (high - low).sum()
            np.minimum.at(high, self._less, high[self._more])
            np.maximum.at(low, self._more, low[self._less])
            self._tighten(low, high)
            if (high - low).sum() == width:
                break
        pinned: list[int] = np.flatnonzero((high - low < _ONE) & unknown).tolist()
        return pinned

    def _tighten(self, low: Vector, high: Vector) -> None:
        """Narrow every quantity to what the others of its line leave."""
        row, column, is_part = self._row, self._column, self._is_part
        own_low, own_high = low[column], high[column]
        least = np.where(is_part, own_low, -own_high)
        most = np.where(is_part, own_high, -own_low)
        others_least = self._lines.sums(least)[row] - least
        others_most = self._lines.sums(most)[row] - most
        order, names = self._quantities.order, self._quantities.names
        upper = np.where(is_part, -others_least, others_most)[order]
        lower = np.where(is_part, -others_most, others_least)[order]
        high[names] = np.minimum(high[names], self._quantities.least(upper))
        low[names] = np.maximum(low[names], self._quantities.greatest(lower))
