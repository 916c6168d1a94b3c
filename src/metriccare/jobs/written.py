"""What the pending runs wrote to a table; a table they did not write is not looked into."""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare.jobs.context import RunContext
from metriccare.spark import hudi, timeline
from metriccare.spark.schema import empty
from metriccare.tables import Table


def is_written(spark: SparkSession, context: RunContext, table: Table) -> bool:
    """Tell whether a pending run may have written the table."""
    return timeline.is_written_by(spark, context.lake, table, context.pending_runs)


def written_rows(spark: SparkSession, context: RunContext, table: Table) -> DataFrame:
    """Return the rows the pending runs wrote, tombstones included.

    Of a table without a commit of theirs it is a frame without rows, which costs a plan nothing.
    """
    if not is_written(spark, context, table):
        return empty(spark, table)
    is_new = F.col("run_id").isin(list(context.pending_runs))
    return hudi.read(spark, context.lake, table).where(is_new)
