"""ExplanationOfBenefit: claim and answer in one resource, for the insured person."""

from __future__ import annotations

from data_generator.bill import Submission
from data_generator.clock import at, day_text
from data_generator.fhir import adjudications
from data_generator.fhir.accounts import Account
from data_generator.fhir.adjudications import Adjudicated
from data_generator.fhir.chart import meta
from data_generator.fhir.codes import Resource, reference
from data_generator.ids import Kind


def explanation_of_benefit(
    account: Account, submission: Submission, amounts: Adjudicated
) -> Resource:
    """Return the explanation of one adjudicated claim."""
    number = submission.try_number
    response = reference("ClaimResponse", account.id(Kind.CLAIM_RESPONSE, number))
    resource: Resource = {
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
            {**item, "adjudication": line}
            for item, line in zip(account.items, amounts.lines, strict=True)
        ],
        "total": amounts.totals,
    }
    if submission.reason:
        resource["adjudication"] = [adjudications.denial(submission.reason)]
    payment = adjudications.payment(submission, account.chart.as_of)
    if payment is not None:
        resource["meta"] = meta(account.hospital, at(submission.paid_on, 9, 30))
        resource["payment"] = payment
    return resource
