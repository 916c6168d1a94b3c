"""The counts of ``revenue_cycle`` for an account in detail.

People who pay themselves are in no count of answers; void accounts are in none at all.
"""

from __future__ import annotations

from data_generator.truth.account_state import AccountState
from data_generator.truth.books import Entry
from data_generator.truth.revenue import AGES

_OPEN = ("rejected", "billed", "underway")


def revenue_sums(state: AccountState) -> dict[str, int]:
    """Return what an account adds to the counts and amounts; cents."""
    if state.void:
        return {}
    books, day = state.books, state.day
    charged = state.total(Entry.CHARGE)
    sums = {"billed": 1, "claims": len(state.sent), "charged": charged}
    if not books.self_pay:
        sums |= _answers(state)
    newest = {claim.count: answer for claim, answer in state.remits}
    for claim in state.in_force:
        for line in newest[claim.count].lines if claim.count in newest else ():
            sums["allowed"] = sums.get("allowed", 0) + line.allowed
            sums["not_covered"] = sums.get("not_covered", 0) + line.denied
    sums["patient_share"] = state.total(Entry.PATIENT_SHARE)
    sums["payments"] = state.total(Entry.PAYER_PAYMENT)
    word = state.word
    if word == "denied":
        sums["denied"] = 1
    elif word in _OPEN:
        age = AGES[min(max(0, day - books.first_billed - 1) // 30, len(AGES) - 1)]
        sums |= {"open": 1, "open_charges": charged, age: 1}
    else:
        sums["paid"] = 1
    return sums


def _answers(state: AccountState) -> dict[str, int]:
    answer = state.first_answer
    if answer in ("none", "pending"):
        return {}
    sums = {"answered_first": 1, "clean_first": int(answer != "rejected")}
    if state.remits:
        (_, first), *later = state.remits
        sums |= {"adjudicated_first": 1, "denied_first": int(first.denies)}
        if first.denies and later:
            sums |= {"appeals_answered": 1, "appeals_overturned": int(not later[0][1].denies)}
    return sums
