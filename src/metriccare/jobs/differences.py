"""Writing a recomputed table so that only what changed is written."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from metriccare.jobs.context import RunContext
from metriccare.spark import hudi
from metriccare.spark.schema import DELETE_MARKER, conform, settled_with
from metriccare.tables import Table
from metriccare.tables.declaration import ORDERING, RECORD_KEY, RUN_ID

# A row that only a later run or a later as-of date would stamp anew has not changed.
_STAMPS = frozenset({RUN_ID.name, ORDERING.name, RECORD_KEY.name})


@dataclass(frozen=True)
class Changes:
    """What a table lacks: rows to write and, marked as deleted, to remove; None when nothing.

    `replaces` tells whether a row of any of their keys may be in the table.
    """

    table: Table
    rows: DataFrame | None
    replaces: bool

    def write(self, context: RunContext, note: hudi.CommitNote) -> None:
        """Bring the table up to date, in one commit at most."""
        if self.rows is None:
            return
        context.check_lease()
        write = hudi.replace_changed if self.replaces else hudi.append_changed
        write(self.rows, context.lake, self.table, note)


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


def changes_of(
    computed: DataFrame, stored: DataFrame, context: RunContext, table: Table
) -> Changes:
    """Return the rows that are new or differ, and those that are gone.

    `stored` are the rows now in the table that `computed` is meant to replace.
    """
    keyed = conform(with_key(computed, table, context), table)
    if not hudi.exists(keyed.sparkSession, context.lake, table):
        return Changes(table, with_marker(keyed), replaces=True)
    changes = _changes(keyed, stored, table)
    found, facts = settled_with(changes, rows=F.count("*"), known=F.count("known"))
    if not facts["rows"]:
        return Changes(table, None, replaces=False)
    return Changes(table, found.drop("known"), replaces=facts["known"] > 0)


def changes_of_table(rows: DataFrame, context: RunContext, table: Table) -> Changes:
    """Return what differs between rows and the whole of the table they are to be."""
    return changes_of(rows, hudi.read(rows.sparkSession, context.lake, table), context, table)


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
