"""Writing a recomputed table so that only what changed is written."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from metriccare.jobs.context import RunContext
from metriccare.spark import hudi
from metriccare.spark.schema import DELETE_MARKER, conform, settled
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
    keyed = conform(with_key(computed, table, context), table)
    if not hudi.exists(keyed.sparkSession, context.lake, table):
        hudi.replace_changed(with_marker(keyed), context.lake, table, note)
        return
    changes = settled(_changes(keyed, stored, table))
    facts = changes.agg(F.count("*").alias("rows"), F.count("known").alias("known")).first()
    if not facts or not facts["rows"]:
        return
    context.check_lease()
    write = hudi.replace_changed if facts["known"] else hudi.append_changed
    write(changes.drop("known"), context.lake, table, note)


def with_marker(rows: DataFrame) -> DataFrame:
    """Return rows that are to be written, marked as not deleted."""
    return rows.withColumn(DELETE_MARKER, F.expr("if(true, false, null)"))


def _changes(keyed: DataFrame, stored: DataFrame, table: Table) -> DataFrame:
    """Return rows to write and, marked as deleted, rows to remove; `known` where a row was."""
    key = RECORD_KEY.name
    row, content = F.struct(*table.column_names), _content(table)
    new = keyed.select(key, row.alias("new"), content.alias("new_content"))
    old = stored.select(key, row.alias("old"), content.alias("old_content"))
    both = new.join(old, key, "full").where("not (new_content <=> old_content)")
    rows = both.selectExpr("coalesce(new, old) as row", "new is null as gone", "old")
    return rows.selectExpr(
        "row.*", f"if(true, gone, null) as {DELETE_MARKER}", "if(old is null, null, true) as known"
    )


def _content(table: Table) -> Column:
    """Return what a row says apart from its stamps, as one comparable value."""
    return F.struct(*[name for name in table.column_names if name not in _STAMPS])
