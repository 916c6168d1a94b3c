"""Independent random streams, one per person and purpose, so that order never matters.

They use only ``random.Random.random`` and IEEE arithmetic, which give the same bits on every
machine and Python version. ``log`` and ``exp`` of the C library do not.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Weighted(Generic[T]):
    """Choices with relative weights."""

    items: tuple[T, ...]
    bounds: tuple[float, ...]

    @staticmethod
    def of(weights: Mapping[T, float]) -> Weighted[T]:
        """Return the choices of a table of weights."""
        kept = {item: weight for item, weight in weights.items() if weight > 0}
        return Weighted(tuple(kept), tuple(accumulate(kept.values())))

    def at(self, share: float) -> T:
        """Return the choice at a quantile, 0 <= share < 1."""
        index = bisect_right(self.bounds, share * self.bounds[-1])
        return self.items[min(index, len(self.items) - 1)]


def digest(*key: object) -> bytes:
    """Return 16 bytes that depend only on the key."""
    return blake2b("/".join(map(str, key)).encode(), digest_size=16).digest()


class Stream:
    """Random numbers that depend only on the key."""

    __slots__ = ("random",)

    def __init__(self, *key: object) -> None:
        self.random = Random(int.from_bytes(digest(*key)[:8], "big")).random

    def chance(self, share: float) -> bool:
        """Return True in this share of cases."""
        return self.random() < share

    def below(self, count: int) -> int:
        """Return an integer, 0 <= result < count."""
        return int(self.random() * count)

    def between(self, low: int, high: int) -> int:
        """Return an integer, low <= result <= high."""
        return low + int(self.random() * (high - low + 1))

    def bell(self, low: int, high: int) -> int:
        """Return an integer like ``between``, more often near the middle (mean of three draws)."""
        mean = (self.random() + self.random() + self.random()) / 3
        return low + int(mean * (high - low + 1))

    def one_of(self, items: Sequence[T]) -> T:
        """Return one of the items, all equally likely."""
        return items[int(self.random() * len(items))]

    def pick(self, table: Weighted[T]) -> T:
        """Return one choice by weight."""
        return table.at(self.random())
