"""An account's history, event by event: what is in force, and how its amounts change.

Submissions, cancellations and answers are walked through in order of their dates. Each changes
the position of the account; the changes are its entries. Because every entry is a change on its
own date, the entries up to any date add up to the position of that evening.

Source: claims specification, 1.6.4 and 1.8.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from metriccare.marts.claims import entry as entries
from metriccare.marts.claims.claim import ADDING, VOID
from metriccare.marts.claims.entry import Entry, entry_id
from metriccare.marts.claims.history import Source
from metriccare.marts.claims.remit import Remit
from metriccare.marts.claims.submission import Submission

_SUBMISSION, _CANCELLATION, _ANSWER = 0, 1, 2


class Position(NamedTuple):
    """What an account's claims and answers amount to, in cents."""

    charge: int = 0
    contractual: int = 0
    patient_share: int = 0
    denied: int = 0


class Evening(NamedTuple):
    """What balances and ages need to know of the end of a day."""

    day: date
    position: Position
    is_void: bool
    is_adjudicated: bool
    newest_waits: bool
    newest_submitted: date | None
    service_date: date | None


class _Event(NamedTuple):
    date: date
    kind: int
    place: int
    answer: int
    submission: Submission
    remit: Remit | None


class _Cause(NamedTuple):
    """What an entry comes from."""

    date: date
    submission: Submission
    what: str
    remit: Remit | None = None

    @property
    def source(self) -> Source:
        return self.remit.source if self.remit else self.submission.claim.sent.source


class Walk:
    """Walks through an account's events; `entries` and `evenings` grow as it goes."""

    def __init__(self, submissions: Sequence[Submission]) -> None:
        self.submissions = submissions
        self.entries: list[Entry] = []
        self.evenings: list[Evening] = []
        self.position = Position()
        self.is_void = False
        self._by_id = {s.claim.id: s for s in submissions}
        self._events = sorted(_events(submissions), key=lambda e: e[:4])
        self._next = 0

    def go_to(self, day: date) -> None:
        """Walk through all events up to and including a date."""
        events = self._events
        while self._next < len(events) and events[self._next].date <= day:
            today = events[self._next].date
            while self._next < len(events) and events[self._next].date == today:
                self._happen(events[self._next])
                self._next += 1
            self._close_day(today)

    @property
    def has_more(self) -> bool:
        """Return True if events are left that were not walked through."""
        return self._next < len(self._events)

    def of_level(self, level: int) -> Iterator[Submission]:
        """Yield the submissions of a level that were submitted."""
        return (s for s in self.submissions if s.is_submitted and s.level == level)

    @property
    def newest(self) -> Submission | None:
        """Return the newest request of any level that was not voided, else the newest of all."""
        sent = [s for s in self.submissions if s.is_submitted and s.is_request]
        in_force = [s for s in sent if s.in_force]
        return in_force[-1] if in_force else sent[-1] if sent else None

    @property
    def top_level(self) -> int | None:
        """Return the highest level with an adjudicated answer that counts."""
        return max((s.level for s in self.submissions if s.counts), default=None)

    def answer_in_force(self, level: int) -> Submission | None:
        """Return the submission with the newest answer that counts at a level."""
        answered = [s for s in self.of_level(level) if s.counts and s.latest]
        return max(answered, key=lambda s: s.latest.order, default=None)  # type: ignore[union-attr]

    def _happen(self, event: _Event) -> None:
        submission, remit, day = event.submission, event.remit, event.date
        what = "submitted"
        if remit is not None:
            submission.take(remit)
            self._end_replaced(submission, day)
            what = "answered"
        elif event.kind == _CANCELLATION:
            submission.void(day)
            what = "cancelled"
        else:
            self._submit(submission, day)
            remit = submission.latest
        self._record(_Cause(day, submission, what, remit))

    def _submit(self, submission: Submission, day: date) -> None:
        submission.is_submitted = True
        level = submission.level
        in_force = [s for s in self.submissions if s.in_force and s.level == level]
        if submission.frequency == VOID:
            for each in self._voided(submission, in_force):
                each.void(day)
            return
        if submission.frequency not in ADDING:
            for each in in_force:
                each.in_force = False
            submission.replaced = in_force
        submission.in_force = True
        self._end_replaced(submission, day)

    def _voided(
        self, submission: Submission, in_force: Sequence[Submission]
    ) -> Sequence[Submission]:
        """Return what a void removes: the claims it names, else everything of its level."""
        named = [self._by_id.get(id_) for id_ in submission.claim.sent.prior_ids]
        level = submission.level
        return [s for s in named if s and s.is_submitted and s.level == level] or in_force

    def _end_replaced(self, submission: Submission, day: date) -> None:
        if submission.counts:
            for each in submission.chain():
                each.end(day)

    def _close_day(self, day: date) -> None:
        """Note the evening; an account with nothing in force at level 1 is void."""
        primary = [s for s in self.of_level(1) if s.is_request]
        self.is_void = bool(primary) and not any(s.in_force for s in primary)
        if self.is_void:
            for each in self.submissions:
                if each.is_submitted:
                    each.void(day)
            self._record(_Cause(day, primary[-1], f"void {day}"))
        newest = self.newest
        self.evenings.append(
            Evening(
                day,
                self.position,
                self.is_void,
                self.top_level is not None,
                newest is None or newest.waits,
                newest.claim.submitted_date if newest else None,
                _service_date(primary),
            )
        )

    def _record(self, cause: _Cause) -> None:
        """Add an entry for each amount that changed."""
        before, now = self.position, self._amounts()
        if before == now:
            return
        self.position = now
        changes = (
            (entries.CHARGE, entries.PAYER, now.charge - before.charge),
            (entries.CONTRACTUAL, entries.PAYER, now.contractual - before.contractual),
            (entries.PATIENT_SHARE, entries.PATIENT, now.patient_share - before.patient_share),
        )
        claim, remit = cause.submission.claim, cause.remit
        remit_id = remit.id if remit else None
        for type_, party, amount in changes:
            if amount:
                of_remit = None if type_ == entries.CHARGE else remit_id
                self.entries.append(
                    Entry(
                        id=entry_id(type_, claim.id, cause.what, of_remit),
                        type=type_,
                        amount=amount,
                        party=party,
                        post_date=cause.date,
                        level=cause.submission.level,
                        claim_id=claim.id,
                        remit_id=of_remit,
                        source=cause.source,
                    )
                )

    def _amounts(self) -> Position:
        primary = [s for s in self.submissions if s.level == 1]
        charge = sum(s.claim.charge for s in primary if s.in_force)
        counted = [s for s in self.submissions if s.counts]
        top = max((s.level for s in counted), default=1)
        totals = [s.total for s in counted if s.level == top]
        share = sum(t.patient_share for t in totals)
        denied = sum(t.denied for t in totals)
        if top == 1:
            contractual = sum(t.contractual for t in totals)
        else:
            # So what an earlier payer took off is counted once, however a later one repeats it.
            paid = sum(s.total.paid for s in counted)
            open_ = sum(t.unexplained for t in totals)
            contractual = charge - _undecided(primary) - paid - share - denied - open_
        return Position(charge, contractual, share, denied)


def _undecided(primary: Sequence[Submission]) -> int:
    """Return the charges in force that no primary answer mentions: they stay open.

    Where the primary payer has decided nothing at all, a later payer's answer is for everything.
    """
    if not any(s.counts for s in primary):
        return 0
    return sum(
        line.charge
        for s in primary
        if s.in_force and not any(kept.counts for kept in s.chain())
        for line in s.claim.lines
        if not (s.counts and line.number in s.lines)
    )


def _events(submissions: Sequence[Submission]) -> Iterator[_Event]:
    for s in submissions:
        claim, day = s.claim, s.claim.submitted_date
        if day is not None:
            yield _Event(day, _SUBMISSION, s.place, 0, s, None)
        if claim.cancelled_on is not None:
            yield _Event(claim.cancelled_on, _CANCELLATION, s.place, 0, s, None)
        for number, remit in enumerate(s.counting_remits):
            yield _Event(remit.remit_date, _ANSWER, s.place, number, s, remit)


def _service_date(primary: Sequence[Submission]) -> date | None:
    """Return the discharge date of the claims in force, else of all; it is never empty of both."""
    in_force = [s for s in primary if s.in_force] or primary
    return max((s.claim.discharge_date for s in in_force if s.claim.discharge_date), default=None)
