"""What a Hudi table's commits say: which there are, and the note each carries of its run.

Hadoop's file system reads folders and buckets alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from py4j.java_gateway import JavaObject
from pyspark.sql import SparkSession

from metriccare import naming
from metriccare.settings import Lake
from metriccare.tables import Table
from metriccare.tables.commit_note import (
    COMMITS_LOOKED_AT,
    CommitNote,
    completed_commits,
    extra_metadata,
    files_of,
)
from metriccare.tables.declaration import PARTITION_COLUMN

__all__ = [
    "CommitNote",
    "completed",
    "files_of",
    "has_commit",
    "is_written_by",
    "newest",
    "notes",
    "opened",
    "partitions",
]


def completed(spark: SparkSession, lake: Lake, table: Table) -> list[str]:
    """Return the file names of the completed commits that are not archived, in no order."""
    return completed_commits(_names_in(spark, f"{lake.path(table.path)}/.hoodie"))


def partitions(spark: SparkSession, lake: Lake, table: Table) -> list[str]:
    """Return the tenants of whom the table has, or is about to have, files."""
    names = _names_in(spark, lake.path(table.path))
    start = f"{PARTITION_COLUMN}="
    return sorted(name.removeprefix(start) for name in names if name.startswith(start))


def newest(
    spark: SparkSession, lake: Lake, table: Table, limit: int | None = None
) -> Iterator[tuple[str, str]]:
    """Give the file names and texts of the newest completed commits, newest first."""
    for name in sorted(completed(spark, lake, table), reverse=True)[:limit]:
        yield name, _text(spark, f"{lake.path(table.path)}/.hoodie/{name}")


def notes(spark: SparkSession, lake: Lake, table: Table) -> Iterator[dict[str, str]]:
    """Give the extra metadata of the newest commits, newest first."""
    for _, text in newest(spark, lake, table, COMMITS_LOOKED_AT):
        yield extra_metadata(text)


def has_commit(spark: SparkSession, lake: Lake, table: Table, note: CommitNote) -> bool:
    """Tell whether the table's timeline already holds this step of this run."""
    return any(note.is_in(metadata) for metadata in notes(spark, lake, table))


def is_written_by(spark: SparkSession, lake: Lake, table: Table, runs: Collection[str]) -> bool:
    """Tell whether any of the runs may have written the table: a commit or two tell, no row.

    Runs are named in the order in which they began, and one at a time writes.
    """
    if not runs:
        return False
    first = min(runs)
    looked_at = 0
    for note in notes(spark, lake, table):
        run = note.get(naming.COMMIT_RUN_ID)
        if run in runs:
            return True
        if run is not None and run < first:
            return False
        looked_at += 1
    # Where all that is left is younger than the runs, theirs may be in the archive.
    return looked_at == COMMITS_LOOKED_AT


def _names_in(spark: SparkSession, folder: str) -> list[str]:
    path, file_system = opened(spark, folder)
    if not file_system.exists(path):
        return []
    return [status.getPath().getName() for status in file_system.listStatus(path)]


def _text(spark: SparkSession, location: str) -> str:
    jvm: Any = spark._jvm
    path, file_system = opened(spark, location)
    stream = file_system.open(path)
    try:
        return str(jvm.org.apache.commons.io.IOUtils.toString(stream, "UTF-8"))
    finally:
        stream.close()


def opened(spark: SparkSession, location: str) -> tuple[JavaObject, JavaObject]:
    """Return a location as Hadoop's path, and its file system: a folder's or a bucket's."""
    jvm: Any = spark._jvm
    path = jvm.org.apache.hadoop.fs.Path(location)
    return path, path.getFileSystem(spark._jsc.hadoopConfiguration())
