"""What is known of one claim at a moment of its account's history: answer, amounts, in force.

Source: claims specification, 1.6.4 and 1.7.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from metriccare.marts.claims import flags
from metriccare.marts.claims.claim import VOID, Claim
from metriccare.marts.claims.history import (
    ADJUDICATED,
    EVENT,
    NONE,
    PENDING,
    STATEMENT,
)
from metriccare.marts.claims.remit import (
    NOTHING,
    Amounts,
    Remit,
    denies,
    plus,
    total_of,
)


@dataclass(eq=False)
class Submission:
    """A claim in its account. It changes while the account's events are walked through."""

    claim: Claim
    level: int
    # Its place among all submissions of the account, and among those of its level from 1.
    place: int
    number: int
    # As it acts: a second original replaces the first.
    frequency: int
    remits: tuple[Remit, ...] = ()
    is_submitted: bool = False
    in_force: bool = False
    # From this day on its answer no longer counts: it was voided, or its replacement answered.
    ended: date | None = None
    replaced: list[Submission] = field(default_factory=list)
    answer: str = NONE
    lines: dict[int, Amounts] = field(default_factory=dict)
    total: Amounts = NOTHING
    # The remit that each line's amounts come from; of events, all that were added.
    remit_of_line: dict[int, str] = field(default_factory=dict)
    added: set[str] = field(default_factory=set)
    latest: Remit | None = None

    @cached_property
    def counting_remits(self) -> tuple[Remit, ...]:
        """Return the remits that can count; statements do not where events decide."""
        dated = tuple(r for r in self.remits if not r.is_in_future)
        events = tuple(r for r in dated if r.kind == EVENT)
        return events if any(r.answer == ADJUDICATED for r in events) else dated

    @property
    def is_request(self) -> bool:
        """Return True for a request for payment: a void asks for none."""
        return self.frequency != VOID

    @property
    def counts(self) -> bool:
        """Return True if its answer counts in the account's amounts."""
        return self.is_submitted and self.ended is None and self.answer == ADJUDICATED

    @property
    def is_denied(self) -> bool:
        """Return True if the answer in force denies the claim."""
        return denies(self.claim, self.lines)

    @property
    def waits(self) -> bool:
        """Return True while there is no answer, or only that it is pending."""
        return self.answer in (NONE, PENDING)

    def chain(self) -> Iterator[Submission]:
        """Yield the submissions it replaced, directly and through others."""
        waiting = list(self.replaced)
        while waiting:
            other = waiting.pop()
            yield other
            waiting += other.replaced

    def end(self, day: date) -> None:
        """Let its answer count no longer."""
        if self.ended is None:
            self.ended = day

    def void(self, day: date) -> None:
        """Take it out of force, with the answers it kept from what it replaced."""
        self.in_force = False
        for each in (self, *self.chain()):
            each.end(day)

    def take(self, remit: Remit) -> None:
        """Take over an answer: a statement replaces, an event adds."""
        if remit.kind == EVENT:
            self._add(remit)
        else:
            self._replace(remit)
        self.total = total_of(self.lines)

    def _add(self, remit: Remit) -> None:
        if remit.answer != ADJUDICATED:
            if self.answer != ADJUDICATED:
                self.answer = remit.answer
            return
        for number, amounts in remit.net.items():
            line = plus(self.lines[number], amounts) if number in self.lines else amounts
            # A line whose events add up to no charge is not adjudicated any more.
            if line.charge:
                self.lines[number] = line
            else:
                self.lines.pop(number, None)
        self.added.add(remit.id)
        self.answer = ADJUDICATED if self.lines else NONE
        if not self.lines:
            self.latest = None
        elif remit.decides:
            self.latest = remit

    def _replace(self, remit: Remit) -> None:
        # An answer that decided nothing does not undo a decision.
        if flags.REMIT_EMPTY in remit.flags and self.answer != NONE:
            return
        self.answer = remit.answer
        if not remit.is_partial or remit.answer != ADJUDICATED:
            self.lines, self.remit_of_line = {}, {}
        for number, amounts in remit.net.items():
            self.lines[number] = amounts
            self.remit_of_line[number] = remit.id
        self.latest = remit if remit.answer == ADJUDICATED else None

    def remit_counts(self, remit: Remit, line: int | None = None) -> bool:
        """Return True if a remit, or one of its lines, is part of the answer that counts."""
        if not self.counts:
            return False
        if remit.kind != STATEMENT:
            return remit.id in self.added
        if line is None:
            return remit.id in self.remit_of_line.values()
        return self.remit_of_line.get(line) == remit.id
