"""Files read by several processes at once, into Parquet files that the session then reads.

So rows pass this process's memory neither as Python's objects nor as a table of the session.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO, TypeVar, cast

from metriccare.engine.duckdb.reading_process import read_into
from metriccare.engine.protocol import Emit, OutcomeT, PartT
from metriccare.errors import OutOfMemory
from metriccare.tables import Column

# Below this, starting processes takes longer than reading.
_WORTH_PROCESSES = 12 * 2**20
_SHARE_BYTES = 8 * 2**20
# A file costs something to open even if it is tiny.
_PER_PART = 4096
_ItemT = TypeVar("_ItemT")


def is_worth_processes(parts: Sequence[PartT]) -> bool:
    """Tell whether there is so much to read that several processes are faster than one."""
    return sum(part.size for part in parts) >= _WORTH_PROCESSES


def read_in_processes(
    parts: Sequence[PartT],
    function: Callable[[PartT, Emit], OutcomeT],
    columns: Sequence[Column],
    folder: Path,
) -> tuple[list[Path], list[OutcomeT]]:
    """Write the rows of parts into Parquet files of a folder; return these and the outcomes.

    Both are in the order of the parts. Raises what the function raises, and OutOfMemory when a
    process ends by itself.
    """
    shares = list(_shares(parts))
    places = [folder / f"{number:06}.parquet" for number in range(len(shares))]
    width = min(_processors(), len(shares))
    with ThreadPoolExecutor(width) as pool, ExitStack() as processes:
        # None is this process, which need not be started.
        idle: SimpleQueue[_Process | None] = SimpleQueue()
        idle.put(None)
        for _ in range(width - 1):
            idle.put(processes.enter_context(_process(function, columns)))

        def read(place: Path, share: Sequence[PartT]) -> list[OutcomeT]:
            process = idle.get()
            try:
                outcomes = process.ask(str(place), share) if process else None
                if outcomes is None:
                    # What failed there fails here too, and is raised as it is.
                    outcomes = read_into(str(place), share, function, columns)
            finally:
                idle.put(process)
            return cast("list[OutcomeT]", outcomes)

        outcomes = list(pool.map(read, places, shares))
    return places, [outcome for each in outcomes for outcome in each]


def _shares(parts: Sequence[PartT]) -> Iterator[list[PartT]]:
    """Group parts, in order, so that a share takes about as long as another."""
    share: list[PartT] = []
    size = 0
    for part in parts:
        share.append(part)
        size += part.size + _PER_PART
        if size >= _SHARE_BYTES:
            yield share
            share, size = [], 0
    if share:
        yield share


def _processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Process:
    """A process that reads; see `reading_process` for what is said."""

    def __init__(self, questions: BinaryIO, answers: BinaryIO) -> None:
        self._questions, self._answers = questions, answers

    def ask(self, *question: object) -> list[Any] | None:
        """Return the answer to a question; OutOfMemory when the process is gone."""
        try:
            pickle.dump(question, self._questions)
            self._questions.flush()
            answer: list[Any] | None = pickle.load(self._answers)  # noqa: S301 - our child's
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            raise OutOfMemory(
                "A process that reads files ended before its work was done: most often the"
                " machine's memory ran out. Close other programs, then run it again."
            ) from error
        return answer


@contextmanager
def _process(function: Callable[..., Any], columns: Sequence[Column]) -> Iterator[_Process]:
    command = [sys.executable, "-m", "metriccare.engine.duckdb.reading_process"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    pipe = subprocess.PIPE
    child = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment)
    try:
        assert child.stdin is not None  # noqa: S101 - pipes were asked for
        assert child.stdout is not None  # noqa: S101
        process = _Process(cast("BinaryIO", child.stdin), cast("BinaryIO", child.stdout))
        pickle.dump((function, tuple(columns)), child.stdin)
        yield process
    finally:
        child.kill()
        child.communicate()
