"""Answers as events: a second answer first reverses what the first one said."""

from __future__ import annotations

from collections.abc import Iterator

from data_generator.clock import at, day_text
from data_generator.facts.collections import REMARKS
from data_generator.feeds.text import Row, money
from data_generator.fhir.account_view import AccountView
from data_generator.ids import Kind
from data_generator.revenue.account import VOID, Answer, Claim, LineAnswer, Outcome

_DENIED, _REVERSAL = "4", "22"
# Ends of the ids of reversals: of an answer replaced by another, and of a voided claim.
_REPLACED, _VOIDED = "R", "V"


def remit_rows(view: AccountView, claim: Claim) -> Iterator[Row]:
    """Yield the answers to a claim given by now, with their adjustments."""
    as_of, before = view.chart.as_of, None
    for answer in claim.answers:
        if answer.day > as_of:
            if answer.pending_from is not None and answer.pending_from <= as_of:
                yield _without_lines(view, claim, answer, answer.pending_from)
            return
        if answer.outcome is Outcome.REJECTED:
            yield _without_lines(view, claim, answer, answer.day)
            continue
        if before is not None:
            yield from _reversal(view, claim, before, answer)
        yield from _adjudicated(view, claim, answer)
        before = answer
    void = next(
        (c for c in view.account.claims if c.names == claim.count and c.frequency == VOID), None
    )
    if before is not None and void is not None and void.sent <= as_of:
        shown = f"{_id(view, claim, before)}{_VOIDED}", _REVERSAL, day_text(void.sent), ""
        yield from _negated(view, claim, (before, void.sent), shown)


def _id(view: AccountView, claim: Claim, answer: Answer) -> str:
    return view.answer_id(Kind.CLAIM_RESPONSE, claim, answer)


def _updated(view: AccountView, day: int) -> str:
    return view.account.care.hospital.zone.utc_instant(at(day, 9))


def _without_lines(view: AccountView, claim: Claim, answer: Answer, day: int) -> Row:
    """Return the row of a claim that is pending or rejected."""
    word = "pending" if day < answer.day else str(answer.outcome)
    values = (
        _id(view, claim, answer), view.claim_id(claim.count), "", "", word,
        view.payer_id(claim) or "", day_text(day), "", "", "", "", "0.00",
    )  # fmt: skip
    return Row("remits", values, _updated(view, day))


def _adjudicated(view: AccountView, claim: Claim, answer: Answer) -> Iterator[Row]:
    status = _DENIED if answer.denies else str(claim.level)
    paid_on = day_text(answer.paid_on) if answer.paid_on is not None else ""
    check = view.check_number(claim, answer) if paid_on and answer.paid else ""
    shown = _id(view, claim, answer), status, paid_on, check
    if answer.as_a_whole:
        first = answer.lines[0]
        whole = LineAnswer(
            claim.charge, denied=claim.charge, group=first.group, reason=first.reason
        )
        yield from _line(view, claim, answer.day, (None, whole, 1), shown)
        return
    for number, line in enumerate(answer.lines, 1):
        yield from _line(view, claim, answer.day, (number, line, 1), shown)


def _reversal(view: AccountView, claim: Claim, before: Answer, answer: Answer) -> Iterator[Row]:
    """Yield the first answer with its amounts negated, on the day of the second."""
    shown = f"{_id(view, claim, answer)}{_REPLACED}", _REVERSAL, day_text(answer.day), ""
    yield from _negated(view, claim, (before, answer.day), shown)


def _negated(
    view: AccountView, claim: Claim, taken: tuple[Answer, int], shown: tuple[str, str, str, str]
) -> Iterator[Row]:
    before, day = taken
    for number, line in enumerate(before.lines, 1):
        yield from _line(view, claim, day, (number, line, -1), shown)


def _line(
    view: AccountView,
    claim: Claim,
    day: int,
    decided: tuple[int | None, LineAnswer, int],
    shown: tuple[str, str, str, str],
) -> Iterator[Row]:
    (number, line, sign), (id_, status, paid_on, check) = decided, shown
    claim_id, updated = view.claim_id(claim.count), _updated(view, day)
    key = (id_, claim_id, "" if number is None else str(number))
    yield Row(
        "remits",
        (
            *key, status, "adjudicated", view.payer_id(claim) or "", day_text(day), paid_on, check,
            money(sign * line.charge), money(sign * line.allowed), money(sign * line.paid),
        ),
        updated,
    )  # fmt: skip
    for position, (group, carc, rarc, amount) in enumerate(adjustments(line), 1):
        values = (*key, str(position), group, carc, rarc, money(sign * amount), "")
        yield Row("remit_adjustments", values, updated)


def adjustments(line: LineAnswer) -> Iterator[tuple[str, str, str, int]]:
    """Yield group, reason, remark and amount of everything that is not paid."""
    rows = (
        ("CO", "45", "", line.contractual),
        ("PR", "1", "", line.deductible),
        ("PR", "2", "", line.coinsurance),
        ("PR", "3", "", line.copay),
        ("OA", "23", "", line.prior),
        (line.group, line.reason or "", REMARKS.get(line.reason or "", ""), line.denied),
    )
    return (row for row in rows if row[3])
