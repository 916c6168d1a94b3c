"""Answers, transactions and contract rates from rows of silver's feed tables.

A row is a mapping with the columns of the feed; columns that are absent are null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from metriccare.marts.claims.adjudication import decimal_of
from metriccare.marts.claims.fees import FeeSchedule, Rate, fee_schedule
from metriccare.marts.claims.history import (
    ADJUDICATED,
    EVENT,
    PENDING,
    REJECTED,
    Answer,
    AnswerLine,
    Payment,
    SentAdjustment,
    Transaction,
)
from metriccare.marts.claims.identity import FEED
from metriccare.marts.claims.rows_read import Row, source_of, whole_day

_REVERSAL, _NOT_OURS, _ESTIMATE = "22", "23", "25"
# Answers of these kinds touch nothing.
_IGNORED = frozenset({_NOT_OURS, _ESTIMATE})
# Of rows of one remit those of the first of these that any row has are its answer.
_DECISIVE = (ADJUDICATED, REJECTED, PENDING)
_UPDATED = "updated_at"


def answers_of(remits: Iterable[Row], adjustments: Iterable[Row]) -> tuple[Answer, ...]:
    """Return an event for each remit of a claim, from feed_remits and feed_remit_adjustments.

    A remit that was pending and is decided now has only its decision left.
    """
    taken: dict[tuple[str, str, int], list[Row]] = {}
    for adjustment in adjustments:
        taken.setdefault(_key(adjustment), []).append(adjustment)
    grouped: dict[tuple[str, str], list[Row]] = {}
    for remit in remits:
        if remit.get("claim_status_code") not in _IGNORED:
            grouped.setdefault((remit["remit_id"], remit["claim_id"]), []).append(remit)
    return tuple(_event(rows, taken) for _, rows in sorted(grouped.items()))


def _key(row: Row) -> tuple[str, str, int]:
    return (row["remit_id"], row["claim_id"], int(row.get("line_number") or 0))


def _event(rows: Sequence[Row], taken: Mapping[tuple[str, str, int], Sequence[Row]]) -> Answer:
    kept = next(found for word in _DECISIVE if (found := [r for r in rows if _word(r) == word]))
    kept.sort(key=lambda r: (r["remit_date"], int(r.get("line_number") or 0)))
    last = kept[-1]
    lines = {number: row for row in kept if (number := int(row.get("line_number") or 0))}
    header = next((r for r in kept if not r.get("line_number")), None)
    of_header = taken.get((last["remit_id"], last["claim_id"], 0), ())
    return Answer(
        id=last["remit_id"],
        claim_id=last["claim_id"],
        kind=EVENT,
        answer=_word(last),
        is_reversal=any(r.get("claim_status_code") == _REVERSAL for r in kept),
        payer_id=last.get("payer_id"),
        created=whole_day(last["remit_date"]),
        payment=_payment(kept),
        header=_amounts(0, header, of_header) if header or of_header else None,
        lines=tuple(
            _amounts(number, row, taken.get(_key(row), ())) for number, row in sorted(lines.items())
        ),
        source=source_of(header or kept[0], FEED, _UPDATED),
    )


def _word(row: Row) -> str:
    """Return what a row says of the claim: a row that does not say so was adjudicated."""
    word = row.get("answer")
    return word if word in _DECISIVE else ADJUDICATED


def _payment(rows: Sequence[Row]) -> Payment:
    """Return date and number of the payment: the first that a row of the remit gives."""
    day = next((r["payment_date"] for r in rows if r.get("payment_date")), None)
    number = next((r["check_number"] for r in rows if r.get("check_number")), None)
    return Payment(whole_day(day), None, number)


def _amounts(number: int, row: Row | None, adjustments: Iterable[Row]) -> AnswerLine:
    sent = tuple(
        SentAdjustment(
            a["group_code"],
            (a["carc"] or "").strip().upper() or None,
            decimal_of(a["amount"]),
            tuple(r for r in a.get("rarc") or () if r),
        )
        for a in sorted(adjustments, key=lambda a: int(a.get("position") or 0))
    )
    if row is None:
        return AnswerLine(number, adjustments=sent)
    return AnswerLine(
        number,
        decimal_of(row.get("charge")),
        decimal_of(row.get("allowed")),
        decimal_of(row["paid"]),
        sent,
    )


def transactions_of(rows: Iterable[Row]) -> tuple[Transaction, ...]:
    """Return the transactions of rows of feed_transactions."""
    return tuple(
        Transaction(
            id=row["transaction_id"],
            type=row["type"],
            amount=decimal_of(row["amount"]) or Decimal(0),
            post_date=row["post_date"],
            claim_id=row.get("claim_id"),
            account_number=row.get("account_number"),
            party=row.get("party"),
            point_of_service=row.get("point_of_service"),
            source=source_of(row, FEED, _UPDATED),
        )
        for row in rows
    )


def fee_schedule_of(rows: Iterable[Row]) -> FeeSchedule:
    """Return the contract rates of rows of feed_fee_schedule."""
    return fee_schedule(
        Rate(
            rate_id=row["rate_id"],
            payer_id=row["payer_id"],
            rate_type=row["rate_type"],
            rate=decimal_of(row["rate"]) or Decimal(0),
            valid_from=row["valid_from"],
            valid_to=row.get("valid_to"),
            plan=row.get("plan") or None,
            procedure_code=row.get("procedure_code") or None,
            modifier=row.get("modifier") or None,
            drg=row.get("drg") or None,
            facility_id=row.get("facility_id") or None,
            lesser_of=row.get("lesser_of") is not False,
        )
        for row in rows
    )
