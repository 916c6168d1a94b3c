"""A bill: its lines, and each claim for them with the payer's answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from data_generator.adjudication import Decision
from data_generator.facts.billing import Service


class Answer(StrEnum):
    """The payer's answer to a claim."""

    REJECTED = "rejected"  # refused before adjudication
    DENIED = "denied"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Line:
    """One claim line; cents."""

    service: Service
    quantity: int
    label: str
    charge: int


@dataclass(frozen=True, slots=True)
class Submission:
    """One claim as sent and answered: the days, and the decision about each line."""

    try_number: int
    sent: int
    answered: int
    answer: Answer
    reason: str | None
    paid_on: int = 0
    lines: tuple[Decision, ...] = ()

    @property
    def paid(self) -> int:
        """Return what the payer pays for all lines, in cents."""
        return sum(line.paid for line in self.lines)


@dataclass(frozen=True, slots=True)
class Bill:
    """Everything billed for one stay or visit."""

    coverage_index: int
    lines: tuple[Line, ...]
    total: int
    submissions: tuple[Submission, ...]
