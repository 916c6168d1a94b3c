"""How often a subject may ask. Source: serving specification 3.1.8."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

# The oldest counters go first when more subjects than this are active.
_MOST_SUBJECTS = 10_000


@dataclass(frozen=True)
class Limit:
    """So many requests in so many seconds."""

    name: str
    count: int
    seconds: int


READS = Limit("reads", 300, 60)
EVIDENCE = Limit("evidence", 30, 60)
# A page of a measure reads six answers; so many reads as pages that somebody looks at.
SMALL_COUNTS = Limit("small-counts", 120, 60)
EXPORTS = Limit("exports", 10, 3600)
FAILED_SIGN_INS = Limit("failed-sign-ins", 10, 600)


@dataclass(frozen=True)
class Verdict:
    """Whether a request may go on, and what the RateLimit fields say.

    `is_first_refusal` is True once per window: a flood of refused requests leaves one audit row.
    """

    limit: Limit
    remaining: int
    reset_seconds: int
    is_allowed: bool
    is_first_refusal: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """Return the fields that tell a caller how much is left."""
        fields = {
            "RateLimit-Policy": f'"{self.limit.name}";q={self.limit.count};w={self.limit.seconds}',
            "RateLimit": f'"{self.limit.name}";r={self.remaining};t={self.reset_seconds}',
        }
        return fields if self.is_allowed else {**fields, "Retry-After": str(self.reset_seconds)}


class Limiter(Protocol):
    """Counts requests by limit and subject in windows that begin with the first request."""

    def take(self, limit: Limit, subject: str) -> Verdict:
        """Count one request and return whether it may go on."""
        ...

    def look(self, limit: Limit, subject: str) -> Verdict:
        """Return whether one more request may go on, without counting it."""
        ...


def verdict_of(limit: Limit, count: int, seconds_left: float) -> Verdict:
    """Return the verdict on the request that makes the count of a window what it is."""
    return Verdict(
        limit,
        max(0, limit.count - count),
        max(1, math.ceil(seconds_left)),
        count <= limit.count,
        count == limit.count + 1,
    )


class MemoryLimiter:
    """Counts of one process: they end with it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._windows: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    def take(self, limit: Limit, subject: str) -> Verdict:
        """Count one request and return whether it may go on."""
        with self._lock:
            began, count = self._window(limit, subject)
            self._store(limit, subject, began, count + 1)
        return self._verdict(limit, began, count + 1)

    def look(self, limit: Limit, subject: str) -> Verdict:
        """Return whether one more request may go on, without counting it."""
        with self._lock:
            began, count = self._window(limit, subject)
        return self._verdict(limit, began, count + 1)

    def _window(self, limit: Limit, subject: str) -> tuple[float, int]:
        now = self._clock()
        began, count = self._windows.get((limit.name, subject), (now, 0))
        return (now, 0) if now - began >= limit.seconds else (began, count)

    def _store(self, limit: Limit, subject: str, began: float, count: int) -> None:
        self._windows[limit.name, subject] = (began, count)
        self._windows.move_to_end((limit.name, subject))
        if len(self._windows) > _MOST_SUBJECTS:
            self._windows.popitem(last=False)

    def _verdict(self, limit: Limit, began: float, count: int) -> Verdict:
        return verdict_of(limit, count, began + limit.seconds - self._clock())
