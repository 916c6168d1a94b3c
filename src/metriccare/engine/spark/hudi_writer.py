"""Writes the lake's Hudi tables: copy on write, one plain commit per write.

The rules, and the measurements behind the settings, are in docs/adr/0003-hudi-settings.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Lock

from pyspark.sql import DataFrame, SparkSession

from metriccare import naming
from metriccare.engine.spark import internals, timeline
from metriccare.engine.spark.hudi_reader import exists, forget_listing
from metriccare.engine.spark.schema import conform, empty
from metriccare.errors import ClockBehind, RowsNotWritten
from metriccare.settings import Lake
from metriccare.tables import Table
from metriccare.tables.commit_note import CommitNote, rows_not_written
from metriccare.tables.declaration import ORDERING, PARTITION_COLUMN, RECORD_KEY

# A commit is named by its time in UTC, to the millisecond.
_INSTANT = "%Y%m%d%H%M%S%f"
# Below this a file is cheap to rewrite; above it every commit would rewrite too much. Hudi's
# default for the upper limit.
_SMALLEST_LIMIT, _LARGEST_LIMIT = 2 * 2**20, 100 * 2**20
# What Hudi says when it noted rows that it could not write, and when a row has no Avro form.
_REFUSED_ROWS = ("Failed to write to Hudi", "Failed to convert spark record into avro record")
# The state of a table before a commit.
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
    # The row writer commits in spite of rows that it could not write, and shifts later ones. The
    # other writers of Hudi report such rows, and the commit is rolled back.
    "hoodie.datasource.write.row.writer.enable": "false",
    "hoodie.datasource.write.commitmeta.key.prefix": naming.COMMIT_METADATA_PREFIX,
    "hoodie.datasource.hive_sync.enable": "false",
    "hoodie.write.lock.provider": "org.apache.hudi.client.transaction.lock.InProcessLockProvider",
    # Every frame has each key once.
    "hoodie.combine.before.upsert": "false",
    "hoodie.clean.automatic": "true",
    # 8 and 10 commits: looking for old files costs several jobs, keeping them a few MB.
    "hoodie.clean.max.commits": "8",
    "hoodie.cleaner.commits.retained": "10",
}


def table_options(table: Table) -> dict[str, str]:
    """Return the options of every client that changes the table."""
    return {**_TABLE_OPTIONS, **_WRITER_OPTIONS, "hoodie.table.name": table.name}


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
    """Write changed rows and remove deleted ones in one plain commit.

    `changes` has the declared columns and a DELETE_MARKER; of a marked row only the key and the
    partition are used.
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
    """Let one thread at a time write a table; give the state the table is in."""
    with _LOCKS[lake.path(table.path)]:
        _check_clock(spark, lake, table)
        if timeline.has_commit(spark, lake, table, note):
            yield _DONE
        else:
            yield _EXISTS if exists(spark, lake, table) else _NEW


def _check_clock(spark: SparkSession, lake: Lake, table: Table) -> None:
    """Raise ClockBehind if the newest commit is in the future: Hudi orders files by time."""
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
    with _refused_rows_reported(table, note):
        frame.write.format("hudi").options(**options).mode("append").save(lake.path(table.path))
    _check_written(frame.sparkSession, lake, table, note)


@contextmanager
def _refused_rows_reported(table: Table, note: CommitNote) -> Iterator[None]:
    """Raise RowsNotWritten for the JVM's error about rows it cannot write; nothing is committed."""
    try:
        yield
    except internals.JavaError as error:
        if any(words in str(error) for words in _REFUSED_ROWS):
            raise RowsNotWritten(table.full_name, note.step, None) from error
        raise


def _check_written(spark: SparkSession, lake: Lake, table: Table, note: CommitNote) -> None:
    """Raise RowsNotWritten, after rolling the newest commit back, if rows of it were not written.

    A writer that skips such a row may have written a part of it, which shifts columns of later
    rows.
    """
    for name, text in timeline.newest(spark, lake, table, limit=1):
        rows = sum(rows_not_written(text).values())
        if rows:
            instant = name.partition(".")[0]
            internals.roll_back(spark, lake, table, instant, table_options(table))
            forget_listing(lake, table)
            raise RowsNotWritten(table.full_name, note.step, rows)


def _small_files(spark: SparkSession, folder: str) -> dict[str, str]:
    """Return the option for the size below which a file takes in new rows: a 64th of the table.

    Every commit of new rows rewrites such a file. The share limits what a small commit to a large
    table rewrites, and how many small files a table can have.
    """
    size = internals.bytes_below(spark, folder)
    limit = min(max(size // 64, _SMALLEST_LIMIT), _LARGEST_LIMIT)
    return {"hoodie.parquet.small.file.limit": str(limit)}


def _parallelism(spark: SparkSession) -> dict[str, str]:
    width = spark.conf.get("spark.sql.shuffle.partitions") or "2"
    return {
        f"hoodie.{kind}.shuffle.parallelism": width
        for kind in ("bulkinsert", "insert", "upsert", "delete")
    } | {"hoodie.simple.index.parallelism": width, "hoodie.markers.delete.parallelism": width}
