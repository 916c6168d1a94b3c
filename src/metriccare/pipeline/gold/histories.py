"""Silver gathered by person: one row with all that the measures may ask of one.

Only what can matter leaves silver: persons who were inpatients at all, their encounters that can
be part of a stay, and of observations and procedures only those the code sets name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic

from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, RelationT, Row, Value
from metriccare.marts.measures.rulebook import Rulebook
from metriccare.marts.stays.identity import REPLACED_BY, survivors
from metriccare.tables import Column
from metriccare.tables import silver as tables
from metriccare.tables.declaration import TENANT

_PERSON_ID = Column("person_id", "string", "the person")
RECORD = (TENANT, Column("patient_id", "string", "the patient record"), _PERSON_ID)


@dataclass(frozen=True)
class Scope(Generic[RelationT]):
    """The persons to compute (tenant, person_id), and how many; records that others replace."""

    persons: RelationT
    count: int
    survivor: RelationT


def replaced_records(engine: Engine[RelationT]) -> RelationT:
    """Return tenant, patient_id and person_id of records that another one replaces.

    Replaced records are few; their links are followed in Python.
    """
    patients = engine.read(tables.BY_RESOURCE["Patient"])
    links = engine.sql(
        model(__package__, "replaced_patients"), {"replaced_by": REPLACED_BY}, patient=patients
    )
    return engine.from_rows(RECORD, _survivors(engine.rows(links)))


def _survivors(links: list[Row]) -> list[tuple[str, str, str]]:
    by_tenant: dict[str, list[tuple[str, str]]] = {}
    for link in links:
        pair = link["patient_id"], link["replaced_by"]
        by_tenant.setdefault(link["tenant"], []).append(pair)
    return [
        (tenant, patient, person)
        for tenant, pairs in by_tenant.items()
        for patient, person in survivors(pairs).items()
    ]


def histories(
    engine: Engine[RelationT], rules: Rulebook, scope: Scope[RelationT] | None
) -> RelationT:
    """Return one row per person who was an inpatient: tenant, person_id and arrays of rows.

    `scope` limits them to some persons; only the rows of these are read.
    """
    survivor = scope.survivor if scope else replaced_records(engine)
    encounter = engine.read(tables.BY_RESOURCE["Encounter"])
    if scope is not None:
        records = _records_of(engine, scope.persons, survivor)
        encounter = engine.sql(model(__package__, "of_records"), silver=encounter, record=records)
    inpatient = engine.materialize(
        engine.sql(
            model(__package__, "inpatient_encounters"), encounter=encounter, survivor=survivor
        )
    )
    person = engine.materialize(
        engine.sql("select distinct tenant, person_id from inpatient", inpatient=inpatient)
    )
    record = _records_of(engine, person, survivor)
    entries = _entries(engine, rules, inpatient, record)
    return engine.sql(model(__package__, "histories"), None, person=person, **entries)


def _records_of(engine: Engine[RelationT], person: RelationT, survivor: RelationT) -> RelationT:
    """Return the ids of persons' own patient records, and of those they replace."""
    found = engine.sql(model(__package__, "person_records"), person=person, survivor=survivor)
    return engine.materialize(found)


def _entries(
    engine: Engine[RelationT], rules: Rulebook, inpatient: RelationT, record: RelationT
) -> Mapping[str, RelationT]:
    """Return the entries of each kind by person."""
    codes = rules.codes

    def gathered(name: str, *types: str, **more: RelationT) -> RelationT:
        silver = {tables.BY_RESOURCE[t].name: engine.read(tables.BY_RESOURCE[t]) for t in types}
        relations = {**silver, **more}
        return engine.sql(model(__package__, name), parameters, record=record, **relations)

    parameters: dict[str, Value] = {
        "procedures": rules.procedure_pattern,
        "infections": codes["infections"].pattern(),
        "lab_tests": [entry.code for entry in codes["lab_tests"].entries],
    }
    return {
        "encounters": gathered("encounters", "Encounter"),
        "patients": gathered("patients", "Patient"),
        "conditions": gathered("conditions", "Condition"),
        "procedures": gathered("procedures", "Procedure"),
        "claims": gathered("claims", "Claim", "ExplanationOfBenefit", inpatient=inpatient),
        "results": gathered("lab_results", "Observation", "Specimen"),
        "coverages": gathered("coverages", "Coverage"),
    }
