"""Tracking in one DynamoDB table: files, runs and the lease.

`tracking_keys` says which records there are. What must not happen under an old lease goes into a
transaction together with a check of the lease. DynamoDB takes 100 steps in one; a larger move is
several transactions, each all or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from metriccare.aws import tracking_keys as keys
from metriccare.aws.keyed_table import raise_unless_condition_failed
from metriccare.aws.tracking_items import Item, file_of, plain, run_of
from metriccare.aws.tracking_table import (
    CONDITION_FAILED,
    STEPS_IN_A_TRANSACTION,
    Cancelled,
    TrackingTable,
    portions,
)
from metriccare.errors import LeaseHeld, LeaseLost
from metriccare.tracking.states import (
    ALLOWED_MOVES,
    READ_FIELDS,
    FileRecord,
    FileState,
    Lease,
    RunRecord,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_CHANGEABLE = frozenset(
    {"run_id", "rows_loaded", "rows_quarantined", "reason", "replays", *READ_FIELDS}
)
_LEASE_IS_CURRENT = "#owner = :owner AND #epoch = :epoch"
_LEASE_NAMES = {"#owner": "owner", "#epoch": "epoch"}


class Pages:
    """The months and thousands of runs that have records: what there is to list."""

    def __init__(self, table: TrackingTable) -> None:
        self._table = table
        self._noted: set[str] = set()

    def note(self, page: str) -> None:
        """Write down that there is a page, before anything is on it."""
        if page not in self._noted:
            self._table.put({"kind": keys.PAGES, "id": page})
            self._noted.add(page)

    def of(self, prefix: str) -> list[str]:
        """Return the pages that begin with a prefix, in order."""
        pages = (item["id"] for item in self._table.items_of([keys.PAGES]))
        return sorted(page for page in pages if page.startswith(prefix))


class DynamoTracking:
    """The tracking store of a lake on AWS; every change is a conditional write."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._table = TrackingTable(client, table)
        self._pages = Pages(self._table)

    def register(self, file: FileRecord) -> bool:
        """Add an object version; False when it is known already."""
        self._pages.note(keys.month_page(keys.day_of(file)))
        try:
            self._table.transact(registration(self._table, file))
        except Cancelled as error:
            if error.reasons[0] != CONDITION_FAILED:
                raise
            return False
        return True

    def files(self, state: FileState | None = None, run_id: str | None = None) -> list[FileRecord]:
        """Return files by state and run, in order of arrival."""
        found = self._open_files() if state in keys.OPEN_STATES else self._all_files()
        return sorted(
            (f for f in found if state in (None, f.state) and run_id in (None, f.run_id)),
            key=_order_of_arrival,
        )

    def _open_files(self) -> list[FileRecord]:
        """Return the files that are not through; the record decides in which state each is."""
        entries = self._table.items_of(keys.open_kinds())
        records = self._table.get_all(
            keys.record_key(entry["id"], date.fromisoformat(entry["day"])) for entry in entries
        )
        return [file_of(record) for record in records]

    def _all_files(self) -> list[FileRecord]:
        kinds = [kind for page in self._pages.of("files#") for kind in keys.kinds_of(page)]
        return [file_of(record) for record in self._table.items_of(kinds)]

    def files_registered(self, first: date, last: date) -> list[FileRecord]:
        """Return the files registered on some days (UTC, both included), in order of arrival."""
        wanted = {keys.month_page(day) for day in (first, last)}
        kinds = [
            kind
            for page in self._pages.of("files#")
            if min(wanted) <= page <= max(wanted)
            for kind in keys.kinds_of(page)
        ]
        # "~" comes after every character of a file's id.
        found = self._table.items_of(kinds, (first.isoformat(), f"{last.isoformat()}#~"))
        return sorted(map(file_of, found), key=_order_of_arrival)

    def claim(self, lease: Lease, run_id: str) -> list[FileRecord]:
        """Claim every registered file for a run."""
        waiting = self.files(FileState.REGISTERED)
        new = [file for file in waiting if file.sequence is None]
        first = self._reserve_sequences(lease, len(new))
        places: dict[str, Item] = {
            file.file_id: {"sequence": first + place} for place, file in enumerate(new)
        }
        changes = {
            file.file_id: {"run_id": run_id} | places.get(file.file_id, {}) for file in waiting
        }
        self._move(lease, changes, FileState.REGISTERED, FileState.CLAIMED)
        return self.files(FileState.CLAIMED, run_id)

    def _reserve_sequences(self, lease: Lease, count: int) -> int:
        """Take `count` places in the order of arrival and return the first, under the lease."""
        try:
            changed = self._table.update(
                keys.LEASE_KEY,
                "ADD #last :count",
                _LEASE_IS_CURRENT,
                {**_LEASE_NAMES, "#last": "last_sequence"},
                {**_lease_values(lease), ":count": count},
            )
        except ClientError as error:
            raise_unless_condition_failed(error)
            raise _lease_lost(lease) from error
        return int(changed["last_sequence"]) - count + 1

    def move(
        self,
        lease: Lease,
        file_ids: Iterable[str],
        from_state: FileState,
        to_state: FileState,
        changes: Mapping[str, Mapping[str, object]] | None = None,
    ) -> None:
        """Move files between states, up to 99 at a time, each time all or none."""
        if (from_state, to_state) not in ALLOWED_MOVES:
            raise ValueError(f"A file cannot move from {from_state} to {to_state}.")
        wanted = {file_id: dict((changes or {}).get(file_id, {})) for file_id in file_ids}
        unknown = {name for change in wanted.values() for name in change} - _CHANGEABLE
        if unknown:
            raise ValueError(f"A move cannot change {', '.join(sorted(unknown))}.")
        self._move(lease, wanted, from_state, to_state)

    def _move(
        self,
        lease: Lease,
        changes: Mapping[str, Item],
        from_state: FileState,
        to_state: FileState,
    ) -> None:
        """Change the records and, where files go through or come back, their entries as open."""
        stays = (from_state in keys.OPEN_STATES) == (to_state in keys.OPEN_STATES)
        steps_of_a_file = 1 if stays else 2
        # One step of each transaction is the check of the lease.
        at_once = (STEPS_IN_A_TRANSACTION - 1) // steps_of_a_file
        for file_ids in portions(list(changes), at_once):
            days = self._days_of(file_ids, from_state)
            updates = [
                self._table.setting(
                    keys.record_key(file_id, days[file_id]),
                    {**changes[file_id], "state": str(to_state)},
                    str(from_state),
                )
                for file_id in file_ids
            ]
            entries = [] if stays else [self._entry(days, each, to_state) for each in file_ids]
            self._transact(lease, file_ids, [*updates, *entries], from_state)

    def _days_of(self, file_ids: Sequence[str], wanted: FileState) -> dict[str, date]:
        found = self._table.get_all(map(keys.day_key, file_ids))
        days = {item["kind"].partition("#")[2]: date.fromisoformat(item["day"]) for item in found}
        for file_id in file_ids:
            if file_id not in days:
                raise _not_in_state(file_id, wanted)
        return days

    def _entry(self, days: Mapping[str, date], file_id: str, to_state: FileState) -> Item:
        if to_state in keys.OPEN_STATES:
            return self._table.putting(open_entry(file_id, days[file_id]))
        return self._table.deleting(keys.open_key(file_id))

    def _transact(
        self, lease: Lease, file_ids: Sequence[str], changes: Sequence[Item], wanted: FileState
    ) -> None:
        """Make changes together with a check of the lease; the first ones are those of files."""
        check = self._table.checking(
            keys.LEASE_KEY, _LEASE_IS_CURRENT, _LEASE_NAMES, _lease_values(lease)
        )
        try:
            self._table.transact([check, *changes])
        except Cancelled as error:
            if error.reasons[0] == CONDITION_FAILED:
                raise _lease_lost(lease) from error
            for file_id, reason in zip(file_ids, error.reasons[1:], strict=False):
                if reason == CONDITION_FAILED:
                    raise _not_in_state(file_id, wanted) from error
            raise

    def acquire_lease(self, owner: str, is_ended: Callable[[str], bool]) -> Lease:
        """Take the lease, or take it over from an owner that has ended."""
        seen = self._table.get(keys.LEASE_KEY) or {"epoch": 0}
        holder = seen.get("owner")
        if holder is not None and not is_ended(holder):
            raise _lease_held(holder)
        lease = Lease(owner, int(seen["epoch"]) + 1)
        try:
            self._table.update(
                keys.LEASE_KEY,
                "SET #owner = :owner, #epoch = :epoch",
                "attribute_not_exists(#epoch) OR #epoch = :seen",
                _LEASE_NAMES,
                {**_lease_values(lease), ":seen": seen["epoch"]},
            )
        except ClientError as error:
            raise_unless_condition_failed(error)
            raise _lease_held("another, at this very moment") from error
        return lease

    def check_lease(self, lease: Lease) -> None:
        """Raise LeaseLost unless the lease is still the current one."""
        if self.current_lease() != lease:
            raise _lease_lost(lease)

    def release_lease(self, lease: Lease) -> None:
        """Give the lease up."""
        try:
            self._table.update(
                keys.LEASE_KEY,
                "REMOVE #owner",
                _LEASE_IS_CURRENT,
                _LEASE_NAMES,
                _lease_values(lease),
            )
        except ClientError as error:
            raise_unless_condition_failed(error)

    def current_lease(self) -> Lease | None:
        """Return the lease that is held, if any."""
        item = self._table.get(keys.LEASE_KEY)
        return Lease(item["owner"], int(item["epoch"])) if item and "owner" in item else None

    def pause(self, reason: str) -> None:
        """Let no run begin until `resume`."""
        self._table.put({**keys.PAUSE_KEY, "reason": reason})

    def resume(self) -> None:
        """Let runs begin again."""
        self._table.delete(keys.PAUSE_KEY)

    def pause_reason(self) -> str | None:
        """Return why no run may begin; None if one may."""
        item = self._table.get(keys.PAUSE_KEY)
        return str(item["reason"]) if item else None

    def put_run(self, run: RunRecord) -> None:
        """Add or replace a run's record."""
        self._pages.note(keys.run_page(run))
        self._table.put({**keys.run_key(run), **plain(run)})

    def runs(self, limit: int | None = None) -> list[RunRecord]:
        """Return runs, newest first."""
        found: list[RunRecord] = []
        for page in reversed(self._pages.of("runs#")):
            wanted = None if limit is None else limit - len(found)
            if wanted == 0:
                break
            found += map(run_of, self._table.newest(page, wanted))
        return found


class DynamoReported:
    """What has been reported, so that event and sweep together report it once."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._table = TrackingTable(client, table)

    def claim(self, key: str) -> bool:
        """Take over the report of `key`; False when another has."""
        return self._table.put_new(keys.report_key(key))

    def forget(self, key: str) -> None:
        """Undo a claim whose report could not be sent."""
        self._table.delete(keys.report_key(key))


def registration(table: TrackingTable, file: FileRecord) -> list[Item]:
    """Return the steps that add a file's record; the first fails when the file is known."""
    day = keys.day_of(file)
    where = {**keys.day_key(file.file_id), "day": day.isoformat()}
    record = {**keys.record_key(file.file_id, day), **plain(file)}
    steps = [table.putting(where, only_new=True), table.putting(record)]
    if file.state in keys.OPEN_STATES:
        steps.append(table.putting(open_entry(file.file_id, day)))
    return steps


def open_entry(file_id: str, day: date) -> Item:
    """Return the item a file has while it is not through."""
    return {**keys.open_key(file_id), "day": day.isoformat()}


def _order_of_arrival(file: FileRecord) -> tuple[bool, int, datetime, str, str]:
    new = file.sequence is None
    return (new, file.sequence or 0, file.registered_at, file.source_file, file.file_id)


def _lease_values(lease: Lease) -> Item:
    return {":owner": lease.owner, ":epoch": lease.epoch}


def _not_in_state(file_id: str, wanted: FileState) -> ValueError:
    return ValueError(f"File {file_id} is not in state {wanted}.")


def _lease_held(owner: str) -> LeaseHeld:
    return LeaseHeld(
        f"Another run ({owner}) is writing this lake."
        " Wait until it has ended; files registered meanwhile are not lost."
    )


def _lease_lost(lease: Lease) -> LeaseLost:
    return LeaseLost(
        f"The lease of {lease.owner} (epoch {lease.epoch}) was taken over."
        " This run stops before its next commit."
    )
