"""Ageing and denials by month as suppression sees them: what each row is part of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from metriccare.engine.protocol import Row
from metriccare.marts.periods import MONTH
from metriccare.marts.revenue.definition import BUCKET, CARC, CATEGORY
from metriccare.marts.revenue.quantities import (
    FIRST_REMIT,
    INITIAL_DENIALS,
    OWED,
    STOCK,
    CrossedKey,
    CrossedRow,
    Place,
    Quantity,
)
from metriccare.tables import keys
from metriccare.tables import revenue as tables
from metriccare.tables.declaration import Table

_FACILITY, _PAYER = "facility", "payer"


def key_of(table: Table, row: Row) -> CrossedKey:
    """Return the key of a row of a crossed table."""
    return CrossedKey(table.name, tuple(row[name] for name in table.key))


def aging_rows(rows: Sequence[Row]) -> list[CrossedRow]:
    """Return rows of gold.ar_aging: each is part of its bucket, facility and payer.

    Its share of the balances of its facility and payer gives those away.
    """
    accounts = Counter[Any]()
    for row in rows:
        accounts[aging_pair(row)] += row["accounts"]
    return [_aging_row(row, accounts[aging_pair(row)]) for row in rows]


def _aging_row(row: Row, of_pair: int) -> CrossedRow:
    anchor, bucket = row["anchor"], row["bucket"]
    pair = keys.joined(row["facility_id"], row["payer"])

    def place(kind: str, value: str) -> Place:
        return Place(STOCK, row["stock_date"], kind, value, row["currency"])

    cell = Quantity(f"aged by {anchor}", place("cell", keys.joined(pair, bucket)))
    whole = Quantity(f"aged by {anchor} in all", place("pair", pair))
    return CrossedRow(
        key_of(tables.AR_AGING, row),
        {cell: row["accounts"], whole: of_pair},
        (
            (cell, whole),
            (cell, Quantity(f"ar_aging_{anchor}", place(BUCKET, bucket))),
            (whole, Quantity(OWED, place(_FACILITY, row["facility_id"]))),
            (whole, Quantity(OWED, place(_PAYER, row["payer"]))),
        ),
        (row["n_persons"],),
    )


def denial_row(row: Row) -> CrossedRow:
    """Return a row of gold.denial_month: part of its facility, payer, category and reason."""
    pair = keys.joined(row["facility_id"], row["payer"])

    def place(kind: str, value: str) -> Place:
        return Place(MONTH, row["denial_month"], kind, value, row["currency"])

    reason = keys.joined(pair, row["group_code"], row["carc"])
    cell = Quantity("denials", place("cell", reason))
    decided = Quantity("decided", place("pair", pair))
    denials, resolved, leading = row["denials"], row["resolved"], row["total_denials"]
    return CrossedRow(
        key_of(tables.DENIAL_MONTH, row),
        {cell: denials, decided: row["total_claims"]},
        (
            (cell, Quantity(INITIAL_DENIALS, place(_FACILITY, row["facility_id"]))),
            (cell, Quantity(INITIAL_DENIALS, place(_PAYER, row["payer"]))),
            (cell, Quantity(INITIAL_DENIALS, place(CARC.name, row["carc"]))),
            (cell, Quantity(INITIAL_DENIALS, place(CATEGORY.name, row["category"]))),
            (decided, Quantity(FIRST_REMIT, place(_FACILITY, row["facility_id"]))),
            (decided, Quantity(FIRST_REMIT, place(_PAYER, row["payer"]))),
        ),
        (row["n_persons"], leading, resolved, denials - resolved),
    )


def totals_of_aging(rows: Sequence[Row]) -> dict[Any, int]:
    """Return what is open by date, anchor, facility and payer, in cents."""
    found: dict[Any, int] = {}
    for row in rows:
        key = aging_pair(row)
        found[key] = found.get(key, 0) + cents(row["balance"])
    return found


def aging_pair(row: Row) -> tuple[Any, ...]:
    """Return of what a row of ageing is a share."""
    names = ("tenant", "stock_date", "anchor", "facility_id", "payer", "currency")
    return tuple(row[name] for name in names)


def cents(amount: Any) -> int:
    """Return an amount in cents."""
    return int(amount * 100)
