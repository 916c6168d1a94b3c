"""What patients pay, and what the billing office writes off or refunds. Delays are assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from data_generator.facts import collections as facts
from data_generator.facts.people import PayerKind
from data_generator.revenue.account import VOID, Claim, Outcome, Transaction, TransactionType
from data_generator.revenue.submissions import Billing
from data_generator.streams import Stream

_PAYMENT, _BAD_DEBT = TransactionType.PATIENT_PAYMENT, TransactionType.BAD_DEBT


@dataclass(slots=True)
class _Postings:
    """The postings of an account so far."""

    stream: Stream
    rows: list[Transaction] = field(default_factory=list)

    def add(self, kind: TransactionType, amount: int, day: int, party: str = "patient") -> None:
        self.rows.append(Transaction(len(self.rows) + 1, kind, amount, day, party))


def transactions(made: Billing, claims: Sequence[Claim]) -> tuple[Transaction, ...]:
    """Return the postings of an account, in the order decided; voided accounts have none."""
    if claims[-1].frequency == VOID:
        return ()
    if made.payer.kind is PayerKind.SELF_PAY:
        share, refused, day = claims[0].charge, 0, claims[0].sent
        ways = facts.SELF_PAY_WAYS
    else:
        share, refused, day = _left(claims)
        ways = facts.PATIENT_WAYS
    posted = _Postings(made.stream)
    once = all(len(claim.answers) < 2 for claim in claims)
    if share and once and not made.care.inpatient:
        share -= _at_the_desk(posted, share, made.care.first)
    if share > facts.SMALL_BALANCE:
        _settle(posted, share, day, posted.stream.pick(ways))
    elif share > 0:
        posted.add(TransactionType.SMALL_BALANCE, share, day + posted.stream.between(30, 60))
    if refused and posted.stream.chance(facts.DENIAL_GIVEN_UP):
        day += posted.stream.between(30, 90)
        posted.add(TransactionType.DENIAL_WRITEOFF, refused, day, "payer")
    return tuple(posted.rows)


def _left(claims: Sequence[Claim]) -> tuple[int, int, int]:
    """Return what the last answers leave to the patient and refuse, and the day of the last."""
    level = max(claim.level for claim in claims)
    deciding = [claim for claim in claims if claim.level == level]
    if deciding[-1].frequency in (1, 7):
        deciding = deciding[-1:]
    answers = [claim.answers[-1] for claim in deciding]
    lines = [line for a in answers if a.outcome is Outcome.ADJUDICATED for line in a.lines]
    share = sum(line.patient_share for line in lines)
    refused = sum(line.denied for line in lines if line.group != "PR")
    return share, refused, max(max(a.day, a.paid_on or 0) for a in answers)


def _at_the_desk(posted: _Postings, share: int, day: int) -> int:
    """Return what the patient pays on the day of the visit."""
    stream = posted.stream
    if not stream.chance(facts.POINT_OF_SERVICE):
        return 0
    amount = min(share, stream.between(2, 8) * 1_000)
    posted.rows.append(Transaction(1, _PAYMENT, amount, day, "patient", point_of_service=True))
    return amount


def _settle(posted: _Postings, share: int, day: int, way: str) -> None:
    stream = posted.stream
    match way:
        case "pays":
            _pays(posted, share, day)
        case "pays_part":
            part = share * stream.between(30, 70) // 100
            posted.add(_PAYMENT, part, day + stream.between(20, 60))
            _give_up(posted, share - part, day + stream.between(130, 190))
        case "bad_debt":
            _give_up(posted, share, day + stream.between(130, 200))
        case "charity":
            posted.add(TransactionType.CHARITY, share, day + stream.between(30, 90))
        case _:
            pass


def _pays(posted: _Postings, share: int, day: int) -> None:
    """Post the payment in one or two parts; a few pay all of it twice, half get it back."""
    stream = posted.stream
    first = share // 2 if stream.chance(0.25) else share
    day += stream.between(15, 75)
    posted.add(_PAYMENT, first, day)
    if first < share:
        day += 30
        posted.add(_PAYMENT, share - first, day)
    if stream.chance(facts.CREDIT):
        day += stream.between(10, 25)
        posted.add(_PAYMENT, share, day)
        if stream.chance(facts.CREDIT_REFUNDED):
            posted.add(TransactionType.REFUND, share, day + stream.between(30, 60))


def _give_up(posted: _Postings, amount: int, day: int) -> None:
    """Post the bad debt; of a few the half is paid after all."""
    stream = posted.stream
    posted.add(_BAD_DEBT, amount, day)
    if stream.chance(facts.BAD_DEBT_RECOVERED):
        day += stream.between(60, 200)
        posted.add(_BAD_DEBT, -(amount // 2), day)
        posted.add(_PAYMENT, amount // 2, day)
