"""The persons that a run must compute again.

These are the persons of changed rows, the persons those rows named before, persons with a stay
that has an encounter of either, and persons whose computation failed before. A change of hospitals,
wards, code sets or `as_of` affects everyone.
"""

from __future__ import annotations

from collections.abc import Sequence

from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, RelationT
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import (
    IS_PENDING,
    count_of,
    is_written,
    pending_parameters,
    pending_rows,
)
from metriccare.marts.measures import MEASURES
from metriccare.marts.measures.rulebook import Rulebook
from metriccare.pipeline.gold.histories import RECORD, Scope, replaced_records
from metriccare.pipeline.gold.result_rows import TenantResult
from metriccare.tables import Table
from metriccare.tables import gold as tables
from metriccare.tables import silver as silver_tables

_PLACES = ("Organization", "Location")
# Types whose rows name the patient they are of.
_BY_PATIENT = (
    "Encounter",
    "Condition",
    "Procedure",
    "Claim",
    "ExplanationOfBenefit",
    "Observation",
    "Coverage",
    "Specimen",
)
# Tables of silver, each with its column that names a patient record.
_NAMING: Sequence[tuple[Table, str]] = (
    (silver_tables.BY_RESOURCE["Patient"], "id"),
    *((silver_tables.BY_RESOURCE[type_], "patient_id") for type_ in _BY_PATIENT),
    (silver_tables.RELEASED_PATIENT, "patient_id"),
)
# Patients of results made on changed specimens, which need not name one.
_OF_SPECIMENS = (
    "select o.tenant, o.patient_id from observations o left semi join specimen_changed s"
    " on o.tenant = s.tenant and o.specimen_id = s.id where not o.deleted"
)


def affected_persons(
    engine: Engine[RelationT],
    context: RunContext,
    rules: Rulebook,
    before: Sequence[TenantResult],
) -> Scope[RelationT] | None:
    """Return the persons to compute, or None for everyone.

    `before` are the stored results.
    """
    if context.rebuild or not engine.commits(tables.MEASURE_RESULT):
        return None
    if _results_differ(before, context, rules) or _places_changed(engine, context):
        return None
    patients = _changed_patients(engine, context)
    failed = engine.read(tables.PERSON_NOT_COMPUTED)
    if patients is None and not count_of(engine, failed):
        nobody = engine.from_rows(RECORD, [])
        return Scope(nobody, 0, nobody)
    survivor = replaced_records(engine)
    persons = engine.materialize(
        engine.sql(
            model(__package__, "affected_persons"),
            patient=engine.from_rows(RECORD, []) if patients is None else patients,
            survivor=survivor,
            encounter=engine.read(silver_tables.BY_RESOURCE["Encounter"]),
            stay=engine.read(tables.STAY),
            person_not_computed=failed,
        )
    )
    return Scope(persons, count_of(engine, persons), survivor)


def _results_differ(before: Sequence[TenantResult], context: RunContext, rules: Rulebook) -> bool:
    """Return True if the stored results are of another `as_of`, or by other rules or codes."""
    in_force = {measure.id: rules.version(measure) for measure in MEASURES}
    return any(
        one.as_of != context.as_of_for(one.tenant)
        or one.version != in_force.get(one.result.key.measure_id)
        for one in before
    )


def _places_changed(engine: Engine[RelationT], context: RunContext) -> bool:
    places = [silver_tables.BY_RESOURCE[type_] for type_ in _PLACES]
    written = [table for table in places if is_written(engine, context, table)]
    return any(count_of(engine, pending_rows(engine, context, table)) for table in written)


def _changed_patients(engine: Engine[RelationT], context: RunContext) -> RelationT | None:
    """Return tenant and patient_id of records whose rows changed, or that rows named before.

    None if there are none.
    """
    written = [(t, column) for t, column in _NAMING if is_written(engine, context, t)]
    if not written:
        return None
    selects = [
        f"select tenant, {column} as patient_id from {table.name} where {IS_PENDING}"
        for table, column in written
    ]
    changed = {table.name: engine.read(table) for table, _ in written}
    specimen = silver_tables.BY_RESOURCE["Specimen"]
    if specimen.name in changed:
        selects.append(_OF_SPECIMENS)
        changed["observations"] = engine.read(silver_tables.BY_RESOURCE["Observation"])
        changed["specimen_changed"] = pending_rows(engine, context, specimen)
    every = " union all ".join(selects)
    patients = engine.materialize(
        engine.sql(
            f"select distinct tenant, patient_id from ({every}) c where patient_id is not null",
            pending_parameters(context),
            **changed,
        )
    )
    return patients if count_of(engine, patients) else None
