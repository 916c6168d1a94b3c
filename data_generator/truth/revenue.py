"""The revenue cycle at the end of a day: what was billed, denied, paid and is still open.

Counts are accounts (one stay or visit each) unless they say claims; amounts are US cents.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from data_generator.bill import Answer, Bill, Submission
from data_generator.story import Story, Withdrawal

OVERALL = "all"
COUNTS = (
    "unbilled", "billed", "claims", "answered_first", "clean_first", "adjudicated_first",
    "denied_first", "appeals_answered", "appeals_overturned", "paid", "denied", "open",
)  # fmt: skip
AMOUNTS = ("charged", "allowed", "not_covered", "patient_share", "payments", "open_charges")
AGES = ("0-30", "31-60", "61-90", "91-120", "121+")


@dataclass(frozen=True, slots=True)
class Account:
    """The bill of a stay or visit; on record from its end until it is deleted, if ever."""

    bill: Bill
    payer: str
    first: int
    deleted: int | None

    def on_record(self, day: int) -> bool:
        """Return True if it is on record at the end of a day."""
        return self.first <= day and (self.deleted is None or day < self.deleted)


def accounts_of(story: Story) -> list[Account]:
    """Return every account of a person, whenever it ends."""
    return [_account(story, story.bills[number], days) for number, days in _days_on_record(story)]


def _account(story: Story, bill: Bill, days: tuple[int, int | None]) -> Account:
    return Account(bill, str(story.person.payers[bill.coverage_index].payer.kind), *days)


def _days_on_record(story: Story) -> Iterator[tuple[int, tuple[int, int | None]]]:
    """Yield the number of each stay or visit, its first day on record and its day of deletion."""
    for episode in story.episodes:
        gone = episode.withdrawn_day if episode.withdrawal is Withdrawal.DELETED else None
        yield from ((stay.number, (stay.discharge_day, gone)) for stay in episode.stays)
    for stay in story.nonacute:
        yield stay.number, (stay.discharge_day, None)
    for visit in story.visits:
        yield visit.number, (visit.arrives, visit.withdrawn_day)


@dataclass(slots=True)
class Receivables:
    """Running sums by payer; the size does not depend on people."""

    sums: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, accounts: list[Account], as_of: int) -> None:
        """Add accounts with their state at the end of a day."""
        for account in accounts:
            if account.on_record(as_of):
                self.add_sums(account.payer, _sums(account.bill, as_of))

    def add_sums(self, payer: str, sums: dict[str, int]) -> None:
        """Add the counts and amounts of one account of a payer."""
        for total in (self.sums[OVERALL], self.sums[payer]):
            for name, amount in sums.items():
                total[name] += amount

    def merge(self, other: Receivables) -> None:
        """Add the sums of others."""
        for payer, sums in other.sums.items():
            self.sums[payer].update(sums)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row for all payers, then one for each."""
        for payer in sorted(self.sums, key=lambda name: (name != OVERALL, name)):
            sums = self.sums[payer]
            row: dict[str, Any] = {"payer": payer}
            row |= {name: sums[name] for name in (*COUNTS, *AMOUNTS)}
            row["open_by_age_days"] = {age: sums[age] for age in AGES}
            yield row


def _sums(bill: Bill, as_of: int) -> dict[str, int]:
    sent = [s for s in bill.submissions if s.sent <= as_of]
    if not sent:
        return {"unbilled": 1}
    sums_of_bill = {"billed": 1, "claims": len(sent), "charged": bill.total}
    answered = [s for s in sent if s.answered <= as_of]
    sums_of_bill |= _first_answers(answered)
    sums_of_bill |= _state(bill, sent, as_of)
    # The newest decision is the one in force.
    lines = answered[-1].lines if answered else ()
    sums_of_bill["allowed"] = sum(line.allowed for line in lines)
    sums_of_bill["not_covered"] = sum(line.not_covered for line in lines)
    sums_of_bill["patient_share"] = sum(line.patient_share for line in lines)
    return sums_of_bill


def _first_answers(answered: list[Submission]) -> dict[str, int]:
    if not answered:
        return {}
    clean = answered[0].answer is not Answer.REJECTED
    sums_of_bill = {"answered_first": 1, "clean_first": int(clean)}
    judged = answered if clean else answered[1:]
    if judged:
        sums_of_bill |= {
            "adjudicated_first": 1,
            "denied_first": int(judged[0].answer is Answer.DENIED),
        }
    if len(judged) > 1:
        paid = judged[1].answer is Answer.PAID
        sums_of_bill |= {"appeals_answered": 1, "appeals_overturned": int(paid)}
    return sums_of_bill


def _state(bill: Bill, sent: list[Submission], as_of: int) -> dict[str, int]:
    """Return the state by the newest claim: denied, paid once the money has arrived, or open."""
    newest = sent[-1]
    if newest.answered <= as_of and newest.answer is Answer.DENIED:
        return {"denied": 1}
    if newest.answer is Answer.PAID and newest.paid_on <= as_of:
        return {"paid": 1, "payments": newest.paid}
    days = as_of - sent[0].sent
    age = AGES[min(max(0, days - 1) // 30, len(AGES) - 1)]
    return {"open": 1, "open_charges": bill.total, age: 1}
