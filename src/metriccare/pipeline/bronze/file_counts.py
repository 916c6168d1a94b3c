"""The counts of each file: the sums over its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from metriccare.pipeline.bronze.part_reader import PartCounts
from metriccare.sources.fhir.byte_account import ByteAccount
from metriccare.tracking.states import FileRecord

# The counts by the key of a part: its file, and where it starts in the file.
Tally = Mapping[tuple[str, int], PartCounts]


@dataclass(frozen=True)
class FileCounts:
    """The counts of one file, or why it could not be read."""

    loaded: int = 0
    rejected: int = 0
    unreadable: str | None = None
    account: ByteAccount | None = None


def counts_by_file(files: Sequence[FileRecord], tally: Tally) -> dict[str, FileCounts]:
    """Return the sums over each file's parts; a file without records counts zero.

    For a file without counted parts no byte is accounted for.
    """
    read: dict[str, FileCounts] = {}
    for (file_id, _), part in tally.items():
        read[file_id] = _sum(read.get(file_id, FileCounts()), part)
    unread = {f.file_id: FileCounts(account=ByteAccount(f.size)) for f in files}
    return unread | read


def _sum(counts: FileCounts, part: PartCounts) -> FileCounts:
    return FileCounts(
        counts.loaded + part.loaded,
        counts.rejected + part.rejected,
        counts.unreadable or part.unreadable,
        _account(counts.account, part.account),
    )


def _account(left: ByteAccount | None, right: ByteAccount | None) -> ByteAccount | None:
    return left.plus(right) if left and right else left or right
