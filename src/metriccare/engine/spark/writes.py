"""Changes to a table, as Hudi's writer takes them."""

from __future__ import annotations

from pyspark.sql import DataFrame

from metriccare.engine.protocol import Operation
from metriccare.engine.spark import hudi
from metriccare.engine.spark.schema import conform
from metriccare.settings import Lake
from metriccare.tables import Table
from metriccare.tables.commit_note import CommitNote
from metriccare.tables.declaration import DELETE_MARKER, PARTITION_COLUMN, RECORD_KEY


def write(
    frame: DataFrame, lake: Lake, table: Table, operation: Operation, note: CommitNote
) -> None:
    """Write rows with one commit, by the operation and whether they carry a delete marker."""
    is_marked = DELETE_MARKER.name in frame.columns
    if operation is Operation.DELETE:
        hudi.remove(_keys(frame, table), lake, table, note)
    elif not is_marked:
        plain = hudi.append if operation is Operation.INSERT else hudi.write
        plain(frame, lake, table, note)
    else:
        changed = hudi.append_changed if operation is Operation.INSERT else hudi.replace_changed
        changed(_marked(frame, table), lake, table, note)


def _keys(frame: DataFrame, table: Table) -> DataFrame:
    """Return the declared columns: only tenant and record key of rows to remove matter."""
    key = (PARTITION_COLUMN, RECORD_KEY.name)
    items = [
        f"`{c.name}`" if c.name in key else f"cast(null as {c.type}) as `{c.name}`"
        for c in table.columns
    ]
    return frame.selectExpr(*items)


def _marked(frame: DataFrame, table: Table) -> DataFrame:
    """Return the declared columns and the marker, all optional: on disk they always are."""
    conform(frame, table)
    optional = [
        f"if(true, `{name}`, null) as `{name}`"
        for name in (*table.column_names, DELETE_MARKER.name)
    ]
    return frame.selectExpr(*optional)
