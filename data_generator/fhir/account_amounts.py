"""The amounts of an answer as FHIR adjudications, by line and in total.

submitted = discount + noncovered + priorpayerpaid + eligible, and
eligible = deductible + coinsurance + copay + benefit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from data_generator.clock import day_text
from data_generator.facts.billing import REASON_LABELS
from data_generator.facts.collections import REMARKS
from data_generator.fhir.codes import (
    CLAIM_REASON,
    GROUP_CODE,
    REMARK_CODE,
    Resource,
    coding,
    concept,
    dollars,
    term,
)
from data_generator.revenue.account import Answer, LineAnswer

_CARIN = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudication"
_SUBMITTED = term("adjudication", "submitted")
_ELIGIBLE = term("adjudication", "eligible")
_BENEFIT = term("adjudication", "benefit")
_DEDUCTIBLE = term("adjudication", "deductible")
_COPAY = term("adjudication", "copay")
_COINSURANCE = concept(_CARIN, "coinsurance")
_DISCOUNT = concept(_CARIN, "discount")
_NOT_COVERED = concept(_CARIN, "noncovered")
_PRIOR = concept(_CARIN, "priorpayerpaid")


@dataclass(frozen=True, slots=True)
class Amounts:
    """The adjudication of each line, and the sums over all."""

    lines: list[list[Resource]]
    totals: list[Resource]


def amounts_of(answer: Answer) -> Amounts:
    """Return the amounts of an answer, which several resources share.

    An answer to the claim as a whole has no lines.
    """
    if answer.as_a_whole:
        return Amounts([], _adjudications(answer.lines, None))
    lines = [_adjudications([line], line) for line in answer.lines]
    if len(lines) == 1 and not answer.lines[0].denied:
        return Amounts(lines, lines[0])
    return Amounts(lines, _adjudications(answer.lines, None))


@cache
def reason(code: str, group: str | None = None) -> Resource:
    """Return an adjustment reason with its group and its remark, where there are such."""
    label = REASON_LABELS.get(code)
    codings = [coding(CLAIM_REASON, code, label)]
    if group is not None:
        codings.append(coding(GROUP_CODE, group))
    if group is not None and code in REMARKS:
        codings.append(coding(REMARK_CODE, REMARKS[code]))
    return {"coding": codings}


def of_the_claim(answer: Answer) -> list[Resource]:
    """Return what is decided about the claim as a whole."""
    return _adjudications(answer.lines, answer.lines[0])


def _adjudications(lines: Sequence[LineAnswer], single: LineAnswer | None) -> list[Resource]:
    rows = [_amount(_SUBMITTED, sum(x.charge for x in lines))]
    denied = sum(x.denied for x in lines)
    if denied:
        rows.append(_amount(_NOT_COVERED, denied))
        if single is not None and single.reason is not None:
            rows[-1]["reason"] = reason(single.reason, single.group)
    if any(not x.denied for x in lines):
        _append(rows, _PRIOR, sum(x.prior for x in lines))
        rows.append(_amount(_DISCOUNT, sum(x.contractual for x in lines)))
        rows.append(_amount(_ELIGIBLE, sum(x.allowed for x in lines)))
        _append(rows, _DEDUCTIBLE, sum(x.deductible for x in lines))
        _append(rows, _COINSURANCE, sum(x.coinsurance for x in lines))
        _append(rows, _COPAY, sum(x.copay for x in lines))
    rows.append(_amount(_BENEFIT, sum(x.paid for x in lines)))
    return rows


def _amount(category: Resource, cents: int) -> Resource:
    return {"category": category, "amount": dollars(cents)}


def _append(rows: list[Resource], category: Resource, cents: int) -> None:
    if cents:
        rows.append(_amount(category, cents))


def payment(answer: Answer, as_of: int) -> Resource | None:
    """Return date and amount of the payment, None before it is made or if there is none."""
    if answer.paid_on is None or answer.paid_on > as_of:
        return None
    return {"date": day_text(answer.paid_on), "amount": dollars(answer.paid)}
