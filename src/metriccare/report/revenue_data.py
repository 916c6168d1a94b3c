"""What the report shows of a tenant's revenue cycle, read from the published views."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from metriccare.marts.periods import ALL, MONTH
from metriccare.marts.revenue.kpis.ar_aging import BUCKETS
from metriccare.query.engine import SqlEngine
from metriccare.tables.strata import OVERALL

Record = dict[str, Any]

EVERY_PAYER = "all payers"
RATE, DAYS = "net_collection_rate", "days_in_ar"
_DENIED, _OPEN, _BY_AGE = "total_denied_amount", "ar_open", "ar_aging_bill"
_NONE = Decimal(0)

_SQL = {
    "totals": (
        "SELECT * FROM claims_analytics WHERE"  # noqa: S608
        f" grain = '{ALL}' AND stratum_type = '{OVERALL}' ORDER BY kpi_id"
    ),
    "months": (
        f"SELECT * FROM claims_analytics WHERE kpi_id IN ('{RATE}', '{DAYS}')"  # noqa: S608
        f" AND grain = '{MONTH}' AND stratum_type = '{OVERALL}' ORDER BY period_start"
    ),
    "denials": (
        f"SELECT * FROM claims_analytics WHERE kpi_id = '{_DENIED}'"  # noqa: S608
        f" AND grain = '{ALL}' AND stratum_type = 'carc'"
        " ORDER BY coalesce(numerator, -1) DESC, stratum_value"
    ),
    "stocks": (
        f"SELECT * FROM claims_analytics WHERE grain = '{ALL}' AND"  # noqa: S608
        f" ((kpi_id = '{_OPEN}' AND stratum_type = 'payer')"
        f" OR (kpi_id = '{_BY_AGE}' AND stratum_type = 'bucket'))"
        " ORDER BY coalesce(numerator, -1) DESC, stratum_value"
    ),
    "ages": (
        "SELECT tenant, stock_date, payer, bucket, sum(balance) AS balance,"
        " sum(CASE WHEN suppressed THEN 1 ELSE 0 END) AS hidden_rows"
        " FROM ar_aging WHERE anchor = 'bill' GROUP BY tenant, stock_date, payer, bucket"
        " ORDER BY tenant, stock_date, payer, bucket"
    ),
    "categories": (
        "SELECT tenant, carc, min(category) AS category FROM denials GROUP BY tenant, carc"
        " ORDER BY tenant, carc"
    ),
}


@dataclass(frozen=True)
class Flow:
    """Where the charges of the whole period went, to the cent.

    `written_off` is what is left, so that the parts add up to `charged`. Where the credit balances
    are hidden, `open_balance` is what is owed to us alone, and the credits lower `written_off`.
    """

    charged: Decimal
    contractual: Decimal
    written_off: Decimal
    by_payers: Decimal
    by_patients: Decimal
    open_balance: Decimal
    has_credits: bool


@dataclass(frozen=True)
class Denied:
    """What was denied first for one reason; None where it is hidden."""

    carc: str
    category: str
    amount: Decimal | None

    @property
    def name(self) -> str:
        """Return the reason as people read it, such as `97 bundling`."""
        return f"{self.carc} {self.category}"


@dataclass(frozen=True)
class Ages:
    """What one payer owes by age: None where an age is hidden, 0 where nothing is that old.

    `of_hidden_age` is the part of the whole whose age is hidden; `total` is None where it is.
    """

    payer: str
    amounts: tuple[Decimal | None, ...]
    total: Decimal | None

    @property
    def cells(self) -> tuple[Decimal | None, ...]:
        """Return the amounts by age, that of hidden age, and the total."""
        return (*self.amounts, self.of_hidden_age, self.total)

    @property
    def of_hidden_age(self) -> Decimal | None:
        """Return what the shown ages leave of the total; None where the total is hidden."""
        if self.total is None:
            return None
        return self.total - sum((amount or _NONE for amount in self.amounts), _NONE)


@dataclass(frozen=True)
class RevenueReport:
    """The revenue cycle of one tenant, in the currency of most of its charges."""

    currency: str
    other_currencies: tuple[str, ...]
    flow: Flow | None
    rates: tuple[Record, ...]
    days: tuple[Record, ...]
    denied: Decimal | None
    denials: tuple[Denied, ...]
    stock_date: date | None
    ages: tuple[Ages, ...]


def read_revenue(engine: SqlEngine) -> dict[str, RevenueReport]:
    """Return the published revenue cycle by tenant; tenants without claims have none."""
    found = {name: list(engine.query(sql).records()) for name, sql in _SQL.items()}
    tenants = sorted({row["tenant"] for row in found["totals"]})
    return {
        tenant: _report({name: _of(tenant, rows) for name, rows in found.items()})
        for tenant in tenants
    }


def _of(tenant: str, rows: Iterable[Record]) -> list[Record]:
    return [row for row in rows if row["tenant"] == tenant]


def _report(found: dict[str, list[Record]]) -> RevenueReport:
    currencies = _currencies(found["totals"])
    own = {
        name: [row for row in rows if row.get("currency", currencies[0]) == currencies[0]]
        for name, rows in found.items()
    }
    totals = {row["kpi_id"]: row for row in own["totals"]}
    # The view by payer does not say the currency: with several, only the sums of all are shown.
    stocks = [r for r in own["stocks"] if r["stratum_type"] == "bucket" or not currencies[1:]]
    stock_date = max((row["stock_date"] for row in own["ages"]), default=None)
    return RevenueReport(
        currency=currencies[0],
        other_currencies=currencies[1:],
        flow=flow_of(totals),
        rates=tuple(row for row in own["months"] if row["kpi_id"] == RATE),
        days=tuple(row for row in own["months"] if row["kpi_id"] == DAYS),
        denied=_amount(totals, _DENIED, "numerator"),
        denials=_denied(own["denials"], own["categories"]),
        stock_date=stock_date,
        ages=_ages(stocks, [r for r in own["ages"] if r["stock_date"] == stock_date]),
    )


def _currencies(totals: Sequence[Record]) -> tuple[str, ...]:
    charges = {row["currency"]: _NONE for row in totals}
    for row in totals:
        if row["kpi_id"] == "gross_charges":
            charges[row["currency"]] = row["numerator"] or _NONE
    return tuple(sorted(charges, key=lambda currency: (-charges[currency], currency)))


def flow_of(totals: dict[str, Record]) -> Flow | None:
    """Return the flow of the charges; None where there are none or a figure it needs is hidden."""
    charged = _amount(totals, "gross_charges", "numerator")
    net = _amount(totals, "net_collection_rate_post", "denominator")
    collected = _amount(totals, "total_collections", "numerator")
    is_owed = _amount(totals, _OPEN, "numerator")
    if not charged or net is None or collected is None or is_owed is None:
        return None
    if _is_hidden(totals, "point_of_service_rate"):
        return None
    by_patients = _amount(totals, "point_of_service_rate", "denominator") or _NONE
    balance = is_owed - (_amount(totals, "credit_balance", "numerator") or _NONE)
    return Flow(
        charged=charged,
        contractual=charged - net,
        written_off=net - collected - balance,
        by_payers=collected - by_patients,
        by_patients=by_patients,
        open_balance=balance,
        has_credits=not _is_hidden(totals, "credit_balance"),
    )


def _is_hidden(totals: dict[str, Record], kpi: str) -> bool:
    """Return True for a hidden figure; what is missing is 0, as without a feed of transactions."""
    return kpi in totals and totals[kpi]["suppressed"]


def _amount(totals: dict[str, Record], kpi: str, side: str) -> Decimal | None:
    row = totals.get(kpi)
    return None if row is None or row["suppressed"] else row[side]


def _denied(rows: Iterable[Record], categories: Iterable[Record]) -> tuple[Denied, ...]:
    words = {row["carc"]: str(row["category"]).replace("_", " ") for row in categories}
    return tuple(
        Denied(row["stratum_value"], words.get(row["stratum_value"], ""), row["numerator"])
        for row in rows
        if row["suppressed"] or row["numerator"]
    )


def _ages(stocks: Iterable[Record], rows: Iterable[Record]) -> tuple[Ages, ...]:
    """Return the ages of every payer together, then of each, the greatest debt first."""
    buckets: dict[str, Record] = {}
    payers = []
    for row in stocks:
        if row["stratum_type"] == "bucket":
            buckets[row["stratum_value"]] = row
        else:
            payers.append(row)
    of_payers = tuple(_ages_of_payer(row, rows) for row in payers)
    if not buckets:
        return of_payers
    total = next(iter(buckets.values()))["denominator"]
    amounts = (buckets[name]["numerator"] if name in buckets else _NONE for name in BUCKETS)
    return (Ages(EVERY_PAYER, tuple(amounts), total), *of_payers)


def _ages_of_payer(stock: Record, rows: Iterable[Record]) -> Ages:
    own = {row["bucket"]: row for row in rows if row["payer"] == stock["stratum_value"]}
    return Ages(
        payer=stock["stratum_label"],
        amounts=tuple(_shown(own.get(bucket)) for bucket in BUCKETS),
        total=stock["numerator"],
    )


def _shown(row: Record | None) -> Decimal | None:
    """Return what is shown of an age: None where every row of it is hidden."""
    if row is None:
        return _NONE
    return row["balance"] if row["balance"] is not None or row["hidden_rows"] else _NONE
