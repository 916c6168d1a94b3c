"""ClaimResponse: the payer's answer line by line, and the payment."""

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
    """Return the answer to one claim; the payment is added when it is made."""
    resource: Resource = {
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
        resource["error"] = [{"code": adjudications.reason(submission.reason)}]
        return resource
    resource["item"] = [
        {"itemSequence": sequence, "adjudication": line}
        for sequence, line in enumerate(amounts.lines, 1)
    ]
    if submission.reason:
        resource["adjudication"] = [adjudications.denial(submission.reason)]
    resource["total"] = amounts.totals
    payment = adjudications.payment(submission, account.chart.as_of)
    if payment is not None:
        resource["meta"] = meta(account.hospital, at(submission.paid_on, 9))
        resource["payment"] = {"type": _COMPLETE, **payment}
    return resource
