"""Sending messages from a dead-letter queue through again, after the cause is mended."""

from __future__ import annotations

from typing import Protocol


class DeadLetters(Protocol):
    """A dead-letter queue and the queue it belongs to."""

    def take(self) -> list[tuple[str, str]]:
        """Return some messages as (receipt, body); none when the queue is empty."""
        ...

    def give_back(self, receipt: str, body: str) -> None:
        """Put a message on the queue it came from and remove it here, in that order."""
        ...


def redrive(letters: DeadLetters, limit: int) -> int:
    """Send up to `limit` messages through again and return how many.

    One that fails again comes back; the limit keeps it from circling within one call.
    """
    moved = 0
    while moved < limit and (taken := letters.take()):
        for receipt, body in taken:
            letters.give_back(receipt, body)
            moved += 1
    return moved
