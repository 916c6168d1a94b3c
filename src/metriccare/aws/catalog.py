"""The Glue catalog as jobs see it: partitions they add, columns that must be as declared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from metriccare import naming
from metriccare.errors import SchemaMismatch
from metriccare.settings import Lake
from metriccare.tables import Table
from metriccare.tables.declaration import PARTITION_COLUMN
from metriccare.tables.types import hive_type

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client

_HUDI_PREFIX = "_hoodie_"


def check_columns(client: GlueClient, workspace: str, tables: Iterable[Table]) -> None:
    """Raise SchemaMismatch when the catalog has other columns than the code writes.

    That is a package deployed without its infrastructure, or the other way round.
    """
    for table in tables:
        found = _catalog_table(client, workspace, table)["StorageDescriptor"]["Columns"]
        registered = {c["Name"]: c["Type"] for c in found if not c["Name"].startswith(_HUDI_PREFIX)}
        declared = {c.name: hive_type(c.type) for c in table.columns if c.name != PARTITION_COLUMN}
        if registered != declared:
            differing = sorted(set(registered.items()) ^ set(declared.items()))
            raise SchemaMismatch(
                f"The catalog's {table.full_name} differs from the code in {differing[0][0]}."
                " Apply Terraform and deploy the package from the same commit."
            )


def register_partitions(
    glue: GlueClient, s3: S3Client, lake: Lake, workspace: str, tables: Iterable[Table]
) -> int:
    """Register the tenants that have files and no partition yet; return how many. Idempotent."""
    return sum(_register(glue, s3, lake, workspace, table) for table in tables)


def _register(glue: GlueClient, s3: S3Client, lake: Lake, workspace: str, table: Table) -> int:
    database = naming.database(table.layer, workspace)
    pages = glue.get_paginator("get_partitions").paginate(
        DatabaseName=database, TableName=table.name, ExcludeColumnSchema=True
    )
    known = {partition["Values"][0] for page in pages for partition in page["Partitions"]}
    missing = [tenant for tenant in _tenants(s3, lake, table) if tenant not in known]
    if not missing:
        return 0
    descriptor: Any = _catalog_table(glue, workspace, table)["StorageDescriptor"]
    inputs: Any = [
        {
            "Values": [tenant],
            "StorageDescriptor": {
                **descriptor,
                "Location": f"{lake.path(table.path)}/{PARTITION_COLUMN}={tenant}",
            },
        }
        for tenant in missing
    ]
    glue.batch_create_partition(
        DatabaseName=database,
        TableName=table.name,
        PartitionInputList=inputs,
    )
    return len(missing)


def _tenants(s3: S3Client, lake: Lake, table: Table) -> list[str]:
    """Return the tenants whose folder the table has."""
    bucket, key = naming.bucket_and_key(lake.path(table.path))
    marker = f"{PARTITION_COLUMN}="
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=f"{key}/{marker}", Delimiter="/"
    )
    folders = [one["Prefix"] for page in pages for one in page.get("CommonPrefixes", [])]
    return sorted(folder.rstrip("/").rpartition(marker)[2] for folder in folders)


def _catalog_table(client: GlueClient, workspace: str, table: Table) -> Any:
    database = naming.database(table.layer, workspace)
    return client.get_table(DatabaseName=database, Name=table.name)["Table"]
