"""The commits of a Hudi table: their file names, their texts, and the note of the run in each.

Hadoop's file system reads folders and buckets alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyspark.sql import SparkSession

from metriccare.engine.spark import internals
from metriccare.settings import Lake
from metriccare.tables import Table
from metriccare.tables.commit_note import (
    COMMITS_LOOKED_AT,
    CommitNote,
    completed_commits,
    extra_metadata,
)
from metriccare.tables.declaration import PARTITION_COLUMN


def completed(spark: SparkSession, lake: Lake, table: Table) -> list[str]:
    """Return the file names of the completed commits that are not archived, in no order."""
    return completed_commits(internals.names_in(spark, f"{lake.path(table.path)}/.hoodie"))


def partitions(spark: SparkSession, lake: Lake, table: Table) -> list[str]:
    """Return the tenants that have files in the table, or are about to have some."""
    names = internals.names_in(spark, lake.path(table.path))
    start = f"{PARTITION_COLUMN}="
    return sorted(name.removeprefix(start) for name in names if name.startswith(start))


def newest(
    spark: SparkSession, lake: Lake, table: Table, limit: int | None = None
) -> Iterator[tuple[str, str]]:
    """Give the file names and texts of the newest completed commits, newest first."""
    for name in sorted(completed(spark, lake, table), reverse=True)[:limit]:
        yield name, internals.read_text(spark, f"{lake.path(table.path)}/.hoodie/{name}")


def notes(spark: SparkSession, lake: Lake, table: Table) -> Iterator[dict[str, str]]:
    """Give the extra metadata of the newest commits, newest first."""
    for _, text in newest(spark, lake, table, COMMITS_LOOKED_AT):
        yield extra_metadata(text)


def has_commit(spark: SparkSession, lake: Lake, table: Table, note: CommitNote) -> bool:
    """Return True if the timeline already holds this step of this run."""
    return any(note.is_in(metadata) for metadata in notes(spark, lake, table))
