"""Persons whose computation fails: recorded by key, and tried again by every run.

Their stored rows stay as they were.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, Operation, RelationT
from metriccare.incremental.commits import commit_if_any
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import count_of
from metriccare.incremental.table_changes import with_key
from metriccare.marts.mart import Mart
from metriccare.pipeline.gold.outcome import PersonsNotComputed
from metriccare.tables import Table
from metriccare.tables.commit_note import CommitNote

# The table is written twice in a run, and a step is written once.
_NOTED, _COMPUTED = "gold-not-computed", "gold-computed"
_SINCE = (
    "select tenant, since_run_id, outcome_run_id, count(*) as persons from failed"
    " group by tenant, since_run_id, outcome_run_id"
)
_DIFFERING = (
    "select f.* from failed f left anti join known k"
    " on f.tenant = k.tenant and f.person_id = k.person_id and f.error <=> k.error"
    " and f.place <=> k.place and f.since_run_id <=> k.since_run_id"
    " and f.outcome_run_id <=> k.outcome_run_id"
)
_COMPUTED_BY_NOW = (
    "select k.* from known k left anti join failed f"
    " on k.tenant = f.tenant and k.person_id = f.person_id"
    " where not array_contains(:refused, k.tenant)"
)


def note_failed(
    engine: Engine[RelationT], context: RunContext, mart: Mart[RelationT], failed: RelationT
) -> RelationT:
    """Write down who was not computed, where that is new or has changed; return their rows.

    This comes before the gates: a tenant they refuse for it must find the persons named.
    """
    table = mart.not_computed
    known = engine.read(table)
    rows = engine.materialize(
        engine.sql(
            model(__package__, "persons_not_computed"),
            {"run_id": context.run_id},
            failed=failed,
            with_outcome=mart.persons_with_outcome(),
            person_not_computed=known,
        )
    )
    differing = engine.sql(_DIFFERING, failed=rows, known=known)
    changed = with_key(engine, differing, table, context)
    note = CommitNote(context.run_id, _NOTED)
    commit_if_any(engine, table, changed, Operation.UPSERT, note)
    return rows


def by_tenant(
    engine: Engine[RelationT], failed: RelationT, computed: RelationT
) -> Mapping[str, PersonsNotComputed]:
    """Return the persons not computed by tenant; `computed` are rows of all others."""
    counts: dict[str, Counter[tuple[str, str | None]]] = {}
    for row in engine.rows(engine.sql(_SINCE, failed=failed)):
        since = row["since_run_id"], row["outcome_run_id"]
        counts.setdefault(row["tenant"], Counter())[since] += row["persons"]
    persons = engine.sql(model(__package__, "persons_by_tenant"), failed=failed, computed=computed)
    return {
        row["tenant"]: PersonsNotComputed(row["persons"], counts[row["tenant"]])
        for row in engine.rows(persons)
    }


def forget_computed(
    engine: Engine[RelationT],
    context: RunContext,
    table: Table,
    failed: RelationT | None,
    refused: Collection[str],
) -> None:
    """Remove the persons who are computed and written by now.

    A refused tenant's rows are not written: its persons stay noted, so that they are tried again.
    """
    known = engine.read(table)
    if not count_of(engine, known):
        return
    gone = engine.sql(
        _COMPUTED_BY_NOW,
        {"refused": sorted(refused)},
        known=known,
        failed=engine.from_rows(table.columns, []) if failed is None else failed,
    )
    note = CommitNote(context.run_id, _COMPUTED)
    commit_if_any(engine, table, gone, Operation.DELETE, note)
