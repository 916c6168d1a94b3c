"""A second implementation of the KPIs, from ledgers as read from the files.

Written from the specification of claims without looking at the simulator.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from tests.generator.claims_reading import Decided, Remit, Submission, rows
from tests.generator.ledger_reading import SIGNS, Ledger, denies, position

Key = tuple[str, str | None]  # KPI, first day of the month; None for all
CASH = {"payer_payment": 1, "patient_payment": 1, "refund": -1}
AGES = ((30, "0-30"), (60, "31-60"), (90, "61-90"), (120, "91-120"))


def later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def between(first: str, last: str) -> int:
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


@dataclass
class Rate:
    type: str
    rate: str
    rank: int


@dataclass
class Kpis:
    """Sums of all accounts: above and below the line, by KPI and month and in all."""

    as_of: str
    above: Counter[Key] = field(default_factory=Counter)
    below: Counter[Key] = field(default_factory=Counter)
    charges: Counter[str] = field(default_factory=Counter)

    def add(self, kpi: str, day: str, above: int = 0, below: int = 0) -> None:
        for period in (None, f"{day[:7]}-01"):
            self.above[kpi, period] += above
            self.below[kpi, period] += below

    def account(self, ledger: Ledger, folder_logs: Logs) -> None:
        entries = ledger.entries(self.as_of)
        self._flows(ledger, entries)
        self._stock(ledger)
        if not ledger.in_force(self.as_of):
            return
        self._cohorts(ledger, entries)
        self._lags(ledger, entries, folder_logs)
        if not ledger.self_pay:
            self._answers(ledger, folder_logs)
            if ledger.remits:
                self._denials(ledger, entries)
                self._contract(ledger, folder_logs)

    def _flows(self, ledger: Ledger, entries: dict[tuple[str, str], int]) -> None:
        for (kind, day), amount in entries.items():
            if kind == "charge":
                self.charges[day] += amount
                self.add("gross_charges", day, amount)
                self.add("gross_collection_rate_post", day, 0, amount)
            net = {"charge": amount, "contractual": -amount}.get(kind, 0)
            self.add("net_collection_rate_post", day, CASH.get(kind, 0) * amount, net)
            self.add("denial_writeoff_rate", day, amount * (kind == "denial_writeoff"), net)
            self.add("bad_debt_rate", day, amount * (kind == "bad_debt"), max(0, 0))
            self.add("charity_rate", day, amount * (kind == "charity"))
            if kind in CASH:
                self.add("total_collections", day, CASH[kind] * amount)
                self.add("gross_collection_rate_post", day, CASH[kind] * amount)
            if kind == "charge":
                self.add("bad_debt_rate", day, 0, amount)
                self.add("charity_rate", day, 0, amount)
        for posting in ledger.postings:
            if posting["type"] == "patient_payment" and posting["post_date"] <= self.as_of:
                amount = round(float(posting["amount"]) * 100)
                desk = amount if posting["point_of_service"] == "true" else 0
                self.add("point_of_service_rate", posting["post_date"], desk, amount)

    def _cohorts(self, ledger: Ledger, entries: dict[tuple[str, str], int]) -> None:
        sums: Counter[str] = Counter()
        for (kind, _), amount in entries.items():
            sums[kind] += amount
        ended = max(claim.last for claim in ledger.in_force(self.as_of))
        cash = sum(CASH[kind] * sums[kind] for kind in CASH)
        if later(ended, 120) <= self.as_of:
            self.add("gross_collection_rate", ended, cash, sums["charge"])
            self.add("net_collection_rate", ended, cash, sums["charge"] - sums["contractual"])
        share = sums["patient_share"]
        moved = min(
            (d for (k, d), a in entries.items() if k == "patient_share" and a > 0), default=""
        )
        if ledger.self_pay:
            share, moved = sums["charge"] - sums["contractual"], ledger.claims[0].sent
        if moved and share > 0 and later(moved, 120) <= self.as_of:
            paid = max(0, min(sums["patient_payment"] - sums["refund"], share))
            self.add("patient_collection_rate", moved, paid, share)

    def _lags(self, ledger: Ledger, entries: dict[tuple[str, str], int], logs: Logs) -> None:
        billed = ledger.first_level[0].sent
        ended = max(claim.last for claim in ledger.in_force(self.as_of))
        discharged = max(
            (logs.discharges.get(e, "") for e in ledger.claims[0].encounters), default=""
        )
        lag = between(discharged or ended, billed)
        if lag >= 0:
            self.add("bill_lag", billed, lag, 1)
        for claim in ledger.in_force(self.as_of):
            for line in claim.lines:
                served, posted, charge = logs.posted.get((claim.id, line), ("", "", 0))
                if posted:
                    lag = between(served, posted)
                    self.add("charge_lag", posted, lag, 1)
                    self.add("late_charge_rate", posted, charge if lag > 3 else 0, charge)
        paid = min(
            (d for (k, d), a in entries.items() if k == "payer_payment" and a > 0), default=""
        )
        if paid:
            self.add("payment_lag", paid, between(billed, paid), 1)

    def _answers(self, ledger: Ledger, logs: Logs) -> None:
        first = ledger.first_level[0]
        if not first.remits or first.remits[0].word == "pending":
            return
        answer = min(first.remits, key=lambda r: (r.day, r.id))
        accepted = answer.word != "rejected"
        clean = accepted and logs.edits[first.id] == "passed"
        once = len(ledger.first_level) == 1
        refused = accepted and denies(first, answer.lines)
        self.add("clean_claim_rate", first.sent, int(clean), 1)
        self.add("first_pass_acceptance_rate", first.sent, int(accepted), 1)
        self.add(
            "first_pass_resolution_rate", first.sent, int(accepted and once and not refused), 1
        )

    def _denials(self, ledger: Ledger, entries: dict[tuple[str, str], int]) -> None:
        claim, first = ledger.remits[0]
        after = [(c, r) for c, r in ledger.remits[1:] if not (r.reversal and not _new(c, r))]
        for _, remit in (ledger.remits[0], *after):
            self.add("claims_processed", remit.day, 1)
        refused = [line for line in first.lines.values() if line.is_denied]
        whole = denies(claim, first.lines)
        charges = sum(line.charge for line in first.lines.values())
        amount = sum(line.denied for line in first.lines.values())
        self.add("initial_denial_rate", first.day, int(whole), 1)
        self.add("initial_denial_rate_any", first.day, int(bool(refused)), 1)
        self.add("initial_denial_rate_lines", first.day, len(refused), len(first.lines))
        self.add("initial_denial_rate_amount", first.day, amount, charges)
        self.add("total_denied_amount", first.day, amount)
        sent_later = [c for c in ledger.first_level if c.sent > first.day]
        if whole:
            self.add("denial_appeal_rate", first.day, int(bool(after or sent_later)), 1)
        newest = after[-1] if after else ledger.remits[0]
        lost = denies(newest[0], position(newest[0], newest[1].day))
        if whole and after:
            self.add("denial_overturn_rate", first.day, int(not lost), 1)
        last = ledger.first_level[-1]
        waits = not last.remits or last.remits[-1].word == "pending"
        if later(first.day, 120) <= self.as_of and not waits:
            paid = sum(a for (k, _), a in entries.items() if k == "payer_payment")
            self.add("final_denial_rate", first.day, int(whole and lost and paid == 0), 1)

    def _contract(self, ledger: Ledger, logs: Logs) -> None:
        day = ledger.remits[0][1].day
        for claim in ledger.in_force(self.as_of):
            decided = position(claim, self.as_of)
            expected = logs.expected(claim)
            for number, line in decided.items():
                if line.is_denied:
                    continue
                due = expected[number]
                short = line.allowed < due - max(100, due / 100)
                self.add("underpayment_rate", day, int(short), 1)
                if short:
                    self.add("underpayment_amount", day, due - line.allowed)

    def _stock(self, ledger: Ledger) -> None:
        for period, day in self._stock_days():
            balance, patient = ledger.balances(day)
            if balance < 0:
                self.above["credit_balance", period] -= balance
            if balance <= 0:
                continue
            assert ledger.claims[0].sent <= day
            age = between(ledger.claims[0].sent, day)
            self.above["ar_open", period] += balance
            self.above["days_in_ar", period] += balance
            self.above["ar_over_90", period] += balance if age > 90 else 0
            self.below["ar_over_90", period] += balance
            self.above[f"ar_aging_bill {_bucket(age)}", period] += balance
            moved = self._payer_clock(ledger, day, balance - patient)
            self.above[f"ar_aging_payer {_bucket(between(moved, day))}", period] += balance

    def _payer_clock(self, ledger: Ledger, day: str, payer: int) -> str:
        if ledger.self_pay:
            return ledger.claims[0].sent
        newest = max((c for c in ledger.claims if c.sent <= day), key=lambda c: c.sent)
        answers = [r for r in newest.remits if r.day <= day and r.word != "pending"]
        if not answers or payer > 0:
            return newest.sent
        entries = ledger.entries(day)
        return max(d for (k, d), a in entries.items() if k == "patient_share" and a > 0)

    def _stock_days(self) -> Iterator[tuple[str | None, str]]:
        yield None, self.as_of
        month = date.fromisoformat(self.as_of).replace(day=1)
        yield month.isoformat(), self.as_of
        for _ in range(7):  # months back: enough to see every rule of a past stock
            end = month - timedelta(days=1)
            month = end.replace(day=1)
            yield month.isoformat(), end.isoformat()

    def averages(self) -> None:
        """Set the daily charges of 90 days."""
        for period, day in self._stock_days():
            days = [later(day, -n) for n in range(90)]
            cents = sum(self.charges[d] for d in days)
            self.below["days_in_ar", period] = round(cents / 90 + 1e-9)


def _new(claim: Submission, remit: Remit) -> bool:
    return any(amount > 0 for _, amount in remit.cash) or any(
        line.charge == claim.lines[number] or line.paid for number, line in remit.lines.items()
    )


def _bucket(age: int) -> str:
    return next((name for last, name in AGES if age <= last), "121+")


class Logs:
    """What the reading of claims leaves out: edits, days of posting, discharges, contracts."""

    def __init__(self, folder: Path) -> None:
        self.claims = {row["claim_id"]: row for row in rows(folder, "claims")}
        self.edits = {id_: row["edit_status"] for id_, row in self.claims.items()}
        self.discharges: dict[str, str] = {}
        for row in self.claims.values():
            if row["discharge_date"]:
                self.discharges[row["encounter_id"]] = row["discharge_date"]
        self.lines = rows(folder, "claim_lines")
        self.posted = {
            (row["claim_id"], int(row["line_number"])): (
                row["service_from"], row["posted_date"], round(float(row["charge"]) * 100)
            )
            for row in self.lines
        }  # fmt: skip
        self.by_claim: dict[str, list[dict[str, str]]] = defaultdict(list)
        for row in self.lines:
            self.by_claim[row["claim_id"]].append(row)
        self.rates = rows(folder, "fee_schedule")

    def expected(self, claim: Submission) -> dict[int, int]:
        """What the contract pays for each line."""
        head = self.claims[claim.id]
        return {int(row["line_number"]): self._line(head, row) for row in self.by_claim[claim.id]}

    def _line(self, head: dict[str, str], line: dict[str, str]) -> int:
        names = ("procedure_code", "drg", "facility_id")
        own = {
            "procedure_code": line["procedure_code"],
            "drg": head["drg"],
            "facility_id": head["facility_id"],
        }
        fits = [
            rate
            for rate in self.rates
            if rate["payer_id"] == head["payer_id"]
            and all(not rate[name] or rate[name] == own[name] for name in names)
        ]
        ranks = Counter(sum(bool(rate[name]) for name in names) for rate in fits)
        best = max(ranks)
        assert ranks[best] == 1, "two rates fit alike"
        rate = next(r for r in fits if sum(bool(r[name]) for name in names) == best)
        charge = round(float(line["charge"]) * 100)
        if rate["rate_type"] == "percent_of_charge":
            thousandths = round(float(rate["rate"]) * 1000)
            return min(charge, (charge * thousandths + 500) // 1000)
        amount = round(float(rate["rate"]) * 100)
        if rate["rate_type"] == "per_unit":
            return min(charge, amount * int(line["units"]))
        if rate["rate_type"] == "per_diem":
            amount *= max(1, between(head["service_from"], head["service_to"]))
        lines = self.by_claim[head["claim_id"]]
        charges = [round(float(row["charge"]) * 100) for row in lines]
        amount = min(amount, sum(charges))
        before = sum(charges[: lines.index(line)])
        whole = sum(charges)
        return amount * (before + charge) // whole - amount * before // whole


def kpis_of(accounts: list[Ledger], logs: Logs, as_of: str) -> Kpis:
    kpis = Kpis(as_of)
    for ledger in accounts:
        kpis.account(ledger, logs)
    kpis.averages()
    return kpis


__all__ = ["SIGNS", "Decided", "Kpis", "Logs", "kpis_of"]
