"""ClaimResponse: what the payer answered, line by line, and when it paid."""

from __future__ import annotations

from data_generator.bill import Answer, Submission
from data_generator.clock import at, day_text
from data_generator.fhir import adjudications
from data_generator.fhir.accounts import Account
from data_generator.fhir.adjudications import Adjudicated
from data_generator.fhir.chart import meta
from data_generator.fhir.codes import Resource, reference, term
from data_generator.ids import Kind

_OUTCOMES = {Answer.PAID: "complete", Answer.DENIED: "complete", Answer.REJECTED: "error"}
_COMPLETE = term("ex-paymenttype", "complete")


def claim_response(account: Account, submission: Submission, amounts: Adjudicated) -> Resource:
    """The answer to one claim; changed when the money comes."""
    found: Resource = {
        "resourceType": "ClaimResponse",
        "id": account.id(Kind.CLAIM_RESPONSE, submission.try_number),
        "meta": meta(account.hospital, at(submission.answered, 9)),
        "status": "active",
        "type": account.type,
        "use": "claim",
        "patient": account.chart.subject,
        "created": day_text(submission.answered),
        "insurer": account.insurer,
        "requestor": account.provider,
        "request": reference("Claim", account.id(Kind.CLAIM, submission.try_number)),
        "outcome": _OUTCOMES[submission.answer],
    }
    if submission.answer is Answer.REJECTED and submission.reason:
        found["error"] = [{"code": adjudications.reason(submission.reason)}]
        return found
    found["item"] = [
        {"itemSequence": sequence, "adjudication": line}
        for sequence, line in enumerate(amounts.lines, 1)
    ]
    if submission.reason:
        found["adjudication"] = [adjudications.denial(submission.reason)]
    found["total"] = amounts.totals
    payment = adjudications.payment(submission, account.chart.as_of)
    if payment is not None:
        found["meta"] = meta(account.hospital, at(submission.paid_on, 9))
        found["payment"] = {"type": _COMPLETE, **payment}
    return found
