"""Fields no declaration reads, counted while files are read and kept by file.

By file and not by run: however often a file goes through, in whatever company, its rows are the
same. What is counted are the resource's own elements; `metriccare drift --deep` looks inside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare.incremental.context import RunContext
from metriccare.jobs.received import received
from metriccare.pipeline.bronze.file_counts import Tally
from metriccare.spark import hudi
from metriccare.spark.schema import settled
from metriccare.spark.timeline import CommitNote
from metriccare.tables import bronze as tables
from metriccare.tracking.states import FileRecord

STEP = "drift"


def note_new(
    spark: SparkSession, context: RunContext, files: Sequence[FileRecord], tally: Tally
) -> None:
    """Add what files that were never read before carry unread; no commit where that is nothing.

    Comes after the commit of their rows: a run that dies in between is completed by `note_again`.
    """
    rows = _rows(context, files, tally)
    if rows:
        context.check_lease()
        note = CommitNote(context.run_id, STEP)
        hudi.append(_frame(spark, rows), context.lake, tables.DRIFT, note)


def note_again(
    spark: SparkSession, context: RunContext, files: Sequence[FileRecord], tally: Tally
) -> None:
    """Bring the rows of files that may have been counted before to what they carry now."""
    readable = {file_id for (file_id, _), part in tally.items() if part.unreadable is None}
    known = {row.key: row for row in _stored(spark, context, readable)}
    first = {row.file_id: row.first_seen for row in known.values()}
    rows = {row.key: row for row in _rows(context, files, tally, first)}
    changed = [r for k, r in rows.items() if k not in known or r.row_count != known[k].row_count]
    gone = [row for key, row in known.items() if key not in rows]
    for step, some, put in (("rows", changed, hudi.write), ("gone", gone, hudi.remove)):
        if some:
            context.check_lease()
            note = CommitNote(context.run_id, f"{STEP}-{step}-{files[0].file_id}")
            put(_frame(spark, some), context.lake, tables.DRIFT, note)


def recount(spark: SparkSession, context: RunContext, files: Sequence[FileRecord]) -> None:
    """Read files anew, from which records have gone, and count what they carry now."""
    incoming = received(spark, files, context.erased)
    settled(incoming.records.select("record_key"))
    note_again(spark, context, files, incoming.tally())


class _Row(NamedTuple):
    """A row of the table; times are microseconds, which no time zone of a driver can shift."""

    tenant: str
    resource_type: str
    field_path: str
    first_seen: int
    row_count: int
    source_file: str
    file_id: str
    run_id: str
    ordering: int

    @property
    def key(self) -> str:
        return f"{self.tenant}|{self.file_id}|{self.resource_type}|{self.field_path}"


def _stored(spark: SparkSession, context: RunContext, file_ids: set[str]) -> list[_Row]:
    table = hudi.read(spark, context.lake, tables.DRIFT)
    times = table.withColumn("first_seen", F.unix_micros("first_seen"))
    rows = times.where(F.col("file_id").isin(sorted(file_ids))).select(*_Row._fields)
    return [_Row(*row) for row in rows.collect()]


def _rows(
    context: RunContext,
    files: Sequence[FileRecord],
    tally: Tally,
    first: Mapping[str, int] | None = None,
) -> list[_Row]:
    counts: Counter[tuple[str, str, str]] = Counter()
    for (file_id, _), part in tally.items():
        for (kind, name), count in part.unread.items():
            counts[file_id, kind, name] += count
    by_id = {file.file_id: file for file in files}
    now = int(context.started_at.timestamp() * 1_000_000)
    return [
        _Row(
            tenant=by_id[file_id].tenant,
            resource_type=kind,
            field_path=name,
            first_seen=(first or {}).get(file_id, now),
            row_count=count,
            source_file=by_id[file_id].source_file,
            file_id=file_id,
            run_id=context.run_id,
            ordering=by_id[file_id].sequence or 0,
        )
        for (file_id, kind, name), count in sorted(counts.items())
    ]


def _frame(spark: SparkSession, rows: Sequence[_Row]) -> DataFrame:
    schema = (
        "tenant string, resource_type string, field_path string, first_seen bigint,"
        " row_count bigint, source_file string, file_id string, run_id string, ordering bigint,"
        " record_key string"
    )
    frame = spark.createDataFrame([(*row, row.key) for row in rows], schema)
    return frame.withColumn("first_seen", F.timestamp_micros("first_seen"))
