"""Copying the tracking table of earlier versions into the one of this version.

The old table has `kind` = file, run, lease or report, and `id`. It is only read. The copy can be
stopped and started again at any point: what was copied is left as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metriccare.aws import tracking_keys as keys
from metriccare.aws.dynamodb import Pages, registration
from metriccare.aws.tracking_items import Item, deserialized, file_of, plain, run_of
from metriccare.aws.tracking_table import CONDITION_FAILED, Cancelled, TrackingTable
from metriccare.errors import UsageError
from metriccare.tracking.states import FileRecord, FileState

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_OLD_LEASE_KEY: Item = {"kind": "lease", "id": "lake"}
_COPIED = "copied_from"
_PAUSE_REASON = "the tracking table of the version before is being copied (docs/upgrade.md)"
# About one line in ten seconds.
_FILES_BETWEEN_REPORTS = 1000


@dataclass(frozen=True)
class Copied:
    """How many records were copied, and how many files the new table had already."""

    files: int
    files_known: int
    runs: int


def copy_tracking(
    client: DynamoDBClient, old_name: str, new_name: str, report_progress: Callable[[str], None]
) -> Copied:
    """Copy every record of the old table into the new one and return how many.

    No run begins while it copies. The lease's counters are copied last: then the copy is complete,
    and runs may begin. Raises UsageError
    when a run is at work, or when runs began on the new table before it was complete.
    """
    old, new = TrackingTable(client, old_name), TrackingTable(client, new_name)
    old_lease = old.get(_OLD_LEASE_KEY) or {"epoch": 0}
    _check_no_run(old_lease, new, old_name, new_name)
    new.put({**keys.PAUSE_KEY, "reason": _PAUSE_REASON})
    copy, done = _Copy(new), Counter[str]()
    for item in _items(client, old_name):
        done[copy.take(item)] += 1
        files = done["file"] + done["known file"]
        if files and files % _FILES_BETWEEN_REPORTS == 0:
            report_progress(f"{files:,} files")
    counters = {name: value for name, value in old_lease.items() if name not in ("kind", "id")}
    new.put({**keys.LEASE_KEY, **counters, _COPIED: old_name})
    new.delete(keys.PAUSE_KEY)
    return Copied(done["file"], done["known file"], done["run"])


class _Copy:
    """Copies items of the old table one by one."""

    def __init__(self, new: TrackingTable) -> None:
        self._new = new
        self._pages = Pages(new)

    def take(self, item: Item) -> str:
        """Copy an item and return what it was."""
        kind = str(item["kind"])
        if kind == "file":
            file = file_of(item)
            self._pages.note(keys.month_page(keys.day_of(file)))
            return kind if _copy_file(self._new, file) else f"known {kind}"
        if kind == "run":
            run = run_of(item)
            self._pages.note(keys.run_page(run))
            self._new.put({**keys.run_key(run), **plain(run)})
        elif kind == "report":
            self._new.put_new(keys.report_key(item["id"]))
        return kind


def _check_no_run(old_lease: Item, new: TrackingTable, old_name: str, new_name: str) -> None:
    new_lease = new.get(keys.LEASE_KEY) or {"epoch": 0}
    if new_lease.get(_COPIED) == old_name:
        raise UsageError(f"{old_name} was copied already; {new_name} is complete.")
    for name, lease in ((old_name, old_lease), (new_name, new_lease)):
        if "owner" in lease:
            raise UsageError(
                f"A run ({lease['owner']}) holds the lease of {name}. Wait until it has ended"
                " and copy then."
            )
    if new_lease["epoch"]:
        raise UsageError(
            f"Runs began on {new_name} before {old_name} was copied, so their numbers overlap."
            " docs/upgrade.md says how to take these runs back."
        )


def _items(client: DynamoDBClient, table: str) -> Iterator[Item]:
    pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return (deserialized(item) for page in pages for item in page["Items"])


def _copy_file(new: TrackingTable, file: FileRecord) -> bool:
    """Copy a file; False when the new table has it.

    An upload that was announced again after the new table was made is there as a new file, without
    what became of it: its record is replaced.
    """
    steps = registration(new, file)
    try:
        new.transact(steps)
    except Cancelled as error:
        if error.reasons[0] != CONDITION_FAILED:
            raise
        return _replace_announced_again(new, file)
    return True


def _replace_announced_again(new: TrackingTable, file: FileRecord) -> bool:
    day = keys.day_of(file)
    there = new.get(keys.record_key(file.file_id, day))
    found = file_of(there) if there else file
    is_new = found.state == FileState.REGISTERED and found.sequence is None
    if found == file or not is_new:
        return False
    record = new.putting({**keys.record_key(file.file_id, day), **plain(file)})
    closed = [] if file.state in keys.OPEN_STATES else [new.deleting(keys.open_key(file.file_id))]
    new.transact([record, *closed])
    return True
