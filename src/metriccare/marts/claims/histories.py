"""Silver gathered by person: one row with all that the rules of claims may ask of one.

FHIR rows name their patient. Rows of feeds name a member or a claim (`names.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, RelationT
from metriccare.marts.claims.names import FEEDS, Names
from metriccare.marts.persons import Scope, records_of, replaced_records
from metriccare.tables import Table
from metriccare.tables import silver as tables
from metriccare.tables.feeds import BY_FEED

# Columns of a row that say nothing of the claim.
_UNUSED = frozenset(
    {
        *("tenant", "record_key", "ordering", "run_id", "full_url", "raw_sha256", "deleted"),
        *("deleted_at", "ingest_sequence", "patient_reference", "layout_id", "dq_flags"),
        *("file_id", "data_quality_score", "feed", "patient_id"),
    }
)
_BOUNDS = ("_lower", "_upper", "_precision")
# Of answers, which are most of a history, only what the rules read: unread columns of their lines
# take a quarter of the time of all rules over a person.
_ANSWER = (
    *("id", "status", "use", "outcome", "created", "last_updated", "source_file", "source_line"),
    *("ingested_at", "insurer_id", "items", "adjudications", "totals", "added_items"),
    *("payment_amount", "payment_currency", "payment_date", "payment_identifier"),
)
_ANSWER_COLUMNS: Mapping[str, Sequence[str]] = {
    "ClaimResponse": (*_ANSWER, "request_id"),
    "ExplanationOfBenefit": (
        *(*_ANSWER, "claim_id", "claim_response_id", "care_team", "billable_start"),
        *("provider_id", "provider_person_id"),
    ),
}
_ANSWER_LINES: Mapping[str, str] = {
    column: f"transform(t.{column}, i -> case when i is not null then named_struct("
    f"'{number}', i.{number}, 'adjudications', i.adjudications) end)"
    for column, number in (("items", "sequence"), ("added_items", "item_sequences"))
}
# The array of a person's rows, and the silver tables of resources that name their patient.
RESOURCES: Mapping[str, str] = {
    "claims": "Claim",
    "claim_responses": "ClaimResponse",
    "explanations": "ExplanationOfBenefit",
    "coverages": "Coverage",
    "charge_items": "ChargeItem",
}
# Of other resources only what claims point to.
_POINTED_TO: Mapping[str, tuple[str, Sequence[str]]] = {
    "encounters": (
        "Encounter",
        (
            *("id", "service_provider_id", "status", "part_of_id", "period_start", "period_end"),
            "attender_id",
        ),
    ),
    "conditions": ("Condition", ("id", "code_codings")),
}
_STAYS = ("stay_id", "encounter_ids", "discharge_date")
_DETAILS = (
    *("id", "status", "payment_date", "payment_identifier", "created", "response_id"),
    *("request_id", "amount", "currency", "date"),
)


def _sent(table: Table) -> tuple[str, ...]:
    """Return the columns of a silver table that the rules may read; bounds follow from dates."""
    return tuple(
        column.name
        for column in table.columns
        if column.name not in _UNUSED and not column.name.endswith(_BOUNDS)
    )


def _expressions(table: Table, names: Sequence[str]) -> dict[str, str]:
    """Return how each column is read from a row t; times travel as microseconds, much faster."""
    times = {column.name for column in table.columns if column.type == "timestamp"}
    return {name: f"unix_micros(t.{name})" if name in times else f"t.{name}" for name in names}


def payment_details(engine: Engine[RelationT], reconciliations: RelationT) -> RelationT:
    """Return the details of payments, each with the patient whose claim it pays."""
    return engine.sql(
        model(__package__, "payment_details"),
        payment_reconciliation=reconciliations,
        claim=engine.read(tables.BY_RESOURCE["Claim"]),
        claim_response=engine.read(tables.BY_RESOURCE["ClaimResponse"]),
    )


def histories(
    engine: Engine[RelationT],
    names: Names[RelationT],
    scope: Scope[RelationT] | None,
    stays: RelationT,
) -> RelationT:
    """Return one row per person with claims: tenant, person_id and arrays of rows.

    `scope` limits them to some persons; `stays` are gold's stays as they are to be.
    """
    survivor = scope.survivor if scope else replaced_records(engine)
    sources = dict(_sources(engine, names))
    person = engine.materialize(_persons(engine, scope, survivor, sources))
    record = records_of(engine, person, survivor)
    entries = {
        name: engine.sql(_gathered(expressions), rows_of_patients=rows, record=record)
        for name, (expressions, rows) in sources.items()
    }
    entries["stays"] = engine.sql(_of_persons(_STAYS), rows_of_persons=stays, person=person)
    entries["claims_of_others"] = engine.sql(
        model(__package__, "claims_of_others"),
        claim=engine.read(tables.BY_RESOURCE["Claim"]),
        feed_claims=engine.read(BY_FEED["claims"]),
        member_record=names.member_record,
        claim_name=names.claim_name,
        record=record,
        survivor=survivor,
    )
    entries["shared_numbers"] = engine.sql(
        "select n.tenant, n.person_id, collect_list(n.number) as entries from (select distinct"
        " s.tenant, s.person_id, s.number from shared s left semi join person p"
        " on p.tenant = s.tenant and p.person_id = s.person_id) n group by n.tenant, n.person_id",
        shared=names.shared_numbers,
        person=person,
    )
    return engine.sql(_joined(tuple(entries)), None, person=person, **entries)


def _sources(
    engine: Engine[RelationT], names: Names[RelationT]
) -> Iterator[tuple[str, tuple[Mapping[str, str], RelationT]]]:
    """Yield the rows of each array, with a column patient_id, and the columns to gather."""
    for name, type_ in RESOURCES.items():
        table = tables.BY_RESOURCE[type_]
        expressions = _expressions(table, _ANSWER_COLUMNS.get(type_) or _sent(table))
        if type_ in _ANSWER_COLUMNS:
            expressions |= _ANSWER_LINES
        yield name, (expressions, engine.read(table))
    for name, (type_, columns) in _POINTED_TO.items():
        table = tables.BY_RESOURCE[type_]
        yield name, (_expressions(table, columns), engine.read(table))
    table = tables.BY_RESOURCE["PaymentReconciliation"]
    details = payment_details(engine, engine.read(table))
    yield "payment_details", (_expressions(table, _DETAILS), details)
    for name, join in FEEDS.items():
        table = BY_FEED[name]
        sent = _sent(table)
        items = ", ".join(f"t.{column}" for column in (*sent, "tenant", "deleted"))
        rows = engine.sql(
            f"select {items}, n.patient_id from rows_of_feed t {join}",
            None,
            rows_of_feed=engine.read(table),
            **names.for_join(join),
        )
        yield f"feed_{name}", (_expressions(table, sent), rows)


def _persons(
    engine: Engine[RelationT],
    scope: Scope[RelationT] | None,
    survivor: RelationT,
    sources: Mapping[str, tuple[Mapping[str, str], RelationT]],
) -> RelationT:
    """Return the persons in scope with a row of claims, answers, transactions or charges.

    Of tenants that bill at all, also those with encounters: some have no claim yet.
    """
    naming = (
        *("claims", "claim_responses", "explanations", "charge_items"),
        *("feed_claims", "feed_transactions", "feed_charges"),
    )
    every = " union ".join(f"select tenant, patient_id from {n} where not deleted" for n in naming)
    persons = f"""
with billed as ({every}),
tenants as (select distinct tenant from billed),
seen as (
  select tenant, patient_id from billed
  union
  select e.tenant, e.patient_id
  from encounters e
  join tenants t on e.tenant = t.tenant
  where not e.deleted
)
select distinct e.tenant, coalesce(s.person_id, e.patient_id) as person_id
from seen e
left join survivor s on e.tenant = s.tenant and e.patient_id = s.patient_id
where e.patient_id is not null
"""
    given = {name: sources[name][1] for name in (*naming, "encounters")}
    rows = engine.sql(persons, None, survivor=survivor, **given)
    if scope is None:
        return rows
    return engine.sql(
        "select r.* from every_person r left semi join person p"
        " on r.tenant = p.tenant and r.person_id = p.person_id",
        every_person=rows,
        person=scope.persons,
    )


def _gathered(expressions: Mapping[str, str]) -> str:
    entry = ", ".join(f"'{name}', {expression}" for name, expression in expressions.items())
    return (
        f"select r.tenant, r.person_id, collect_list(named_struct({entry})) as entries"
        " from rows_of_patients t"
        " join record r on t.tenant = r.tenant and t.patient_id = r.patient_id"
        " where not t.deleted group by r.tenant, r.person_id"
    )


def _of_persons(columns: Sequence[str]) -> str:
    entry = ", ".join(f"t.{name}" for name in columns)
    return (
        f"select p.tenant, p.person_id, collect_list(struct({entry})) as entries"
        " from rows_of_persons t"
        " join person p on t.tenant = p.tenant and t.person_id = p.person_id"
        " group by p.tenant, p.person_id"
    )


def _joined(names: Sequence[str]) -> str:
    arrays = ", ".join(f"{name}.entries as {name}" for name in names)
    joins = " ".join(
        f"left join {name} on p.tenant = {name}.tenant and p.person_id = {name}.person_id"
        for name in names
    )
    return f"select p.tenant, p.person_id, {arrays} from person p {joins}"
