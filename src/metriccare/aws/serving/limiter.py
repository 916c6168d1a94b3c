"""Limits that hold for all instances of the function: atomic counters in the table `serving`.

Reads are counted by each instance for itself, since a call to the table would cost more than a
read; the gateway throttles all of them together. Source: serving specification, 3.1.8.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal

from metriccare.api.limits import READS, Limit, MemoryLimiter, Verdict, verdict_of
from metriccare.aws.serving.table import EXPIRES, ServingTable, hashed

# Two instances that begin a window at once need one more try each.
_TRIES = 5
_ID = "window"


class TableLimiter:
    """Counts reads in memory, everything else in the table."""

    def __init__(self, table: ServingTable, clock: Callable[[], float] = time.time) -> None:
        self._table, self._clock = table, clock
        self._own = MemoryLimiter()

    def take(self, limit: Limit, subject: str) -> Verdict:
        """Count one request and return whether it may go on."""
        if limit is READS:
            return self._own.take(limit, subject)
        kind, now = _kind(limit, subject), self._clock()
        for _ in range(_TRIES):
            began, count = self._counted(kind, limit, now)
            if count:
                return verdict_of(limit, count, began + limit.seconds - now)
        # So many others began a window at the same time: refuse rather than not count.
        return verdict_of(limit, limit.count + 2, limit.seconds)

    def look(self, limit: Limit, subject: str) -> Verdict:
        """Return whether one more request may go on, without counting it."""
        if limit is READS:
            return self._own.look(limit, subject)
        now = self._clock()
        item = self._table.get(_kind(limit, subject), _ID)
        began, count = (float(item["began"]), int(item["requests"])) if item else (now, 0)
        if now - began >= limit.seconds:
            began, count = now, 0
        return verdict_of(limit, count + 1, began + limit.seconds - now)

    def _counted(self, kind: str, limit: Limit, now: float) -> tuple[float, int]:
        """Return when the window began and its count with this request; 0 if another came first."""
        oldest = {":oldest": Decimal(repr(now - limit.seconds))}
        found = self._table.change_if(
            (kind, _ID),
            "ADD requests :one",
            "began > :oldest",
            {**oldest, ":one": 1},
        )
        if found is not None:
            return float(found["began"]), int(found["requests"])
        window = {
            "kind": kind,
            "id": _ID,
            "began": Decimal(repr(now)),
            "requests": 1,
            EXPIRES: int(now + limit.seconds) + 1,
        }
        is_new = self._table.put_if(
            window, "attribute_not_exists(kind) OR began <= :oldest", oldest
        )
        return now, int(is_new)


def _kind(limit: Limit, subject: str) -> str:
    return f"limit#{limit.name}#{hashed(subject)}"
