"""The generator behind the command line: its arguments, its progress, its files."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from data_generator import GeneratorConfig, GeneratorError, Summary
from data_generator import generate as generate_files
from data_generator.describe import report
from metriccare.errors import UsageError, WriteFailed


class _Bars(Protocol):
    def stage(self, text: str) -> None: ...

    def say(self, text: str) -> None: ...

    def counted(
        self, text: str, total: int | None
    ) -> AbstractContextManager[Callable[[int], None]]: ...


def config(**arguments: Any) -> GeneratorConfig:
    """Return the generator's arguments, checked; UsageError says what cannot be met."""
    arguments = {name: value for name, value in arguments.items() if value is not None}
    checked = GeneratorConfig(**arguments)
    try:
        checked.check()
    except GeneratorError as error:
        raise UsageError(str(error)) from error
    return checked


def run(arguments: GeneratorConfig, progress: _Bars) -> Summary:
    """Generate, with a bar of the people done, and say how much it wrote."""
    began, people = time.monotonic(), arguments.patients
    try:
        with progress.counted(f"Generating {people:,} patients", people) as advance:
            summary = generate_files(arguments, _steps(advance))
    except GeneratorError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise WriteFailed(
            f"{arguments.out} could not be written ({error.strerror}); nothing was published there."
            " Make room, or choose another --out."
        ) from error
    took = time.monotonic() - began
    sent = f"{summary.total:,} FHIR resources"
    if summary.feed_rows:
        sent += f" and {summary.feed_rows:,} rows of CSV feeds"
    progress.say(f"{people:,} patients: {sent} in {took:.1f} s.")
    progress.say(f"They are in {arguments.out}; truth in truth.json.")
    return summary


def _steps(advance: Callable[[int], None]) -> Callable[[int, int], None]:
    """Return what the generator calls with the people done so far; `advance` gets the new ones."""
    shown = 0

    def show(done: int, _: int) -> None:
        nonlocal shown
        advance(done - shown)
        shown = done

    return show


def described(arguments: GeneratorConfig) -> list[str]:
    """Return the calibration report: the values reached beside their targets."""
    return list(report(arguments))


def files_to_send(folder: Path) -> list[Path]:
    """Return the files of the history, then of each daily folder; the answer keys stay here."""
    folders = (folder, *sorted(folder.glob("days/*")))
    roots = [of / kind for of in folders for kind in ("json", "feeds")]
    return [path for root in roots for path in sorted(root.rglob("*")) if path.is_file()]
