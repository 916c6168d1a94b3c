"""Rejected records that are open, and what came of them once their files went through again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

from metriccare.engine.protocol import Engine, Operation, RelationT
from metriccare.incremental.commits import commit_if_any
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import count_of
from metriccare.tables.bronze import QUARANTINE
from metriccare.tables.commit_note import CommitNote

# Which record a reject is of, whatever rule rejects it: its key without the rule.
RECORD = "substring(record_key, 1, length(record_key) - length(rule_id) - 1)"


@dataclass(frozen=True)
class RejectSelection(Generic[RelationT]):
    """Records to be sent through again: their keys, and the files that hold them."""

    records: RelationT
    file_ids: frozenset[str]


def open_rejects(engine: Engine[RelationT]) -> RelationT:
    """Return the rejected records no later run took in after all."""
    model = "select * from quarantine where redriven_run_id is null"
    return engine.sql(model, quarantine=engine.read(QUARANTINE))


def mark_redriven(
    engine: Engine[RelationT], context: RunContext, rejects: RelationT, step: str
) -> None:
    """Note on rejected records which run sent them through again: they stay, to be accounted for.

    One that is rejected once more is written again by the rule that does so, and open again.
    """
    columns = ", ".join(
        ":run_id as redriven_run_id" if name == "redriven_run_id" else name
        for name in QUARANTINE.column_names
    )
    model = f"select {columns} from rejects"
    noted = engine.sql(model, {"run_id": context.run_id}, rejects=rejects)
    commit_if_any(engine, QUARANTINE, noted, Operation.UPSERT, CommitNote(context.run_id, step))


def select_rejects(
    engine: Engine[RelationT], run_id: str | None, rule_id: str | None
) -> RejectSelection[RelationT]:
    """Return the open records that a run and a rule rejected; None does not restrict them."""
    model = (
        f"select file_id, {RECORD} as record from rejects"
        " where run_id = coalesce(:run_id, run_id) and rule_id = coalesce(:rule_id, rule_id)"
    )
    parameters = {"run_id": run_id, "rule_id": rule_id}
    wanted = engine.sql(model, parameters, rejects=open_rejects(engine))
    records = engine.materialize(wanted)
    files = engine.rows(engine.sql("select distinct file_id from records", records=records))
    return RejectSelection(records, frozenset(row["file_id"] for row in files))


def still_rejected(engine: Engine[RelationT], wanted: RejectSelection[RelationT]) -> int:
    """Return how many of the records are rejected today, by whatever rule."""
    model = (
        "select * from wanted w"
        f" where exists (select 1 from (select {RECORD} as record from rejects) r"
        " where r.record = w.record)"
    )
    left = engine.sql(model, wanted=wanted.records, rejects=open_rejects(engine))
    return count_of(engine, left)
