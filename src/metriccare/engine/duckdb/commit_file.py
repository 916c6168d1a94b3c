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
    """A data file that a commit wrote, and what became of the rows in it."""

    file: DataFile
    previous: DataFile | None
    rows: int
    inserted: int = 0
    updated: int = 0
    deleted: int = 0


def next_instant(newest: str, now: Callable[[], datetime]) -> str:
    """Return the current time as an instant: UTC, in milliseconds, greater than the newest.

    Raises ClockBehind if the newest lies in the future: readers would not show what is written.
    """
    while True:
        moment = now().astimezone(UTC)
        instant = moment.strftime(_FORMAT)[:_MILLISECONDS]
        if instant > newest:
            return instant
        if instant < newest[:_MILLISECONDS]:
            latest = datetime.strptime(newest[:14], _FORMAT[:12]).replace(tzinfo=UTC)
            raise ClockBehind(moment, latest)
        time.sleep(0.001)


def markers(instant: str, files: Iterable[tuple[DataFile, DataFile | None]]) -> dict[str, bytes]:
    """Return path -> content of the files by which Spark finds what to roll back.

    `files` are those about to be written, each with the version it replaces. Without markers Spark
    would remove a pending instant and leave its files, which count as rows once the timeline
    begins later. These are of the form for many files in one object.
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
    for each in written:
        by_partition[each.file.partition].append(_statistics(each))
    document = {
        "partitionToWriteStats": by_partition,
        "compacted": False,
        "extraMetadata": {"schema": schema, **note},
        "operationType": operation,
    }
    return json.dumps(document, indent=1).encode()


def _statistics(each: WrittenFile) -> dict[str, Any]:
    return {
        "fileId": each.file.file_id,
        "path": each.file.path,
        "cdcStats": None,
        "prevCommit": each.previous.instant if each.previous else "null",
        "numWrites": each.rows,
        "numDeletes": each.deleted,
        "numUpdateWrites": each.updated,
        "numInserts": each.inserted,
        "totalWriteBytes": each.file.size,
        "totalWriteErrors": 0,
        "tempPath": None,
        "partitionPath": each.file.partition,
        **dict.fromkeys(_UNUSED, 0),
        "fileSizeInBytes": each.file.size,
        "minEventTime": None,
        "maxEventTime": None,
        "runtimeStats": {"totalScanTime": 0, "totalUpsertTime": 0, "totalCreateTime": 0},
    }
