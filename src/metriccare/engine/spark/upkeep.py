"""The commits of a table, their rollback, and tables in a folder of their own for a while."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pyspark.sql import SparkSession

from metriccare.engine.protocol import StoredCommit, not_newest
from metriccare.engine.spark import internals, table_services, timeline
from metriccare.engine.spark.hudi_reader import forget_listing
from metriccare.settings import Lake
from metriccare.tables import Table
from metriccare.tables.commit_note import extra_metadata


@dataclass(frozen=True)
class WorkbenchLake(Lake):
    """A lake in which some tables are below `folder`."""

    folder_of_moved: str = ""
    moved: tuple[str, ...] = ()

    def path(self, relative: str) -> str:
        """Return the full path of a table or file."""
        is_moved = any(relative == top or relative.startswith(f"{top}/") for top in self.moved)
        return super().path(f"{self.folder_of_moved}/{relative}" if is_moved else relative)


def history(spark: SparkSession, lake: Lake, table: Table) -> list[StoredCommit]:
    """Return the completed commits of the timeline, newest first."""
    return [
        StoredCommit(table, name.partition(".")[0], extra_metadata(text))
        for name, text in timeline.newest(spark, lake, table)
    ]


def can_roll_back(spark: SparkSession, lake: Lake, commits: Sequence[StoredCommit]) -> bool:
    """Return True if the files from before the commits still exist."""
    asked = {(commit.table, commit.instant) for commit in commits}
    return all(
        table_services.can_roll_back(spark, lake, stored)
        for table in {commit.table for commit in commits}
        for stored in table_services.commits(spark, lake, table)
        if (table, stored.instant) in asked
    )


def roll_back(spark: SparkSession, lake: Lake, commit: StoredCommit) -> None:
    """Remove a table's newest commit and the files it wrote."""
    newest = next(iter(table_services.commits(spark, lake, commit.table)), None)
    if newest is None or newest.instant != commit.instant:
        raise not_newest(commit.table, commit.instant)
    table_services.roll_back(spark, lake, newest)


@contextmanager
def workbench(
    spark: SparkSession, lake: Lake, folder: str, tables: Collection[Table]
) -> Iterator[Lake]:
    """Give the lake with some tables in a folder that is empty at first and deleted at the end."""
    bench = WorkbenchLake(lake.root, folder, tuple(table.path for table in tables))
    internals.delete_folder(spark, lake.path(folder))
    try:
        yield bench
    finally:
        internals.delete_folder(spark, lake.path(folder))
        for table in tables:
            forget_listing(bench, table)
