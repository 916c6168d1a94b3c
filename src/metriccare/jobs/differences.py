"""Writing a recomputed table so that only what changed is written.

Tables of persons are compared where Spark's tasks run; tables of results, whose rows the driver
holds anyway, are compared there: a join would take many times as long.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import StructType

from metriccare.incremental.context import RunContext
from metriccare.settings import Lake
from metriccare.spark import hudi
from metriccare.spark.schema import DELETE_MARKER, conform, schema_of, settled, settled_with
from metriccare.spark.timeline import CommitNote
from metriccare.tables import Table
from metriccare.tables.declaration import ORDERING, RECORD_KEY, RUN_ID, TENANT

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

    def write(self, context: RunContext, note: CommitNote) -> None:
        """Bring the table up to date, in one commit at most."""
        if self.rows is None:
            return
        context.check_lease()
        write = hudi.replace_changed if self.replaces else hudi.append_changed
        write(self.rows, context.lake, self.table, note)


def without(changes: Sequence[Changes], tenants: Collection[str]) -> list[Changes]:
    """Return changes with nothing of some tenants among them."""
    if not tenants:
        return list(changes)
    return [_without(one, tenants) for one in changes]


def _without(changes: Changes, tenants: Collection[str]) -> Changes:
    if changes.rows is None:
        return changes
    rows = settled(changes.rows.where(~F.col(TENANT.name).isin(*tenants)))
    return replace(changes, rows=None if rows.isEmpty() else rows)


class Rows(NamedTuple):
    """Rows the driver holds: the names of their columns, and the values of each in that order."""

    names: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]

    def by_key(self, table: Table) -> dict[tuple[Any, ...], tuple[Any, ...]]:
        """Return the rows by the values of the table's key, a null written as an empty text."""
        places = [self.names.index(name) for name in table.key]
        return {
            tuple("" if row[place] is None else row[place] for place in places): tuple(row)
            for row in self.rows
        }

    def under(self, names: tuple[str, ...]) -> Rows:
        """Return the same rows with their columns in another order."""
        places = [self.names.index(name) for name in names]
        return Rows(names, [tuple(row[place] for place in places) for row in self.rows])


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


def changes_of_rows(wanted: Rows, context: RunContext, table: Table, stored: Rows) -> Changes:
    """Return what differs between the rows a table is to have and those it has.

    `stored` are all of the table's rows.
    """
    spark = SparkSession.active()
    if not hudi.exists(spark, context.lake, table):
        return Changes(table, _keyed(spark, wanted, context, table), replaces=True)
    before, now = stored.under(wanted.names).by_key(table), wanted.by_key(table)
    changed = {key: row for key, row in now.items() if before.get(key) != row}
    gone = [row for key, row in before.items() if key not in now]
    if not changed and not gone:
        return Changes(table, None, replaces=False)
    rows = _keyed(spark, Rows(wanted.names, list(changed.values())), context, table)
    if gone:
        removed = _keyed(spark, Rows(wanted.names, gone), context, table)
        rows = rows.unionByName(removed.withColumn(DELETE_MARKER, F.expr("if(true, true, null)")))
    return Changes(table, rows, replaces=bool(gone) or not before.keys().isdisjoint(changed))


def changes_of_stored_rows(wanted: Rows, context: RunContext, table: Table) -> Changes:
    """Return what differs between the rows a table is to have and those it turns out to have."""
    stored = stored_rows(SparkSession.active(), context.lake, table)
    return changes_of_rows(wanted, context, table, stored)


def collected(frame: DataFrame) -> Rows:
    """Return a frame's rows on the driver: of results, not of persons."""
    return Rows(tuple(frame.columns), frame.collect())


def stored_rows(spark: SparkSession, lake: Lake, table: Table) -> Rows:
    """Return all rows of a table of results, without the columns a run stamps."""
    names = tuple(name for name in table.column_names if name not in _STAMPS)
    return Rows(names, hudi.read(spark, lake, table).select(*names).collect())


def _keyed(spark: SparkSession, found: Rows, context: RunContext, table: Table) -> DataFrame:
    declared = {field.name: field for field in schema_of(table)}
    schema = StructType([declared[name] for name in found.names])
    frame = spark.createDataFrame(found.rows, schema, verifySchema=False)
    return with_marker(conform(with_key(frame, table, context), table))


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
