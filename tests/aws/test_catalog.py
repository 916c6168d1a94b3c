"""The catalog's partitions: every tenant with files, with the columns its table has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from metriccare import naming
from metriccare.aws.catalog import register_partitions
from metriccare.errors import CatalogRefused
from metriccare.settings import Lake
from metriccare.tables import TABLES

BUCKET = "metriccare-lake-123456789012-test"
LAKE = Lake(f"s3://{BUCKET}")
TABLE = next(table for table in TABLES if table.layer == "publish")
DATABASE = naming.database(TABLE.layer, "test")
COLUMNS = [{"Name": "measure", "Type": "string"}]


@pytest.fixture
def glue(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        glue = boto3.client("glue")
        glue.create_database(DatabaseInput={"Name": DATABASE})
        glue.create_table(DatabaseName=DATABASE, TableInput=table_input(COLUMNS))
        yield glue


def table_input(columns: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "Name": TABLE.name,
        "StorageDescriptor": {"Columns": columns, "Location": LAKE.path(TABLE.path)},
        "PartitionKeys": [{"Name": "tenant", "Type": "string"}],
    }


def send(*tenants: str) -> None:
    _, folder = naming.bucket_and_key(LAKE.path(TABLE.path))
    for tenant in tenants:
        boto3.client("s3").put_object(Bucket=BUCKET, Key=f"{folder}/tenant={tenant}/a.parquet")


def register(glue: Any) -> int:
    return register_partitions(glue, boto3.client("s3"), LAKE, "test", [TABLE])


def partitions(glue: Any) -> dict[str, Any]:
    pages = glue.get_paginator("get_partitions").paginate(
        DatabaseName=DATABASE, TableName=TABLE.name
    )
    return {
        partition["Values"][0]: partition["StorageDescriptor"]
        for page in pages
        for partition in page["Partitions"]
    }


def test_150_new_tenants_are_registered_in_portions_of_100(glue):
    tenants = [f"tenant-{number:03d}" for number in range(150)]
    send(*tenants)
    sizes: list[int] = []
    glue.meta.events.register(
        "provide-client-params.glue.BatchCreatePartition",
        lambda params, **_: sizes.append(len(params["PartitionInputList"])),
    )
    assert register(glue) == 150
    assert sizes == [100, 50]
    assert sorted(partitions(glue)) == tenants
    assert register(glue) == 0


def test_partitions_get_the_columns_their_table_got(glue):
    send("north", "south")
    register(glue)
    wider = [*COLUMNS, {"Name": "rate", "Type": "double"}]
    glue.update_table(DatabaseName=DATABASE, TableInput=table_input(wider))
    send("west")
    assert register(glue) == 1
    found = partitions(glue)
    assert {tenant: place["Columns"] for tenant, place in found.items()} == dict.fromkeys(
        ("north", "south", "west"), wider
    )
    assert found["north"]["Location"] == f"{LAKE.path(TABLE.path)}/tenant=north"


def answer_with_error(glue: Any, code: str) -> None:
    """Have Glue answer, besides what it did, an error for one partition."""
    error = {"PartitionValues": ["north"], "ErrorDetail": {"ErrorCode": code}}

    def answered(parsed: Any, **_: object) -> None:
        parsed["Errors"] = [error]

    glue.meta.events.register("after-call.glue.BatchCreatePartition", answered)


def test_a_partition_that_another_run_registered_is_no_error(glue):
    send("north")
    answer_with_error(glue, "AlreadyExistsException")
    assert register(glue) == 1


def test_a_partition_that_glue_refuses_is_an_error_that_says_what_to_do(glue):
    send("north")
    answer_with_error(glue, "ResourceNumberLimitExceededException")
    with pytest.raises(CatalogRefused, match="Glue refused 1 partitions"):
        register(glue)
