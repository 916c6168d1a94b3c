"""What the models of revenue read besides gold: dates, dates of stocks, usual reductions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Generic

from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, RelationT
from metriccare.marts.periods import MONTH, period_end, period_start
from metriccare.marts.revenue.definition import Relation
from metriccare.marts.revenue.rounding import rounded
from metriccare.settings import RevenueSettings
from metriccare.tables import Column
from metriccare.tables.declaration import AS_OF, TENANT

Tables = Mapping[str, RelationT]
# The gold tables that each relation's model reads.
READS: Mapping[Relation, tuple[str, ...]] = {
    Relation.ACCOUNT: ("account", "account_entry"),
    Relation.ENTRY: ("account", "account_entry"),
    Relation.BALANCE: ("account", "account_balance", "account_entry", "unbilled_care"),
    Relation.DENIAL: ("account", "denial"),
    Relation.LINE: ("account", "claim", "claim_line"),
    Relation.REMIT: ("account", "remit"),
    Relation.EXPECTED: ("account", "expected_line"),
}
_DATES = (
    TENANT,
    AS_OF,
    Column("run_out_by", "date", "accounts up to this date have had time to be settled"),
    Column("late_charge_days", "int", "a charge posted later than this is late"),
)
_STOCK_DATES = (TENANT, Column("stock_date", "date", "the evening of a stock"))
_OPEN_SHARES = (
    *_STOCK_DATES,
    Column("currency", "string", "currency"),
    Column("payer", "string", "the payer word"),
    Column("open_share", "decimal(10,9)", "what is left of a charge after the usual reduction"),
)
# Claims specification, 2.3: fewer accounts do not show a payer's usual reduction.
_LEAST_ACCOUNTS = 30
# Nine digits: to the cent for balances below a million.
_SHARE_DIGITS = 9


@dataclass(frozen=True)
class History:
    """A tenant's time, and what it sends: transactions, charges, the outcome of edits."""

    as_of: date
    first_entry: date | None = None
    first_charge: date | None = None
    has_transactions: bool = False
    has_edit_log: bool = False
    has_charges: bool = False

    @property
    def stock_dates(self) -> tuple[date, ...]:
        """Return the last day of each month since the first entry, and as_of."""
        if self.first_entry is None:
            return ()
        return tuple(_month_ends(self.first_entry, self.as_of))


def _month_ends(first: date, as_of: date) -> Iterator[date]:
    start = period_start(MONTH, first)
    while start <= as_of:
        following = period_end(MONTH, start)
        yield min(following - timedelta(days=1), as_of)
        start = following


@dataclass(frozen=True)
class Inputs(Generic[RelationT]):
    """The relations that the models read besides gold, and each tenant's time.

    `known_shares` are the tenants, currencies and dates of which the usual reduction is known.
    """

    histories: Mapping[str, History]
    dates: RelationT
    stock_dates: RelationT
    open_shares: RelationT
    known_shares: frozenset[tuple[str, str, date]]


_ENTRIES = """
select
  e.tenant, min(e.post_date) as first_entry,
  min(case when e.type = 'charge' then e.post_date end) as first_charge,
  count(e.transaction_id) > 0 as has_transactions
from account_entry as e
join dates as t on e.tenant = t.tenant
where e.post_date <= t.as_of
group by e.tenant
"""
# Whether a tenant ever sent a charge, as ChargeItem or in the feed of charges.
CHARGE_ROWS = "charge_row"
_CHARGES = "select distinct tenant, true as has_charges from charge_row"
_EDITS = "select tenant, count(edit_status) > 0 as has_edit_log from account group by tenant"


def histories(
    engine: Engine[RelationT], tables: Tables[RelationT], as_of: Mapping[str, date]
) -> dict[str, History]:
    """Return each tenant's time and feeds; entries after as_of are not seen."""
    dates = engine.from_rows((TENANT, AS_OF), sorted(as_of.items()))
    entries = engine.sql(_ENTRIES, account_entry=tables["account_entry"], dates=dates)
    facts: dict[str, dict[str, Any]] = {tenant: {} for tenant in sorted(as_of)}
    edits = engine.sql(_EDITS, account=tables["account"])
    rows = [*engine.rows(entries), *engine.rows(edits)]
    if CHARGE_ROWS in tables:
        rows += engine.rows(engine.sql(_CHARGES, charge_row=tables[CHARGE_ROWS]))
    for row in rows:
        facts.get(row["tenant"], {}).update({k: v for k, v in row.items() if k != "tenant"})
    return {tenant: History(as_of[tenant], **known) for tenant, known in facts.items()}


def dates_of(
    engine: Engine[RelationT], as_of: Mapping[str, date], rules: RevenueSettings
) -> RelationT:
    """Return the relation `dates`: as_of and what follows from it, by tenant."""
    wait = timedelta(days=rules.run_out_days)
    rows = ((t, day, day - wait, rules.late_charge_days) for t, day in sorted(as_of.items()))
    return engine.from_rows(_DATES, rows)


def stock_dates_of(engine: Engine[RelationT], of_tenants: Mapping[str, History]) -> RelationT:
    """Return the relation `stock_dates`: the evenings at which stocks are taken, by tenant."""
    stocks = [(t, day) for t, history in of_tenants.items() for day in history.stock_dates]
    return engine.from_rows(_STOCK_DATES, stocks)


def inputs_of(
    engine: Engine[RelationT],
    tables: Tables[RelationT],
    as_of: Mapping[str, date],
    rules: RevenueSettings,
) -> Inputs[RelationT]:
    """Return the inputs of every model."""
    of_tenants = histories(engine, tables, as_of)
    stock_dates = stock_dates_of(engine, of_tenants)
    shares = list(_shares(_reductions(engine, tables, stock_dates)))
    return Inputs(
        histories=of_tenants,
        dates=dates_of(engine, as_of, rules),
        stock_dates=stock_dates,
        open_shares=engine.from_rows(_OPEN_SHARES, shares),
        known_shares=frozenset((tenant, currency, day) for tenant, day, currency, *_ in shares),
    )


def no_inputs(engine: Engine[RelationT], rules: RevenueSettings) -> Inputs[RelationT]:
    """Return the inputs of a lake without accounts."""
    return Inputs(
        histories={},
        dates=dates_of(engine, {}, rules),
        stock_dates=stock_dates_of(engine, {}),
        open_shares=engine.from_rows(_OPEN_SHARES, []),
        known_shares=frozenset(),
    )


def source(
    engine: Engine[RelationT],
    relation: Relation,
    tables: Tables[RelationT],
    inputs: Inputs[RelationT],
) -> RelationT:
    """Return the rows of a relation, lazily."""
    given = {name: tables[name] for name in READS[relation]}
    if relation is Relation.BALANCE:
        given |= {"stock_dates": inputs.stock_dates, "open_shares": inputs.open_shares}
    else:
        given["dates"] = inputs.dates
    return engine.sql(model(f"{__package__}.relations", relation), None, **given)


@dataclass(frozen=True)
class _Reduction:
    """Charges and contractual reductions of some accounts, in cents."""

    accounts: int = 0
    charges: int = 0
    contractual: int = 0

    def __add__(self, other: _Reduction) -> _Reduction:
        return _Reduction(
            self.accounts + other.accounts,
            self.charges + other.charges,
            self.contractual + other.contractual,
        )

    @property
    def is_enough(self) -> bool:
        return self.accounts >= _LEAST_ACCOUNTS

    @property
    def open_share(self) -> Decimal:
        """Return what is left of a charge, rounded half up."""
        if self.charges <= 0:
            return Decimal(1)
        left = Fraction(self.charges - self.contractual, self.charges)
        return rounded(left, _SHARE_DIGITS)


def _reductions(
    engine: Engine[RelationT], tables: Tables[RelationT], stock_dates: RelationT
) -> dict[tuple[str, str, date], dict[str, _Reduction]]:
    """Return the reductions by payer, of each tenant, currency and date."""
    found: dict[tuple[str, str, date], dict[str, _Reduction]] = {}
    payers = _payers(engine, tables["account"])
    relation = engine.sql(
        model(__package__, "usual_reductions"),
        account=tables["account"],
        account_entry=tables["account_entry"],
        stock_dates=stock_dates,
    )
    for row in engine.rows(relation):
        key = (row["tenant"], row["currency"], row["stock_date"])
        of_payer = found.setdefault(key, dict.fromkeys(payers[row["tenant"]], _Reduction()))
        of_payer[row["payer"]] = _Reduction(
            int(row["accounts"]), int(row["charges"]), int(row["contractual"])
        )
    return found


def _payers(engine: Engine[RelationT], account: RelationT) -> dict[str, list[str]]:
    rows = engine.rows(
        engine.sql(
            "select distinct tenant, coalesce(payer, 'unknown') as payer from account",
            account=account,
        )
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["tenant"], []).append(row["payer"])
    return found


def _shares(
    reductions: Mapping[tuple[str, str, date], Mapping[str, _Reduction]],
) -> Iterator[tuple[str, date, str, str, Decimal]]:
    """Yield what each payer usually leaves of a charge; too few accounts: that of all payers."""
    for (tenant, currency, day), of_payer in sorted(reductions.items()):
        whole = sum(of_payer.values(), _Reduction())
        if whole.is_enough:
            for payer, own in sorted(of_payer.items()):
                used = own if own.is_enough else whole
                yield tenant, day, currency, payer, used.open_share
