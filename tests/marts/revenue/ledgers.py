"""Rows of gold's claims tables written by hand, and what the mart makes of them on DuckDB."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from metriccare.engine.duckdb.engine import DuckDbEngine
from metriccare.local.folder_store import FolderStore
from metriccare.tables import Table
from metriccare.tables import claims as tables

SIGNS = {
    "charge": 1,
    "refund": 1,
    "patient_share": 0,
}
READ = (
    tables.ACCOUNT,
    tables.ACCOUNT_ENTRY,
    tables.ACCOUNT_BALANCE,
    tables.DENIAL,
    tables.CLAIM_LINE,
    tables.REMIT,
    tables.EXPECTED_LINE,
    tables.UNBILLED_CARE,
)


@dataclass(frozen=True)
class Entry:
    """One money fact of an account."""

    type: str
    amount: str
    day: date
    point_of_service: bool | None = None
    party: str | None = None

    @property
    def effect(self) -> Decimal:
        return SIGNS.get(self.type, -1) * Decimal(self.amount)

    @property
    def is_transaction(self) -> bool:
        return self.type not in {"charge", "contractual", "payer_payment", "patient_share"}


@dataclass(frozen=True)
class Ledger:
    """An account: its columns that are not sums, its entries, and since when its payer has it."""

    account_id: str
    columns: Mapping[str, Any]
    entries: Sequence[Entry]
    # Since which evening: an adjudicated level in force, and the clock of who owes it.
    adjudicated_from: date | None = None
    clocks: Sequence[tuple[date, date]] = ()

    def total(self, *types: str) -> Decimal:
        return sum((Decimal(e.amount) for e in self.entries if e.type in types), Decimal(0))

    @property
    def base(self) -> dict[str, Any]:
        usual = {"tenant": "a", "person_id": f"person of {self.account_id}", "currency": "USD"}
        own = {name: self.columns[name] for name in usual if name in self.columns}
        return {**usual, **own, "account_id": self.account_id}

    def account(self) -> dict[str, Any]:
        paid, written = self.total("payer_payment"), self.total("bad_debt", "charity")
        written += self.total("denial_writeoff", "small_balance", "other_adjustment")
        balance = sum((e.effect for e in self.entries), Decimal(0))
        share = self.total("patient_share")
        patient = share - self.total("patient_payment", "bad_debt", "charity")
        return {
            "state": "underway",
            "charge": self.total("charge"),
            "payer_paid": paid,
            "patient_paid": self.total("patient_payment"),
            "contractual": self.total("contractual"),
            "written_off": written,
            "refunded": self.total("refund"),
            "patient_share": share,
            "balance": balance,
            "patient_balance": patient,
            "payer_balance": balance - patient,
            **self.columns,
            **self.base,
        }

    def entry_rows(self) -> Iterator[dict[str, Any]]:
        for number, entry in enumerate(self.entries):
            entry_id = f"{self.account_id} {number}"
            yield {
                **self.base,
                "entry_id": entry_id,
                "type": entry.type,
                "amount": Decimal(entry.amount),
                "sign": SIGNS.get(entry.type, -1),
                "balance_effect": entry.effect,
                "party": entry.party,
                "post_date": entry.day,
                "transaction_id": entry_id if entry.is_transaction else None,
                "point_of_service": entry.point_of_service,
            }

    def spans(self) -> Iterator[dict[str, Any]]:
        """One row per evening on which anything changes."""
        days = sorted(
            {e.day for e in self.entries}
            | {day for day, _ in self.clocks}
            | ({self.adjudicated_from} if self.adjudicated_from else set())
        )
        columns = self.columns
        service = columns.get("discharge_date") or columns.get("service_to")
        for day, following in zip(days, [*days[1:], None], strict=True):
            clocks = [clock for since, clock in self.clocks if since <= day]
            since = self.adjudicated_from
            yield {
                **self.base,
                "from_date": day,
                "to_date": following,
                "balance": sum((e.effect for e in self.entries if e.day <= day), Decimal(0)),
                "is_adjudicated": since is not None and since <= day,
                "bill_date": columns.get("first_billed_date"),
                "service_date": service,
                "payer_clock_date": clocks[-1] if clocks else columns.get("first_billed_date"),
            }


@contextmanager
def engine() -> Iterator[DuckDbEngine]:
    """An engine over an empty lake."""
    with (
        TemporaryDirectory() as folder,
        DuckDbEngine(FolderStore(Path(folder)), lambda: None) as opened,
    ):
        yield opened


def relations(
    opened: DuckDbEngine,
    ledgers: Iterable[Ledger],
    more: Mapping[str, Iterable[Mapping[str, Any]]] | None = None,
) -> dict[str, Any]:
    """Return the tables of claims; `more` are rows of denials, lines, remits and contracts."""
    listed = list(ledgers)
    rows: dict[str, Iterable[Mapping[str, Any]]] = {
        **(more or {}),
        "account": [ledger.account() for ledger in listed],
        "account_entry": [row for ledger in listed for row in ledger.entry_rows()],
        "account_balance": [row for ledger in listed for row in ledger.spans()],
    }
    return {table.name: relation(opened, table, rows.get(table.name, ())) for table in READ}


def relation(opened: DuckDbEngine, table: Table, rows: Iterable[Mapping[str, Any]]) -> Any:
    """Return rows of a table; columns not given are null."""
    columns = table.computed_columns
    return opened.from_rows(columns, [[row.get(c.name) for c in columns] for row in rows])
