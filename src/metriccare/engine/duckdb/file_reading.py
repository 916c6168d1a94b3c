"""Reads files in several processes, into Parquet files that the session then reads.

So the rows need no memory of this process, neither as Python objects nor as a table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

from metriccare.engine.duckdb.parquet_rows import read_into
from metriccare.engine.duckdb.worker_processes import answers_of
from metriccare.engine.protocol import Emit, OutcomeT, PartT
from metriccare.tables import Column

# 12 MB: below it, starting processes takes longer than reading. 8 MB for each share: about a tenth
# of a second, so that all processes end at about the same time.
_WORTH_PROCESSES = 12 * 2**20
_SHARE_BYTES = 8 * 2**20
# About what opening a file costs, in bytes that could be read instead.
_PER_PART = 4096


def is_worth_processes(parts: Sequence[PartT]) -> bool:
    """Return True if there is enough to read that several processes are faster than one."""
    return sum(part.size for part in parts) >= _WORTH_PROCESSES


def read_in_processes(
    parts: Sequence[PartT],
    function: Callable[[PartT, Emit], OutcomeT],
    columns: Sequence[Column],
    folder: Path,
) -> tuple[list[Path], list[OutcomeT]]:
    """Return the Parquet files with the rows of parts, written to a folder, and the outcomes.

    Both are in the order of the parts. Raises what the function raises, and OutOfMemory if a
    process ends by itself.
    """
    shares = list(_shares(parts))
    files = [folder / f"{number:06}.parquet" for number in range(len(shares))]
    questions = zip(map(str, files), shares, strict=True)
    answers = answers_of(_Reader(function, columns), questions, with_this_process=True)
    return files, [outcome for answer in answers for outcome in answer]


@dataclass(frozen=True)
class _Reader(Generic[PartT, OutcomeT]):
    """Reads a share of the parts into a file."""

    function: Callable[[PartT, Emit], OutcomeT]
    columns: Sequence[Column]

    def __call__(self, question: tuple[str, Sequence[PartT]]) -> list[OutcomeT]:
        return read_into(*question, self.function, self.columns)


def _shares(parts: Sequence[PartT]) -> Iterator[list[PartT]]:
    """Group parts, in order, into shares that take about the same time."""
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
