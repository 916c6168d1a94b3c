"""The Glue catalog as jobs see it: partitions they add, columns that must be as declared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from metriccare import naming
from metriccare.errors import CatalogRefused, SchemaMismatch
from metriccare.settings import Lake
from metriccare.tables import Table
from metriccare.tables.declaration import PARTITION_COLUMN
from metriccare.tables.types import hive_type

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client

_HUDI_PREFIX = "_hoodie_"
# The limit of BatchCreatePartition and BatchUpdatePartition.
_PARTITIONS_AT_ONCE = 100
_IS_THERE = "AlreadyExistsException"


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
    """Register the tenants that have files and no partition yet; return how many.

    Partitions whose columns are not those of their table are updated: readers may go by them.
    Raises CatalogRefused if Glue does not take a partition, unless it is there already.
    """
    return sum(_register(glue, s3, lake, workspace, table) for table in tables)


def _register(glue: GlueClient, s3: S3Client, lake: Lake, workspace: str, table: Table) -> int:
    known = _known_partitions(glue, workspace, table)
    tenants = _tenants(s3, lake, table)
    if not tenants and not known:
        return 0
    descriptor = _catalog_table(glue, workspace, table)["StorageDescriptor"]
    inputs = {
        tenant: {
            "Values": [tenant],
            "StorageDescriptor": {
                **descriptor,
                "Location": f"{lake.path(table.path)}/{PARTITION_COLUMN}={tenant}",
            },
        }
        for tenant in {*tenants, *known}
    }
    missing = [tenant for tenant in tenants if tenant not in known]
    outdated = sorted(t for t, columns in known.items() if columns != descriptor["Columns"])
    named = {"DatabaseName": naming.database(table.layer, workspace), "TableName": table.name}
    for some in _portions(missing):
        wanted: Any = [inputs[tenant] for tenant in some]
        answer = glue.batch_create_partition(**named, PartitionInputList=wanted)
        _raise_unless_there(answer.get("Errors", []), table)
    for some in _portions(outdated):
        changed: Any = [
            {"PartitionValueList": [tenant], "PartitionInput": inputs[tenant]} for tenant in some
        ]
        updated = glue.batch_update_partition(**named, Entries=changed)
        _raise_unless_there(updated.get("Errors", []), table)
    return len(missing)


def _known_partitions(glue: GlueClient, workspace: str, table: Table) -> dict[str, Any]:
    """Return the columns of each registered tenant's partition."""
    pages = glue.get_paginator("get_partitions").paginate(
        DatabaseName=naming.database(table.layer, workspace), TableName=table.name
    )
    return {
        partition["Values"][0]: partition["StorageDescriptor"].get("Columns", [])
        for page in pages
        for partition in page["Partitions"]
    }


def _raise_unless_there(errors: Sequence[Any], table: Table) -> None:
    """Raise CatalogRefused for an error other than that another run registered the partition."""
    codes = [error.get("ErrorDetail", {}).get("ErrorCode", "no reason") for error in errors]
    refused = [code for code in codes if code != _IS_THERE]
    if refused:
        raise CatalogRefused(
            f"Glue refused {len(refused)} partitions of {table.full_name} ({refused[0]})."
            " Athena does not see these tenants. The next run registers them; if it is refused"
            " too, look at the job's rights and at the quotas of Glue."
        )


def _portions(tenants: Sequence[str]) -> Iterator[Sequence[str]]:
    return (
        tenants[start : start + _PARTITIONS_AT_ONCE]
        for start in range(0, len(tenants), _PARTITIONS_AT_ONCE)
    )


def _tenants(s3: S3Client, lake: Lake, table: Table) -> list[str]:
    """Return the tenants whose folder the table has."""
    bucket, key = naming.bucket_and_key(lake.path(table.path))
    marker = f"{PARTITION_COLUMN}="
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=f"{key}/{marker}", Delimiter="/"
    )
    folders = [each["Prefix"] for page in pages for each in page.get("CommonPrefixes", [])]
    return sorted(folder.rstrip("/").rpartition(marker)[2] for folder in folders)


def _catalog_table(client: GlueClient, workspace: str, table: Table) -> Any:
    database = naming.database(table.layer, workspace)
    return client.get_table(DatabaseName=database, Name=table.name)["Table"]
