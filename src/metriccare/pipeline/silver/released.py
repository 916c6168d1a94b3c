"""Writes what rows named before this run and do not name any more.

What was computed for these patients or persons is then computed again.
"""

from __future__ import annotations

from metriccare.engine.protocol import Changes, Engine, Operation, RelationT
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import drop_already_written
from metriccare.tables import Table, keys
from metriccare.tables.commit_note import CommitNote


def write_released(
    engine: Engine[RelationT],
    context: RunContext,
    table: Table,
    rows: RelationT,
    step: CommitNote,
) -> None:
    """Write distinct rows (tenant and name) that no pending run has written yet."""
    new = drop_already_written(engine, rows, context, table, table.key[:2])
    if new is not None:
        put_released(engine, context, table, new, step)


def put_released(
    engine: Engine[RelationT],
    context: RunContext,
    table: Table,
    rows: RelationT,
    step: CommitNote,
) -> None:
    """Write distinct rows (tenant and name) to a table with the key (tenant, name, run)."""
    tenant, name, _ = table.key
    stamped = engine.sql(
        f"select {tenant}, {name}, :run_id as run_id,"
        f" {keys.joined_expression(tenant, name, ':run_id')} as record_key,"
        " cast(1 as bigint) as ordering from released",
        {"run_id": context.run_id},
        released=rows,
    )
    engine.commit(Changes(table, stamped, Operation.UPSERT), step)
