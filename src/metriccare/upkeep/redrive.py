"""Redrives messages from a dead-letter queue, after their cause is fixed."""

from __future__ import annotations

from typing import Protocol


class DeadLetters(Protocol):
    """A dead-letter queue and the queue it belongs to."""

    def take(self) -> list[tuple[str, str]]:
        """Return some messages as (receipt, body); none when the queue is empty."""
        ...

    def give_back(self, receipt: str, body: str) -> None:
        """Send a message to its original queue and then delete it here, in this order."""
        ...


def redrive(letters: DeadLetters, limit: int) -> int:
    """Redrive up to `limit` messages, and return how many.

    A message that fails again comes back; the limit keeps one call from repeating it forever.
    """
    moved = 0
    while moved < limit and (taken := letters.take()):
        for receipt, body in taken:
            letters.give_back(receipt, body)
            moved += 1
    return moved
