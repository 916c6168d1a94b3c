"""Writing a recomputed table so that only what changed is written."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from metriccare.jobs.context import RunContext
from metriccare.spark import hudi
from metriccare.spark.schema import schema_of, settled
from metriccare.tables import Table
from metriccare.tables.declaration import ORDERING, RECORD_KEY, RUN_ID

# A row that only a later run or a later as-of date would stamp anew has not changed.
_STAMPS = frozenset({RUN_ID.name, ORDERING.name, RECORD_KEY.name})


def with_key(rows: DataFrame, table: Table, context: RunContext) -> DataFrame:
    """Return rows with the run, the record key built from the table's key, and the ordering.

    A null key column is written as an empty part.
    """
    parts = [F.coalesce(F.col(name).cast("string"), F.lit("")) for name in table.key]
    return (
        rows.withColumn(RUN_ID.name, F.lit(context.run_id))
        .withColumn(RECORD_KEY.name, F.concat_ws("|", *parts))
        # Later commits win: these tables have one writer and no late rows.
        .withColumn(ORDERING.name, F.lit(int(context.started_at.timestamp() * 1_000_000)))
    )


def write_differences(
    computed: DataFrame, stored: DataFrame, context: RunContext, table: Table, note: hudi.CommitNote
) -> None:
    """Write rows that are new or differ, and remove those that are gone, in one commit.

    `stored` are the rows now in the table that `computed` is meant to replace.
    """
    keyed = with_key(computed, table, context)
    if not hudi.exists(keyed.sparkSession, context.lake, table):
        hudi.replace_changed(keyed, stored, context.lake, table, note)
        return
    before = stored.select(RECORD_KEY.name, _content(stored, table).alias("_before"))
    changed = (
        keyed.join(before, RECORD_KEY.name, "left")
        .where(~_content(keyed, table).eqNullSafe(F.col("_before")))
        .drop("_before")
    )
    gone = stored.join(keyed.select(RECORD_KEY.name), RECORD_KEY.name, "left_anti")
    changed, gone = settled(changed), settled(gone)
    if not (changed.isEmpty() and gone.isEmpty()):
        context.check_lease()
        hudi.replace_changed(changed, gone, context.lake, table, note)


def _content(frame: DataFrame, table: Table) -> Column:
    """Return what a row says apart from its stamps, as one comparable value."""
    names = [f.name for f in schema_of(table) if f.name not in _STAMPS]
    return F.to_json(F.struct(*[frame[name] for name in names]))
