"""A commit's instant, markers and metadata, as Spark's Hudi 0.15 writes them."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from metriccare.engine.duckdb.snapshot import TIMELINE, DataFile
from metriccare.errors import ClockBehind

# An instant has 17 digits: the time to the millisecond.
_MILLISECONDS = 17
_FORMAT = "%Y%m%d%H%M%S%f"
_UNUSED = (
    "totalLogRecords",
    "totalLogFilesCompacted",
    "totalLogSizeCompacted",
    "totalUpdatedRecordsCompacted",
    "totalLogBlocks",
    "totalCorruptLogBlock",
    "totalRollbackBlocks",
)


@dataclass(frozen=True)
class WrittenFile:
    """A data file that a commit wrote, with the counts of its rows."""

    file: DataFile
    previous: DataFile | None
    rows: int
    inserted: int = 0
    updated: int = 0
    deleted: int = 0


def next_instant(newest: str, now: Callable[[], datetime]) -> str:
    """Return the current time as an instant: UTC, in milliseconds, greater than the newest.

    Raises ClockBehind if the newest is in the future: readers would not show the new rows.
    """
    while True:
        current = now().astimezone(UTC)
        instant = current.strftime(_FORMAT)[:_MILLISECONDS]
        if instant > newest:
            return instant
        if instant < newest[:_MILLISECONDS]:
            latest = datetime.strptime(newest[:14], _FORMAT[:12]).replace(tzinfo=UTC)
            raise ClockBehind(current, latest)
        time.sleep(0.001)


def markers(instant: str, files: Iterable[tuple[DataFile, DataFile | None]]) -> dict[str, bytes]:
    """Return path -> content of the marker files, by which Spark finds the files to roll back.

    `files` are those about to be written, each with the version it replaces. Without markers Spark
    would remove a pending instant but not its files, and these would count as rows once the
    timeline begins later. The form is the one that names many files in one object.
    """
    folder = f"{TIMELINE}/.temp/{instant}"
    names = [f"{file.path}.marker.{'MERGE' if old else 'CREATE'}" for file, old in files]
    return {
        f"{folder}/MARKERS.type": b"TIMELINE_SERVER_BASED",
        f"{folder}/MARKERS0": "".join(f"{name}\n" for name in names).encode(),
    }


def metadata(
    written: Iterable[WrittenFile], schema: str, note: Mapping[str, str], operation: str
) -> bytes:
    """Return the content of the completed commit's file."""
    by_partition: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for written_file in written:
        by_partition[written_file.file.partition].append(_statistics(written_file))
    document = {
        "partitionToWriteStats": by_partition,
        "compacted": False,
        "extraMetadata": {"schema": schema, **note},
        "operationType": operation,
    }
    return json.dumps(document, indent=1).encode()


def _statistics(written: WrittenFile) -> dict[str, Any]:
    return {
        "fileId": written.file.file_id,
        "path": written.file.path,
        "cdcStats": None,
        "prevCommit": written.previous.instant if written.previous else "null",
        "numWrites": written.rows,
        "numDeletes": written.deleted,
        "numUpdateWrites": written.updated,
        "numInserts": written.inserted,
        "totalWriteBytes": written.file.size,
        "totalWriteErrors": 0,
        "tempPath": None,
        "partitionPath": written.file.partition,
        **dict.fromkeys(_UNUSED, 0),
        "fileSizeInBytes": written.file.size,
        "minEventTime": None,
        "maxEventTime": None,
        "runtimeStats": {"totalScanTime": 0, "totalUpsertTime": 0, "totalCreateTime": 0},
    }
