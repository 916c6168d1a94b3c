"""Received records as rows of bronze, and what came of each file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from metriccare.fhir.byte_account import ByteAccount
from metriccare.incremental.context import RunContext
from metriccare.jobs.received import PartCounts, Tally
from metriccare.tracking.states import FileRecord


@dataclass(frozen=True)
class FileCounts:
    """What came of one file."""

    loaded: int = 0
    rejected: int = 0
    unreadable: str | None = None
    account: ByteAccount | None = None


def with_run(records: DataFrame, context: RunContext) -> DataFrame:
    """Return records with the columns that say which run took them in, and when."""
    return (
        records.withColumn("run_id", F.lit(context.run_id))
        .withColumn("ingested_at", F.lit(context.started_at).cast("timestamp"))
        .withColumn("ordering", F.col("ingest_sequence"))
    )


def quarantine_rows(rejects: DataFrame) -> DataFrame:
    """Return rejected records as rows of the quarantine."""
    return rejects.withColumn("redriven_run_id", F.lit(None).cast("string")).withColumn(
        "record_key", F.concat_ws("|", "record_key", "rule_id")
    )


def counts_by_file(files: Sequence[FileRecord], tally: Tally) -> dict[str, FileCounts]:
    """Return the sums over each file's parts; a file without records counts zero.

    Of a file that no part was counted of, no byte is accounted for.
    """
    found: dict[str, FileCounts] = {}
    for (file_id, _), part in tally.items():
        found[file_id] = _sum(found.get(file_id, FileCounts()), part)
    unread = {f.file_id: FileCounts(account=ByteAccount(f.size)) for f in files}
    return unread | found


def _sum(counts: FileCounts, part: PartCounts) -> FileCounts:
    return FileCounts(
        counts.loaded + part.loaded,
        counts.rejected + part.rejected,
        counts.unreadable or part.unreadable,
        _account(counts.account, part.account),
    )


def _account(one: ByteAccount | None, other: ByteAccount | None) -> ByteAccount | None:
    return one.plus(other) if one and other else one or other
