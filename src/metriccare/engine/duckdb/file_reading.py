"""Files read by several processes at once, into Parquet files that the session then reads.

So rows pass this process's memory neither as Python's objects nor as a table of the session.
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

# Below this, starting processes takes longer than reading.
_WORTH_PROCESSES = 12 * 2**20
_SHARE_BYTES = 8 * 2**20
# A file costs something to open even if it is tiny.
_PER_PART = 4096


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
    questions = zip(map(str, places), shares, strict=True)
    answers = answers_of(_Reader(function, columns), questions, answers_too=True)
    return places, [outcome for answer in answers for outcome in answer]


@dataclass(frozen=True)
class _Reader(Generic[PartT, OutcomeT]):
    """Reads a share of the parts into a file."""

    function: Callable[[PartT, Emit], OutcomeT]
    columns: Sequence[Column]

    def __call__(self, question: tuple[str, Sequence[PartT]]) -> list[OutcomeT]:
        return read_into(*question, self.function, self.columns)


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
