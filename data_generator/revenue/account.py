"""An account: every claim for the same services, the answers, and the money of the patient.

Amounts are cents, dates are days (see ``clock``).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from data_generator.facts.people import Payer

if TYPE_CHECKING:  # a story holds accounts, so that it cannot be imported here
    from data_generator.story import Hospital, PayerPeriod


class Form(StrEnum):
    """The type of claim."""

    INSTITUTIONAL = "institutional"
    PROFESSIONAL = "professional"


class Outcome(StrEnum):
    """What the payer did with a claim."""

    REJECTED = "rejected"  # refused before adjudication
    ADJUDICATED = "adjudicated"


# Frequency codes (NUBC).
ORIGINAL, FIRST_INTERIM, NEXT_INTERIM, LAST_INTERIM, LATE, REPLACEMENT, VOID = 1, 2, 3, 4, 5, 7, 8
# In the ids of what belongs to a claim (see ``Claim.part``): above the counts of all claims.
_APART = 0x1000


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """One service on a claim; ``posted`` is None for services of several days."""

    revenue: str
    code: str | None
    label: str
    quantity: int
    charge: int
    first: int
    last: int
    posted: int | None = None
    place: str | None = None
    modifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """What a payer decided about a line.

    charge = contractual + denied + prior + allowed; allowed = patient parts + paid.
    """

    charge: int
    allowed: int = 0
    deductible: int = 0
    coinsurance: int = 0
    copay: int = 0
    denied: int = 0
    prior: int = 0  # settled by the earlier payer
    group: str = "CO"  # who owes what is denied
    reason: str | None = None
    due: int = 0  # what the contract allows

    @property
    def patient(self) -> int:
        """Return deductible, coinsurance and copay."""
        return self.deductible + self.coinsurance + self.copay

    @property
    def paid(self) -> int:
        """Return what the payer pays."""
        return self.allowed - self.deductible - self.coinsurance - self.copay

    @property
    def contractual(self) -> int:
        """Return what the contract takes off."""
        return self.charge - self.allowed - self.denied - self.prior

    @property
    def patient_share(self) -> int:
        """Return what the answer leaves to the patient, with denials in group PR."""
        return self.patient + (self.denied if self.group == "PR" else 0)


@dataclass(frozen=True, slots=True)
class Answer:
    """A payer's answer; the second of a claim replaces the first.

    ``as_a_whole`` says what is decided once, for the claim, and nothing of its lines.
    """

    number: int
    day: int
    outcome: Outcome
    lines: tuple[LineAnswer, ...] = ()
    reason: str | None = None  # of a rejection
    pending_from: int | None = None
    paid_on: int | None = None  # None: no money comes with it
    as_a_whole: bool = False

    @property
    def paid(self) -> int:
        """Return what the payer pays for all lines."""
        return sum(line.paid for line in self.lines)

    @property
    def denies(self) -> bool:
        """Return True if every line is denied."""
        return bool(self.lines) and all(line.denied for line in self.lines)


@dataclass(frozen=True, slots=True)
class Claim:
    """One submission. ``count`` orders the claims of an account and is part of their ids."""

    count: int
    level: int
    frequency: int
    sent: int
    lines: tuple[ChargeLine, ...]
    names: int | None = None  # the count of the claim it corrects, adds to or voids
    edits: str = "passed"
    answers: tuple[Answer, ...] = ()

    @property
    def charge(self) -> int:
        """Return the sum of the lines."""
        return sum(line.charge for line in self.lines)

    def part(self, number: int) -> int:
        """Return the count, in ids, of a part of the claim; part 0 has the claim's own."""
        return self.count + _APART * number

    def of_answer(self, answer: Answer) -> int:
        """Return the count of an answer: the first has the claim's own."""
        return self.part(answer.number - 1)

    @property
    def first(self) -> int:
        """Return the first day of service."""
        return min(line.first for line in self.lines)

    @property
    def last(self) -> int:
        """Return the last day of service."""
        return max(line.last for line in self.lines)


class TransactionType(StrEnum):
    """Money that no claim carries."""

    PATIENT_PAYMENT = "patient_payment"
    REFUND = "refund"
    BAD_DEBT = "bad_debt"
    CHARITY = "charity"
    DENIAL_WRITEOFF = "denial_writeoff"
    SMALL_BALANCE = "small_balance"


@dataclass(frozen=True, slots=True)
class Transaction:
    """One posting of the billing office; a negative amount undoes an earlier one."""

    number: int
    type: TransactionType
    amount: int
    day: int
    party: str = "patient"
    point_of_service: bool = False


@dataclass(frozen=True, slots=True)
class Care:
    """The stay or visit behind an account."""

    number: int
    form: Form
    hospital: Hospital
    attending: str
    encounter_ids: tuple[str, ...]
    first: int
    last: int
    bill_type: str | None = None  # the first three characters
    drg: str | None = None
    inpatient: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """The claims and postings for one stay or visit and one form."""

    care: Care
    cover: int  # the number of the coverage billed first
    payer: Payer
    secondary: PayerPeriod | None
    claims: tuple[Claim, ...]
    transactions: tuple[Transaction, ...] = ()
