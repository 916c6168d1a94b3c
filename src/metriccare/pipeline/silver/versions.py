"""Decides which version of a resource is the current one.

The greatest `meta.lastUpdated` wins, then the greatest ingest sequence. Content that the resource
had before, with the same `lastUpdated`, never counts again, even after other content with that
`lastUpdated`. Source: ingest specification, section 3.
"""

from __future__ import annotations

from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, RelationT
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import IS_PENDING, pending_parameters
from metriccare.pipeline.silver import released
from metriccare.pipeline.silver.row import IS_GOOD, patient_of
from metriccare.sources.fhir.declarations import Resource
from metriccare.tables import bronze
from metriccare.tables import silver as tables
from metriccare.tables.commit_note import CommitNote

# The columns of the decision for a type without stored rows.
_NOTHING_STORED = (
    "cast(null as timestamp) as stored_updated, false as contested,"
    " cast(null as string) as released_patient_id"
)


def winners(
    engine: Engine[RelationT], judged: RelationT, keys_repeat: bool, resource: Resource
) -> RelationT:
    """Return the new current rows, one per resource and newer than the stored one, and all rejects.

    `stored_updated` is null for a new resource. `released_patient_id` is a patient that only the
    stored row names. `contested` rows must be checked by `repeats`.
    """
    rows = newest_of(engine, judged) if keys_repeat else judged
    table = tables.BY_RESOURCE[resource.type]
    if not engine.commits(table):
        return engine.sql(f"select *, {_NOTHING_STORED} from newest", newest=rows)
    columns = "record_key, last_updated, raw_sha256, ingest_sequence"
    patient = f"{patient_of(resource)} as patient_id"
    arriving = engine.sql(
        f"select {columns}, bronze_key, last_updated_sent, rule_id, {patient} from newest",
        newest=rows,
    )
    stored = engine.sql(f"select {columns}, {patient} from stored", stored=engine.read(table))
    decided = engine.sql(model(__package__, "newer_than_stored"), arriving=arriving, stored=stored)
    return engine.sql(
        "select n.*, d.stored_updated, d.contested, d.released_patient_id"
        " from newest n join decided d on d.bronze_key = n.bronze_key",
        newest=rows,
        decided=engine.materialize(decided),
    )


def newest_of(engine: Engine[RelationT], judged: RelationT) -> RelationT:
    """Return rejected rows and one good row per resource."""
    kept = engine.sql(model(__package__, "newest_versions"), judged=judged)
    return engine.sql(
        "select j.* from judged j left semi join kept k on k.bronze_key = j.bronze_key",
        judged=judged,
        kept=engine.materialize(kept),
    )


def repeats(
    engine: Engine[RelationT], rows: RelationT, context: RunContext, resource: Resource
) -> RelationT:
    """Return the `bronze_key` of rows with content that an earlier run received already.

    Only contested rows are looked up in bronze's history: they have the time of the stored row, or
    no time.
    """
    earlier = engine.sql(
        "select tenant, resource_id, raw_sha256, last_updated from bronze"
        f" where resource_type = '{resource.type}' and not {IS_PENDING}",
        pending_parameters(context),
        bronze=engine.read(bronze.RESOURCE),
    )
    contested = engine.sql(f"select * from resolved where {IS_GOOD} and contested", resolved=rows)
    known = engine.sql(model(__package__, "received_before"), contested=contested, earlier=earlier)
    return engine.materialize(known)


def without(engine: Engine[RelationT], rows: RelationT, known: RelationT) -> RelationT:
    """Return the rows without those that `repeats` returned."""
    return engine.sql(
        "select n.* from newest n left anti join known k on k.bronze_key = n.bronze_key",
        newest=rows,
        known=known,
    )


def write_released(
    engine: Engine[RelationT], changed: RelationT, context: RunContext, step: CommitNote
) -> None:
    """Write the patients that rows named before this run and do not name any more."""
    patients = engine.sql(
        "select distinct tenant, released_patient_id as patient_id from changed"
        " where released_patient_id is not null",
        changed=changed,
    )
    released.write_released(engine, context, tables.RELEASED_PATIENT, patients, step)
