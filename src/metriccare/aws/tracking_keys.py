"""Keys of the tracking table. Each record is found by its key alone; the table has no index.

| kind (hash key) | id (range key) | what it is |
|---|---|---|
| `files#<month>#<shard>` | `<day>#<file id>` | a file's record, under the month it was registered |
| `file#<file id>` | `day` | that day: where the file's record is |
| `open#<shard>` | `<file id>` | the file is not through yet, with its day |
| `runs#<thousand>` | `<epoch>#<run id>` | a run's record |
| `pages` | `files#<month>`, `runs#<thousand>` | which months and thousands there are |
| `lease` | `lake` | the lease |
| `lease` | `pause` | why no run may begin |
| `report#<job run id>` | `once` | this job run was reported |

Shards spread what is written at one time: DynamoDB takes about 1,000 writes a second for one hash
key. Months and thousands keep each hash key small (tests/tracking/test_table_size.py).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from metriccare.tracking.states import FileRecord, FileState, RunRecord

Item = dict[str, Any]

# 8,000 writes a second, some 4,000 files; a list of a month asks 8 times.
SHARDS = 8
# States of files that runs or operators still look for. All other files are finished.
OPEN_STATES = frozenset(
    {FileState.REGISTERED, FileState.CLAIMED, FileState.LOADED, FileState.SET_ASIDE}
)
# About 5 weeks of hourly runs with the daily one: 500 KB.
_RUNS_ON_A_PAGE = 1000

LEASE_KEY: Item = {"kind": "lease", "id": "lake"}
PAUSE_KEY: Item = {"kind": "lease", "id": "pause"}
PAGES = "pages"


def day_of(file: FileRecord) -> date:
    """Return the day (UTC) a file was registered."""
    return _utc_day(file.registered_at)


def record_key(file_id: str, day: date) -> Item:
    """Return the key of a file's record."""
    return {"kind": _month_shard(day, shard_of(file_id)), "id": f"{day.isoformat()}#{file_id}"}


def day_key(file_id: str) -> Item:
    """Return the key under which the day of a file is found."""
    return {"kind": f"file#{file_id}", "id": "day"}


def open_key(file_id: str) -> Item:
    """Return the key of the entry that a file has while it is not through."""
    return {"kind": f"open#{shard_of(file_id)}", "id": file_id}


def open_kinds() -> Iterator[str]:
    """Return the hash keys under which all open files are listed."""
    return (f"open#{shard}" for shard in range(SHARDS))


def month_page(day: date) -> str:
    """Return the page of a day's files."""
    return f"files#{day:%Y-%m}"


def kinds_of(month_page: str) -> Iterator[str]:
    """Return the hash keys under which the files of a month are listed."""
    return (f"{month_page}#{shard}" for shard in range(SHARDS))


def run_page(run: RunRecord) -> str:
    """Return the page of a run, which is its hash key too."""
    return f"runs#{run.epoch // _RUNS_ON_A_PAGE:06d}"


def run_key(run: RunRecord) -> Item:
    """Return the key of a run's record; in order of keys, runs are in order of their epochs."""
    return {"kind": run_page(run), "id": f"{run.epoch:012d}#{run.run_id}"}


def report_key(key: str) -> Item:
    """Return the key that says that `key` was reported."""
    return {"kind": f"report#{key}", "id": "once"}


def shard_of(file_id: str) -> int:
    """Return the shard of a file; the same in every process and version."""
    return zlib.crc32(file_id.encode()) % SHARDS


def _month_shard(day: date, shard: int) -> str:
    return f"{month_page(day)}#{shard}"


def _utc_day(time: datetime) -> date:
    return time.astimezone(UTC).date()
