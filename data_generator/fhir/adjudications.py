"""The amounts of an answer, by line and in total.

Of every line and of the whole: submitted = eligible + discount + noncovered, and
eligible = copay + benefit.
"""

from __future__ import annotations

from collections.abc import Iterator

from data_generator.adjudication import Decision
from data_generator.billing import Answer, Submission
from data_generator.clock import day_text
from data_generator.facts.billing import REASON_LABELS
from data_generator.fhir.codes import CLAIM_REASON, Resource, concept, dollars, term

_CARIN = "http://hl7.org/fhir/us/carin-bb/CodeSystem"
_SUBMITTED = term("adjudication", "submitted")
_ELIGIBLE = term("adjudication", "eligible")
_COPAY = term("adjudication", "copay")
_BENEFIT = term("adjudication", "benefit")
_DISCOUNT = concept(f"{_CARIN}/C4BBAdjudication", "discount")
_NOT_COVERED = concept(f"{_CARIN}/C4BBAdjudication", "noncovered")
_DENIAL = concept(f"{_CARIN}/C4BBAdjudicationDiscriminator", "denialreason")

_REASONS = {code: concept(CLAIM_REASON, code, label) for code, label in REASON_LABELS.items()}


def reason(code: str) -> Resource:
    """A claim adjustment reason."""
    return _REASONS[code]


def line(decision: Decision) -> list[Resource]:
    """The adjudication of one line, with the reason where it is denied."""
    found = list(_amounts([decision]))
    return [*found, denial(decision.reason)] if decision.reason else found


def totals(submission: Submission) -> list[Resource]:
    """The sums over all lines."""
    return list(_amounts(submission.lines))


def denial(code: str) -> Resource:
    """Why nothing is paid."""
    return {"category": _DENIAL, "reason": reason(code)}


def _amounts(decisions: list[Decision] | tuple[Decision, ...]) -> Iterator[Resource]:
    yield {"category": _SUBMITTED, "amount": dollars(sum(d.charge for d in decisions))}
    not_covered = sum(d.not_covered for d in decisions)
    if not_covered:
        yield {"category": _NOT_COVERED, "amount": dollars(not_covered)}
    if any(d.reason is None for d in decisions):
        yield {"category": _DISCOUNT, "amount": dollars(sum(d.discount for d in decisions))}
        yield {"category": _ELIGIBLE, "amount": dollars(sum(d.allowed for d in decisions))}
        yield {"category": _COPAY, "amount": dollars(sum(d.patient_share for d in decisions))}
    yield {"category": _BENEFIT, "amount": dollars(sum(d.paid for d in decisions))}


def payment(submission: Submission, as_of: int) -> Resource | None:
    """Date and amount, once it has been paid."""
    if submission.answer is not Answer.PAID or submission.paid_on > as_of:
        return None
    return {"date": day_text(submission.paid_on), "amount": dollars(submission.paid)}
