"""Entries of payers' payments. Source: claims specification, 1.6.4, 1.7.7 and 1.8.1.

Payments of events post as they come; a reversal takes back. Of statements the newest says what is
paid in all: what posts is the difference to the one before. A statement without a payment has
decided but not paid: it takes back what was paid beyond the decision and adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from metriccare.marts.claims.entry import PAYER, PAYER_PAYMENT, Entry, entry_id
from metriccare.marts.claims.history import ADJUDICATED, EVENT
from metriccare.marts.claims.remit import Remit
from metriccare.marts.claims.submission import Submission

_TAKEN_BACK = "taken back"


def payer_payments(submission: Submission) -> list[Entry]:
    """Return the entries of a claim's payments, once its account was walked through to the end."""
    remits = submission.counting_remits
    if any(r.kind == EVENT and r.answer == ADJUDICATED for r in remits):
        return [
            _entry(submission, remit, cash.date, cash.amount, cash.date.isoformat())
            for remit in remits
            for cash in remit.cash
            if cash.amount
        ]
    return _of_statements(submission, remits)


def _of_statements(submission: Submission, remits: Sequence[Remit]) -> list[Entry]:
    ended, posted = submission.ended, 0
    found = []
    newest = remits[0] if remits else None
    for remit, day, amount in _differences(remits):
        # What comes after the claim was replaced or voided counts as taken back at once.
        if ended is None or day < ended:
            found.append(_entry(submission, remit, day, amount, day.isoformat()))
            posted, newest = posted + amount, remit
    if ended is not None and posted and newest is not None:
        found.append(_entry(submission, newest, ended, -posted, _TAKEN_BACK))
    return found


def _differences(remits: Sequence[Remit]) -> Iterator[tuple[Remit, date, int]]:
    """Yield what each statement adds to what was paid by line before, and when."""
    paid: dict[int, int] = {}
    for remit in remits:
        if remit.answer != ADJUDICATED:
            continue
        lines = {number: amounts.paid for number, amounts in remit.net.items()}
        day = remit.remit_date
        if remit.cash:
            day = remit.cash[0].date
        else:
            lines = {number: min(amount, paid.get(number, 0)) for number, amount in lines.items()}
        after = {**paid, **lines} if remit.is_partial else lines
        amount = sum(after.values()) - sum(paid.values())
        paid = after
        if amount:
            yield remit, day, amount


def _entry(submission: Submission, remit: Remit, day: date, amount: int, part: str) -> Entry:
    claim_id = submission.claim.id
    return Entry(
        id=entry_id(PAYER_PAYMENT, claim_id, remit.id, part),
        type=PAYER_PAYMENT,
        amount=amount,
        party=PAYER,
        post_date=day,
        level=submission.level,
        claim_id=claim_id,
        remit_id=remit.id,
        source=remit.source,
    )
