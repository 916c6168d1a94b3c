"""The account as at as_of: sums of its entries, its state, and what came first.

Source: claims specification, 1.3, 1.6.6, 1.8 and 2.4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from metriccare.marts.claims import entry as types
from metriccare.marts.claims.balances import Balance
from metriccare.marts.claims.claim import Claim
from metriccare.marts.claims.denials import Decision
from metriccare.marts.claims.entry import Entry
from metriccare.marts.claims.history import ADJUDICATED, NONE, PENDING, REJECTED, Source
from metriccare.marts.claims.submission import Submission
from metriccare.marts.claims.walk import Walk

VOID, CREDIT, CLOSED, BILLED = "void", "credit", "closed", "billed"
PATIENT_DUE, DENIED, UNDERWAY = "patient_due", "denied", "underway"
SELF_PAY = "self_pay"
UNKNOWN = "unknown"


class Sums(NamedTuple):
    """Sums of the entries by as_of, in cents."""

    charge: int
    payer_paid: int
    patient_paid: int
    contractual: int
    written_off: int
    refunded: int
    patient_share: int


class Firsts(NamedTuple):
    """What the first submission and the first remit were, and what followed; amounts in cents."""

    first_billed_date: date | None
    first_remit_date: date | None
    first_remit_denied: bool | None
    first_answer: str
    first_answer_date: date | None
    first_answer_denied: bool
    edit_status: str | None
    first_remit_lines: int
    first_remit_denied_lines: int
    first_remit_charge: int
    first_remit_denied_amount: int
    resubmitted: bool
    later_remit: bool
    newest_remit_denied: bool | None
    n_submissions: int
    newest_answer: str


# Of an account of which only money was known by as_of.
_NOTHING_SENT = Firsts(
    *(None, None, None, NONE, None, False, None, 0, 0, 0, 0, False, False, None, 0, NONE)
)


@dataclass(frozen=True, slots=True)
class Account:
    """An account; amounts in cents. `claim` is the newest of level 1 in force."""

    account_id: str
    claim: Claim
    claim_ids: tuple[str, ...]
    currency: str
    service_from: date | None
    service_to: date | None
    discharge_date: date | None
    sums: Sums
    firsts: Firsts
    balance: Balance
    denied_open: int
    answer_in_force_denied: bool | None
    state: str
    first_patient_share_date: date | None
    first_payment_date: date | None
    flags: frozenset[str]
    source: Source

    @property
    def specialty(self) -> str:
        """Return the provider's primary taxonomy code."""
        provider = self.claim.provider
        return (provider.specialty if provider else None) or UNKNOWN


def sums_of(entries: Sequence[Entry]) -> Sums:
    """Return the account's sums."""
    by_type: dict[str, int] = defaultdict(int)
    for entry in entries:
        by_type[entry.type] += entry.amount
    return Sums(
        charge=by_type[types.CHARGE],
        payer_paid=by_type[types.PAYER_PAYMENT],
        patient_paid=by_type[types.PATIENT_PAYMENT],
        contractual=by_type[types.CONTRACTUAL],
        written_off=sum(by_type[type_] for type_ in types.WRITE_OFFS),
        refunded=by_type[types.REFUND],
        patient_share=by_type[types.PATIENT_SHARE],
    )


def firsts_of(primary: Sequence[Submission], decisions: Sequence[Decision], as_of: date) -> Firsts:
    """Return what came first of the level-1 submissions by as_of."""
    if not primary:
        return _NOTHING_SENT
    first, newest = primary[0], primary[-1]
    answer, answered, denied = _first_answer(first, as_of)
    remit = decisions[0].remit if decisions else None
    stated = list(remit.stated.values()) if remit else []
    charged = [amounts for amounts in stated if amounts.charge > 0]
    return Firsts(
        first_billed_date=first.claim.submitted_date,
        first_remit_date=remit.remit_date if remit else None,
        first_remit_denied=remit.denies_claim if remit else None,
        first_answer=answer,
        first_answer_date=answered,
        first_answer_denied=denied,
        edit_status=first.claim.sent.edit_status,
        first_remit_lines=len(charged),
        first_remit_denied_lines=sum(amounts.is_denied for amounts in charged),
        first_remit_charge=sum(amounts.charge for amounts in charged),
        first_remit_denied_amount=sum(amounts.refused for amounts in stated),
        resubmitted=len(decisions) > 1 or _is_resubmitted(primary, decisions),
        later_remit=len(decisions) > 1,
        newest_remit_denied=decisions[-1].remit.denies_claim if decisions else None,
        n_submissions=len(primary),
        newest_answer=newest.answer,
    )


def _first_answer(first: Submission, as_of: date) -> tuple[str, date | None, bool]:
    """Return the first answer that settles something, else that it is pending."""
    seen = [r for r in first.counting_remits if r.remit_date <= as_of and not r.is_reversal]
    for remit in seen:
        if remit.answer != PENDING:
            denied = remit.answer == ADJUDICATED and remit.denies_claim
            return remit.answer, remit.remit_date, denied
    return (PENDING, seen[0].remit_date, False) if seen else (NONE, None, False)


def _is_resubmitted(primary: Sequence[Submission], decisions: Sequence[Decision]) -> bool:
    if not decisions:
        return False
    first = decisions[0]
    return any(
        s.place > first.submission.place
        and s.claim.submitted_date is not None
        and s.claim.submitted_date >= first.remit.remit_date
        for s in primary
    )


def state_of(walk: Walk, balance: Balance, is_self_pay: bool) -> str:
    """Return the account's state: the first that applies. Source: specification, 1.8.4."""
    newest, top = walk.newest, walk.top_level
    answered = walk.answer_in_force(top) if top is not None else None
    states = (
        (VOID, walk.is_void),
        (CREDIT, balance.balance < 0),
        (CLOSED, balance.balance == 0),
        (PATIENT_DUE, is_self_pay),
        (REJECTED, newest is not None and newest.answer == REJECTED),
        (BILLED, newest is None or newest.waits),
        (PATIENT_DUE, balance.payer_balance <= 0),
        (DENIED, answered is not None and answered.is_denied),
    )
    return next((state for state, applies in states if applies), UNDERWAY)


def denied_open(walk: Walk, balance: Balance) -> int:
    """Return what is denied outside group PR and still owed by the payer."""
    return max(0, min(walk.position.denied, balance.payer_balance))


def first_date(entries: Sequence[Entry], type_: str) -> date | None:
    """Return the date of the first positive entry of a type."""
    dates = (e.post_date for e in entries if e.type == type_ and e.amount > 0)
    return min(dates, default=None)
