"""The remits of a person's claims, from statements and events. Source: specification, 1.7."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from metriccare.marts.claims import flags
from metriccare.marts.claims.answers import AnswerReader, ReadAnswer
from metriccare.marts.claims.claim import Claim
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
from metriccare.marts.claims.merging import updated_at
from metriccare.marts.claims.money import cents
from metriccare.marts.claims.reasons import AdjustmentReasons
from metriccare.marts.claims.remit import Adjustment, Amounts, Cash, Remit, denies, plus, total_of

_WEIGHT = {PENDING: 0, REJECTED: 1, ADJUDICATED: 2}


@dataclass(frozen=True, slots=True)
class _Row:
    """An answer that was read, with its date in the zone of the claim."""

    answer: Answer
    word: str
    read: ReadAnswer
    day: date
    payment_date: date | None
    zone: ZoneInfo

    @property
    def order(self) -> tuple[object, ...]:
        return (self.day, updated_at(self.answer.source), self.answer.id)

    def is_before(self, day: date | None) -> bool:
        """Return True if the answer arrived before a day that it names."""
        return self.answer.source.is_before(day, self.zone)


class _Paid(NamedTuple):
    """What a payment was, in cents, and its check."""

    amount: int | None
    check_number: str | None


class RemitBuilder:
    """Builds remits; payment details are looked up by the answer, else the claim, they name."""

    def __init__(
        self, reasons: AdjustmentReasons, payments: Iterable[PaymentDetail], as_of: date
    ) -> None:
        self._reader = AnswerReader(reasons)
        self._as_of = as_of
        self._by_response: dict[str, PaymentDetail] = {}
        self._by_claim: dict[str, PaymentDetail] = {}
        for detail in sorted(payments, key=_detail_order, reverse=True):
            if detail.response_id:
                self._by_response[detail.response_id] = detail
            elif detail.claim_id:
                self._by_claim[detail.claim_id] = detail

    def remits_of(
        self, claim_id: str, claim: Claim | None, zone: ZoneInfo, answers: Iterable[Answer]
    ) -> tuple[Remit, ...]:
        """Return the remits of one claim, in the order in which they were made."""
        rows = sorted((self._row(a, claim, zone) for a in answers), key=lambda r: r.order)
        remits = []
        events: dict[date, list[_Row]] = {}
        for row in rows:
            if row.answer.kind == STATEMENT:
                remits.append(self._statement(claim_id, claim, row, zone))
            else:
                events.setdefault(row.day, []).append(row)
        # Rows of one claim with one date are one remit.
        of_feed = [_event(claim_id, claim, group) for group in events.values()]
        # The same remit from two sources is one: the events count.
        sent_twice = {remit.id for remit in of_feed}
        remits = [*(r for r in remits if r.id not in sent_twice), *of_feed]
        return tuple(sorted(remits, key=lambda r: r.order))

    def _row(self, answer: Answer, claim: Claim | None, zone: ZoneInfo) -> _Row:
        if answer.created is not None:
            day = answer.created.date_in(zone)
        elif answer.source.updated is not None:
            day = answer.source.updated.astimezone(zone).date()
        else:
            day = self._as_of
        word, answer, empty = _judged(answer)
        decides = word == ADJUDICATED
        read = self._reader.read(answer, claim) if decides else ReadAnswer({}, [], set())
        if empty:
            read.flags.add(flags.REMIT_EMPTY)
        if claim is not None and claim.submitted_date and day < claim.submitted_date:
            read.flags.add(flags.REMIT_BEFORE_SUBMISSION)
        if claim is None:
            # Without the claim the charge that amounts must add up to is not known.
            read.flags.discard(flags.REMIT_OUT_OF_BALANCE)
            read.flags.add(flags.REMIT_ORPHAN)
        elif answer.currency not in (None, claim.currency):
            read.flags.add(flags.CURRENCY_MIXED)
        payment = answer.payment
        paid_on = payment.date.date_in(zone) if payment and payment.date else None
        return _Row(answer, word, read, day, paid_on, zone)

    def _statement(self, claim_id: str, claim: Claim | None, row: _Row, zone: ZoneInfo) -> Remit:
        payment = row.answer.payment
        named = (self._by_response.get(id_) for id_ in (row.answer.id, *row.answer.benefit_ids))
        detail = next((d for d in named if d), self._by_claim.get(claim_id))
        if detail is not None:
            payment = _with_detail(payment, detail, row.read.flags)
            if payment.date is not None:
                row = replace(row, payment_date=payment.date.date_in(zone))
        if payment is None:
            return _remit(claim_id, claim, [row], None)
        amount = None if payment.amount is None else cents(payment.amount)
        return _remit(claim_id, claim, [row], _Paid(amount, payment.check_number))


def _detail_order(detail: PaymentDetail) -> tuple[date, str]:
    return (detail.date.first if detail.date else date.max, detail.check_number or "")


def _judged(answer: Answer) -> tuple[str, Answer, bool]:
    """Return what an answer says, the answer to read, and whether it decided nothing.

    A FHIR answer without any amount but the submitted one is pending, whatever its outcome.
    """
    if answer.answer != ADJUDICATED or answer.kind != STATEMENT:
        return answer.answer, answer, False
    if any(line.has_amounts for line in answer.lines):
        return ADJUDICATED, answer, False
    header = answer.header
    if header is not None and header.has_amounts:
        return ADJUDICATED, answer, False
    paid = answer.payment.amount if answer.payment else None
    if paid:
        return ADJUDICATED, replace(answer, lines=(), header=AnswerLine(0, paid=paid)), False
    return PENDING, answer, True


def _with_detail(payment: Payment | None, detail: PaymentDetail, found: set[str]) -> Payment:
    """Return the payment with check number and date of the reconciliation where it has none.

    Amounts are compared, never added.
    """
    payment = payment or Payment()
    amounts = {cents(each) for each in (payment.amount, detail.amount) if each is not None}
    if len(amounts) > 1:
        found.add(flags.PAYMENT_MISMATCH)
    amount = detail.amount if payment.amount is None else payment.amount
    number = payment.check_number or detail.check_number
    return Payment(payment.date or detail.date, amount, number)


def _event(claim_id: str, claim: Claim | None, rows: Sequence[_Row]) -> Remit:
    """Return the remit of one day's rows; a header beside lines says what the check was."""
    checks = {r.answer.payment.check_number for r in rows if r.answer.payment}
    headers = [
        r.answer.header.paid
        for r in rows
        if r.answer.lines and r.answer.header and r.answer.header.paid is not None
    ]
    number = min((check for check in checks if check), default=None)
    if headers:
        return _remit(claim_id, claim, rows, _Paid(sum(map(cents, headers)), number))
    decided = sum(total_of(row.read.lines).paid for row in rows)
    is_decided = any(row.word == ADJUDICATED for row in rows)
    return _remit(claim_id, claim, rows, _Paid(decided if is_decided else None, number))


def _remit(
    claim_id: str, claim: Claim | None, rows: Sequence[_Row], payment: _Paid | None
) -> Remit:
    """Return the remit of one or more rows: `net` adds all of them, `stated` the decisions."""
    first = rows[0]
    # Of several rows of one day, those that decide say what the answer is.
    word = max((row.word for row in rows), key=_WEIGHT.__getitem__)
    decided = [row for row in rows if row.word == ADJUDICATED]
    net = _added(decided)
    stated = _added([row for row in decided if not row.answer.is_reversal])
    found = set().union(*(row.read.flags for row in rows))
    if any(row.is_before(row.day) for row in rows):
        found.add(flags.DATE_IN_FUTURE)
    cash = _cash(decided, found) if payment else ()
    return Remit(
        id=min(row.answer.id for row in rows),
        claim_id=claim_id,
        kind=first.answer.kind,
        answer=word,
        remit_date=first.day,
        order=first.order,
        is_partial=first.answer.is_partial,
        is_reversal=bool(decided) and all(row.answer.is_reversal for row in decided),
        payer_id=next((r.answer.payer_id for r in rows if r.answer.payer_id), None),
        net=net,
        stated=stated,
        adjustments=_adjustments(decided),
        cash=cash,
        payment_date=cash[0].date if cash else None,
        payment_amount=payment.amount if payment else None,
        check_number=payment.check_number if payment else None,
        denies_claim=denies(claim, stated),
        is_in_future=any(row.is_before(row.day) for row in rows),
        currency=next((r.answer.currency for r in rows if r.answer.currency), None),
        source=first.answer.source,
        flags=frozenset(found),
    )


def _added(rows: Sequence[_Row]) -> dict[int, Amounts]:
    if len(rows) == 1:
        return rows[0].read.lines
    lines: dict[int, Amounts] = {}
    for row in rows:
        for number, amounts in row.read.lines.items():
            lines[number] = plus(lines[number], amounts) if number in lines else amounts
    return dict(sorted(lines.items()))


def _adjustments(rows: Sequence[_Row]) -> tuple[Adjustment, ...]:
    if len(rows) == 1:
        return tuple(rows[0].read.adjustments)
    found: list[Adjustment] = []
    counts: dict[int, int] = {}
    for row in rows:
        for adjustment in row.read.adjustments:
            counts[adjustment.line] = counts.get(adjustment.line, 0) + 1
            found.append(adjustment._replace(position=counts[adjustment.line]))
    return tuple(sorted(found, key=lambda a: (a.line, a.position)))


def _cash(rows: Sequence[_Row], found: set[str]) -> tuple[Cash, ...]:
    """Return what posts, by date; a payment without a date posts on the remit date."""
    by_date: dict[date, int] = {}
    for row in rows:
        paid = total_of(row.read.lines).paid
        day = row.payment_date
        if paid and day is None:
            found.add(flags.PAYMENT_DATE_DERIVED)
        if day is not None and paid and day < row.day:
            found.add(flags.PAYMENT_BEFORE_REMIT)
        if row.is_before(day):
            found.add(flags.DATE_IN_FUTURE)
            continue
        if paid or day is not None:
            by_date[day or row.day] = by_date.get(day or row.day, 0) + paid
    return tuple(Cash(day, amount) for day, amount in sorted(by_date.items()))
