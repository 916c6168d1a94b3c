"""Which patient records are one person, and which persons a run computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, RelationT, Row
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


def nobody(engine: Engine[RelationT]) -> Scope[RelationT]:
    """Return a scope without persons."""
    none = engine.from_rows(RECORD, [])
    return Scope(none, 0, none)


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


def records_of(engine: Engine[RelationT], person: RelationT, survivor: RelationT) -> RelationT:
    """Return the ids of persons' own patient records, and of those they replace."""
    records = engine.sql(model(__package__, "person_records"), person=person, survivor=survivor)
    return engine.materialize(records)


def of_records(engine: Engine[RelationT], rows: RelationT, record: RelationT) -> RelationT:
    """Return the rows of silver (tenant, patient_id) that are of these patient records."""
    return engine.sql(model(__package__, "of_records"), silver=rows, record=record)
