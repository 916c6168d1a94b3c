"""The newest rows of the lake's Hudi tables as frames; a table is opened once per commit."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from threading import Lock

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import StringType, StructField, StructType

from metriccare.engine.spark import timeline
from metriccare.engine.spark.schema import empty, schema_of, select_declared
from metriccare.settings import Lake
from metriccare.tables import Table
from metriccare.tables.declaration import PARTITION_COLUMN, RECORD_KEY

# The column in which Hudi keeps the key a row is filed under.
_FILED_KEY = "_hoodie_record_key"
_LOCKS: defaultdict[str, Lock] = defaultdict(Lock)


@dataclass(frozen=True)
class _OpenTable:
    """A table as a session opened it after some commits."""

    session: SparkSession
    table: Table
    commits: frozenset[str]
    frame: DataFrame

    def is_current(self, session: SparkSession, table: Table, commits: frozenset[str]) -> bool:
        """Return True if this session would open the table the same way now."""
        return self.session is session and (self.table, self.commits) == (table, commits)


_OPEN_TABLES: dict[str, _OpenTable] = {}


def exists(spark: SparkSession, lake: Lake, table: Table) -> bool:
    """Return True if the table has at least one completed commit.

    A killed first load leaves a table without one, which reads as having no columns.
    """
    return bool(timeline.completed(spark, lake, table))


def read(spark: SparkSession, lake: Lake, table: Table) -> DataFrame:
    """Return the table's newest rows with the declared columns; none if it has no commit.

    Opening a table lists its files, which for a small table is most of the work of reading it.
    Until the next commit every read shares one listing.
    """
    commits = frozenset(timeline.completed(spark, lake, table))
    if not commits:
        return empty(spark, table)
    location = lake.path(table.path)
    with _LOCKS[location]:
        known = _OPEN_TABLES.get(location)
        if known is None or not known.is_current(spark, table, commits):
            known = _OpenTable(spark, table, commits, _open(spark, lake, table))
            _OPEN_TABLES[location] = known
    return select_declared(known.frame, table)


def _open(spark: SparkSession, lake: Lake, table: Table) -> DataFrame:
    """Return the table by its declared schema; a column that its files do not have is null."""
    rows = _load(spark, lake, table, schema_of(table))
    partitions = timeline.partitions(spark, lake, table)
    if len(partitions) != 1:
        return rows
    # Hudi starts a job to find the partitions, unless one is named.
    return rows.where(F.col(PARTITION_COLUMN) == partitions[0])


def _load(spark: SparkSession, lake: Lake, table: Table, schema: StructType) -> DataFrame:
    reader = spark.read.format("hudi").option("hoodie.metadata.enable", "false")
    return reader.schema(schema).load(lake.path(table.path))


def misfiled(spark: SparkSession, lake: Lake, table: Table) -> DataFrame:
    """Return the rows whose own key is not the one Hudi filed them under, with Hudi's key.

    A commit that left rows out shifted the columns of later rows. Such a row has its first columns,
    Hudi's key among them, from one row, and its last ones, its own key among them, from another.
    """
    if not exists(spark, lake, table):
        return empty(spark, table)
    schema = StructType([StructField(_FILED_KEY, StringType()), *schema_of(table)])
    rows = _load(spark, lake, table, schema)
    differs = ~F.col(_FILED_KEY).eqNullSafe(F.col(RECORD_KEY.name))
    filed = rows.where(differs).withColumn(RECORD_KEY.name, F.col(_FILED_KEY))
    return filed.select(*table.column_names)


def forget_listing(lake: Lake, table: Table) -> None:
    """Let the next read list the table's files again: they changed without a commit."""
    location = lake.path(table.path)
    with _LOCKS[location]:
        _OPEN_TABLES.pop(location, None)
