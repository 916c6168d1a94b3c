"""Progress of a command on stderr: live on a terminal, one line for each stage elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.status import Status
    from rich.text import Text


class Progress:
    """Stages with their times, bars for counted work, warnings and closing lines."""

    def __init__(self) -> None:
        from rich.console import Console  # late: every command imports this module

        self._console = Console(stderr=True, highlight=False)
        self._status: Status | None = None
        self._stage = ""
        self._began = 0.0

    def __enter__(self) -> Self:
        """Begin without a stage."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the stage under way and say whether it failed."""
        self._close(failed=error is not None)

    def stage(self, text: str) -> None:
        """Begin a stage; the one before it is done."""
        self._close(failed=False)
        self._stage, self._began = text, time.monotonic()
        if self._console.is_terminal:
            self._status = self._console.status(_plain(f"{text} ..."))
            self._status.start()

    def _close(self, *, failed: bool) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None
        if self._stage:
            took = time.monotonic() - self._began
            mark = "failed after" if failed else "in"
            line = _plain(self._stage) + _plain(f" {mark} {took:.1f} s", style="dim")
            self._console.print(line, soft_wrap=True)
            self._stage = ""

    def say(self, text: str) -> None:
        """Print one line."""
        self._close(failed=False)
        self._console.print(_plain(text), soft_wrap=True)

    def warn(self, text: str) -> None:
        """Print one warning."""
        self._console.print(_plain(f"Warning: {text}", style="yellow"), soft_wrap=True)

    @contextmanager
    def counted(self, text: str, total: int | None) -> Iterator[Callable[[int], None]]:
        """Show a bar of `total` steps; call what is returned with the steps done since."""
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bars

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with Bars(
            *columns, console=self._console, transient=True, disable=not self._console.is_terminal
        ) as bars:
            task = bars.add_task(text, total=total)
            yield lambda steps: bars.advance(task, steps)


def _plain(text: str, style: str = "") -> Text:
    from metriccare.commands.printing.plain import plain

    return plain(text, style)
