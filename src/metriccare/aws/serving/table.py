"""The table `serving`: sessions, saved views, exports and counters of limits, by `kind` and `id`.

Items with `expires` (seconds since 1970) are removed by DynamoDB some time after; readers treat
them as gone at once. Every read is consistent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from metriccare.aws.tracking_items import Item, deserialized, serialized

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EXPIRES = "expires"


class ServingTable:
    """One table with the keys `kind` and `id`."""

    def __init__(self, client: DynamoDBClient, name: str) -> None:
        self._client, self._name = client, name

    def get(self, kind: str, id_: str) -> Item | None:
        """Return an item."""
        key = serialized({"kind": kind, "id": id_})
        found = self._client.get_item(TableName=self._name, Key=key, ConsistentRead=True)
        return deserialized(found["Item"]) if "Item" in found else None

    def of(self, kind: str) -> Iterator[Item]:
        """Yield the items of a kind."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._name,
            KeyConditionExpression="kind = :kind",
            ExpressionAttributeValues=serialized({":kind": kind}),
            ConsistentRead=True,
        )
        for page in pages:
            yield from map(deserialized, page["Items"])

    def put(self, item: Item) -> None:
        """Write an item in place of the one of its key."""
        self._client.put_item(TableName=self._name, Item=serialized(item))

    def put_if(self, item: Item, condition: str, values: Mapping[str, Any]) -> bool:
        """Write an item if the one of its key meets a condition; return whether it did."""
        more = {"ExpressionAttributeValues": serialized(values)} if values else {}
        try:
            self._client.put_item(
                TableName=self._name,
                Item=serialized(item),
                ConditionExpression=condition,
                **more,  # type: ignore[arg-type]
            )
        except ClientError as error:
            return _is_unmet(error)
        return True

    def change_if(
        self, key: tuple[str, str], change: str, condition: str, values: Mapping[str, Any]
    ) -> Item | None:
        """Change an item that meets a condition and return it as it is now; None if none does."""
        try:
            found = self._client.update_item(
                TableName=self._name,
                Key=serialized({"kind": key[0], "id": key[1]}),
                UpdateExpression=change,
                ConditionExpression=condition,
                ExpressionAttributeValues=serialized(values),
                ReturnValues="ALL_NEW",
            )
        except ClientError as error:
            _is_unmet(error)
            return None
        return deserialized(found["Attributes"])

    def remove(self, kind: str, id_: str) -> None:
        """Remove an item; nothing happens if it does not exist."""
        self._client.delete_item(TableName=self._name, Key=serialized({"kind": kind, "id": id_}))


def _is_unmet(error: ClientError) -> bool:
    """Return False for a condition that was not met; every other error is raised."""
    if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
        raise error
    return False


def hashed(*words: str) -> str:
    """Return words of a person or their issuer as a key that does not show them."""
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()
