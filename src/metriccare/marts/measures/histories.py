"""Silver gathered by person: one row with all that the measures may ask of one.

Only what can matter leaves silver: persons who were inpatients at all, their encounters that can
be part of a stay, and of observations and procedures only those the code sets name.
"""

from __future__ import annotations

from collections.abc import Mapping

from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, RelationT, Value
from metriccare.marts.claims.names import Names
from metriccare.marts.measures.rulebook import Rulebook
from metriccare.marts.persons import Scope, of_records, records_of, replaced_records
from metriccare.tables import silver as tables
from metriccare.tables.feeds import BY_FEED


def histories(
    engine: Engine[RelationT],
    rules: Rulebook,
    names: Names[RelationT],
    scope: Scope[RelationT] | None,
) -> RelationT:
    """Return one row per person who was an inpatient: tenant, person_id and arrays of rows.

    `scope` limits them to some persons; only the rows of these are read.
    """
    survivor = scope.survivor if scope else replaced_records(engine)
    encounter = engine.read(tables.BY_RESOURCE["Encounter"])
    if scope is not None:
        encounter = of_records(engine, encounter, records_of(engine, scope.persons, survivor))
    inpatient = engine.materialize(
        engine.sql(
            model(__package__, "inpatient_encounters"), encounter=encounter, survivor=survivor
        )
    )
    person = engine.materialize(
        engine.sql("select distinct tenant, person_id from inpatient", inpatient=inpatient)
    )
    record = records_of(engine, person, survivor)
    entries = _entries(engine, rules, names, inpatient, record)
    return engine.sql(model(__package__, "histories"), None, person=person, **entries)


def _entries(
    engine: Engine[RelationT],
    rules: Rulebook,
    names: Names[RelationT],
    inpatient: RelationT,
    record: RelationT,
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
        "coverages": gathered(
            "coverages",
            "Coverage",
            member_record=names.member_record,
            feed_members=engine.read(BY_FEED["members"]),
            feed_payers=engine.read(BY_FEED["payers"]),
        ),
    }
