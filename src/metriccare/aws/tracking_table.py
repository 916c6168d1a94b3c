"""The tracking table as its calls see it: reads that miss nothing, writes with conditions.

Every read is strongly consistent. Lists over several hash keys are read at the same time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

from metriccare.aws.tracking_items import Item, deserialized, serialized

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

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


class TrackingTable:
    """One table with the keys `kind` and `id`."""

    def __init__(self, client: DynamoDBClient, name: str) -> None:
        self._client = client
        self.name = name

    def get(self, key: Item) -> Item | None:
        """Return the item with a key."""
        answer = self._client.get_item(
            TableName=self.name, Key=serialized(key), ConsistentRead=True
        )
        return deserialized(answer["Item"]) if "Item" in answer else None

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
        return self._read_at_once(lambda kind: self._items_of(kind, ids), list(kinds))

    def _items_of(self, kind: str, ids: tuple[str, str] | None) -> list[Item]:
        pages = self._client.get_paginator("query").paginate(**self._query(kind, ids))
        return [deserialized(item) for page in pages for item in page["Items"]]

    def newest(self, kind: str, limit: int | None) -> list[Item]:
        """Return the items of a hash key, the highest range keys first."""
        request = {**self._query(kind), "ScanIndexForward": False}
        if limit is not None:
            return [
                deserialized(item) for item in self._client.query(**request, Limit=limit)["Items"]
            ]
        pages = self._client.get_paginator("query").paginate(**request)
        return [deserialized(item) for page in pages for item in page["Items"]]

    def _query(self, kind: str, ids: tuple[str, str] | None = None) -> Item:
        request: Item = {
            "TableName": self.name,
            "ConsistentRead": True,
            "KeyConditionExpression": "#kind = :kind",
            "ExpressionAttributeNames": {"#kind": "kind"},
            "ExpressionAttributeValues": serialized({":kind": kind}),
        }
        if ids is not None:
            request["KeyConditionExpression"] += " AND #id BETWEEN :first AND :last"
            request["ExpressionAttributeNames"]["#id"] = "id"
            first, last = ids
            request["ExpressionAttributeValues"] |= serialized({":first": first, ":last": last})
        return request

    def _read_at_once(self, read: Callable[[_T], list[Item]], parts: Sequence[_T]) -> list[Item]:
        if len(parts) < 2:  # one part needs no thread
            return [item for part in parts for item in read(part)]
        with ThreadPoolExecutor(min(len(parts), _READS_AT_ONCE)) as readers:
            return [item for found in readers.map(read, parts) for item in found]

    def put(self, item: Item) -> None:
        """Add or replace an item."""
        self._client.put_item(TableName=self.name, Item=serialized(item))

    def put_new(self, item: Item) -> bool:
        """Add an item; False when its key exists already."""
        try:
            self._client.put_item(TableName=self.name, Item=serialized(item), **_IS_NEW)
        except ClientError as error:
            raise_unless_condition_failed(error)
            return False
        return True

    def delete(self, key: Item) -> None:
        """Remove the item with a key, if it is there."""
        self._client.delete_item(TableName=self.name, Key=serialized(key))

    def update(
        self, key: Item, expression: str, condition: str, names: Mapping[str, str], values: Item
    ) -> Item:
        """Change an item and return it as it is then. Raises ClientError if the condition fails."""
        answer = self._client.update_item(
            TableName=self.name,
            Key=serialized(key),
            UpdateExpression=expression,
            ConditionExpression=condition,
            ExpressionAttributeNames=dict(names),
            ExpressionAttributeValues=serialized(values),
            ReturnValues="ALL_NEW",
        )
        return deserialized(answer["Attributes"])

    def putting(self, item: Item, *, only_new: bool = False) -> Item:
        """Return the step of a transaction that adds or replaces an item."""
        condition = _IS_NEW if only_new else {}
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


_IS_NEW: dict[str, Any] = {
    "ConditionExpression": "attribute_not_exists(#id)",
    "ExpressionAttributeNames": {"#id": "id"},
}


def _reason(reason: Mapping[str, Any]) -> str | None:
    code = reason.get("Code")
    return None if code == "None" else code


def raise_unless_condition_failed(error: ClientError) -> None:
    """Raise an error that is not about a condition."""
    if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
        raise error


def portions(values: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    """Return the values in portions of a size."""
    return (values[start : start + size] for start in range(0, len(values), size))
