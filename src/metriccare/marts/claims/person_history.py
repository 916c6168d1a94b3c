"""From the row of a person to the plain records that the rules of claims work on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from metriccare.marts.claims import from_feeds, from_feeds_paid, from_fhir, from_fhir_answers
from metriccare.marts.claims.history import (
    Answer,
    ClaimsHistory,
    Cover,
    EncounterFacts,
    PaymentDetail,
    SentCharge,
    SentClaim,
    StayFacts,
)
from metriccare.marts.claims.lookups import TenantLookups
from metriccare.marts.claims.rows_read import Row, given
from metriccare.marts.stays.codesets import CodeSets
from metriccare.marts.stays.facility import Facilities
from metriccare.marts.stays.history import Coding, Codings
from metriccare.marts.stays.partial_date import partial_date

# R5 says completed, or discharged while the record is still being closed.
_ENDED = frozenset({"finished", "completed", "discharged"})


def history_of(
    row: Row, as_of: date, facilities: Facilities, known: TenantLookups, codes: CodeSets
) -> ClaimsHistory:
    """Return a person's claims history from one row of nested arrays."""
    covers = {c["id"]: from_fhir.cover_of(c, codes) for c in _resources(row, "coverages")}
    members = from_feeds.covers_of(given(row["feed_members"]), known.payers)
    encounters = _resources(row, "encounters")
    return ClaimsHistory(
        person_id=row["person_id"],
        as_of=as_of,
        facilities=facilities,
        claims=(*_claims(row, covers, codes), *_feed_claims(row, members, known)),
        answers=(*_statements(row), *_events(row)),
        payments=tuple(_payments(row)),
        transactions=from_feeds_paid.transactions_of(given(row["feed_transactions"])),
        covers=(*covers.values(), *members),
        stays=tuple(_stay(stay) for stay in given(row["stays"])),
        encounters=tuple(map(_encounter, encounters)),
        charges=tuple(_charges(row)),
        encounter_hospitals={
            e["id"]: e["service_provider_id"] for e in encounters if e["service_provider_id"]
        },
        claims_of_others=frozenset(row["claims_of_others"] or ()),
        shared_numbers=frozenset(row["shared_numbers"] or ()),
        providers=known.providers,
        fees=known.fees,
        default_currency=known.currency,
    )


def _resources(row: Row, name: str) -> list[Row]:
    """Return the resources of an array; one without an id can be neither named nor counted."""
    return [each for each in given(row[name]) if each["id"]]


def _claims(row: Row, covers: dict[str, Cover], codes: CodeSets) -> Iterator[SentClaim]:
    conditions = {
        c["id"]: tuple(
            Coding(k["system"], k["code"], k["display"]) for k in given(c["code_codings"])
        )
        for c in _resources(row, "conditions")
    }
    for claim in _resources(row, "claims"):
        yield from_fhir.claim_of(claim, covers, codes, conditions)


def _codings(rows: Iterable[Row | None] | None) -> Codings:
    return tuple(Coding(r["system"], r["code"], r["display"]) for r in given(rows))


def _feed_claims(
    row: Row, members: tuple[Cover, ...], known: TenantLookups
) -> tuple[SentClaim, ...]:
    claims, lines = given(row["feed_claims"]), given(row["feed_claim_lines"])
    return from_feeds.claims_of(claims, lines, members, known.payers)


def _statements(row: Row) -> Iterator[Answer]:
    responses = map(from_fhir_answers.response_of, _resources(row, "claim_responses"))
    benefits = map(from_fhir_answers.benefit_of, _resources(row, "explanations"))
    return (answer for answer in (*responses, *benefits) if answer is not None)


def _events(row: Row) -> tuple[Answer, ...]:
    adjustments = list(given(row["feed_remit_adjustments"]))
    return from_feeds_paid.answers_of(given(row["feed_remits"]), adjustments)


def _payments(row: Row) -> Iterator[PaymentDetail]:
    for detail in given(row["payment_details"]):
        yield from from_fhir_answers.payment_details_of({**detail, "details": [detail]})


def _encounter(row: Row) -> EncounterFacts:
    return EncounterFacts(
        row["id"],
        row["status"] in _ENDED,
        partial_date(row["period_start"]),
        partial_date(row["period_end"]),
        row["service_provider_id"],
        row["part_of_id"],
        from_fhir.clinician(row["attender_id"]),
    )


def _charges(row: Row) -> Iterator[SentCharge]:
    items = _resources(row, "charge_items")
    yield from (from_fhir.sent_charge(item) for item in items if from_fhir.is_charged(item))
    yield from map(from_feeds.sent_charge, given(row["feed_charges"]))


def _stay(row: Row) -> StayFacts:
    return StayFacts(row["stay_id"], tuple(row["encounter_ids"] or ()), row["discharge_date"])
