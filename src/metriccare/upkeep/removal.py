"""Rows removed from a table with one commit, and counted."""

from __future__ import annotations

from metriccare.engine.protocol import Changes, Engine, Operation, RelationT
from metriccare.incremental.pending_rows import count_of
from metriccare.tables import Table
from metriccare.tables.commit_note import CommitNote


def remove_rows(engine: Engine[RelationT], rows: RelationT, table: Table, note: CommitNote) -> int:
    """Remove rows by tenant and record key; return how many, without a commit if there are none."""
    gone = engine.materialize(rows)
    count = count_of(engine, gone)
    if count:
        engine.commit(Changes(table, gone, Operation.DELETE), note)
    engine.release(gone)
    return count
