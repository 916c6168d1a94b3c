"""A person's Ctrl-C and a machine's SIGTERM, as one exception that nothing swallows."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType

# Shells answer 128 plus the number of the signal.
_SHELL_BASE = 128
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_before: list[Callable[[], None]] = []


class Interrupted(BaseException):
    """The process was asked to end; its message says what waits.

    It is no KeyboardInterrupt: py4j answers one with a traceback, and typer without a word.
    """

    def __init__(self, number: int, message: str = "Interrupted; run it again to go on.") -> None:
        super().__init__(message)
        self.number = number

    @property
    def exit_code(self) -> int:
        """Return 130 for Ctrl-C, 143 for SIGTERM."""
        return _SHELL_BASE + self.number


def raise_on_signals() -> None:
    """Let SIGINT and SIGTERM raise Interrupted in the main thread."""
    for number in _SIGNALS:
        signal.signal(number, _interrupt)


def before_interrupting(step: Callable[[], None]) -> None:
    """Have a step done when a signal comes, before Interrupted is raised.

    What waits for another process would otherwise wait on: its end is what sets threads free.
    """
    _before.append(step)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    # A second signal while the steps are at work must not start them again.
    for again in _SIGNALS:
        signal.signal(again, signal.SIG_IGN)
    for step in _before:
        step()
    raise Interrupted(number)
