"""Tracking in one DynamoDB table: files, runs and the lease.

Every record has a `kind` (hash key) and an `id` (range key). Both indexes are local ones, because
only those can be read consistently, and a claim must see every waiting file:

- `by_state`: `<state>#<file id>` for files, the lease's epoch for runs (newest last);
- `by_run`: `<run id>#<file id>` for files.

What must not happen under an old lease goes into a transaction together with a check of the lease.
DynamoDB takes 100 items in one; a larger move is several transactions, each all or none.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from metriccare.errors import LeaseHeld, LeaseLost, Refusal
from metriccare.tracking.states import (
    ALLOWED_MOVES,
    READ_FIELDS,
    FileRecord,
    FileState,
    Lease,
    RunRecord,
    RunState,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]

_FILE, _RUN, _LEASE, _REPORT = "file", "run", "lease", "report"
_LEASE_KEY = {"kind": _LEASE, "id": "lake"}
_BY_STATE, _BY_RUN = "by_state", "by_run"
_CHANGEABLE = frozenset(
    {"run_id", "rows_loaded", "rows_quarantined", "reason", "replays", *READ_FIELDS}
)
# One place of the 100 is the check of the lease.
_FILES_IN_ONE_TRANSACTION = 99
_ATTEMPTS = 6
_PASSING = frozenset(
    {
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
        "RequestLimitExceeded",
    }
)

_LEASE_IS_CURRENT = "#owner = :owner AND #epoch = :epoch"
_LEASE_NAMES = {"#owner": "owner", "#epoch": "epoch"}

_to_dynamo = TypeSerializer().serialize
_from_dynamo = TypeDeserializer().deserialize


class DynamoTracking:
    """The tracking store of a lake on AWS; every change is a conditional write."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def register(self, file: FileRecord) -> bool:
        """Add an object version; False when it is known already."""
        item = {"kind": _FILE, "id": file.file_id, **_file_order(file), **_plain(file)}
        return self._put_new(item)

    def files(self, state: FileState | None = None, run_id: str | None = None) -> list[FileRecord]:
        """Return files by state and run, in order of arrival."""
        if state is not None:
            items = self._query(_FILE, _BY_STATE, f"{state}#")
        elif run_id is not None:
            items = self._query(_FILE, _BY_RUN, f"{run_id}#")
        else:
            items = self._query(_FILE)
        found = [_file(item) for item in items]
        return sorted((f for f in found if run_id in (None, f.run_id)), key=_order_of_arrival)

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
            answer = self._client.update_item(
                TableName=self._table,
                Key=_serialized(_LEASE_KEY),
                UpdateExpression="ADD #last :count",
                ConditionExpression=_LEASE_IS_CURRENT,
                ExpressionAttributeNames={**_LEASE_NAMES, "#last": "last_sequence"},
                ExpressionAttributeValues=_serialized({**_lease_values(lease), ":count": count}),
                ReturnValues="ALL_NEW",
            )
        except ClientError as error:
            _raise_unless_refused(error)
            raise _lease_lost(lease) from error
        return int(_from_dynamo(answer["Attributes"]["last_sequence"])) - count + 1

    def move(
        self,
        lease: Lease,
        file_ids: Iterable[str],
        from_state: FileState,
        to_state: FileState,
        changes: Mapping[str, Mapping[str, object]] | None = None,
    ) -> None:
        """Move files between states, 99 at a time, each time all or none."""
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
        for file_ids in _portions(list(changes), _FILES_IN_ONE_TRANSACTION):
            updates = [
                self._update_of(file_id, from_state, to_state, changes[file_id])
                for file_id in file_ids
            ]
            self._transact(lease, file_ids, updates, from_state)

    def _update_of(
        self, file_id: str, from_state: FileState, to_state: FileState, changes: Item
    ) -> Item:
        values = {**changes, "state": str(to_state), "state_order": f"{to_state}#{file_id}"}
        if changes.get("run_id"):
            values["run_order"] = f"{changes['run_id']}#{file_id}"
        return {
            "TableName": self._table,
            "Key": _serialized({"kind": _FILE, "id": file_id}),
            "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in values),
            "ConditionExpression": "#state = :from",
            "ExpressionAttributeNames": {f"#{name}": name for name in values},
            "ExpressionAttributeValues": _serialized(
                {f":{name}": value for name, value in values.items()} | {":from": str(from_state)}
            ),
        }

    def _transact(
        self, lease: Lease, file_ids: Sequence[str], updates: Sequence[Item], wanted: FileState
    ) -> None:
        """Write updates together with a check of the lease; conflicts are tried again."""
        steps = [self._lease_check(lease), *({"Update": update} for update in updates)]
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._client.transact_write_items(TransactItems=steps)  # type: ignore[arg-type]
            except self._client.exceptions.TransactionCanceledException as error:
                reasons = [reason.get("Code") for reason in error.response["CancellationReasons"]]
                if not _PASSING & set(reasons) or attempt == _ATTEMPTS:
                    raise _refusal(lease, file_ids, reasons, wanted) from error
                time.sleep(0.05 * 2**attempt)
            else:
                return

    def _lease_check(self, lease: Lease) -> Item:
        return {
            "ConditionCheck": {
                "TableName": self._table,
                "Key": _serialized(_LEASE_KEY),
                "ConditionExpression": _LEASE_IS_CURRENT,
                "ExpressionAttributeNames": _LEASE_NAMES,
                "ExpressionAttributeValues": _serialized(_lease_values(lease)),
            }
        }

    def acquire_lease(self, owner: str, is_ended: Callable[[str], bool]) -> Lease:
        """Take the lease, or take it over from an owner that has ended."""
        seen = self._get(_LEASE_KEY) or {"epoch": 0}
        holder = seen.get("owner")
        if holder is not None and not is_ended(holder):
            raise _lease_held(holder)
        lease = Lease(owner, int(seen["epoch"]) + 1)
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_serialized(_LEASE_KEY),
                UpdateExpression="SET #owner = :owner, #epoch = :epoch",
                ConditionExpression="attribute_not_exists(#epoch) OR #epoch = :seen",
                ExpressionAttributeNames=_LEASE_NAMES,
                ExpressionAttributeValues=_serialized(
                    {**_lease_values(lease), ":seen": seen["epoch"]}
                ),
            )
        except ClientError as error:
            _raise_unless_refused(error)
            raise _lease_held("another, at this very moment") from error
        return lease

    def check_lease(self, lease: Lease) -> None:
        """Raise LeaseLost unless the lease is still the current one."""
        if self.current_lease() != lease:
            raise _lease_lost(lease)

    def release_lease(self, lease: Lease) -> None:
        """Give the lease up."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_serialized(_LEASE_KEY),
                UpdateExpression="REMOVE #owner",
                ConditionExpression=_LEASE_IS_CURRENT,
                ExpressionAttributeNames=_LEASE_NAMES,
                ExpressionAttributeValues=_serialized(_lease_values(lease)),
            )
        except ClientError as error:
            _raise_unless_refused(error)

    def current_lease(self) -> Lease | None:
        """Return the lease that is held, if any."""
        item = self._get(_LEASE_KEY)
        return Lease(item["owner"], int(item["epoch"])) if item and "owner" in item else None

    def put_run(self, run: RunRecord) -> None:
        """Add or replace a run's record."""
        order = {"state_order": f"{run.epoch:012d}"}
        item = {"kind": _RUN, "id": run.run_id, **order, **_plain(run)}
        self._client.put_item(TableName=self._table, Item=_serialized(item))

    def runs(self, limit: int | None = None) -> list[RunRecord]:
        """Return runs, newest first."""
        return [_run(item) for item in self._query(_RUN, _BY_STATE, newest_first=True, limit=limit)]

    def _get(self, key: Item) -> Item | None:
        answer = self._client.get_item(
            TableName=self._table, Key=_serialized(key), ConsistentRead=True
        )
        return _deserialized(answer["Item"]) if "Item" in answer else None

    def _put_new(self, item: Item) -> bool:
        return put_new(self._client, self._table, item)

    def _query(
        self,
        kind: str,
        index: str | None = None,
        prefix: str = "",
        *,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> list[Item]:
        """Return all records of a kind, those of an index whose sort key begins with the prefix."""
        request: Item = {
            "TableName": self._table,
            "ConsistentRead": True,
            "ScanIndexForward": not newest_first,
            "KeyConditionExpression": "#kind = :kind",
            "ExpressionAttributeNames": {"#kind": "kind"},
            "ExpressionAttributeValues": _serialized({":kind": kind}),
        }
        if index is not None:
            request["IndexName"] = index
        if prefix:
            request["KeyConditionExpression"] += " AND begins_with(#order, :prefix)"
            request["ExpressionAttributeNames"]["#order"] = _sort_key(index)
            request["ExpressionAttributeValues"][":prefix"] = _to_dynamo(prefix)
        if limit is not None:
            return self._page(request | {"Limit": limit})
        pages = self._client.get_paginator("query").paginate(**request)
        return [_deserialized(item) for page in pages for item in page["Items"]]

    def _page(self, request: Item) -> list[Item]:
        return [_deserialized(item) for item in self._client.query(**request)["Items"]]


class DynamoReported:
    """What has been reported, so that event and sweep together say it once."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def claim(self, key: str) -> bool:
        """Take it on oneself to report `key`; False when somebody has."""
        return put_new(self._client, self._table, {"kind": _REPORT, "id": key})

    def forget(self, key: str) -> None:
        """Undo a claim whose report could not be sent."""
        self._client.delete_item(
            TableName=self._table, Key=_serialized({"kind": _REPORT, "id": key})
        )


def put_new(client: DynamoDBClient, table: str, item: Item) -> bool:
    """Put a record whose id is new; False when it exists already."""
    try:
        client.put_item(
            TableName=table,
            Item=_serialized(item),
            ConditionExpression="attribute_not_exists(#id)",
            ExpressionAttributeNames={"#id": "id"},
        )
    except ClientError as error:
        _raise_unless_refused(error)
        return False
    return True


def _sort_key(index: str | None) -> str:
    return {_BY_STATE: "state_order", _BY_RUN: "run_order", None: "id"}[index]


def _portions(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (values[start : start + size] for start in range(0, len(values), size))


def _order_of_arrival(file: FileRecord) -> tuple[bool, int, datetime, str]:
    return (file.sequence is None, file.sequence or 0, file.registered_at, file.source_file)


def _file_order(file: FileRecord) -> Item:
    order = {"state_order": f"{file.state}#{file.file_id}"}
    return order | ({"run_order": f"{file.run_id}#{file.file_id}"} if file.run_id else {})


def _lease_values(lease: Lease) -> Item:
    return {":owner": lease.owner, ":epoch": lease.epoch}


def _plain(record: FileRecord | RunRecord) -> Item:
    """Return a record's fields as DynamoDB takes them; absent instead of null."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(record).items()
        if value is not None
    }


def _serialized(item: Mapping[str, Any]) -> Item:
    return {name: _to_dynamo(_text(value)) for name, value in item.items()}


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, FileState | RunState) else value


def _deserialized(item: Mapping[str, Any]) -> Item:
    return {name: _from_dynamo(value) for name, value in item.items()}


def _file(item: Item) -> FileRecord:
    return FileRecord(**_fields_of(FileRecord, item, FileState))


def _run(item: Item) -> RunRecord:
    return RunRecord(**_fields_of(RunRecord, item, RunState))


_TIMES = frozenset({"registered_at", "started_at", "ended_at"})


def _fields_of(
    record: type[FileRecord | RunRecord], item: Item, state: type[FileState | RunState]
) -> Item:
    """Return the record's fields from an item; numbers come back from DynamoDB as decimals."""
    names = (field.name for field in fields(record))
    values = {name: item[name] for name in names if item.get(name) is not None}
    for name, value in values.items():
        if name in _TIMES:
            values[name] = datetime.fromisoformat(value)
        elif name == "state":
            values[name] = state(value)
        elif name == "refused":
            values[name] = tuple(Refusal(*one) for one in value)
        elif name == "rebuild":
            values[name] = tuple(value)
        elif not isinstance(value, str):
            values[name] = int(value)
    return values


def _raise_unless_refused(error: ClientError) -> None:
    if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
        raise error


def _refusal(
    lease: Lease, file_ids: Sequence[str], reasons: Sequence[str | None], wanted: FileState
) -> Exception:
    """Return what a cancelled transaction means: the first reason is the lease's."""
    if reasons[0] == "ConditionalCheckFailed":
        return _lease_lost(lease)
    refused = [
        file_id
        for file_id, reason in zip(file_ids, reasons[1:], strict=True)
        if reason == "ConditionalCheckFailed"
    ]
    if refused:
        return ValueError(f"File {refused[0]} is not in state {wanted}.")
    return RuntimeError(f"DynamoDB cancelled a transaction: {', '.join(map(str, set(reasons)))}.")


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
