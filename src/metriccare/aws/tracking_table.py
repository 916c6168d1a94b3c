"""The tracking table as its calls see it: lists over several hash keys, and transactions.

Lists over several hash keys are read at the same time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from metriccare.aws.keyed_table import IS_NEW, KeyedTable
from metriccare.aws.tracking_items import Item, deserialized, serialized

_T = TypeVar("_T")

# DynamoDB's limits.
STEPS_IN_A_TRANSACTION = 100
_KEYS_IN_A_READ = 100
# One for each shard; a client keeps 10 connections.
_READS_AT_ONCE = 8
# 0.1 s before the second try and 3.2 s before the last: a conflict lasts as long as one call.
_ATTEMPTS = 6
_FIRST_PAUSE_SECONDS = 0.05
_PASSING = frozenset(
    {
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
        "RequestLimitExceeded",
    }
)
CONDITION_FAILED = "ConditionalCheckFailed"


class Cancelled(Exception):
    """DynamoDB refused a transaction; `reasons` has one for each step, None where it was fine."""

    def __init__(self, reasons: Sequence[str | None]) -> None:
        self.reasons = reasons
        super().__init__(f"DynamoDB cancelled a transaction: {', '.join(map(str, set(reasons)))}.")


class TrackingTable(KeyedTable):
    """Reads of many keys at once, and transactions."""

    def get_all(self, keys: Iterable[Item]) -> list[Item]:
        """Return the items that are there, in no order."""
        wanted = [serialized(key) for key in keys]
        return self._read_at_once(self._batch, list(portions(wanted, _KEYS_IN_A_READ)))

    def _batch(self, keys: Sequence[Item]) -> list[Item]:
        found: list[Item] = []
        asked: Any = {self.name: {"Keys": keys, "ConsistentRead": True}}
        for attempt in range(_ATTEMPTS):
            answer = self._client.batch_get_item(RequestItems=asked)
            found += [deserialized(item) for item in answer["Responses"].get(self.name, [])]
            asked = answer.get("UnprocessedKeys")
            if not asked:
                return found
            time.sleep(_FIRST_PAUSE_SECONDS * 2**attempt)
        raise TimeoutError(
            f"DynamoDB did not answer for all keys of {self.name}. The next run asks again."
        )

    def items_of(self, kinds: Iterable[str], ids: tuple[str, str] | None = None) -> list[Item]:
        """Return all items of some hash keys; `ids` are the first and last range keys wanted."""
        return self._read_at_once(lambda kind: self.items(kind, ids), list(kinds))

    def newest(self, kind: str, limit: int | None) -> list[Item]:
        """Return the items of a hash key, the highest range keys first."""
        request = {**self.query(kind), "ScanIndexForward": False}
        if limit is not None:
            return [
                deserialized(item) for item in self._client.query(**request, Limit=limit)["Items"]
            ]
        pages = self._client.get_paginator("query").paginate(**request)
        return [deserialized(item) for page in pages for item in page["Items"]]

    def _read_at_once(self, read: Callable[[_T], list[Item]], parts: Sequence[_T]) -> list[Item]:
        if len(parts) < 2:  # one part needs no thread
            return [item for part in parts for item in read(part)]
        with ThreadPoolExecutor(min(len(parts), _READS_AT_ONCE)) as readers:
            return [item for found in readers.map(read, parts) for item in found]

    def putting(self, item: Item, *, only_new: bool = False) -> Item:
        """Return the step of a transaction that adds or replaces an item."""
        condition = IS_NEW if only_new else {}
        return {"Put": {"TableName": self.name, "Item": serialized(item), **condition}}

    def deleting(self, key: Item) -> Item:
        """Return the step of a transaction that removes an item."""
        return {"Delete": {"TableName": self.name, "Key": serialized(key)}}

    def checking(self, key: Item, condition: str, names: Mapping[str, str], values: Item) -> Item:
        """Return the step of a transaction that requires something of an item."""
        return {
            "ConditionCheck": {
                "TableName": self.name,
                "Key": serialized(key),
                "ConditionExpression": condition,
                "ExpressionAttributeNames": dict(names),
                "ExpressionAttributeValues": serialized(values),
            }
        }

    def setting(self, key: Item, changes: Item, state: str) -> Item:
        """Return the step of a transaction that changes an item that is in a state."""
        return {
            "Update": {
                "TableName": self.name,
                "Key": serialized(key),
                "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in changes),
                "ConditionExpression": "#state = :from",
                "ExpressionAttributeNames": {f"#{name}": name for name in changes},
                "ExpressionAttributeValues": serialized(
                    {f":{name}": value for name, value in changes.items()} | {":from": state}
                ),
            }
        }

    def transact(self, steps: Sequence[Item]) -> None:
        """Take all steps or none; a conflict with another call is tried again.

        Raises Cancelled when a condition does not hold.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._client.transact_write_items(TransactItems=steps)  # type: ignore[arg-type]
            except self._client.exceptions.TransactionCanceledException as error:
                reasons = [_reason(each) for each in error.response["CancellationReasons"]]
                if not _PASSING & set(reasons) or attempt == _ATTEMPTS:
                    raise Cancelled(reasons) from error
                time.sleep(_FIRST_PAUSE_SECONDS * 2**attempt)
            else:
                return


def _reason(reason: Mapping[str, Any]) -> str | None:
    code = reason.get("Code")
    return None if code == "None" else code


def portions(values: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    """Return the values in portions of a size."""
    return (values[start : start + size] for start in range(0, len(values), size))
