"""Streams that are open, counted: each costs a connection as long as somebody listens."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

from metriccare.api.problems import Problem

# Tabs of one person; and of all, a fifth of the open files a process has by default (1,024).
MOST_OF_ONE, MOST_OF_ALL = 5, 200


class _Held:
    """One place among the open streams.

    A stream that is never begun, because its caller is gone, runs no code of its own: its place is
    given back when nothing refers to it any more.
    """

    def __init__(self, taken: Counter[str], subject: str) -> None:
        self._taken: Counter[str] | None = taken
        self._subject = subject
        taken[subject] += 1

    def give_back(self) -> None:
        """Give the place back, once."""
        taken, self._taken = self._taken, None
        if taken is not None:
            taken[self._subject] -= 1
            if not taken[self._subject]:
                del taken[self._subject]

    def __del__(self) -> None:
        """Give the place back where the stream was never begun."""
        self.give_back()


class Streams:
    """Counts open streams by subject."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def opened(self, subject: str, events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Return the stream, counted until it ends; too-many-requests beyond the limits.

        It is counted at once: many requests at the same time are not more than one after another.
        """
        if self._open[subject] >= MOST_OF_ONE or self._open.total() >= MOST_OF_ALL:
            raise Problem(
                "too-many-requests",
                "Too many event streams are open: close a tab, or read /v1/events.",
                headers={"Retry-After": "60"},
            )
        return _counted(events, _Held(self._open, subject))


async def _counted(events: AsyncIterator[bytes], held: _Held) -> AsyncIterator[bytes]:
    try:
        async for event in events:
            yield event
    finally:
        held.give_back()
