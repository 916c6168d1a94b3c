"""Answers and payments from rows of silver's FHIR tables.

A row is a mapping with the columns of the table; columns that are absent are null.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from metriccare.marts.claims.adjudication import adjudicated, currency_of, decimal_of
from metriccare.marts.claims.from_fhir import billing_of, care_team_of
from metriccare.marts.claims.history import (
    ADJUDICATED,
    PENDING,
    REJECTED,
    STATEMENT,
    Answer,
    AnswerLine,
    Payment,
    PaymentDetail,
)
from metriccare.marts.claims.identity import FHIR
from metriccare.marts.claims.rows_read import Row, given, source_of
from metriccare.marts.stays.partial_date import partial_date

_ACTIVE, _CLAIM = "active", "claim"
_ANSWERS = {
    "queued": PENDING,
    "error": REJECTED,
    "complete": ADJUDICATED,
    "partial": ADJUDICATED,
}


def response_of(row: Row) -> Answer | None:
    """Return an answer from a row of silver.claim_response; None when it must be ignored."""
    return _answer(row, row.get("request_id"), is_benefit=False)


def benefit_of(row: Row) -> Answer | None:
    """Return an answer from a row of silver.explanation_of_benefit; None when it is ignored."""
    answer = _answer(row, row.get("claim_id"), is_benefit=True)
    if answer is None:
        return None
    return replace(
        answer,
        response_id=row.get("claim_response_id"),
        care_team=care_team_of(row),
        provider=billing_of(row),
        service_from=partial_date(row.get("billable_start")),
    )


def _answer(row: Row, claim_id: str | None, *, is_benefit: bool) -> Answer | None:
    if row.get("status") not in (None, _ACTIVE) or row.get("use") not in (None, _CLAIM):
        return None
    header = adjudicated(0, row.get("adjudications"))
    if not header.has_amounts:
        header = adjudicated(0, row.get("totals"))
    return Answer(
        id=row["id"],
        claim_id=claim_id,
        kind=STATEMENT,
        answer=_ANSWERS.get(row.get("outcome") or "", ADJUDICATED),
        is_partial=row.get("outcome") == "partial",
        is_benefit=is_benefit,
        payer_id=row.get("insurer_id"),
        created=partial_date(row.get("created")),
        payment=_payment(row),
        header=header,
        lines=_answer_lines(row),
        currency=_currency(row),
        source=source_of(row, FHIR, "last_updated"),
    )


def _answer_lines(row: Row) -> tuple[AnswerLine, ...]:
    """Return the lines answered; a line the payer put in place of one counts as that one."""
    items = enumerate(given(row.get("items")), 1)
    lines = {
        number: adjudicated(number, item["adjudications"])
        for place, item in items
        if (number := item["sequence"] or place)
    }
    for item in given(row.get("added_items")):
        number = next((n for n in item["item_sequences"] or () if n), None)
        if number and not (number in lines and lines[number].has_amounts):
            lines[number] = adjudicated(number, item["adjudications"])
    return tuple(lines.values())


def _currency(row: Row) -> str | None:
    groups: list[Any] = [item["adjudications"] for item in given(row.get("items"))]
    groups += [row.get("adjudications"), row.get("totals")]
    found = (currency_of(group) for group in groups)
    return next((c for c in found if c), row.get("payment_currency"))


def _payment(row: Row) -> Payment | None:
    """Return the payment; an answer without one has decided and not paid."""
    day, amount = row.get("payment_date"), decimal_of(row.get("payment_amount"))
    number = row.get("payment_identifier")
    if day is None and amount is None and number is None:
        return None
    return Payment(partial_date(day), amount, number)


def payment_details_of(row: Row) -> tuple[PaymentDetail, ...]:
    """Return the details of a row of silver.payment_reconciliation."""
    if row.get("status") not in (None, _ACTIVE):
        return ()
    return tuple(
        PaymentDetail(
            detail.get("response_id"),
            detail.get("request_id"),
            decimal_of(detail.get("amount")),
            partial_date(detail.get("date")) or partial_date(row.get("payment_date")),
            row.get("payment_identifier"),
        )
        for detail in given(row.get("details"))
    )
