"""A person's Ctrl-C and a machine's SIGTERM, as one exception that is not lost.

C code that calls Python can lose the exception of a signal handler: DuckDB and an import raise an
error of their own instead, a finalizer prints it and goes on. So it is also remembered that a
signal came.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Protocol
from weakref import WeakSet

# Shells answer 128 plus the number of the signal.
_SHELL_BASE = 128
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_before: list[Callable[[], None]] = []
_received: list[int] = []


class Session(Protocol):
    """A database session whose query another thread can stop."""

    def interrupt(self) -> None:
        """Stop the query."""


_sessions: WeakSet[Session] = WeakSet()


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
    sys.unraisablehook = _report_unraisable


def before_interrupting(step: Callable[[], None]) -> None:
    """Register a step to do when a signal comes, before Interrupted is raised.

    Threads that wait for another process would go on waiting: only its end releases them.
    """
    _before.append(step)


def stop_queries_of(session: Session) -> None:
    """Let a signal stop the queries of a session, as long as it is in use.

    Closing a session waits until the threads that compute a query have ended.
    """
    _sessions.add(session)


def check() -> None:
    """Raise Interrupted if a signal came; call it before anything that cannot be taken back."""
    if _received:
        raise Interrupted(_received[0])


@contextmanager
def not_replaced() -> Iterator[None]:
    """Raise Interrupted in place of any error that the block raises after a signal came."""
    try:
        yield
    except Exception as error:
        if _received:
            raise Interrupted(_received[0]) from error
        raise


def _interrupt(number: int, _frame: FrameType | None) -> None:
    _received.append(number)
    # A second signal while the steps are at work must not start them again.
    for again in _SIGNALS:
        signal.signal(again, signal.SIG_IGN)
    for session in list(_sessions):
        with suppress(Exception):  # it is closed
            session.interrupt()
    for step in _before:
        step()
    raise Interrupted(number)


def _report_unraisable(unraisable: Any) -> None:
    """Print an error that nothing can catch, unless it is an interrupt: `check` raises it again."""
    if not isinstance(unraisable.exc_value, Interrupted):
        sys.__unraisablehook__(unraisable)
