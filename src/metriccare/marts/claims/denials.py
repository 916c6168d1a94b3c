"""Denials of an account and what became of them. Source: claims specification, 2.4."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from metriccare.marts.claims.entry import DENIAL_WRITEOFF, PAYER_PAYMENT, Entry
from metriccare.marts.claims.history import ADJUDICATED
from metriccare.marts.claims.reasons import DENIAL, PR
from metriccare.marts.claims.remit import Adjustment, Remit
from metriccare.marts.claims.submission import Submission

OPEN, PATIENT_LIABILITY, APPEALED = "open", "patient_liability", "appealed"
UPHELD, OVERTURNED, WRITTEN_OFF = "upheld", "overturned", "written_off"
# Of two events of one day the first of these wins. Source: claims specification, 2.4.
_PRECEDENCE = {WRITTEN_OFF: 3, OVERTURNED: 2, UPHELD: 1, APPEALED: 0}
_RESOLVED = frozenset({WRITTEN_OFF, OVERTURNED, UPHELD})


class Decision(NamedTuple):
    """A remit that decides, with the submission it answers."""

    submission: Submission
    remit: Remit

    @property
    def order(self) -> tuple[object, ...]:
        """Return what sorts the decisions of an account."""
        return (self.remit.remit_date, self.submission.place, *self.remit.order)


@dataclass(frozen=True, slots=True)
class Denial:
    """A denial adjustment of a primary payer's remit; amounts in cents."""

    id: str
    submission: Submission
    remit: Remit
    adjustment: Adjustment
    is_initial: bool
    is_leading: bool
    status: str
    resolved_date: date | None
    recovered_amount: int

    @property
    def days_to_resolution(self) -> int | None:
        """Return the days from the denial to its resolution."""
        return (self.resolved_date - self.remit.remit_date).days if self.resolved_date else None


class _Event(NamedTuple):
    date: date
    precedence: int
    status: str


def decisions_of(submissions: Sequence[Submission], as_of: date) -> list[Decision]:
    """Return the decisions of the primary payer by as_of, in time."""
    found = [
        Decision(s, remit)
        for s in submissions
        if s.level == 1 and s.is_request and s.is_submitted
        for remit in s.counting_remits
        if remit.decides and remit.remit_date <= as_of
    ]
    return sorted(found, key=lambda d: d.order)


def denials_of(
    decisions: Sequence[Decision], primary: Sequence[Submission], entries: Sequence[Entry]
) -> list[Denial]:
    """Return the denials with their status; `primary` and `entries` as known by as_of."""
    found = []
    written_off = _written_off(entries)
    for place, decision in enumerate(decisions):
        rows = sorted(_rows(decision.remit), key=_leading)
        judged = []
        for row in rows:
            events = [*_later_decisions(decision, row, decisions[place + 1 :])]
            events += _appeals(decision, primary)
            if written_off is not None and written_off >= decision.remit.remit_date:
                events.append(_Event(written_off, _PRECEDENCE[WRITTEN_OFF], WRITTEN_OFF))
            judged.append(max(events) if events else None)
        for number, (row, event) in enumerate(zip(rows, judged, strict=True)):
            recovered = 0
            if number == 0 and event is not None and event.status == OVERTURNED:
                recovered = _paid_since(entries, event.date)
            found.append(_denial(decision, row, (place == 0, number == 0), event, recovered))
    return found


def _rows(remit: Remit) -> Iterator[Adjustment]:
    for adjustment in remit.adjustments:
        is_denial = adjustment.adjustment_class == DENIAL and not adjustment.takes_back
        if is_denial and adjustment.amount > 0:
            yield adjustment


def _leading(row: Adjustment) -> tuple[int, str, int, int]:
    """Return what puts the largest amount first; of equal ones the lowest code as text."""
    return (-row.amount, row.carc or "", row.line, row.position)


def _denial(
    decision: Decision,
    row: Adjustment,
    places: tuple[bool, bool],
    event: _Event | None,
    recovered: int,
) -> Denial:
    remit = decision.remit
    unsettled = PATIENT_LIABILITY if row.group == PR else OPEN
    status = event.status if event else unsettled
    return Denial(
        id=f"{remit.claim_id}|{remit.id}|{row.line}|{row.position}",
        submission=decision.submission,
        remit=remit,
        adjustment=row,
        is_initial=places[0],
        is_leading=places[1],
        status=status,
        resolved_date=event.date if event and status in _RESOLVED else None,
        recovered_amount=recovered,
    )


def _later_decisions(
    decision: Decision, row: Adjustment, later: Sequence[Decision]
) -> Iterator[_Event]:
    """Yield what later remits of the claim, or of what replaced it, say of the line."""
    before = _refused(decision.remit, row.line)
    for other in later:
        is_same = other.submission is decision.submission
        if not is_same and decision.submission not in tuple(other.submission.chain()):
            continue
        after = _refused(other.remit, row.line)
        if after is not None:
            status = OVERTURNED if after < (before or 0) else UPHELD
            yield _Event(other.remit.remit_date, _PRECEDENCE[status], status)


def _refused(remit: Remit, line: int) -> int | None:
    """Return what a remit denies of a line, of the claim for line 0; None if not mentioned."""
    if line == 0:
        return sum(amounts.refused for amounts in remit.stated.values())
    amounts = remit.stated.get(line)
    return None if amounts is None else amounts.refused


def _appeals(decision: Decision, primary: Sequence[Submission]) -> Iterator[_Event]:
    """Yield later submissions in place of the denied one that nobody has decided yet."""
    denied = decision.submission
    for other in primary:
        day = other.claim.submitted_date
        is_later = (
            other.place > denied.place and day is not None and day >= decision.remit.remit_date
        )
        if is_later and day and denied in tuple(other.chain()) and other.answer != ADJUDICATED:
            yield _Event(day, _PRECEDENCE[APPEALED], APPEALED)


def _written_off(entries: Sequence[Entry]) -> date | None:
    """Return the day of the last write-off of denials, None if all were undone."""
    of_type = [e for e in entries if e.type == DENIAL_WRITEOFF]
    if sum(e.amount for e in of_type) <= 0:
        return None
    return max(e.post_date for e in of_type if e.amount > 0)


def _paid_since(entries: Sequence[Entry], day: date) -> int:
    return sum(e.amount for e in entries if e.type == PAYER_PAYMENT and e.post_date >= day)
