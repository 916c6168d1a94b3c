"""Commits rows, unless there are none: a commit costs more than counting them."""

from __future__ import annotations

from metriccare.engine.protocol import Changes, Engine, Operation, RelationT
from metriccare.incremental.pending_rows import count_of
from metriccare.tables import Table
from metriccare.tables.commit_note import CommitNote


def commit_if_any(
    engine: Engine[RelationT],
    table: Table,
    rows: RelationT,
    operation: Operation,
    note: CommitNote,
) -> int:
    """Return how many rows were committed; they are computed once, and no rows are no commit."""
    computed = engine.materialize(rows)
    count = count_of(engine, computed)
    if count:
        engine.commit(Changes(table, computed, operation), note)
    engine.release(computed)
    return count
