"""An account's balance, evening by evening. Source: claims specification, 1.8.3 and 2.3."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from metriccare.marts.claims.entry import PATIENT_SHARE, Entry
from metriccare.marts.claims.walk import Evening


class Balance(NamedTuple):
    """What is owed, in cents, and from when its age is counted."""

    balance: int
    payer_balance: int
    patient_balance: int
    is_adjudicated: bool
    bill_date: date | None
    service_date: date | None
    payer_clock_date: date | None


@dataclass(frozen=True, slots=True)
class Span:
    """Days over which a balance did not change; `to_date` is the first with another one."""

    from_date: date
    to_date: date | None
    balance: Balance


class AccountFacts(NamedTuple):
    """What balances need to know of an account."""

    is_self_pay: bool
    first_billed_date: date | None


def spans(
    facts: AccountFacts, entries: Sequence[Entry], evenings: Sequence[Evening], as_of: date
) -> list[Span]:
    """Return the spans from the first event to as_of; `entries` and `evenings` in time."""
    ledger = [e for e in entries if e.post_date <= as_of]
    dates = sorted({*(e.post_date for e in ledger), *(e.day for e in evenings)})
    days = [evening.day for evening in evenings]
    total = patient = upto = 0
    share_date: date | None = None
    found: list[tuple[date, Balance]] = []
    for day in dates:
        if day > as_of:
            break
        while upto < len(ledger) and ledger[upto].post_date <= day:
            entry = ledger[upto]
            total, patient, upto = total + entry.effect, patient + entry.patient_effect, upto + 1
            if entry.type == PATIENT_SHARE and entry.amount > 0:
                share_date = entry.post_date
        place = bisect_right(days, day)
        evening = evenings[place - 1] if place else None
        balance = _balance(facts, (total, patient), evening, share_date)
        if not found or found[-1][1] != balance:
            found.append((day, balance))
    ends = [*(day for day, _ in found[1:]), None]
    # Before the first event there is a last end and no span.
    return [Span(day, end, balance) for (day, balance), end in zip(found, ends, strict=False)]


def _balance(
    facts: AccountFacts,
    amounts: tuple[int, int],
    evening: Evening | None,
    share_date: date | None,
) -> Balance:
    total, patient = amounts
    if facts.is_self_pay:
        patient = total
    clock = facts.first_billed_date
    if evening is not None and not facts.is_self_pay:
        waits = evening.newest_waits or total - patient > 0
        clock = evening.newest_submitted if waits else share_date or evening.newest_submitted
    return Balance(
        total,
        total - patient,
        patient,
        evening is not None and evening.is_adjudicated,
        facts.first_billed_date,
        evening.service_date if evening else None,
        clock,
    )
