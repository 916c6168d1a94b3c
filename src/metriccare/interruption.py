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
    """The process was asked to end; its message says what waits for the next run.

    It is not a KeyboardInterrupt: py4j prints a traceback for one, and typer nothing at all.
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
    """Register a step to do when a signal comes, before Interrupted is raised.

    Threads that wait for another process would go on waiting: only its end releases them.
    """
    _before.append(step)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    # A second signal while the steps are at work must not start them again.
    for again in _SIGNALS:
        signal.signal(again, signal.SIG_IGN)
    for step in _before:
        step()
    raise Interrupted(number)
