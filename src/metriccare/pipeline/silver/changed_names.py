"""Finds stored rows with names that now mean another resource, or none."""

from __future__ import annotations

from collections.abc import Collection

from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, Operation, RelationT
from metriccare.incremental.commits import commit_if_any
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import count_of, pending_rows
from metriccare.pipeline.silver.names import URN, kinds_of, meanings_of
from metriccare.quality.rules import DANGLING_REFERENCE
from metriccare.sources.fhir.declarations import Reference, Resource
from metriccare.sources.fhir.references import every, name
from metriccare.sources.fhir.resources import RESOURCES
from metriccare.tables import silver as tables
from metriccare.tables.commit_note import CommitNote

_WAITS, _RESOLVED = tables.UNRESOLVED_REFERENCE, tables.RESOLVED_NAME


def keys_to_decide(
    engine: Engine[RelationT],
    context: RunContext,
    moved: RelationT | None,
    written: Collection[str],
) -> dict[str, RelationT]:
    """Return tenant and id of the rows to decide again, by resource type.

    `written` are the types that the pending runs wrote, `moved` what `moved_names` returned.
    """
    changed = _changed_waiting(engine)
    deleted = _deleted_targets(engine, context, written)
    keys = {}
    for resource in RESOURCES:
        if not engine.commits(tables.BY_RESOURCE[resource.type]):
            continue
        parts = [changed[resource.table]] if resource.table in changed else []
        if moved is not None:
            parts.append(_named_by(engine, moved, resource))
        parts += [
            _missing(engine, deleted[ref.target], resource, ref)
            for ref in resource.references
            if ref.required and ref.target in deleted
        ]
        if parts:
            keys[resource.type] = _distinct(engine, parts)
    return keys


def _distinct(engine: Engine[RelationT], parts: list[RelationT]) -> RelationT:
    named = {f"part_{number}": part for number, part in enumerate(parts)}
    union = " union ".join(f"select tenant, id from {name}" for name in named)
    return engine.materialize(engine.sql(union, None, **named))


def _changed_waiting(engine: Engine[RelationT]) -> dict[str, RelationT]:
    """Return the rows with a waiting reference that has a new meaning now, by table."""
    if not engine.commits(_WAITS):
        return {}
    waiting = engine.read(_WAITS)
    rows = engine.materialize(
        engine.sql(
            model(__package__, "changed_waiting"),
            waiting=waiting,
            known=meanings_of(engine, _kinds_waited_for(engine, waiting)),
            patients=engine.read(tables.BY_RESOURCE["Patient"]),
        )
    )
    names = engine.sql("select distinct table_name from changed", changed=rows)
    return {
        row["table_name"]: engine.sql(
            "select tenant, id from changed where table_name = :name",
            {"name": row["table_name"]},
            changed=rows,
        )
        for row in engine.rows(names)
    }


def _kinds_waited_for(engine: Engine[RelationT], waiting: RelationT) -> set[str]:
    name_kind = (
        f"if(reference like 'urn:%', '{URN}', regexp_extract(reference, '^([A-Za-z]+)[?]', 1))"
    )
    rows = engine.rows(
        engine.sql(f"select distinct {name_kind} as kind from waiting", waiting=waiting)
    )
    return {row["kind"] for row in rows}


def _deleted_targets(
    engine: Engine[RelationT], context: RunContext, written: Collection[str]
) -> dict[str, RelationT]:
    """Return tenant and id of the required targets this run deleted, by resource type."""
    deleted = {}
    for target in {ref.target for r in RESOURCES for ref in r.references if ref.required}:
        if target in written:
            rows = pending_rows(engine, context, tables.BY_RESOURCE[target])
            model_of_deleted = "select tenant, id from written where deleted"
            of_type = engine.materialize(engine.sql(model_of_deleted, written=rows))
            if count_of(engine, of_type):
                deleted[target] = of_type
    return deleted


def _missing(
    engine: Engine[RelationT], deleted: RelationT, resource: Resource, ref: Reference
) -> RelationT:
    """Return the keys of one type's rows with a deleted required target, not flagged yet."""
    return engine.sql(
        "select s.tenant, s.id from stored s left semi join deleted_targets g"
        f" on g.tenant = s.tenant and g.id = s.{ref.name}_id"
        f" where not s.deleted and not array_contains(s.dq_flags, '{DANGLING_REFERENCE.id}')",
        stored=engine.read(tables.BY_RESOURCE[resource.type]),
        deleted_targets=deleted,
    )


def moved_names(engine: Engine[RelationT]) -> RelationT | None:
    """Return the resolved names that now mean another resource, `now_id`, or none.

    None if there are no such names.
    """
    if not engine.commits(_RESOLVED):
        return None
    resolved = engine.read(_RESOLVED)
    moved = engine.materialize(
        engine.sql(
            "select r.*, k.target_id as now_id from resolved r"
            " left join known k on k.tenant = r.tenant and k.name = r.name"
            " where not (r.target_id <=> k.target_id)",
            resolved=resolved,
            known=meanings_of(engine, kinds_of(engine, resolved)),
        )
    )
    return moved if count_of(engine, moved) else None


def _named_by(engine: Engine[RelationT], moved: RelationT, resource: Resource) -> RelationT:
    """Return the keys of one type's rows that have one of the names in a reference."""
    names = every(resource, lambda ref, _, text: name(ref, text))
    return engine.sql(
        "select n.tenant, n.id from"
        f" (select tenant, id, explode({names}) as name from stored where not deleted) n"
        " left semi join moved m on m.tenant = n.tenant and m.name = n.name",
        stored=engine.read(tables.BY_RESOURCE[resource.type]),
        moved=moved,
    )


def note_meanings(engine: Engine[RelationT], moved: RelationT, context: RunContext) -> None:
    """Store the new meanings of names; last, so that after a crash they are looked up again."""
    known = engine.sql(
        "select tenant, name, now_id as target_id, :run_id as run_id, record_key, ordering"
        " from moved where now_id is not null",
        {"run_id": context.run_id},
        moved=moved,
    )
    note = CommitNote(context.run_id, "again-names")
    commit_if_any(engine, _RESOLVED, known, Operation.UPSERT, note)
    unknown = engine.sql("select * from moved where now_id is null", moved=moved)
    note = CommitNote(context.run_id, "again-forgotten")
    commit_if_any(engine, _RESOLVED, unknown, Operation.DELETE, note)
