"""Real Hudi tables for the tests of the query side, written by Spark from plain rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from metriccare.settings import Lake
from metriccare.spark.timeline import CommitNote
from metriccare.tables import BY_NAME, Table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Row = Mapping[str, object]


def write_rows(
    spark: SparkSession, lake: Lake, full_name: str, rows: Iterable[Row], run: str = "run-1"
) -> None:
    """Upsert rows into a declared table with one commit; columns a row lacks are null."""
    from metriccare.spark import hudi
    from metriccare.spark.schema import schema_of

    table = BY_NAME[full_name]
    tuples = [_tuple(table, row) for row in rows]
    frame = spark.createDataFrame(tuples, schema_of(table))
    hudi.write(frame, lake, table, CommitNote(run_id=run, step=full_name))


def create_empty(spark: SparkSession, lake: Lake, full_names: Sequence[str]) -> None:
    """Create tables the way the first use of a lake does: one commit, no rows."""
    from metriccare.spark import hudi

    for name in full_names:
        note = CommitNote(run_id="create", step=name)
        hudi.create(spark, lake, BY_NAME[name], note)


def _tuple(table: Table, row: Row) -> tuple[object, ...]:
    unknown = set(row) - set(table.column_names)
    if unknown:
        raise AssertionError(f"{table.full_name} has no column {sorted(unknown)}")
    key = "|".join(str(row.get(name)) for name in table.key)
    whole = {"record_key": key, "ordering": 1, **row}
    return tuple(whole.get(name) for name in table.column_names)
