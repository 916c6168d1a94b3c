"""The rows of accounts and denials in the answer key."""

from __future__ import annotations

from typing import Any

from data_generator.clock import day_text
from data_generator.facts.collections import REMARKS
from data_generator.feeds.text import money
from data_generator.ids import Kind, resource_id
from data_generator.revenue.account import Answer, Claim
from data_generator.truth.account_denials import Denial
from data_generator.truth.account_state import AccountState


def account_row(key: str, person_id: str, state: AccountState) -> dict[str, Any]:
    """Return an account with its ledger; ``key`` is that of the person."""
    account = state.books.account
    return {
        "account_id": _claim_id(key, state, account.claims[0]),
        "person_id": person_id,
        "claim_type": str(account.care.form),
        "claims": [_claim_id(key, state, claim) for claim in state.sent],
        "in_force": [_claim_id(key, state, claim) for claim in state.in_force],
        "first_billed_date": day_text(state.books.first_billed),
        "first_remit_date": day_text(state.remits[0][1].day) if state.remits else None,
        "first_remit_denied": state.remits[0][1].denies if state.remits else None,
        "service_to": day_text(state.service_to),
        "state": state.word,
        "balance": money(state.balance),
        "payer_balance": money(state.payer_balance),
        "patient_balance": money(state.patient_balance),
        "entries": [[str(kind), money(amount), day_text(day)] for day, kind, amount in state.seen],
    }


def denial_row(key: str, state: AccountState, denial: Denial) -> dict[str, Any]:
    """Return a denial with its state."""
    account, decided = state.books.account, denial.decided
    remark = REMARKS.get(denial.reason)
    return {
        "account_id": _claim_id(key, state, account.claims[0]),
        "claim_id": _claim_id(key, state, denial.claim),
        "remit_id": _remit_id(key, state, denial.claim, denial.answer),
        "line_number": denial.line,
        "group_code": decided.group,
        "carc": denial.reason,
        "rarc": [remark] if remark else [],
        "category": denial.category,
        "amount": money(decided.denied),
        "denial_date": day_text(denial.answer.day),
        "is_initial": denial.is_initial,
        "is_leading": denial.is_leading,
        "status": denial.status,
        "resolved_date": None if denial.resolved is None else day_text(denial.resolved),
        "days_to_resolution": denial.days,
        "recovered_amount": money(denial.recovered),
    }


def _claim_id(key: str, state: AccountState, claim: Claim) -> str:
    return resource_id(key, Kind.CLAIM, state.books.account.care.number, claim.count)


def _remit_id(key: str, state: AccountState, claim: Claim, answer: Answer) -> str:
    number = state.books.account.care.number
    return resource_id(key, Kind.CLAIM_RESPONSE, number, claim.of_answer(answer))
