"""The tracking table as terraform/tracking.tf declares it, in a moto of this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto import mock_aws

TABLE = "metriccare_tracking_test"


@contextmanager
def tracking_table() -> Iterator[object]:
    """Yield a DynamoDB client with the tracking table."""
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        create_tracking_table(client)
        yield client


def create_tracking_table(client: Any) -> None:
    """Create the table in whatever account the client reaches."""
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_keys("id"),
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"}
            for name in ("kind", "id", "state_order", "run_order")
        ],
        LocalSecondaryIndexes=[
            {
                "IndexName": name,
                "KeySchema": _keys(sort_key),
                "Projection": {"ProjectionType": "ALL"},
            }
            for name, sort_key in (("by_state", "state_order"), ("by_run", "run_order"))
        ],
    )


def _keys(sort_key: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": "kind", "KeyType": "HASH"},
        {"AttributeName": sort_key, "KeyType": "RANGE"},
    ]
