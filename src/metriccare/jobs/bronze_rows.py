"""Received records as rows of bronze."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from metriccare.incremental.context import RunContext


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
