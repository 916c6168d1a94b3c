"""The table `serving`: sessions, saved views, exports and counters of limits, by `kind` and `id`.

Items with `expires` (seconds since 1970) are removed by DynamoDB some time after; readers treat
them as gone at once. Every read is consistent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from metriccare.aws.keyed_table import KeyedTable, raise_unless_condition_failed
from metriccare.aws.tracking_items import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EXPIRES = "expires"


class ServingTable:
    """What is kept of readers, by kind and id."""

    def __init__(self, client: DynamoDBClient, name: str) -> None:
        self._table = KeyedTable(client, name)

    def get(self, kind: str, id_: str) -> Item | None:
        """Return an item."""
        return self._table.get(_key(kind, id_))

    def of(self, kind: str) -> list[Item]:
        """Return the items of a kind."""
        return self._table.items(kind)

    def put(self, item: Item) -> None:
        """Write an item in place of the one of its key."""
        self._table.put(item)

    def put_if(self, item: Item, condition: str, values: Mapping[str, Any]) -> bool:
        """Write an item if the one of its key meets a condition; return whether it did."""
        return self._table.put_if(item, condition, values)

    def change_if(
        self, key: tuple[str, str], change: str, condition: str, values: Mapping[str, Any]
    ) -> Item | None:
        """Change an item that meets a condition and return it as it is now; None if none does."""
        try:
            return self._table.update(_key(*key), change, condition, {}, dict(values))
        except ClientError as error:
            raise_unless_condition_failed(error)
            return None

    def remove(self, kind: str, id_: str) -> None:
        """Remove an item; nothing happens if it does not exist."""
        self._table.delete(_key(kind, id_))


def _key(kind: str, id_: str) -> Item:
    return {"kind": kind, "id": id_}


def hashed(*words: str) -> str:
    """Return words of a person or their issuer as a key that does not show them."""
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()
