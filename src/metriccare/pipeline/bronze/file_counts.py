"""What came of each file, summed over its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from metriccare.fhir.byte_account import ByteAccount
from metriccare.pipeline.bronze.part_reader import PartCounts
from metriccare.tracking.states import FileRecord

# By a part's key: its file, and where in it the part starts.
Tally = Mapping[tuple[str, int], PartCounts]


@dataclass(frozen=True)
class FileCounts:
    """What came of one file."""

    loaded: int = 0
    rejected: int = 0
    unreadable: str | None = None
    account: ByteAccount | None = None


def counts_by_file(files: Sequence[FileRecord], tally: Tally) -> dict[str, FileCounts]:
    """Return the sums over each file's parts; a file without records counts zero.

    Of a file that no part was tally_files of, no byte is accounted for.
    """
    found: dict[str, FileCounts] = {}
    for (file_id, _), part in tally.items():
        found[file_id] = _sum(found.get(file_id, FileCounts()), part)
    unread = {f.file_id: FileCounts(account=ByteAccount(f.size)) for f in files}
    return unread | found


def _sum(counts: FileCounts, part: PartCounts) -> FileCounts:
    return FileCounts(
        counts.loaded + part.loaded,
        counts.rejected + part.rejected,
        counts.unreadable or part.unreadable,
        _account(counts.account, part.account),
    )


def _account(one: ByteAccount | None, other: ByteAccount | None) -> ByteAccount | None:
    return one.plus(other) if one and other else one or other
