"""What Hudi does to a table besides writing rows: taking commits back, removing old files.

Both go through the write client of Hudi 0.15, which the Spark datasource does not offer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession

from metriccare import naming
from metriccare.engine.spark import hudi, timeline
from metriccare.engine.spark.write_client import roll_back, write_client
from metriccare.settings import Lake
from metriccare.tables import Table

_NEWEST_ONLY: Mapping[str, str] = {
    "hoodie.cleaner.policy": "KEEP_LATEST_FILE_VERSIONS",
    "hoodie.cleaner.fileversions.retained": "1",
    "hoodie.clean.max.commits": "1",
}


@dataclass(frozen=True)
class Commit:
    """A completed commit: its instant, what it says about itself, the files it replaced.

    `replaced` are pairs of partition and file prefix and instant: what a rollback falls back on.
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


def can_be_taken_back(spark: SparkSession, lake: Lake, commit: Commit) -> bool:
    """Tell whether the files before a commit are still there; the cleaner removes old ones."""
    return all(
        _exists(spark, f"{lake.path(commit.table.path)}/{partition}/{file_id}_*_{before}.parquet")
        for partition, file_id, before in commit.replaced
    )


def _exists(spark: SparkSession, pattern: str) -> bool:
    jvm: Any = spark._jvm
    path = jvm.org.apache.hadoop.fs.Path(pattern)
    found = path.getFileSystem(spark._jsc.hadoopConfiguration()).globStatus(path)
    return found is not None and len(found) > 0


def take_back(spark: SparkSession, lake: Lake, commit: Commit) -> None:
    """Remove a table's newest commit and the files it wrote."""
    options = hudi.table_options(commit.table)
    roll_back(spark, lake, commit.table, commit.instant, options)
    hudi.forget_opened(lake, commit.table)


def remove_old_files(spark: SparkSession, lake: Lake, table: Table) -> int:
    """Remove every file but the newest version of each, those of broken-off writes included.

    Returns how many went. Afterwards nothing older can be read or rolled back to.
    """
    options = hudi.table_options(table) | dict(_NEWEST_ONLY)
    with write_client(spark, lake, table, options) as client:
        client.rollbackFailedWrites()
        cleaned = client.clean()
    return int(cleaned.getTotalFilesDeleted()) if cleaned is not None else 0
