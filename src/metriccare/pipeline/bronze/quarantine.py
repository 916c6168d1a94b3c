"""Open rejected records, and which of them are still rejected after their files are redriven."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

from metriccare.engine.protocol import Engine, Operation, RelationT
from metriccare.incremental.commits import commit_if_any
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import count_of
from metriccare.tables.bronze import QUARANTINE
from metriccare.tables.commit_note import CommitNote
from metriccare.tables.keys import REJECTED_RECORD


@dataclass(frozen=True)
class RejectSelection(Generic[RelationT]):
    """Rejected records to redrive: their keys, and the files they are in."""

    records: RelationT
    file_ids: frozenset[str]


def open_rejects(engine: Engine[RelationT]) -> RelationT:
    """Return the rejected records that no later run has accepted."""
    model = "select * from quarantine where redriven_run_id is null"
    return engine.sql(model, quarantine=engine.read(QUARANTINE))


def mark_redriven(
    engine: Engine[RelationT], context: RunContext, rejects: RelationT, step: str
) -> None:
    """Record on rejected records which run redrove them; the rows stay, so that counts add up.

    A record that is rejected again is written again by that rule, and is open again.
    """
    columns = ", ".join(
        ":run_id as redriven_run_id" if name == "redriven_run_id" else name
        for name in QUARANTINE.column_names
    )
    model = f"select {columns} from rejects"
    marked = engine.sql(model, {"run_id": context.run_id}, rejects=rejects)
    commit_if_any(engine, QUARANTINE, marked, Operation.UPSERT, CommitNote(context.run_id, step))


def select_rejects(
    engine: Engine[RelationT], run_id: str | None, rule_id: str | None
) -> RejectSelection[RelationT]:
    """Return the open records that a run and a rule rejected; None means any."""
    model = (
        f"select file_id, {REJECTED_RECORD} as record from rejects"
        " where run_id = coalesce(:run_id, run_id) and rule_id = coalesce(:rule_id, rule_id)"
    )
    parameters = {"run_id": run_id, "rule_id": rule_id}
    selected = engine.sql(model, parameters, rejects=open_rejects(engine))
    records = engine.materialize(selected)
    files = engine.rows(engine.sql("select distinct file_id from records", records=records))
    return RejectSelection(records, frozenset(row["file_id"] for row in files))


def still_rejected(engine: Engine[RelationT], selection: RejectSelection[RelationT]) -> int:
    """Return how many of the records are rejected now, by any rule."""
    model = (
        "select * from selected s"
        f" where exists (select 1 from (select {REJECTED_RECORD} as record from rejects) r"
        " where r.record = s.record)"
    )
    rejected = engine.sql(model, selected=selection.records, rejects=open_rejects(engine))
    return count_of(engine, rejected)
