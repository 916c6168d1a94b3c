"""Writes the references that rows wait for, and the names that were resolved."""

from __future__ import annotations

from collections.abc import Mapping

from metriccare.engine.protocol import Engine, Operation, RelationT
from metriccare.incremental.commits import commit_if_any
from metriccare.incremental.context import RunContext
from metriccare.pipeline.silver.resolved_model import NAMED, WAITING
from metriccare.sources.fhir.declarations import Resource
from metriccare.tables import silver as tables
from metriccare.tables.commit_note import CommitNote
from metriccare.tables.keys import joined_expression

WAITS, RESOLVED = tables.UNRESOLVED_REFERENCE, tables.RESOLVED_NAME


def write_names(
    engine: Engine[RelationT],
    current: RelationT,
    facts: Mapping[str, int],
    context: RunContext,
    resource: Resource,
) -> None:
    """Write what new rows wait for, and the names that were resolved in them.

    What the replaced rows waited for is removed: after a crash the rows are processed again.
    """
    step = CommitNote(context.run_id, f"silver-{resource.table}")
    if facts["known"] and engine.commits(WAITS):
        remove_waiting(engine, current, current, resource, step)
    if facts["waiting"]:
        put_waiting(engine, current, resource, step)
    if facts["named"]:
        put_names(engine, current, step)


def _waiting_rows(engine: Engine[RelationT], rows: RelationT, resource: Resource) -> RelationT:
    """Return what rows wait for, one row per reference."""
    table = f"'{resource.table}'"
    return engine.materialize(
        engine.sql(
            f"select tenant, {table} as table_name, id, w.reference,"
            " max(w.ambiguous) as ambiguous,"
            f" {joined_expression('tenant', table, 'id', 'w.reference')} as record_key"
            f" from (select tenant, id, explode({WAITING}) as w from waiting_rows) e"
            " group by tenant, id, w.reference",
            waiting_rows=rows,
        )
    )


def put_waiting(
    engine: Engine[RelationT], rows: RelationT, resource: Resource, step: CommitNote
) -> None:
    """Write what rows wait for, unless the same is stored already."""
    new = engine.sql(
        "select w.tenant, w.table_name, w.id, w.reference, :run_id as run_id, w.ambiguous,"
        " w.record_key, cast(1 as bigint) as ordering from wanted w"
        " where not exists (select 1 from stored s where s.record_key = w.record_key"
        " and coalesce(s.ambiguous, false) = w.ambiguous)",
        {"run_id": step.run_id},
        wanted=_waiting_rows(engine, rows, resource),
        stored=engine.read(WAITS),
    )
    note = CommitNote(step.run_id, f"{step.step}-waiting")
    commit_if_any(engine, WAITS, new, Operation.UPSERT, note)


def remove_waiting(
    engine: Engine[RelationT],
    rows: RelationT,
    keys: RelationT,
    resource: Resource,
    step: CommitNote,
) -> None:
    """Remove what the rows with these keys (tenant, id) wait for no longer, according to `rows`."""
    obsolete = engine.sql(
        "select s.tenant, s.record_key from stored s"
        f" where s.table_name = '{resource.table}'"
        " and exists (select 1 from concerned k where k.tenant = s.tenant and k.id = s.id)"
        " and not exists (select 1 from wanted w where w.record_key = s.record_key)",
        stored=engine.read(WAITS),
        concerned=keys,
        wanted=_waiting_rows(engine, rows, resource),
    )
    note = CommitNote(step.run_id, f"{step.step}-settled")
    commit_if_any(engine, WAITS, obsolete, Operation.DELETE, note)


def put_names(engine: Engine[RelationT], rows: RelationT, step: CommitNote) -> None:
    """Write the names that were resolved for the first time, with their meaning."""
    new = engine.sql(
        "select n.tenant, n.name, n.target_id, :run_id as run_id,"
        f" {joined_expression('n.tenant', 'n.name')} as record_key,"
        " cast(1 as bigint) as ordering from"
        " (select tenant, e.n.name as name, min(e.n.target_id) as target_id from"
        f" (select tenant, explode({NAMED}) as n from named_rows) e"
        " group by tenant, e.n.name) n"
        " where not exists (select 1 from stored s where s.tenant = n.tenant"
        " and s.name = n.name)",
        {"run_id": step.run_id},
        named_rows=rows,
        stored=engine.read(RESOLVED),
    )
    note = CommitNote(step.run_id, f"{step.step}-names")
    commit_if_any(engine, RESOLVED, new, Operation.UPSERT, note)
