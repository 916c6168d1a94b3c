"""A second implementation of accounts and their ledger, from claims as read from the files.

Written from the specification of claims without looking at the simulator.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property

from tests.generator.claims_reading import Decided, Remit, Submission

Entries = dict[tuple[str, str], int]
SIGNS = {"charge": 1, "refund": 1, "patient_share": 0}


@dataclass
class Ledger:
    """One account as read: claims of all levels in the order sent, and postings."""

    claims: list[Submission]
    postings: list[dict[str, str]] = field(default_factory=list)

    @property
    def id(self) -> str:
        return min(claim.id for claim in self.claims)

    @property
    def self_pay(self) -> bool:
        return self.first_level[0].payer == "self_pay"

    @cached_property
    def first_level(self) -> list[Submission]:
        return [claim for claim in self.claims if claim.level == 1]

    @cached_property
    def remits(self) -> list[tuple[Submission, Remit]]:
        pairs = [(c, r) for c in self.first_level for r in c.remits if r.word == "adjudicated"]
        return sorted(pairs, key=lambda pair: (pair[1].day, pair[1].id))

    def in_force(self, day: str) -> list[Submission]:
        claims: list[Submission] = []
        for claim in self.first_level:
            if claim.sent > day:
                break
            if claim.frequency in (1, 7):
                claims = [claim]
            elif claim.frequency == 8:
                claims = [c for c in claims if c.id not in claim.names]
            else:
                claims.append(claim)
        return claims

    def _counted(self, day: str) -> list[Submission]:
        """The claims whose answers count: in force, or replaced by one not yet decided."""
        claims: list[Submission] = []
        for claim in self.first_level:
            if claim.sent > day:
                break
            if claim.frequency == 8:
                claims = [c for c in claims if c.id not in claim.names]
            elif claim.frequency in (1, 7):
                claims = [claim] if position(claim, day) else [*claims, claim]
            else:
                claims.append(claim)
        return claims

    def entries(self, as_of: str) -> Entries:
        entries: Entries = defaultdict(int)
        days = {c.sent for c in self.claims} | {r.day for c in self.claims for r in c.remits}
        charge = contractual = share = 0
        for day in sorted(d for d in days if d <= as_of):
            lines = [x for c in self._counted(day) for x in position(c, day).values()]
            second = [x for c in self.claims if c.level > 1 for x in position(c, day).values()]
            now = sum(c.charge for c in self.in_force(day))
            owed = sum(x.share for x in second or lines)
            taken = sum(x.contractual for x in lines)
            if second:
                paid = sum(x.paid for x in (*lines, *second))
                refused = sum(a for x in second for g, _, a in x.denials if g != "PR")
                taken = now - paid - owed - refused
            entries["charge", day] += now - charge
            entries["contractual", day] += taken - contractual
            entries["patient_share", day] += owed - share
            charge, contractual, share = now, taken, owed
        for day, amount in self._cash():
            entries["payer_payment", day] += amount
        for posting in self.postings:
            entries[posting["type"], posting["post_date"]] += round(float(posting["amount"]) * 100)
        return {key: cents for key, cents in entries.items() if cents and key[1] <= as_of}

    def _cash(self) -> list[tuple[str, int]]:
        cash: list[tuple[str, int]] = []
        for claim in self.claims:
            paid: list[tuple[str, int]] = []
            for remit in sorted(claim.remits, key=lambda r: (r.day, r.id)):
                if remit.statement:
                    # A later statement takes back what an earlier one paid.
                    taken = -sum(amount for _, amount in paid)
                    paid.append((remit.day, taken))
                paid += remit.cash
            end = self._ends(claim)
            if end is not None and any(r.statement for r in claim.remits):
                paid.append((end, -sum(amount for _, amount in paid)))
            cash += paid
        return cash

    def _ends(self, claim: Submission) -> str | None:
        """The day a claim is void, or its replacement is decided."""
        for other in self.first_level:
            if claim.id in other.names and other.frequency == 8:
                return other.sent
            if claim.id in other.names and other.frequency == 7:
                decided = [r.day for r in other.remits if r.word == "adjudicated"]
                return min(decided, default=None)
        return None

    def balances(self, as_of: str) -> tuple[int, int]:
        """All that is owed, and the patient's part."""
        entries = self.entries(as_of)
        balance = sum(SIGNS.get(kind, -1) * cents for (kind, _), cents in entries.items())
        if self.self_pay:
            return balance, balance
        effects = dict.fromkeys(("patient_payment", "bad_debt", "charity", "small_balance"), -1)
        effects |= {"patient_share": 1, "refund": 1}
        patient = sum(effects.get(kind, 0) * cents for (kind, _), cents in entries.items())
        return balance, patient

    def state(self, as_of: str) -> str:
        balance, patient = self.balances(as_of)
        if not self.in_force(as_of):
            return "void"
        if balance <= 0:
            return "credit" if balance < 0 else "closed"
        if self.self_pay:
            return "patient_due"
        newest = max(self.claims, key=lambda c: (c.sent, c.level))
        word = newest.remits[-1].word if newest.remits else "none"
        if word == "rejected":
            return "rejected"
        if word in ("none", "pending"):
            return "billed"
        if balance - patient <= 0:
            return "patient_due"
        if newest.level > 1:
            return "underway"
        claim, remit = self.remits[-1]
        return "denied" if denies(claim, position(claim, remit.day)) else "underway"


def position(claim: Submission, day: str) -> dict[int, Decided]:
    """What is decided about the lines of a claim by a day; empty if nothing is."""
    lines: dict[int, Decided] = {}
    for remit in sorted(claim.remits, key=lambda r: (r.day, r.id)):
        if remit.day > day or remit.word != "adjudicated":
            continue
        if remit.statement:
            lines = dict(remit.lines)
            continue
        for number, decided in remit.lines.items():
            lines[number] = lines.get(number, Decided()).plus(decided)
    return lines


def denies(claim: Submission, lines: dict[int, Decided]) -> bool:
    """Whether every line with a charge is denied."""
    billed = [number for number, charge in claim.lines.items() if charge > 0]
    return bool(billed) and all(n in lines and lines[n].is_denied for n in billed)


def ledgers(claims: dict[str, Submission], postings: list[dict[str, str]]) -> list[Ledger]:
    """Claims of one account belong together; postings name a claim of it."""
    parent = {id_: id_ for id_ in claims}

    def root(id_: str) -> str:
        while parent[id_] != id_:
            id_ = parent[id_]
        return id_

    by_number: dict[str, list[Submission]] = defaultdict(list)
    by_care: dict[tuple[str, frozenset[str]], list[Submission]] = defaultdict(list)
    for claim in claims.values():
        for named in claim.names:
            parent[root(claim.id)] = root(named)
        by_number[claim.number].append(claim)
        by_care[claim.type, claim.encounters].append(claim)
    for group in by_number.values():
        for one in group:
            for other in group:
                if one.first <= other.last and other.first <= one.last:
                    parent[root(one.id)] = root(other.id)
    for group in by_care.values():
        if any(claim.level > 1 for claim in group):
            for claim in group:
                parent[root(claim.id)] = root(group[0].id)
    found: dict[str, list[Submission]] = defaultdict(list)
    for claim in sorted(claims.values(), key=lambda c: (c.sent, c.id)):
        found[root(claim.id)].append(claim)
    accounts = {id_: Ledger(group) for id_, group in found.items()}
    for posting in postings:
        if posting["claim_id"] in claims:
            accounts[root(posting["claim_id"])].postings.append(posting)
    return list(accounts.values())
