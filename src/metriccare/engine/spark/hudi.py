"""Reading and writing the lake's Hudi tables: copy on write, one plain commit per write.

The rules and the figures behind the settings are in docs/adr/0003-hudi-settings.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock

from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import StringType, StructField, StructType

from metriccare import naming
from metriccare.engine.spark import timeline
from metriccare.engine.spark.schema import conform, empty, renewed, schema_of
from metriccare.engine.spark.timeline import CommitNote
from metriccare.engine.spark.write_client import roll_back
from metriccare.errors import ClockBehind, RowsNotWritten
from metriccare.settings import Lake
from metriccare.tables import Table
from metriccare.tables.commit_note import rows_not_written
from metriccare.tables.declaration import ORDERING, PARTITION_COLUMN, RECORD_KEY

_SMALLEST_LIMIT, _LARGEST_LIMIT = 2 * 2**20, 100 * 2**20
# How a commit is named: its time in UTC, to the millisecond.
_INSTANT = "%Y%m%d%H%M%S%f"
# What Hudi says when it has noted rows it could not write, and when one has no Avro form.
_REFUSED_ROWS = ("Failed to write to Hudi", "Failed to convert spark record into avro record")
# The column in which Hudi keeps the key a row is filed under.
_FILED_KEY = "_hoodie_record_key"
# How a table stands when a commit is about to be made.
_NEW, _EXISTS, _DONE = "new", "exists", "done"
_LOCKS: defaultdict[str, Lock] = defaultdict(Lock)

_TABLE_OPTIONS: Mapping[str, str] = {
    "hoodie.datasource.write.table.type": "COPY_ON_WRITE",
    "hoodie.table.version": "6",
    "hoodie.datasource.write.recordkey.field": RECORD_KEY.name,
    "hoodie.datasource.write.partitionpath.field": PARTITION_COLUMN,
    "hoodie.datasource.write.precombine.field": ORDERING.name,
    "hoodie.datasource.write.keygenerator.class": "org.apache.hudi.keygen.SimpleKeyGenerator",
    "hoodie.datasource.write.hive_style_partitioning": "true",
    "hoodie.datasource.write.payload.class": (
        "org.apache.hudi.common.model.DefaultHoodieRecordPayload"
    ),
    "hoodie.payload.ordering.field": ORDERING.name,
    "hoodie.table.timeline.timezone": "UTC",
}
_WRITER_OPTIONS: Mapping[str, str] = {
    "hoodie.metadata.enable": "false",
    "hoodie.embed.timeline.server": "false",
    "hoodie.write.markers.type": "DIRECT",
    "hoodie.index.type": "SIMPLE",
    "hoodie.simple.index.use.caching": "false",
    "hoodie.parquet.compression.codec": "zstd",
    # Every file carries a filter of its keys that the SIMPLE index never asks: 431 kB by default.
    # It cannot be switched off in Hudi 0.15, only made for few keys.
    "hoodie.bloom.index.filter.type": "SIMPLE",
    "hoodie.index.bloom.num_entries": "16",
    "hoodie.bulkinsert.sort.mode": "NONE",
    # The row writer commits whatever rows it could not write, and shifts those after them. All
    # other writers of Hudi are judged before their commit is completed.
    "hoodie.datasource.write.row.writer.enable": "false",
    "hoodie.datasource.write.commitmeta.key.prefix": naming.COMMIT_METADATA_PREFIX,
    "hoodie.datasource.hive_sync.enable": "false",
    "hoodie.write.lock.provider": "org.apache.hudi.client.transaction.lock.InProcessLockProvider",
    # Every frame holds each key once.
    "hoodie.combine.before.upsert": "false",
    "hoodie.clean.automatic": "true",
    # Looking for old files costs several jobs; a few more commits' worth of them cost little.
    "hoodie.clean.max.commits": "8",
    "hoodie.cleaner.commits.retained": "10",
}


@dataclass(frozen=True)
class _Opened:
    """A table as some session opened it after some commits."""

    session: SparkSession
    table: Table
    commits: frozenset[str]
    frame: DataFrame

    def holds(self, session: SparkSession, table: Table, commits: frozenset[str]) -> bool:
        """Tell whether it is still how this session would open the table."""
        return self.session is session and (self.table, self.commits) == (table, commits)


_OPENED: dict[str, _Opened] = {}


def exists(spark: SparkSession, lake: Lake, table: Table) -> bool:
    """Tell whether the table has at least one completed commit.

    A killed first load leaves a table without one, which reads as having no columns.
    """
    return bool(timeline.completed(spark, lake, table))


def read(spark: SparkSession, lake: Lake, table: Table) -> DataFrame:
    """Return the table's newest rows with the declared columns; none when it has no commit.

    Opening a table lists its files, which for a small table is most of reading it: until the next
    commit every read shares one listing.
    """
    commits = frozenset(timeline.completed(spark, lake, table))
    if not commits:
        return empty(spark, table)
    place = lake.path(table.path)
    with _LOCKS[f"read {place}"]:
        known = _OPENED.get(place)
        if known is None or not known.holds(spark, table, commits):
            frame = _opened(spark, lake, table)
            known = _OPENED[place] = _Opened(spark, table, commits, frame)
    return renewed(known.frame, table)


def _opened(spark: SparkSession, lake: Lake, table: Table) -> DataFrame:
    """Return the table as it stands, by the declared schema: a column it lacks reads as null."""
    reader = spark.read.format("hudi").option("hoodie.metadata.enable", "false")
    rows = reader.schema(schema_of(table)).load(lake.path(table.path))
    partitions = timeline.partitions(spark, lake, table)
    if len(partitions) != 1:
        return rows
    # Hudi starts a job to find the partitions, unless one is named.
    return rows.where(F.col(PARTITION_COLUMN) == partitions[0])


def misfiled(spark: SparkSession, lake: Lake, table: Table) -> DataFrame:
    """Return the rows whose own key is not the one Hudi filed them under, with Hudi's key.

    A commit that left rows out shifted columns of the rows after them: the first columns, Hudi's
    key among them, are of one row and the last ones, the row's own key among them, of another.
    """
    if not exists(spark, lake, table):
        return empty(spark, table)
    reader = spark.read.format("hudi").option("hoodie.metadata.enable", "false")
    schema = StructType([StructField(_FILED_KEY, StringType()), *schema_of(table)])
    rows = reader.schema(schema).load(lake.path(table.path))
    differs = ~F.col(_FILED_KEY).eqNullSafe(F.col(RECORD_KEY.name))
    filed = rows.where(differs).withColumn(RECORD_KEY.name, F.col(_FILED_KEY))
    return filed.select(*table.column_names)


def table_options(table: Table) -> dict[str, str]:
    """Return what every client that changes the table is told."""
    return {**_TABLE_OPTIONS, **_WRITER_OPTIONS, "hoodie.table.name": table.name}


def forget_opened(lake: Lake, table: Table) -> None:
    """Let the next read list the table's files anew: they changed without a commit."""
    with _LOCKS[f"read {lake.path(table.path)}"]:
        _OPENED.pop(lake.path(table.path), None)


def write(frame: DataFrame, lake: Lake, table: Table, note: CommitNote) -> None:
    """Write rows with one commit: newest ordering wins, new keys are added.

    The first load of a table is a bulk insert, so a frame must hold each key once. A commit of
    the same run and step is not repeated.
    """
    with _one_commit(frame.sparkSession, lake, table, note) as state:
        if state != _DONE:
            operation = "upsert" if state == _EXISTS else "bulk_insert"
            _save(conform(frame, table), lake, table, note, operation)


def append(frame: DataFrame, lake: Lake, table: Table, note: CommitNote) -> None:
    """Add rows whose keys are new with one commit, without looking the keys up."""
    _append(conform(frame, table), lake, table, note)


def append_changed(changes: DataFrame, lake: Lake, table: Table, note: CommitNote) -> None:
    """Add changed rows, with their DELETE_MARKER, whose keys are all new."""
    _append(changes, lake, table, note)


def _append(rows: DataFrame, lake: Lake, table: Table, note: CommitNote) -> None:
    with _one_commit(rows.sparkSession, lake, table, note) as state:
        if state != _DONE:
            operation = "insert" if state == _EXISTS else "bulk_insert"
            _save(rows, lake, table, note, operation)


def replace_changed(changes: DataFrame, lake: Lake, table: Table, note: CommitNote) -> None:
    """Write changed rows and remove vanished keys in one plain commit.

    `changes` has the declared columns and a DELETE_MARKER; of a row so marked only the key and
    the partition matter.
    """
    with _one_commit(changes.sparkSession, lake, table, note) as state:
        if state == _NEW:
            _save(changes, lake, table, note, "bulk_insert")
        elif state == _EXISTS:
            _save(changes, lake, table, note, "upsert")


def remove(rows: DataFrame, lake: Lake, table: Table, note: CommitNote) -> None:
    """Remove rows with one commit, whatever their ordering; the table's schema stays as it is.

    A table written by `write` cannot take marked rows: the marker would stay among its columns.
    """
    with _one_commit(rows.sparkSession, lake, table, note) as state:
        if state == _EXISTS:
            _save(conform(rows, table), lake, table, note, "delete")


def create(spark: SparkSession, lake: Lake, table: Table, note: CommitNote) -> None:
    """Create the table empty, so that readers and views work before the first upload."""
    if not exists(spark, lake, table):
        _save(empty(spark, table), lake, table, note, "bulk_insert")


@contextmanager
def _one_commit(spark: SparkSession, lake: Lake, table: Table, note: CommitNote) -> Iterator[str]:
    """Let one thread at a time write a table, and tell it how the table stands."""
    with _LOCKS[lake.path(table.path)]:
        _check_clock(spark, lake, table)
        if timeline.has_commit(spark, lake, table, note):
            yield _DONE
        else:
            yield _EXISTS if exists(spark, lake, table) else _NEW


def _check_clock(spark: SparkSession, lake: Lake, table: Table) -> None:
    """Raise ClockBehind when the newest commit lies in the future: Hudi orders files by time."""
    newest = max(timeline.completed(spark, lake, table), default="").partition(".")[0]
    now = datetime.now(UTC)
    if newest > now.strftime(_INSTANT):
        raise ClockBehind(now, datetime.strptime(newest[:14], _INSTANT[:12]).replace(tzinfo=UTC))


def _save(frame: DataFrame, lake: Lake, table: Table, note: CommitNote, operation: str) -> None:
    options = {
        **_TABLE_OPTIONS,
        **_WRITER_OPTIONS,
        **note.options(),
        "hoodie.table.name": table.name,
        "hoodie.datasource.write.operation": operation,
        **_parallelism(frame.sparkSession),
        **_small_files(frame.sparkSession, lake.path(table.path)),
    }
    with _refusals(table, note):
        frame.write.format("hudi").options(**options).mode("append").save(lake.path(table.path))
    _judge(frame.sparkSession, lake, table, note)


@contextmanager
def _refusals(table: Table, note: CommitNote) -> Iterator[None]:
    """Turn what the JVM says of rows it cannot write into RowsNotWritten; nothing is committed."""
    try:
        yield
    except Py4JJavaError as error:
        if any(words in str(error) for words in _REFUSED_ROWS):
            raise RowsNotWritten(table.full_name, note.step, None) from error
        raise


def _judge(spark: SparkSession, lake: Lake, table: Table, note: CommitNote) -> None:
    """Take the newest commit back, and raise RowsNotWritten, when rows of it were not written.

    A writer that notes such a row and goes on may have written a part of it before, which shifts
    columns of the rows after it.
    """
    for name, text in timeline.newest(spark, lake, table, limit=1):
        rows = sum(rows_not_written(text).values())
        if rows:
            roll_back(spark, lake, table, name.partition(".")[0], table_options(table))
            forget_opened(lake, table)
            raise RowsNotWritten(table.full_name, note.step, rows)


def _small_files(spark: SparkSession, place: str) -> dict[str, str]:
    """Return below which size a file takes in new rows: a 64th of the table.

    Every commit of new rows rewrites such a file. The share bounds what a small commit to a large
    table rewrites, and the number of small files a table can have.
    """
    path, file_system = timeline.opened(spark, place)
    size = file_system.getContentSummary(path).getLength() if file_system.exists(path) else 0
    limit = min(max(size // 64, _SMALLEST_LIMIT), _LARGEST_LIMIT)
    return {"hoodie.parquet.small.file.limit": str(limit)}


def _parallelism(spark: SparkSession) -> dict[str, str]:
    width = spark.conf.get("spark.sql.shuffle.partitions") or "2"
    return {
        f"hoodie.{kind}.shuffle.parallelism": width
        for kind in ("bulkinsert", "insert", "upsert", "delete")
    } | {"hoodie.simple.index.parallelism": width, "hoodie.markers.delete.parallelism": width}
