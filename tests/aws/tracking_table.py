"""The tracking table as terraform/tracking.tf declares it, in a moto of this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto import mock_aws

TABLE = "metriccare_tracking_2_test"


@contextmanager
def tracking_table() -> Iterator[Any]:
    """Yield a DynamoDB client with the tracking table."""
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        create_tracking_table(client)
        yield client


def create_tracking_table(client: Any) -> None:
    """Create the table in whatever account the client reaches."""
    create_keyed_table(client, TABLE)


def create_keyed_table(client: Any, name: str) -> None:
    """Create a table as terraform/modules/dynamodb_table declares it for us."""
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "kind", "KeyType": "HASH"},
            {"AttributeName": "id", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("kind", "id")
        ],
    )
