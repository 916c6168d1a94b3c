"""Entries of transactions, and which account each belongs to. Source: specification, 1.2, 1.8."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from metriccare.marts.claims.claim import Claim
from metriccare.marts.claims.entry import PARTIES, PATIENT, PATIENT_PAYMENT, PAYER, Entry, entry_id
from metriccare.marts.claims.history import Transaction
from metriccare.marts.claims.merging import MergedClaims
from metriccare.marts.claims.money import cents


def by_account(
    transactions: Iterable[Transaction],
    accounts: Mapping[str, Sequence[Claim]],
    merged: MergedClaims,
) -> dict[str, list[Transaction]]:
    """Return the transactions of each account; one whose claim has not arrived waits."""
    account_of = {c.id: id_ for id_, claims in accounts.items() for c in claims}
    numbered: dict[str, list[tuple[date, str]]] = {}
    for id_, claims in accounts.items():
        for number in {c.sent.account_number for c in claims if c.sent.account_number}:
            begin = min((c.service_from for c in claims if c.service_from), default=date.min)
            numbered.setdefault(number, []).append((begin, id_))
    found: dict[str, list[Transaction]] = {}
    for transaction in transactions:
        account = account_of.get(merged.id_of(transaction.claim_id) or "")
        if account is None:
            account = _numbered(transaction, numbered)
        if account is not None:
            found.setdefault(account, []).append(transaction)
    return found


def _numbered(
    transaction: Transaction, numbered: Mapping[str, list[tuple[date, str]]]
) -> str | None:
    """Return the account of a number: of several the latest begun by the day it was posted."""
    named = sorted(numbered.get(transaction.account_number or "", ()))
    begun = [id_ for begin, id_ in named if begin <= transaction.post_date]
    return begun[-1] if begun else named[0][1] if named else None


def entries_of(
    transactions: Iterable[Transaction], merged: MergedClaims, zone: ZoneInfo
) -> list[Entry]:
    """Return an entry of each transaction; one dated after it arrived waits to be corrected."""
    return [
        Entry(
            id=entry_id(t.type, t.id),
            type=t.type,
            amount=cents(t.amount),
            party=_party(t),
            post_date=t.post_date,
            claim_id=merged.id_of(t.claim_id),
            transaction_id=t.id,
            source=t.source,
            point_of_service=t.point_of_service,
        )
        for t in transactions
        if t.type in PARTIES and not is_in_future(t, zone)
    ]


def is_in_future(transaction: Transaction, zone: ZoneInfo) -> bool:
    """Return True if a transaction is dated after the day on which it arrived."""
    return transaction.source.is_before(transaction.post_date, zone)


def _party(transaction: Transaction) -> str:
    if transaction.type == PATIENT_PAYMENT or transaction.party not in (PAYER, PATIENT):
        return PARTIES[transaction.type]
    return transaction.party
