"""ExplanationOfBenefit: claim and answer in one, as the person insured is told."""

from __future__ import annotations

from data_generator.adjudication import Decision
from data_generator.billing import Submission
from data_generator.clock import at, day_text
from data_generator.fhir import adjudications
from data_generator.fhir.accounts import Account
from data_generator.fhir.chart import meta
from data_generator.fhir.codes import Resource, reference
from data_generator.ids import Kind


def explanation_of_benefit(account: Account, submission: Submission) -> Resource:
    """The explanation of one adjudicated claim."""
    number = submission.try_number
    response = reference("ClaimResponse", account.id(Kind.CLAIM_RESPONSE, number))
    found: Resource = {
        "resourceType": "ExplanationOfBenefit",
        "id": account.id(Kind.BENEFIT, number),
        "meta": meta(account.hospital, at(submission.answered, 9, 30)),
        "status": "active",
        "type": account.type,
        "use": "claim",
        "patient": account.chart.subject,
        "billablePeriod": account.span,
        "created": day_text(submission.answered),
        "insurer": account.insurer,
        "provider": account.provider,
        "claim": reference("Claim", account.id(Kind.CLAIM, number)),
        "claimResponse": response,
        "outcome": "complete",
        "careTeam": [{"sequence": 1, "provider": reference("Practitioner", account.attending)}],
        "diagnosis": account.diagnoses,
        "insurance": [{"focal": True, "coverage": account.coverage}],
        "item": [
            _item(item, decision)
            for item, decision in zip(account.items, submission.lines, strict=True)
        ],
        "total": adjudications.totals(submission),
    }
    if submission.reason:
        found["adjudication"] = [adjudications.denial(submission.reason)]
    payment = adjudications.payment(submission, account.chart.as_of)
    if payment is not None:
        found["meta"] = meta(account.hospital, at(submission.paid_on, 9, 30))
        found["payment"] = payment
    return found


def _item(item: Resource, decision: Decision) -> Resource:
    return {**item, "adjudication": adjudications.line(decision)}
