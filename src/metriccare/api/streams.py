"""Streams that are open, counted: each costs a connection as long as somebody listens."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

from metriccare.api.problems import Problem

# Tabs of one person; and of all, a fifth of the open files a process has by default (1,024).
MOST_OF_ONE, MOST_OF_ALL = 5, 200


class Streams:
    """Counts open streams by subject."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def opened(self, subject: str, events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Return the stream, counted until it ends; too-many-requests beyond the limits."""
        if self._open[subject] >= MOST_OF_ONE or self._open.total() >= MOST_OF_ALL:
            raise Problem(
                "too-many-requests",
                "Too many event streams are open: close a tab, or read /v1/events.",
                headers={"Retry-After": "60"},
            )
        return self._counted(subject, events)

    async def _counted(self, subject: str, events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        self._open[subject] += 1
        try:
            async for event in events:
                yield event
        finally:
            self._open[subject] -= 1
            self._open += Counter()  # subjects without a stream are forgotten
