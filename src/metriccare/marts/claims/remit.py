"""Remits: a payer's answer to a claim in cents, line by line. Source: claims specification, 1.7.

A statement or an event is read twice: `net` is what it adds to the ledger, `stated` what the payer
decided in it. They differ where one remit takes back an earlier decision and makes a new one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from metriccare.marts.claims.claim import Claim
from metriccare.marts.claims.history import ADJUDICATED, Source


class Amounts(NamedTuple):
    """The amounts of a line, in cents. `denied` is outside group PR, `denied_patient` inside."""

    charge: int = 0
    allowed: int = 0
    paid: int = 0
    contractual: int = 0
    patient_share: int = 0
    denied: int = 0
    denied_patient: int = 0
    prior_payer: int = 0
    unexplained: int = 0

    @property
    def refused(self) -> int:
        """Return all that is denied, whoever owes it."""
        return self.denied + self.denied_patient

    @property
    def is_denied(self) -> bool:
        """Return True for a denied line."""
        return self.charge > 0 and not self.paid and not self.allowed and self.refused > 0


NOTHING = Amounts()


def plus(one: Amounts, other: Amounts) -> Amounts:
    """Return the sum of two lines' amounts."""
    return Amounts(*[a + b for a, b in zip(one, other, strict=True)])


class Adjustment(NamedTuple):
    """An adjustment; line 0 is the claim as a whole. `takes_back`: it is part of a reversal."""

    line: int
    position: int
    group: str
    carc: str | None
    rarc: tuple[str, ...]
    amount: int
    adjustment_class: str
    category: str | None
    takes_back: bool = False


class Cash(NamedTuple):
    """Money of a payer and the day it came; `key` is another for each payment of a remit."""

    date: date
    amount: int
    key: str = ""


@dataclass(frozen=True, slots=True)
class Remit:
    """One answer of a payer to one claim."""

    id: str
    claim_id: str
    kind: str
    answer: str
    remit_date: date
    # Sorts the answers to one claim: created date, last update, id.
    order: tuple[object, ...]
    is_partial: bool
    is_reversal: bool
    payer_id: str | None
    net: dict[int, Amounts]
    stated: dict[int, Amounts]
    adjustments: tuple[Adjustment, ...]
    cash: tuple[Cash, ...]
    payment_date: date | None
    payment_amount: int | None
    check_number: str | None
    denies_claim: bool
    # Dated after the day on which it arrived: it does not count until it is corrected.
    is_in_future: bool
    currency: str | None
    source: Source
    flags: frozenset[str]

    @property
    def total(self) -> Amounts:
        """Return the sum of its lines."""
        return total_of(self.net)

    @property
    def decides(self) -> bool:
        """Return True if it is a decision: adjudicated, and no mere taking back."""
        return self.answer == ADJUDICATED and not self.is_reversal


def total_of(lines: dict[int, Amounts]) -> Amounts:
    """Return the sum of lines."""
    if len(lines) == 1:
        return next(iter(lines.values()))
    return Amounts(*map(sum, zip(*lines.values(), strict=True))) if lines else NOTHING


def denies(claim: Claim | None, lines: dict[int, Amounts]) -> bool:
    """Return True if an answer denies every line of the claim that has a charge.

    A line it does not mention is not denied.
    """
    if claim is None:
        charged = [number for number, line in lines.items() if line.charge > 0]
    else:
        charged = [line.number for line in claim.lines if line.charge > 0]
    return bool(charged) and all(lines.get(number, NOTHING).is_denied for number in charged)
