"""Rows to write, prepared for the function of Hudi's writer that each operation needs."""

from __future__ import annotations

from pyspark.sql import DataFrame

from metriccare.engine.protocol import Operation
from metriccare.engine.spark import hudi_writer
from metriccare.engine.spark.schema import conform
from metriccare.settings import Lake
from metriccare.tables import Table
from metriccare.tables.commit_note import CommitNote
from metriccare.tables.declaration import DELETE_MARKER, PARTITION_COLUMN, RECORD_KEY


def write(
    frame: DataFrame, lake: Lake, table: Table, operation: Operation, note: CommitNote
) -> None:
    """Write rows with one commit, as the operation and the presence of a delete marker ask."""
    is_marked = DELETE_MARKER.name in frame.columns
    if operation is Operation.DELETE:
        hudi_writer.remove(_keys(frame, table), lake, table, note)
    elif not is_marked:
        plain = hudi_writer.append if operation is Operation.INSERT else hudi_writer.write
        plain(frame, lake, table, note)
    else:
        changed = (
            hudi_writer.append_changed
            if operation is Operation.INSERT
            else hudi_writer.replace_changed
        )
        changed(_marked(frame, table), lake, table, note)


def _keys(frame: DataFrame, table: Table) -> DataFrame:
    """Return the declared columns; of rows to remove only tenant and record key are used."""
    key = (PARTITION_COLUMN, RECORD_KEY.name)
    items = [
        f"`{c.name}`" if c.name in key else f"cast(null as {c.type}) as `{c.name}`"
        for c in table.columns
    ]
    return frame.selectExpr(*items)


def _marked(frame: DataFrame, table: Table) -> DataFrame:
    """Return the declared columns and the marker, all nullable, as they are on disk."""
    conform(frame, table)
    optional = [
        f"if(true, `{name}`, null) as `{name}`"
        for name in (*table.column_names, DELETE_MARKER.name)
    ]
    return frame.selectExpr(*optional)
