"""Resolves references of stored rows again if the names in them have another meaning now.

A reference that waited can be resolved when its target has arrived. A name that was resolved loses
its meaning when a second resource has the same name, or the first has it no longer. Only rows with
such a name are read; their references are looked up as on arrival.
"""

from __future__ import annotations

from metriccare.engine.protocol import Changes, Engine, Operation, RelationT
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import facts_of, is_written
from metriccare.pipeline.silver import changed_names, references, versions, waiting
from metriccare.pipeline.silver.resolved_model import with_ids
from metriccare.pipeline.silver.row import as_table_rows, silver_columns
from metriccare.quality.rules import LOOKED_UP_RULES
from metriccare.sources.fhir.declarations import Resource
from metriccare.sources.fhir.reference_elements import literal_id
from metriccare.sources.fhir.references import any_of
from metriccare.sources.fhir.resources import BY_TYPE
from metriccare.tables import bronze
from metriccare.tables import silver as tables
from metriccare.tables.commit_note import CommitNote

_BEFORE = "before"
_CARRIED = ("rule_id", _BEFORE)
_FACTS = {
    "waiting": "count_if(size(waiting) > 0)",
    "named": "count_if(size(named) > 0)",
    "changed": "count_if(is_changed)",
    "released": "count_if(released_patient_id is not null)",
}


def resolve_again(engine: Engine[RelationT], context: RunContext) -> None:
    """Resolve the references again whose targets were changed by this run."""
    written = {
        target
        for target in references.targets()
        if is_written(engine, context, tables.BY_RESOURCE[target])
    }
    if not written:
        return
    moved = changed_names.moved_names(engine)
    keys = changed_names.keys_to_decide(engine, context, moved, written)
    for resource_type, of_type in keys.items():
        _decide(engine, of_type, context, BY_TYPE[resource_type])
    if moved is not None:
        changed_names.note_meanings(engine, moved, context)


def _decide(
    engine: Engine[RelationT], keys: RelationT, context: RunContext, resource: Resource
) -> None:
    """Look up the references of stored rows again, and write the rows that are then different."""
    stored = engine.materialize(
        engine.sql(
            "select s.* from stored s left semi join keys k on k.tenant = s.tenant and k.id = s.id",
            stored=engine.read(tables.BY_RESOURCE[resource.type]),
            keys=keys,
        )
    )
    is_urn = any_of(resource, lambda _, __, text: f"{text} like 'urn:%'")
    facts = facts_of(engine, stored, {"urns": f"count_if({is_urn})", "rows": "count(*)"})
    if not facts["rows"]:
        return
    rows = _with_bundle(engine, stored, resource) if facts["urns"] else stored
    opened = engine.materialize(
        engine.sql(_opened_model(resource, has_bundle=bool(facts["urns"])), stored=rows)
    )
    resolved = references.resolve(engine, opened, True, _CARRIED, resource)
    decided = engine.materialize(engine.sql(_decided_model(resource), resolved=resolved))
    _write(engine, decided, keys, context, resource)


def _write(
    engine: Engine[RelationT],
    decided: RelationT,
    keys: RelationT,
    context: RunContext,
    resource: Resource,
) -> None:
    """Write the results; what the rows no longer wait for is removed last.

    The rows are found by what they wait for. So after a crash before that, they are decided again.
    """
    facts = facts_of(engine, decided, _FACTS)
    step = CommitNote(context.run_id, f"again-{resource.table}")
    if facts["waiting"]:
        waiting.put_waiting(engine, decided, resource, step)
    if facts["named"]:
        waiting.put_names(engine, decided, step)
    if facts["released"]:
        versions.write_released(engine, decided, context, step)
    if facts["changed"]:
        changed = engine.sql("select * from decided where is_changed", decided=decided)
        rows = as_table_rows(engine, changed, context, resource)
        engine.commit(Changes(tables.BY_RESOURCE[resource.type], rows, Operation.UPSERT), step)
    waiting.remove_waiting(engine, decided, keys, resource, step)


def _with_bundle(engine: Engine[RelationT], rows: RelationT, resource: Resource) -> RelationT:
    """Return rows with the Bundle they came in."""
    same = " and ".join(
        f"b.{name} = s.{name}" for name in ("tenant", "ingest_sequence", "raw_sha256")
    )
    received = (
        "select b.tenant, b.resource_id, b.ingest_sequence, b.raw_sha256,"
        " min(named_struct('file_id', b.file_id, 'bundle', b.bundle)) as place from bronze b"
        f" where b.resource_type = '{resource.type}'"
        " group by b.tenant, b.resource_id, b.ingest_sequence, b.raw_sha256"
    )
    return engine.sql(
        f"select s.*, b.place.file_id as file_id, b.place.bundle as bundle from stored s"
        f" left join ({received}) b on b.resource_id = s.id and {same}",
        stored=rows,
        bronze=engine.read(bronze.RESOURCE),
    )


def _opened_model(resource: Resource, *, has_bundle: bool) -> str:
    """Return the model of `stored` rows with their references as they were parsed.

    Their stored values are in `before`. Flags that come from a look-up are removed.
    """
    looked_up = ", ".join(f"'{rule.id}'" for rule in LOOKED_UP_RULES)
    ids = with_ids(resource, lambda ref, _, text: literal_id(text, ref.target))
    changed = {**ids, "dq_flags": f"filter(dq_flags, f -> f not in ({looked_up}))"}
    items = ", ".join(f"{changed.get(c, c)} as {c}" for c in silver_columns(resource))
    before = ", ".join(f"'{name}', {name}" for name in changed)
    null = "cast(null as string)"
    bundle = "file_id, bundle" if has_bundle else f"{null} as file_id, {null} as bundle"
    return (
        f"select {items}, {bundle}, {null} as rule_id, named_struct({before}) as {_BEFORE}"
        " from stored"
    )


def _decided_model(resource: Resource) -> str:
    """Return the model of `resolved` rows, with `is_changed` and the patient no longer named."""
    names = [*with_ids(resource, lambda *_: ""), "dq_flags"]
    same = " and ".join(f"{name} <=> {_BEFORE}.{name}" for name in names)
    released = "cast(null as string)"
    if "patient_id" in names:
        was = f"{_BEFORE}.patient_id"
        released = f"if({was} is not null and not ({was} <=> patient_id), {was}, null)"
    return f"select *, not ({same}) as is_changed, {released} as released_patient_id from resolved"
