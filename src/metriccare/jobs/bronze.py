"""Bronze: received files into exact rows, one pass, one commit each of rows and rejects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import SparkSession

from metriccare.incremental.context import RunContext
from metriccare.jobs import drift, replayed
from metriccare.jobs.bronze_rows import quarantine_rows, with_run
from metriccare.jobs.received import received
from metriccare.pipeline.bronze.file_counts import FileCounts, counts_by_file
from metriccare.spark import hudi
from metriccare.spark.schema import settled
from metriccare.spark.timeline import CommitNote
from metriccare.tables import bronze as tables
from metriccare.tracking.states import FileRecord

STEP = "bronze"


def run(
    spark: SparkSession, context: RunContext, files: Sequence[FileRecord]
) -> Mapping[str, FileCounts]:
    """Load the claimed files and return what came of each, by file id."""
    again = [file for file in files if file.replays]
    first = [file for file in files if not file.replays]
    counts = replayed.take_again(spark, context, again) if again else {}
    return counts | (_load(spark, context, first) if first else {})


def _load(
    spark: SparkSession, context: RunContext, files: Sequence[FileRecord]
) -> dict[str, FileCounts]:
    note = CommitNote(context.run_id, STEP, tuple(file.file_id for file in files))
    incoming = received(spark, files, context.erased)
    rows = with_run(incoming.records.where("rule_id is null"), context)
    context.check_lease()
    hudi.append(rows.sortWithinPartitions("resource_type"), context.lake, tables.RESOURCE, note)
    tally = incoming.tally()
    counts = counts_by_file(files, tally)
    drift.note_new(spark, context, files, tally)
    _quarantine(spark, context, files, counts, note)
    return counts


def complete(
    spark: SparkSession, context: RunContext, files: Sequence[FileRecord]
) -> dict[str, FileCounts]:
    """Count files whose rows a run committed before it died, and write their rejects.

    The commit is noted as that run's: however often this breaks off too, it is made once.
    """
    incoming = received(spark, files, context.erased)
    rejects = settled(with_run(incoming.records.where("rule_id is not null"), context))
    if not rejects.isEmpty():
        note = CommitNote(files[0].run_id or context.run_id, f"{STEP}-completed")
        context.check_lease()
        hudi.write(quarantine_rows(rejects), context.lake, tables.QUARANTINE, note)
    tally = incoming.tally()
    drift.note_again(spark, context, files, tally)
    return counts_by_file(files, tally)


def _quarantine(
    spark: SparkSession,
    context: RunContext,
    files: Sequence[FileRecord],
    counts: Mapping[str, FileCounts],
    note: CommitNote,
) -> None:
    """Write the rejected records; only files that have some are read again."""
    faulty = [file for file in files if counts[file.file_id].rejected]
    if not faulty:
        return
    rejects = received(spark, faulty, context.erased).records.where("rule_id is not null")
    context.check_lease()
    hudi.append(quarantine_rows(with_run(rejects, context)), context.lake, tables.QUARANTINE, note)
