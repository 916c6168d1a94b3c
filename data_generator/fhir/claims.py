"""Claim, followed by the answers and explanations to it."""

from __future__ import annotations

from collections.abc import Iterator

from data_generator.bill import Answer, Submission
from data_generator.clock import at, day_text
from data_generator.fhir.accounts import Account, accounts
from data_generator.fhir.adjudications import adjudicated
from data_generator.fhir.benefits import explanation_of_benefit
from data_generator.fhir.chart import Chart, meta
from data_generator.fhir.codes import Resource, dollars, reference, term
from data_generator.fhir.remittances import claim_response
from data_generator.ids import Kind

_NORMAL = term("processpriority", "normal")
_PRIOR = term("ex-relatedclaimrelationship", "prior")


def claim_resources(chart: Chart) -> Iterator[Resource]:
    """Yield the claims, answers and explanations sent by now."""
    for account in accounts(chart):
        for submission in account.bill.submissions:
            if submission.sent <= chart.as_of:
                yield _claim(account, submission)
            if submission.answered <= chart.as_of:
                amounts = adjudicated(submission)
                yield claim_response(account, submission, amounts)
                if submission.answer is not Answer.REJECTED:
                    yield explanation_of_benefit(account, submission, amounts)


def _claim(account: Account, submission: Submission) -> Resource:
    resource: Resource = {
        "resourceType": "Claim",
        "id": account.id(Kind.CLAIM, submission.try_number),
        "meta": meta(account.hospital, at(submission.sent, 17)),
        "status": "active",
        "type": account.type,
        "use": "claim",
        "patient": account.chart.subject,
        "billablePeriod": account.span,
        "created": day_text(submission.sent),
        "insurer": account.insurer,
        "provider": account.provider,
        "priority": _NORMAL,
        "careTeam": [{"sequence": 1, "provider": reference("Practitioner", account.attending)}],
        "diagnosis": account.diagnoses,
        "insurance": [{"sequence": 1, "focal": True, "coverage": account.coverage}],
        "item": account.items,
        "total": dollars(account.bill.total),
    }
    if account.procedures:
        resource["procedure"] = account.procedures
    if submission.try_number > 1:
        earlier = reference("Claim", account.id(Kind.CLAIM, submission.try_number - 1))
        resource["related"] = [{"claim": earlier, "relationship": _PRIOR}]
    return resource
