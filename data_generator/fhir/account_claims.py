"""Claim, ClaimResponse, ExplanationOfBenefit and PaymentReconciliation of the accounts."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from data_generator.clock import at, day_text
from data_generator.fhir.account_amounts import amounts_of
from data_generator.fhir.account_answers import (
    claim_response,
    explanation_of_benefit,
    payment_reconciliation,
)
from data_generator.fhir.account_charges import charge_items
from data_generator.fhir.account_view import AccountView, account_views
from data_generator.fhir.chart import Chart, meta
from data_generator.fhir.codes import (
    MS_DRG,
    NUBC_TYPE_OF_BILL,
    Resource,
    concept,
    dollars,
    reference,
    term,
)
from data_generator.revenue.account import Claim, Outcome

_NORMAL = term("processpriority", "normal")
_PRIOR = term("ex-relatedclaimrelationship", "prior")
_CARIN = "http://hl7.org/fhir/us/carin-bb/CodeSystem"
_ACCOUNT_NUMBER = term("v2-0203", "AN")


def account_resources(chart: Chart) -> Iterator[Resource]:
    """Yield the claims sent by now, with answers and payments, and what is not billed yet."""
    for view in account_views(chart):
        yield from charge_items(view)
        for claim in view.account.claims:
            if claim.sent <= chart.as_of:
                sent = _claim(view, claim)
                yield sent
                yield from _answers(view, claim, sent)


def _answers(view: AccountView, claim: Claim, sent: Resource) -> Iterator[Resource]:
    as_of = view.chart.as_of
    for answer in claim.answers:
        if answer.day > as_of:
            if answer.pending_from is not None and answer.pending_from <= as_of:
                yield claim_response(view, claim, answer, None)
            continue
        if answer.outcome is Outcome.REJECTED:
            yield claim_response(view, claim, answer, None)
            continue
        amounts = amounts_of(answer)
        yield claim_response(view, claim, answer, amounts)
        yield explanation_of_benefit(view, claim, answer, (amounts, sent))
        if answer.paid_on is not None and answer.paid_on <= as_of and answer.paid > 0:
            yield payment_reconciliation(view, claim, answer)


def _claim(view: AccountView, claim: Claim) -> Resource:
    care = view.account.care
    resource: Resource = {
        "resourceType": "Claim",
        "id": view.claim_id(claim.count),
        "meta": meta(care.hospital, at(claim.sent, 17)),
        "identifier": [{"type": _ACCOUNT_NUMBER, "value": view.account_number}],
        "status": "active",
        "type": view.type,
        "use": "claim",
        "patient": view.chart.subject,
        "billablePeriod": {"start": day_text(claim.first), "end": day_text(claim.last)},
        "created": day_text(claim.sent),
        "provider": view.provider,
        "priority": _NORMAL,
        "facility": reference("Location", care.hospital.location_id),
        "careTeam": view.care_team,
        "diagnosis": view.diagnoses,
        "insurance": view.insurance(claim),
        "item": view.items(claim),
        "total": dollars(claim.charge),
    }
    payer = view.payer_id(claim)
    if payer is not None:
        resource["insurer"] = reference("Organization", payer)
    if view.procedures:
        resource["procedure"] = view.procedures
    information = supporting_information(view, claim)
    if information:
        resource["supportingInfo"] = information
    if claim.names is not None:
        named = reference("Claim", view.claim_id(claim.names))
        resource["related"] = [{"claim": named, "relationship": _PRIOR}]
    return resource


def supporting_information(view: AccountView, claim: Claim) -> list[Resource]:
    """Return the type of bill and the DRG of a hospital's claim."""
    care = view.account.care
    rows = []
    if care.bill_type is not None:
        rows.append(_information(1, "typeofbill", f"{care.bill_type}{claim.frequency}"))
    if care.drg is not None:
        rows.append(_information(len(rows) + 1, "drg", care.drg))
    return rows


_SYSTEMS = {"typeofbill": NUBC_TYPE_OF_BILL, "drg": MS_DRG}


@cache
def _information(sequence: int, category: str, code: str) -> Resource:
    return {
        "sequence": sequence,
        "category": concept(f"{_CARIN}/C4BBSupportingInfoType", category),
        "code": concept(_SYSTEMS[category], code),
    }
