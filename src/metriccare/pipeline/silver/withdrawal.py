"""Removes the resources of replayed files from silver, so that they are decided again.

They are decided from every version in bronze. So the newest version wins under today's rules,
whatever was stored. Source: docs/adr/0030-replay.md.
"""

from __future__ import annotations

from metriccare.engine.protocol import Engine, Operation, RelationT, Value
from metriccare.incremental.commits import commit_if_any
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import count_of
from metriccare.pipeline.bronze.quarantine import mark_redriven, open_rejects
from metriccare.pipeline.silver.released import put_released
from metriccare.sources.fhir.declarations import Resource
from metriccare.sources.fhir.resources import RESOURCES
from metriccare.tables import bronze
from metriccare.tables import silver as tables
from metriccare.tables.commit_note import CommitNote
from metriccare.tables.keys import REJECTED_RECORD

STEP = "replayed"
KEY = ("tenant", "resource_type", "resource_id")
_NAMED_IN_DETAIL = {
    "Encounter": "d.encounter_id",
    "Patient": "d.patient_id",
    "Condition": "explode(transform(d.conditions, c -> c.condition_id))",
}


def withdraw_resources(engine: Engine[RelationT], context: RunContext) -> RelationT | None:
    """Return the keys of the resources of replayed files, after removing their rows from silver.

    None if no file is replayed. All of bronze's rows of these resources are pending then.
    """
    if not context.taken_again:
        return None
    keys = engine.materialize(_keys(engine, context))
    _mark_rejects(engine, context, keys)
    for resource in RESOURCES:
        if engine.commits(tables.BY_RESOURCE[resource.type]):
            _withdraw(engine, context, resource, keys)
    return keys


def _keys(engine: Engine[RelationT], context: RunContext) -> RelationT:
    """Return the resources of the files, now or when silver last processed them."""
    written = [r for r in RESOURCES if engine.commits(tables.BY_RESOURCE[r.type])]
    parts = [
        f"select {', '.join(KEY)} from bronze where array_contains(:file_ids, file_id)",
        *[
            f"select tenant, '{resource.type}' as resource_type, id as resource_id"
            f" from {resource.table} where array_contains(:sequences,"
            " cast(shiftright(ingest_sequence, 32) as string))"
            for resource in written
        ],
    ]
    parameters: dict[str, Value] = {
        "file_ids": [file.file_id for file in context.taken_again],
        "sequences": [str(file.sequence) for file in context.taken_again],
    }
    relations = {r.table: engine.read(tables.BY_RESOURCE[r.type]) for r in written}
    model = f"select distinct {', '.join(KEY)} from ({' union all '.join(parts)}) every_resource"
    return engine.sql(model, parameters, bronze=engine.read(bronze.RESOURCE), **relations)


def _mark_rejects(engine: Engine[RelationT], context: RunContext, keys: RelationT) -> None:
    """Record on rows of the resources that row rules rejected that this run decides them again."""
    key = " and ".join(f"k.{name} = b.{name}" for name in KEY)
    rejects = engine.sql(
        f"select * from (select *, {REJECTED_RECORD} as record from rejects) r where r.record in"
        f" (select b.record_key from bronze b left semi join keys k on {key})",
        rejects=open_rejects(engine),
        bronze=engine.read(bronze.RESOURCE),
        keys=keys,
    )
    mark_redriven(engine, context, rejects, f"{STEP}-rejects")


def _withdraw(
    engine: Engine[RelationT], context: RunContext, resource: Resource, keys: RelationT
) -> None:
    """Remove one type's rows, after writing the patients and joined rows that depend on them."""
    table = tables.BY_RESOURCE[resource.type]
    patient = "id" if resource.type == "Patient" else "patient_id"
    if patient not in table.column_names:
        patient = "cast(null as string)"
    rows = engine.materialize(
        engine.sql(
            f"select s.tenant, s.record_key, s.id, {patient} as patient_id from stored s"
            " where exists (select 1 from keys k where k.tenant = s.tenant"
            f" and k.resource_type = '{resource.type}' and k.resource_id = s.id)",
            stored=engine.read(table),
            keys=keys,
        )
    )
    if not count_of(engine, rows):
        return
    step = CommitNote(context.run_id, f"{STEP}-{resource.table}")
    _release(engine, rows, context, step)
    _remove_waiting(engine, rows, resource, step)
    _remove_details(engine, rows, resource, step)
    note = CommitNote(context.run_id, STEP)
    commit_if_any(engine, table, rows, Operation.DELETE, note)


def _release(
    engine: Engine[RelationT], rows: RelationT, context: RunContext, step: CommitNote
) -> None:
    """Write the patients of the rows: their stays are computed again."""
    model = "select distinct tenant, patient_id from withdrawn where patient_id is not null"
    patients = engine.materialize(engine.sql(model, withdrawn=rows))
    if count_of(engine, patients):
        put_released(engine, context, tables.RELEASED_PATIENT, patients, step)


def _remove_waiting(
    engine: Engine[RelationT], rows: RelationT, resource: Resource, step: CommitNote
) -> None:
    waiting = engine.sql(
        "select u.tenant, u.record_key from waiting u left semi join withdrawn w"
        f" on w.tenant = u.tenant and w.id = u.id where u.table_name = '{resource.table}'",
        waiting=engine.read(tables.UNRESOLVED_REFERENCE),
        withdrawn=rows,
    )
    commit_if_any(engine, tables.UNRESOLVED_REFERENCE, waiting, Operation.DELETE, step)


def _remove_details(
    engine: Engine[RelationT], rows: RelationT, resource: Resource, step: CommitNote
) -> None:
    """Remove the joined rows with these resources; encounters without one get a new one."""
    if resource.type not in _NAMED_IN_DETAIL:
        return
    named = _NAMED_IN_DETAIL[resource.type]
    details = engine.sql(
        "select distinct n.tenant, n.record_key from"
        f" (select d.tenant, d.record_key, {named} as id from detail d) n"
        " left semi join withdrawn w on w.tenant = n.tenant and w.id = n.id",
        detail=engine.read(tables.ENCOUNTER_DETAIL),
        withdrawn=rows,
    )
    commit_if_any(engine, tables.ENCOUNTER_DETAIL, details, Operation.DELETE, step)
