"""An account at the end of a day: who has answered, who owes what, how it stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from data_generator.revenue.account import Answer, Claim, Outcome
from data_generator.truth.books import PATIENT_SIGNS, SIGNS, Books, Entry, Posted


@dataclass(slots=True)
class AccountState:
    """The books as seen on ``day``; at least one claim has been sent.

    ``sent`` holds the claims, the newest last; ``in_force`` those to the first payer in force;
    ``remits`` the first payer's adjudicated answers, the oldest first.
    """

    books: Books
    day: int
    seen: tuple[Posted, ...] = ()
    sent: list[Claim] = field(default_factory=list)
    in_force: list[Claim] = field(default_factory=list)
    remits: list[tuple[Claim, Answer]] = field(default_factory=list)
    balance: int = 0
    patient_balance: int = 0

    def __post_init__(self) -> None:
        """Select what has happened by the day."""
        books, day = self.books, self.day
        self.seen = books.seen(day)
        self.sent = books.sent(day)
        self.in_force = books.in_force(day)
        self.remits = [
            (claim, answer)
            for claim in books.first_level
            for answer in claim.answers
            if answer.day <= day and answer.outcome is Outcome.ADJUDICATED
        ]
        if len(self.remits) > 1:
            self.remits.sort(key=lambda pair: pair[1].day)
        for _, kind, amount in self.seen:
            self.balance += SIGNS[kind] * amount
            self.patient_balance += PATIENT_SIGNS.get(kind, 0) * amount
        if books.self_pay:
            self.patient_balance = self.balance

    @property
    def void(self) -> bool:
        """Return True if nothing is in force."""
        return not self.in_force

    @property
    def payer_balance(self) -> int:
        """Return the payers' part of the balance."""
        return self.balance - self.patient_balance

    def total(self, *kinds: Entry) -> int:
        """Return the sum of the entries of some types."""
        return sum(amount for _, kind, amount in self.seen if kind in kinds)

    @property
    def deciding(self) -> Answer | None:
        """Return the first payer's answer in force: the newest."""
        return self.remits[-1][1] if self.remits else None

    @property
    def first_answer(self) -> str:
        """Return the first answer to the first claim: its outcome, ``pending`` or ``none``."""
        return answer_word(self.books.first_level[0], self.day, first=True)

    @property
    def service_to(self) -> int:
        """Return the last day of service of what is in force, of everything if void."""
        claims = self.in_force or [c for c in self.sent if c.level == 1]
        return max(claim.last for claim in claims)

    @property
    def discharged(self) -> int:
        """Return the day of discharge if it is known, else the last day of service."""
        care = self.books.account.care
        return care.last if care.inpatient and care.last <= self.day else self.service_to

    @property
    def word(self) -> str:
        """Return the state in one word."""
        if self.void or self.balance <= 0:
            return "void" if self.void else "credit" if self.balance < 0 else "closed"
        if self.books.self_pay:
            return "patient_due"
        newest = answer_word(self.sent[-1], self.day)
        if newest != "adjudicated":
            return "rejected" if newest == "rejected" else "billed"
        if self.payer_balance <= 0:
            return "patient_due"
        deciding = self.sent[-1].answers[-1] if self.sent[-1].level > 1 else self.deciding
        return "denied" if deciding is not None and deciding.denies else "underway"


def answer_word(claim: Claim, day: int, *, first: bool = False) -> str:
    """Return ``none``, ``pending``, ``rejected`` or ``adjudicated``."""
    word = "none"
    for answer in claim.answers:
        if answer.day <= day:
            word = str(answer.outcome)
        elif answer.pending_from is not None and answer.pending_from <= day:
            word = "pending" if word == "none" else word
        if first:
            break
    return word
