"""Bronze: received files into exact rows, one pass, one commit each of rows and rejects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare.jobs.context import RunContext
from metriccare.jobs.received import PartCounts, Tally, received
from metriccare.spark import hudi
from metriccare.tables import bronze as tables
from metriccare.tracking.states import FileRecord

STEP = "bronze"


@dataclass(frozen=True)
class FileCounts:
    """What came of one file."""

    loaded: int = 0
    rejected: int = 0
    unreadable: str | None = None


def run(
    spark: SparkSession, context: RunContext, files: Sequence[FileRecord]
) -> Mapping[str, FileCounts]:
    """Load the claimed files and return what came of each, by file id."""
    width = int(spark.conf.get("spark.sql.shuffle.partitions") or 2)
    note = hudi.CommitNote(context.run_id, STEP, tuple(file.file_id for file in files))
    incoming = received(spark, files, width)
    rows = with_run(incoming.records.where("rule_id is null"), context)
    context.check_lease()
    hudi.append(rows.sortWithinPartitions("resource_type"), context.lake, tables.RESOURCE, note)
    counts = counts_by_file(files, incoming.tally())
    _quarantine(spark, context, files, counts, note)
    return counts


def with_run(records: DataFrame, context: RunContext) -> DataFrame:
    """Return records with the columns that say which run took them in, and when."""
    return (
        records.withColumn("run_id", F.lit(context.run_id))
        .withColumn("ingested_at", F.lit(context.started_at).cast("timestamp"))
        .withColumn("ordering", F.col("ingest_sequence"))
    )


def _quarantine(
    spark: SparkSession,
    context: RunContext,
    files: Sequence[FileRecord],
    counts: Mapping[str, FileCounts],
    note: hudi.CommitNote,
) -> None:
    """Write the rejected records; only files that have some are read again."""
    faulty = [file for file in files if counts[file.file_id].rejected]
    if not faulty:
        return
    width = int(spark.conf.get("spark.sql.shuffle.partitions") or 2)
    rejects = received(spark, faulty, width).records.where("rule_id is not null")
    context.check_lease()
    hudi.append(quarantine_rows(with_run(rejects, context)), context.lake, tables.QUARANTINE, note)


def quarantine_rows(rejects: DataFrame) -> DataFrame:
    """Return rejected records as rows of the quarantine."""
    return rejects.withColumn("redriven_run_id", F.lit(None).cast("string")).withColumn(
        "record_key", F.concat_ws("|", "record_key", "rule_id")
    )


def counts_by_file(files: Sequence[FileRecord], tally: Tally) -> dict[str, FileCounts]:
    """Return the sums over each file's parts; a file without records counts zero."""
    found: dict[str, FileCounts] = {file.file_id: FileCounts() for file in files}
    for (file_id, _), part in tally.items():
        found[file_id] = _sum(found[file_id], part)
    return found


def _sum(counts: FileCounts, part: PartCounts) -> FileCounts:
    return FileCounts(
        counts.loaded + part.loaded,
        counts.rejected + part.rejected,
        counts.unreadable or part.unreadable,
    )
