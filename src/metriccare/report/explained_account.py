"""An account in words: its claims, the payers' answers, and the ledger down to file and line.

It reads what the last run stored and computes nothing but the running balance. It reads the inner
layers: it is for finance managers and operators, never published.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from metriccare.errors import UsageError
from metriccare.query.engine import Rows, SqlEngine
from metriccare.report.explained_rows import COLUMNS, Said, literal

Record = dict[str, Any]
_FREQUENCIES = {
    1: "original claim",
    2: "first interim claim",
    3: "continuing interim claim",
    4: "last interim claim",
    5: "late charges",
    7: "replacement",
    8: "void",
}
_STATES = {
    "void": "voided: nothing of it is in force",
    "credit": "more was paid than is owed",
    "closed": "nothing is owed any more",
    "rejected": "the newest submission was refused before a decision",
    "billed": "the newest submission has no answer yet",
    "patient_due": "what is left is the patient's to pay",
    "denied": "the payer's answer denies the claim",
    "underway": "decided, and not settled yet",
}


def explain_account(engine: SqlEngine, account_id: str, tenant: str | None = None) -> Rows:
    """Return what makes up an account's balance: columns part, id, says, source.

    Raises UsageError when there is no such account, or several tenants have it.
    """
    account = _account(engine, account_id, tenant)
    said = [
        *_about(account),
        *(_claim(row) for row in _of(engine, "claim", account, "submitted_date, claim_id")),
        *(_remit(row) for row in _of(engine, "remit", account, "remit_date, remit_id")),
        *(_denial(row) for row in _of(engine, "denial", account, "denial_date, denial_id")),
        *_ledger(_of(engine, "account_entry", account, "post_date, entry_id")),
        _sum(account),
    ]
    return Rows(COLUMNS, tuple(tuple(one) for one in said))


def _account(engine: SqlEngine, account_id: str, tenant: str | None) -> Record:
    wanted = f"SELECT * FROM gold.account WHERE account_id = {literal(account_id)}"  # noqa: S608
    rows = [row for row in engine.query(wanted).records() if tenant in (None, row["tenant"])]
    if len(rows) > 1:
        tenants = ", ".join(sorted(row["tenant"] for row in rows))
        raise UsageError(
            f"Several tenants have an account {account_id}: say --tenant, one of {tenants}."
        )
    if not rows:
        raise UsageError(f"There is no account {account_id}.{_nearest(engine, account_id)}")
    return rows[0]


def _nearest(engine: SqlEngine, claim_id: str) -> str:
    """Return a hint where the id of a claim was given that another account holds."""
    wanted = f"SELECT account_id FROM gold.claim WHERE claim_id = {literal(claim_id)}"  # noqa: S608
    rows = list(engine.query(wanted).records())
    if not rows:
        return (
            " `metriccare query 'SELECT account_id, state, balance FROM gold.account'` lists them."
        )
    return f" It is a claim of the account {rows[0]['account_id']}."


def _of(engine: SqlEngine, table: str, account: Record, order: str) -> Iterator[Record]:
    sql = (
        f"SELECT * FROM gold.{table} WHERE tenant = {literal(account['tenant'])}"  # noqa: S608
        f" AND account_id = {literal(account['account_id'])} ORDER BY {order}"
    )
    return engine.query(sql).records()


def _about(account: Record) -> Iterator[Said]:
    meaning = _STATES.get(account["state"], "")
    services = f"{account['service_from']} to {account['service_to']}"
    flags = f" Flags: {', '.join(account['dq_flags'])}." if account["dq_flags"] else ""
    yield Said(
        "account",
        account["account_id"],
        f"{account['claim_type'] or 'claim'} for services {services}, payer {account['payer']}"
        f" ({account['payer_id']}), facility {account['facility_id']}. State"
        f" {account['state']}: {meaning}.{flags}",
        account["source_file"],
        account["source_line"],
    )


def _claim(row: Record) -> Said:
    frequency = _FREQUENCIES.get(row["frequency"], f"frequency {row['frequency']}")
    force = "in force" if row["in_force"] else "not in force"
    text = (
        f"level {row['level']}, {frequency}, sent {row['submitted_date']}, charge"
        f" {_money(row['charge'], row)}, answer {row['answer']}; {force}"
    )
    return Said("claim", row["claim_id"], text, row["source_file"], row["source_line"])


def _remit(row: Record) -> Said:
    kind = "reversal" if row["reversal"] else row["answer"]
    paid = f", paid {_money(row['paid'], row)}" + (
        f" on {row['payment_date']}" if row["payment_date"] else ", no payment yet"
    )
    denies = "; it denies the claim" if row["denies_claim"] else ""
    force = "" if row["in_force"] else "; not in force"
    text = (
        f"{kind} {row['remit_date']} for claim {row['claim_id']}: charge"
        f" {_money(row['charge'], row)}, allowed {_money(row['allowed'], row)}{paid}{denies}{force}"
    )
    return Said("remit", row["remit_id"], text, row["source_file"], row["source_line"])


def _denial(row: Record) -> Said:
    settled = f", settled {row['resolved_date']}" if row["resolved_date"] else ""
    line = f" line {row['line_number']}" if row["line_number"] else ""
    text = (
        f"{row['denial_date']}, claim {row['claim_id']}{line}: {row['group_code']}-{row['carc']}"
        f" ({row['category']}), {_money(row['amount'], row)}; {row['status']}{settled}"
    )
    return Said("denial", row["denial_id"], text, row["source_file"], row["source_line"])


def _ledger(entries: Iterable[Record]) -> Iterator[Said]:
    balance = Decimal(0)
    for row in entries:
        balance += row["balance_effect"]
        effect = "" if row["sign"] else " (moves from payer to patient)"
        text = (
            f"{row['post_date']} {row['type']} {_money(row['amount'], row)}{effect}:"
            f" balance {balance:,.2f}"
        )
        yield Said("entry", row["entry_id"], text, row["source_file"], row["source_line"])


def _sum(account: Record) -> Said:
    parts = (
        ("charge", "charge"),
        ("payer_paid", "- paid by payers"),
        ("patient_paid", "- paid by the patient"),
        ("refunded", "+ refunded"),
        ("contractual", "- contractual"),
        ("written_off", "- written off"),
    )
    words = " ".join(f"{word} {account[name]:,.2f}" for name, word in parts)
    return Said(
        "balance",
        account["account_id"],
        f"{words} = {_money(account['balance'], account)}, of it payers"
        f" {account['payer_balance']:,.2f} and patient {account['patient_balance']:,.2f}",
    )


def _money(amount: Decimal | None, row: Record) -> str:
    if amount is None:
        return "-"
    currency = row.get("currency")
    return f"{amount:,.2f} {currency}" if currency else f"{amount:,.2f}"
