"""Computed accounts, ledgers and denials compared with the answer key of the generator."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from metriccare.errors import UsageError
from metriccare.report.truth import Comparison, Key, compare_by_key

ACCOUNTS_FILE = "truth_accounts.ndjson"
_AMOUNTS = ("balance", "payer_balance", "patient_balance")
_DATES = ("first_billed_date", "first_remit_date", "service_to")
_WORDS = ("state", "claim_type", "person_id", "first_remit_denied")
ACCOUNT_COLUMNS = ("account_id", *_AMOUNTS, *_DATES, *_WORDS)
ENTRY_COLUMNS = ("account_id", "type", "amount", "post_date")
_DENIAL_KEY = ("claim_id", "remit_id", "line_number", "group_code", "carc")
_DENIAL_FACTS = ("category", "is_initial", "is_leading", "status", "days_to_resolution")
_DENIAL_DATES, _DENIAL_AMOUNTS = ("denial_date", "resolved_date"), ("amount", "recovered_amount")
DENIAL_COLUMNS = ("account_id", *_DENIAL_KEY, *_DENIAL_FACTS, *_DENIAL_DATES, *_DENIAL_AMOUNTS)

Record = Mapping[str, Any]


def read_accounts(folder: Path) -> tuple[Record, ...]:
    """Read the accounts of the answer key in a folder; none where the money was left out."""
    path = folder / ACCOUNTS_FILE
    if not path.is_file():
        return ()
    try:
        with path.open(encoding="utf-8") as lines:
            return tuple(json.loads(line) for line in lines)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is not a generator's answer key.") from error


def compare_accounts(true: Iterable[Record], results: Iterable[Record]) -> Comparison:
    """Return the comparison of accounts with the truth: states, balances, dates, person."""
    return compare_by_key(_accounts(results), _accounts(true))


def compare_entries(true: Iterable[Record], results: Iterable[Record], as_of: date) -> Comparison:
    """Return the comparison of ledgers with the truth: sums by account, type and day.

    The answer key has one amount for each of them; the ledger has one for each source, and keeps
    entries dated after `as_of`, which no figure of that day sees.
    """
    names = ENTRY_COLUMNS[1:]
    rows = (
        {"account_id": row["account_id"], **dict(zip(names, entry, strict=True))}
        for row in true
        for entry in row["entries"]
    )
    seen = (row for row in results if row["post_date"] <= as_of)
    return compare_by_key(_entries(seen), _entries(rows))


def compare_denials(true: Iterable[Record], results: Iterable[Record]) -> Comparison:
    """Return the comparison of denials with the truth, account by account."""
    return compare_by_key(_denials(results), _denials(true))


def _accounts(rows: Iterable[Record]) -> dict[Key, tuple[Any, ...]]:
    return {(row["account_id"],): _facts(row, _AMOUNTS, _DATES, _WORDS) for row in rows}


def _denials(rows: Iterable[Record]) -> dict[Key, list[str]]:
    found: dict[Key, list[str]] = {}
    for row in rows:
        facts = _facts(row, _DENIAL_AMOUNTS, _DENIAL_DATES, (*_DENIAL_KEY, *_DENIAL_FACTS))
        # As text, so that rows with something missing have an order.
        found.setdefault((row["account_id"],), []).append(repr(facts))
    return {key: sorted(facts) for key, facts in found.items()}


def _entries(rows: Iterable[Record]) -> dict[Key, Decimal]:
    sums: dict[Key, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row["account_id"], row["type"], str(row["post_date"])] += Decimal(row["amount"])
    return {key: amount for key, amount in sums.items() if amount}


def _facts(
    row: Record, amounts: Iterable[str], dates: Iterable[str], words: Iterable[str]
) -> tuple[Any, ...]:
    return (
        *(_amount(row[name]) for name in amounts),
        *(_text(row[name]) for name in dates),
        *(row[name] for name in words),
    )


def _amount(value: Any) -> Decimal | None:
    """Return an amount in cents, so that its text is the same however it was sent."""
    return None if value is None else Decimal(value).quantize(Decimal("0.01"))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
