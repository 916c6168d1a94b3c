"""The persons that a run must compute again for a mart.

These are the persons of changed rows, the persons those rows named before, persons with a stay
that has an encounter of either, and persons whose computation failed before. A change of what
everyone is computed with affects everyone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, NamedTuple

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
from metriccare.marts.persons import RECORD, Scope, nobody, replaced_records
from metriccare.tables import Table
from metriccare.tables import gold as gold_tables
from metriccare.tables import silver as tables


@dataclass(frozen=True)
class Named:
    """Rows that name the patient records they are of, in a column.

    `column` may be any expression over the table's columns.
    """

    table: Table
    column: str = "patient_id"


@dataclass(frozen=True)
class Linked(Generic[RelationT]):
    """Rows that need not name a patient: `patients` finds the records through other rows.

    It returns tenant and patient_id, given the changed rows.
    """

    table: Table
    patients: Callable[[RelationT], RelationT]


@dataclass(frozen=True)
class Triggers(Generic[RelationT]):
    """What a mart's persons are computed from; a changed row of `everyone` affects all of them."""

    named: Sequence[Named]
    linked: Sequence[Linked[RelationT]] = ()
    everyone: Sequence[Table] = ()


def by_type(*types: str) -> tuple[Named, ...]:
    """Return the silver tables of FHIR types whose rows name their patient."""
    return tuple(Named(tables.BY_RESOURCE[type_]) for type_ in types)


# A patient record that was merged, or whose rows an erasure or a moved encounter released.
OF_RECORDS = (Named(tables.BY_RESOURCE["Patient"], "id"), Named(tables.RELEASED_PATIENT))


class StoredResult(NamedTuple):
    """What a stored result says of how it was made."""

    tenant: str
    as_of: date
    id: str
    version: str


def is_outdated(
    context: RunContext, stored: Iterable[StoredResult], in_force: Mapping[str, str]
) -> bool:
    """Return True if a stored result is of another `as_of`, or by another version than in force."""
    return any(
        each.as_of != context.as_of_for(each.tenant) or each.version != in_force.get(each.id)
        for each in stored
    )


def affected_persons(
    engine: Engine[RelationT],
    context: RunContext,
    triggers: Triggers[RelationT],
    not_computed: Table,
) -> Scope[RelationT] | None:
    """Return the persons to compute, or None for everyone.

    `not_computed` is the mart's table of persons whose computation failed.
    """
    if any(_has_pending(engine, context, table) for table in triggers.everyone):
        return None
    patients = _changed_patients(engine, context, triggers)
    failed = engine.read(not_computed)
    if patients is None and not count_of(engine, failed):
        return nobody(engine)
    survivor = replaced_records(engine)
    persons = engine.materialize(
        engine.sql(
            model(__package__, "affected_persons"),
            patient=engine.from_rows(RECORD, []) if patients is None else patients,
            survivor=survivor,
            encounter=engine.read(tables.BY_RESOURCE["Encounter"]),
            stay=engine.read(gold_tables.STAY),
            person_not_computed=failed,
        )
    )
    return Scope(persons, count_of(engine, persons), survivor)


def _has_pending(engine: Engine[RelationT], context: RunContext, table: Table) -> bool:
    if not is_written(engine, context, table):
        return False
    return count_of(engine, pending_rows(engine, context, table)) > 0


def _changed_patients(
    engine: Engine[RelationT], context: RunContext, triggers: Triggers[RelationT]
) -> RelationT | None:
    """Return tenant and patient_id of records whose rows changed, or that rows named before.

    None if there are none.
    """
    named = [each for each in triggers.named if is_written(engine, context, each.table)]
    linked = [each for each in triggers.linked if is_written(engine, context, each.table)]
    if not named and not linked:
        return None
    selects = [
        f"select tenant, {each.column} as patient_id from {each.table.layer}_{each.table.name}"
        f" where {IS_PENDING}"
        for each in named
    ]
    relations = {f"{n.table.layer}_{n.table.name}": engine.read(n.table) for n in named}
    for number, each in enumerate(linked):
        name = f"linked_{number}"
        relations[name] = each.patients(pending_rows(engine, context, each.table))
        selects.append(f"select tenant, patient_id from {name}")
    every = " union all ".join(selects)
    patients = engine.materialize(
        engine.sql(
            f"select distinct tenant, patient_id from ({every}) c where patient_id is not null",
            pending_parameters(context) if named else None,
            **relations,
        )
    )
    return patients if count_of(engine, patients) else None
