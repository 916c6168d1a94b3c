"""The ledger of an account: every dated money fact that follows from the decisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from data_generator.facts.people import PayerKind
from data_generator.revenue.account import FIRST_INTERIM, VOID, Account, Answer, Claim, Outcome
from data_generator.revenue.account import REPLACEMENT as REPLACES
from data_generator.revenue.corrections import SECOND_LEVEL


class Entry(StrEnum):
    """The type of an entry."""

    CHARGE = "charge"
    CONTRACTUAL = "contractual"
    PAYER_PAYMENT = "payer_payment"
    PATIENT_SHARE = "patient_share"
    PATIENT_PAYMENT = "patient_payment"
    BAD_DEBT = "bad_debt"
    CHARITY = "charity"
    DENIAL_WRITEOFF = "denial_writeoff"
    SMALL_BALANCE = "small_balance"
    REFUND = "refund"


# What an entry does to the balance.
SIGNS = dict.fromkeys(Entry, -1) | {Entry.CHARGE: 1, Entry.REFUND: 1, Entry.PATIENT_SHARE: 0}
# What an entry does to the patient's balance; a denial write-off is the payer's.
PATIENT_SIGNS = {
    Entry.PATIENT_SHARE: 1,
    Entry.PATIENT_PAYMENT: -1,
    Entry.BAD_DEBT: -1,
    Entry.CHARITY: -1,
    Entry.SMALL_BALANCE: -1,
    Entry.REFUND: 1,
}
RUN_OUT_DAYS = 120  # after which a cohort's figures are final
NEVER = 1 << 30  # later than any day
Posted = tuple[int, Entry, int]  # day, type, cents


@dataclass(slots=True)
class Books:
    """An account with its ledger of all time; ``day`` below is the day of the view.

    ``first_level`` holds the claims to the first payer, in the order sent.
    """

    account: Account
    self_pay: bool = False
    interim: bool = False
    first_billed: int = 0
    first_level: tuple[Claim, ...] = ()
    entries: tuple[Posted, ...] = ()  # by day, then type, one for each pair
    settled_day: int = 0  # from which on nothing changes
    decided: tuple[tuple[int, bool], ...] = ()  # from which day an answer counts, or none

    def __post_init__(self) -> None:
        """Derive the ledger."""
        claims = self.account.claims
        self.self_pay = self.account.payer.kind is PayerKind.SELF_PAY
        self.interim = claims[0].frequency == FIRST_INTERIM
        self.first_billed = claims[0].sent
        self.first_level = tuple(claim for claim in claims if claim.level == 1)
        sums: dict[tuple[int, Entry], int] = defaultdict(int)
        for day, kind, amount in (*self._claims(), *self._postings()):
            sums[day, kind] += amount
        self.entries = tuple((*key, sums[key]) for key in sorted(sums) if sums[key])
        self.settled_day = self._settled_day()
        self.decided = tuple(self._decided())

    def _settled_day(self) -> int:
        """Return the day from which on no KPI and no state changes, NEVER while money is owed."""
        if sum(SIGNS[kind] * amount for _, kind, amount in self.entries):
            return NEVER
        claims, last = self.account.claims, self.entries[-1][0]
        answers = (answer.day for claim in claims for answer in claim.answers)
        newest = max(last, self.account.care.last, *(claim.sent for claim in claims), *answers)
        return newest + RUN_OUT_DAYS

    def _decided(self) -> Iterator[tuple[int, bool]]:
        """Yield each day after which an adjudicated answer counts, and each after which none."""
        if len(self.account.claims) == 1:
            answers = self.account.claims[0].answers
            days = [a.day for a in answers if a.outcome is Outcome.ADJUDICATED]
            if days:
                yield min(days), True
            return
        counting: set[int] = set()
        for day, claim, answer in self._events():
            if answer is not None:
                counting.add(claim.count)
            elif claim.frequency == VOID and claim.names is not None:
                counting.discard(claim.names)
            if claim.frequency == REPLACES and answer is not None and claim.names is not None:
                counting.discard(claim.names)
            yield day, bool(counting)

    def is_decided(self, day: int) -> bool:
        """Return True if on the evening of a day an adjudicated answer counts."""
        found = False
        for since, is_decided in self.decided:
            if since > day:
                break
            found = is_decided
        return found

    def seen(self, day: int) -> tuple[Posted, ...]:
        """Return the entries posted by a day; none before the first claim makes an account."""
        if self.first_billed > day:
            return ()
        if self.entries[-1][0] <= day:
            return self.entries
        return tuple(entry for entry in self.entries if entry[0] <= day)

    def _postings(self) -> Iterator[Posted]:
        for posting in self.account.transactions:
            yield posting.day, Entry(str(posting.type)), posting.amount

    def _claims(self) -> Iterator[Posted]:
        """Yield what claims and answers change, event by event."""
        if len(self.account.claims) == 1 and len(self.account.claims[0].answers) < 2:
            yield from _of_one_claim(self.account.claims[0])
            return
        decided: dict[int, Answer] = {}  # the answer that counts, by claim
        contractual = share = 0
        for day, claim, answer in self._events():
            if answer is None:
                yield from _of_submission(self.account, claim, decided)
                if claim.frequency != VOID or claim.names is None:
                    continue
                decided.pop(claim.names, None)
            else:
                yield from _of_payment(answer, decided.get(claim.count))
                decided[claim.count] = answer
                if claim.frequency == REPLACES and claim.names is not None:
                    decided.pop(claim.names, None)
            counted = [answer for count, answer in decided.items() if not _second(count)]
            now = sum(line.contractual for a in counted for line in a.lines)
            left = [answer for count, answer in decided.items() if _second(count)] or counted
            owed = sum(line.patient_share for a in left for line in a.lines)
            yield day, Entry.CONTRACTUAL, now - contractual
            yield day, Entry.PATIENT_SHARE, owed - share
            contractual, share = now, owed

    def _events(self) -> list[tuple[int, Claim, Answer | None]]:
        """Return submissions and adjudicated answers in the order of their days."""
        events: list[tuple[int, int, Claim, Answer | None]] = []
        for claim in self.account.claims:
            events.append((claim.sent, claim.count, claim, None))
            events += [
                (answer.day, claim.count, claim, answer)
                for answer in claim.answers
                if answer.outcome is Outcome.ADJUDICATED
            ]
        events.sort(key=lambda e: (e[0], e[1], e[3] is not None))
        return [(day, claim, answer) for day, _, claim, answer in events]

    def sent(self, day: int) -> list[Claim]:
        """Return the claims sent by a day, the newest last."""
        claims = [claim for claim in self.account.claims if claim.sent <= day]
        return sorted(claims, key=lambda claim: claim.sent)

    def in_force(self, day: int) -> list[Claim]:
        """Return the claims to the first payer that are in force."""
        claims: list[Claim] = []
        for claim in self.first_level:
            if claim.sent > day:
                break
            if claim.frequency == VOID:
                claims = [c for c in claims if c.count != claim.names]
            elif claim.frequency == REPLACES:
                claims = [claim]
            else:
                claims.append(claim)
        return claims


def _second(count: int) -> bool:
    return bool(count & SECOND_LEVEL)


def _of_one_claim(claim: Claim) -> Iterator[Posted]:
    """Yield the entries of an account with one claim and at most one answer, as most are."""
    yield claim.sent, Entry.CHARGE, claim.charge
    for answer in claim.answers:
        yield answer.day, Entry.CONTRACTUAL, sum(line.contractual for line in answer.lines)
        yield answer.day, Entry.PATIENT_SHARE, sum(line.patient_share for line in answer.lines)
        if answer.paid_on is not None:
            yield answer.paid_on, Entry.PAYER_PAYMENT, answer.paid


def _of_submission(account: Account, claim: Claim, decided: dict[int, Answer]) -> Iterator[Posted]:
    if claim.level > 1 or claim.frequency == REPLACES:
        return  # a replacement bills the same lines again
    if claim.frequency != VOID:
        yield claim.sent, Entry.CHARGE, claim.charge
        return
    yield claim.sent, Entry.CHARGE, -claim.charge
    paid = decided[claim.names].paid if claim.names in decided else 0
    yield claim.sent, Entry.PAYER_PAYMENT, -paid


def _of_payment(answer: Answer, before: Answer | None) -> Iterator[Posted]:
    if answer.paid_on is not None:
        yield answer.paid_on, Entry.PAYER_PAYMENT, answer.paid
    if before is not None:
        yield answer.day, Entry.PAYER_PAYMENT, -before.paid
