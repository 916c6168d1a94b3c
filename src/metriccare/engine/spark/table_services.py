"""What Hudi does to a table besides writing rows: it rolls commits back and removes old files.

Both go through Hudi's own write client, which the Spark data source does not offer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession

from metriccare import naming
from metriccare.engine.spark import internals, timeline
from metriccare.engine.spark.hudi_reader import forget_listing
from metriccare.engine.spark.hudi_writer import table_options
from metriccare.settings import Lake
from metriccare.tables import Table

_NEWEST_ONLY: Mapping[str, str] = {
    "hoodie.cleaner.policy": "KEEP_LATEST_FILE_VERSIONS",
    "hoodie.cleaner.fileversions.retained": "1",
    "hoodie.clean.max.commits": "1",
}


@dataclass(frozen=True)
class Commit:
    """A completed commit: its instant, the run and step in its note, the files it replaced.

    `replaced` has partition, file prefix and instant of each: a rollback returns to these files.
    """

    table: Table
    instant: str
    run_id: str | None
    step: str | None
    replaced: tuple[tuple[str, str, str], ...]


def commits(spark: SparkSession, lake: Lake, table: Table) -> list[Commit]:
    """Return the table's completed commits that are not archived, newest first."""
    return [
        _commit(table, name.partition(".")[0], json.loads(text or "{}"))
        for name, text in timeline.newest(spark, lake, table)
    ]


def _commit(table: Table, instant: str, document: Mapping[str, Any]) -> Commit:
    extra = document.get("extraMetadata", {})
    stats = [
        (partition, stat["fileId"], stat["prevCommit"])
        for partition, written in document.get("partitionToWriteStats", {}).items()
        for stat in written
        if stat.get("prevCommit") not in (None, "null")
    ]
    note = (extra.get(naming.COMMIT_RUN_ID), extra.get(naming.COMMIT_STEP))
    return Commit(table, instant, *note, tuple(stats))


def can_roll_back(spark: SparkSession, lake: Lake, commit: Commit) -> bool:
    """Return True if the files from before a commit still exist; the cleaner removes old ones."""
    folder = lake.path(commit.table.path)
    return all(
        internals.any_matches(spark, f"{folder}/{partition}/{file_id}_*_{before}.parquet")
        for partition, file_id, before in commit.replaced
    )


def roll_back(spark: SparkSession, lake: Lake, commit: Commit) -> None:
    """Remove a table's newest commit and the files it wrote."""
    options = table_options(commit.table)
    internals.roll_back(spark, lake, commit.table, commit.instant, options)
    forget_listing(lake, commit.table)


def remove_old_files(spark: SparkSession, lake: Lake, table: Table) -> int:
    """Remove every file but the newest version of each, and the files of failed writes.

    Returns how many were removed. Nothing older can be read or rolled back to afterwards.
    """
    options = table_options(table) | dict(_NEWEST_ONLY)
    return internals.clean(spark, lake, table, options)
