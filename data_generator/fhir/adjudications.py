"""The amounts of an answer, by line and in total.

For every line and for the total: submitted = eligible + discount + noncovered, and
eligible = copay + benefit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data_generator.adjudication import Decision
from data_generator.bill import Answer, Submission
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
    """Return a claim adjustment reason."""
    return _REASONS[code]


@dataclass(frozen=True, slots=True)
class Adjudicated:
    """An answer as FHIR elements: the adjudication of each line, and the sums over all."""

    lines: list[list[Resource]]
    totals: list[Resource]


def adjudicated(submission: Submission) -> Adjudicated:
    """Return the amounts of an answer, which several resources share."""
    lines = [_amounts([decision]) for decision in submission.lines]
    totals = lines[0] if len(lines) == 1 else _amounts(submission.lines)
    decided = zip(lines, submission.lines, strict=True)
    return Adjudicated([[*a, denial(d.reason)] if d.reason else a for a, d in decided], totals)


def denial(code: str) -> Resource:
    """Return the adjudication entry that says why nothing is paid."""
    return {"category": _DENIAL, "reason": reason(code)}


def _amounts(decisions: Sequence[Decision]) -> list[Resource]:
    amounts = [(_SUBMITTED, sum(d.charge for d in decisions))]
    not_covered = sum(d.not_covered for d in decisions)
    if not_covered:
        amounts.append((_NOT_COVERED, not_covered))
    if any(d.reason is None for d in decisions):
        amounts.append((_DISCOUNT, sum(d.discount for d in decisions)))
        amounts.append((_ELIGIBLE, sum(d.allowed for d in decisions)))
        amounts.append((_COPAY, sum(d.patient_share for d in decisions)))
    amounts.append((_BENEFIT, sum(d.paid for d in decisions)))
    return [{"category": category, "amount": dollars(cents)} for category, cents in amounts]


def payment(submission: Submission, as_of: int) -> Resource | None:
    """Return date and amount of the payment, None before it is paid."""
    if submission.answer is not Answer.PAID or submission.paid_on > as_of:
        return None
    return {"date": day_text(submission.paid_on), "amount": dollars(submission.paid)}
