"""The payer's answer to a claim, the explanation of it, and the payment."""

from __future__ import annotations

from data_generator.clock import at, day_text
from data_generator.fhir import account_amounts
from data_generator.fhir.account_amounts import Amounts
from data_generator.fhir.account_view import AccountView
from data_generator.fhir.chart import meta
from data_generator.fhir.codes import Resource, dollars, reference, term
from data_generator.ids import Kind
from data_generator.revenue.account import Answer, Claim, Outcome

_COMPLETE = term("ex-paymenttype", "complete")
_PAYMENT = term("payment-type", "payment")


def claim_response(
    view: AccountView, claim: Claim, answer: Answer, amounts: Amounts | None
) -> Resource:
    """Return the answer to one claim: pending, rejected or adjudicated."""
    hospital, as_of = view.account.care.hospital, view.chart.as_of
    pending = answer.day > as_of
    day = answer.pending_from if pending and answer.pending_from is not None else answer.day
    rejected = answer.outcome is Outcome.REJECTED
    resource: Resource = {
        "resourceType": "ClaimResponse",
        "id": view.answer_id(Kind.CLAIM_RESPONSE, claim, answer),
        "meta": meta(hospital, at(day, 9)),
        "status": "active",
        "type": view.type,
        "use": "claim",
        "patient": view.chart.subject,
        "created": day_text(day),
        "insurer": _insurer(view, claim),
        "requestor": view.provider,
        "request": reference("Claim", view.claim_id(claim.count)),
        "outcome": "queued" if pending else "error" if rejected else "complete",
    }
    if pending:
        return resource
    if amounts is None:
        resource["error"] = [{"code": account_amounts.reason(answer.reason or "16")}]
        return resource
    if answer.as_a_whole:
        resource["adjudication"] = account_amounts.of_the_claim(answer)
    else:
        resource["item"] = [
            {"itemSequence": sequence, "adjudication": line}
            for sequence, line in enumerate(amounts.lines, 1)
        ]
    resource["total"] = amounts.totals
    paid = account_amounts.payment(answer, as_of)
    if paid is not None and answer.paid_on is not None:
        resource["meta"] = meta(hospital, at(answer.paid_on, 9))
        resource["payment"] = {"type": _COMPLETE, **paid}
    return resource


def _insurer(view: AccountView, claim: Claim) -> Resource:
    return reference("Organization", view.payer_id(claim) or "")


def explanation_of_benefit(
    view: AccountView, claim: Claim, answer: Answer, decided: tuple[Amounts, Resource]
) -> Resource:
    """Return the explanation of an adjudicated claim; ``decided`` has the Claim it repeats."""
    (amounts, sent), care = decided, view.account.care
    response = view.answer_id(Kind.CLAIM_RESPONSE, claim, answer)
    resource: Resource = {
        "resourceType": "ExplanationOfBenefit",
        "id": view.answer_id(Kind.BENEFIT, claim, answer),
        "meta": meta(care.hospital, at(answer.day, 9, 30)),
        "status": "active",
        "type": view.type,
        "use": "claim",
        "patient": view.chart.subject,
        "billablePeriod": sent["billablePeriod"],
        "created": day_text(answer.day),
        "insurer": sent["insurer"],
        "provider": sent["provider"],
        "claim": reference("Claim", sent["id"]),
        "claimResponse": reference("ClaimResponse", response),
        "outcome": "complete",
        "careTeam": sent["careTeam"],
        "diagnosis": sent["diagnosis"],
        "insurance": [
            {"focal": entry["focal"], "coverage": entry["coverage"]} for entry in sent["insurance"]
        ],
        "item": _decided_items(sent["item"], amounts),
        "total": amounts.totals,
    }
    if answer.as_a_whole:
        resource["adjudication"] = account_amounts.of_the_claim(answer)
    paid = account_amounts.payment(answer, view.chart.as_of)
    if paid is not None and answer.paid_on is not None:
        resource["meta"] = meta(care.hospital, at(answer.paid_on, 9, 30))
        resource["payment"] = paid
    return resource


def _decided_items(items: list[Resource], amounts: Amounts) -> list[Resource]:
    if not amounts.lines:
        return items
    return [{**item, "adjudication": line} for item, line in zip(items, amounts.lines, strict=True)]


def payment_reconciliation(view: AccountView, claim: Claim, answer: Answer) -> Resource:
    """Return the check that pays an answer."""
    day = answer.paid_on if answer.paid_on is not None else answer.day
    response = view.answer_id(Kind.CLAIM_RESPONSE, claim, answer)
    amount = dollars(answer.paid)
    return {
        "resourceType": "PaymentReconciliation",
        "id": view.answer_id(Kind.PAYMENT, claim, answer),
        "meta": meta(view.account.care.hospital, at(day, 10)),
        "status": "active",
        "created": day_text(day),
        "paymentIssuer": _insurer(view, claim),
        "requestor": view.provider,
        "outcome": "complete",
        "paymentDate": day_text(day),
        "paymentAmount": amount,
        "paymentIdentifier": {"value": view.check_number(claim, answer)},
        "detail": [
            {
                "type": _PAYMENT,
                "request": reference("Claim", view.claim_id(claim.count)),
                "response": reference("ClaimResponse", response),
                "date": day_text(day),
                "amount": amount,
            }
        ],
    }
