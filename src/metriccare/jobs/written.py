"""What the pending runs wrote to a table; a table they did not write is not looked into."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare.incremental.context import RunContext
from metriccare.spark import hudi, timeline
from metriccare.spark.schema import empty, settled_with
from metriccare.tables import Table
from metriccare.tables.declaration import RECORD_KEY


def is_written(spark: SparkSession, context: RunContext, table: Table) -> bool:
    """Tell whether a pending run may have written the table."""
    return timeline.is_written_by(spark, context.lake, table, context.pending_runs)


def written_rows(spark: SparkSession, context: RunContext, table: Table) -> DataFrame:
    """Return the rows the pending runs wrote, tombstones included.

    Of a table without a commit of theirs it is a frame without rows, which costs a plan nothing.
    """
    if not is_written(spark, context, table):
        return empty(spark, table)
    return hudi.read(spark, context.lake, table).where(of_pending_runs(context))


def of_pending_runs(context: RunContext) -> Column:
    """Tell of a row whether a pending run wrote it, and its tenant is not published since."""
    by_tenants: dict[frozenset[str] | None, list[str]] = {}
    for run_id, tenants in context.pending_runs.items():
        by_tenants.setdefault(tenants, []).append(run_id)
    parts = [_of_runs(runs, tenants) for tenants, runs in by_tenants.items()]
    return reduce(or_, parts) if parts else F.lit(False)


def _of_runs(runs: Sequence[str], tenants: frozenset[str] | None) -> Column:
    is_of_run = F.col("run_id").isin(list(runs))
    return is_of_run if tenants is None else is_of_run & F.col("tenant").isin(sorted(tenants))


def unwritten(
    rows: DataFrame,
    context: RunContext,
    table: Table,
    key: Sequence[str] = (RECORD_KEY.name,),
    which: str = "true",
) -> DataFrame | None:
    """Return the rows of which no pending run has written one with their key; None for no rows.

    `which` is a condition the written ones must meet. What a run that died has written down is not
    written down again: however often runs die, the next has less to do.
    """
    spark = rows.sparkSession
    if not is_written(spark, context, table):
        return rows
    stored = hudi.read(spark, context.lake, table).where(of_pending_runs(context))
    known = stored.where(which).select(*key)
    left, found = settled_with(rows.join(known, list(key), "left_anti"), rows=F.count("*"))
    return left if found["rows"] else None
