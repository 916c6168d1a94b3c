"""A DynamoDB table with the keys `kind` and `id`: reads that miss nothing, conditional writes.

Every read is strongly consistent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from metriccare.aws.tracking_items import Item, deserialized, serialized

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

IS_NEW: Mapping[str, Any] = {
    "ConditionExpression": "attribute_not_exists(#id)",
    "ExpressionAttributeNames": {"#id": "id"},
}


class KeyedTable:
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

    def items(self, kind: str, ids: tuple[str, str] | None = None) -> list[Item]:
        """Return all items of a hash key; `ids` are the first and last range keys wanted."""
        pages = self._client.get_paginator("query").paginate(**self.query(kind, ids))
        return [deserialized(item) for page in pages for item in page["Items"]]

    def query(self, kind: str, ids: tuple[str, str] | None = None) -> Item:
        """Return the request that asks for the items of a hash key."""
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

    def put(self, item: Item) -> None:
        """Add or replace an item."""
        self._client.put_item(TableName=self.name, Item=serialized(item))

    def put_new(self, item: Item) -> bool:
        """Add an item; False when its key exists already."""
        return self._put_if(item, IS_NEW)

    def put_if(self, item: Item, condition: str, values: Mapping[str, Any]) -> bool:
        """Write an item if the one of its key meets a condition; False when it does not."""
        return self._put_if(item, {"ConditionExpression": condition, **_with(values)})

    def _put_if(self, item: Item, condition: Mapping[str, Any]) -> bool:
        try:
            self._client.put_item(TableName=self.name, Item=serialized(item), **condition)
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
            **_with(values, names),
            ReturnValues="ALL_NEW",
        )
        return deserialized(answer["Attributes"])


def _with(values: Mapping[str, Any], names: Mapping[str, str] | None = None) -> Item:
    """Return the arguments that give a condition values and names; DynamoDB refuses empty ones."""
    given = {
        "ExpressionAttributeValues": serialized(values),
        "ExpressionAttributeNames": dict(names or {}),
    }
    return {argument: content for argument, content in given.items() if content}


def raise_unless_condition_failed(error: ClientError) -> None:
    """Raise an error that is not about a condition."""
    if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
        raise error
