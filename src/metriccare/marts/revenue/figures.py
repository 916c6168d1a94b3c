"""From sums to figures: values, intervals, notes. Source: claims specification, 2.1 to 2.5.

Amounts are whole hundredths, values whole millionths, so that nothing is rounded twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from metriccare.marts.intervals import wilson
from metriccare.marts.periods import ALL, MONTH, QUARTER, YEAR, period_end, period_start
from metriccare.marts.revenue.definition import (
    COUNT,
    FEW_ACCOUNTS,
    MONEY,
    NO_CHARGES,
    NO_EDIT_LOG,
    NO_TRANSACTIONS,
    SHORT_HISTORY,
    Divisor,
    Kpi,
)
from metriccare.marts.revenue.inputs import History
from metriccare.marts.revenue.rounding import divided
from metriccare.tables.strata import OVERALL

_RECENT_DAYS = 90
# Claims specification, 2.3: over fewer days a daily average says nothing.
_LEAST_DAYS = 30
VALUE_DIGITS = 6
# From hundredths to millionths.
_SCALE = 10**4


class KpiKey(NamedTuple):
    """What one figure is about; a period_start of None is all time."""

    kpi_id: str
    grain: str
    period_start: date | None
    stratum_type: str
    stratum_value: str
    currency: str


@dataclass(frozen=True, slots=True)
class Sums:
    """What the rows of a KPI add up to, in one period and stratum; a stock has its date."""

    numerator: int
    denominator: int
    items: int
    excluded: int
    waiting: int
    persons: int
    stock_date: date | None = None
    median: int | None = None
    percentile_90: int | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure before suppression; amounts in hundredths, its value in millionths."""

    tenant: str
    key: KpiKey
    period_end: date
    sums: Sums
    numerator: int | None
    denominator: int | None
    value: int | None
    interval: tuple[float, float] | None
    provisional: bool
    note: str | None

    @property
    def is_shown_empty(self) -> bool:
        """Return True if nothing is behind it, and it is a figure all the same: an amount of 0."""
        return self.key.stratum_type == OVERALL and self.denominator is None


def stock_periods(stock_date: date, as_of: date) -> Iterator[tuple[str, date | None]]:
    """Yield the periods whose stock is taken at a date: its last day, or as_of within it."""
    for grain in (MONTH, QUARTER, YEAR):
        start = period_start(grain, stock_date)
        if stock_date == as_of or stock_date == period_end(grain, start) - timedelta(days=1):
            yield grain, start
    if stock_date == as_of:
        yield ALL, None


def figure_of(
    kpi: Kpi, tenant: str, key: KpiKey, sums: Sums, history: History, *, is_share_known: bool
) -> Figure:
    """Return the figure of some sums. `is_share_known`: payers' usual reductions are known."""
    notes = list(_notes(kpi, sums, history, is_share_known=is_share_known))
    numerator, denominator, value = _value(kpi, sums, history)
    shown: int | None = numerator
    if {NO_TRANSACTIONS, NO_CHARGES, FEW_ACCOUNTS} & set(notes):
        shown = value = None
    end = key.period_start and period_end(key.grain, key.period_start)
    return Figure(
        tenant=tenant,
        key=key,
        period_end=end or history.as_of + timedelta(days=1),
        sums=sums,
        numerator=shown,
        denominator=denominator,
        value=value,
        interval=_interval(kpi, shown, denominator),
        provisional=_is_provisional(kpi, sums, end, history.as_of),
        note=", ".join(notes) or None,
    )


def _notes(kpi: Kpi, sums: Sums, history: History, *, is_share_known: bool) -> Iterator[str]:
    if kpi.needs_transactions and not history.has_transactions:
        yield NO_TRANSACTIONS
    if kpi.needs_charges and not history.has_charges:
        yield NO_CHARGES
    if kpi.notes_missing_edit_log and not history.has_edit_log:
        yield NO_EDIT_LOG
    if kpi.per_day is Divisor.NET_CHARGES and not is_share_known:
        yield FEW_ACCOUNTS
    if kpi.per_day is not None and _days(sums, history) < _RECENT_DAYS:
        yield SHORT_HISTORY


def _value(kpi: Kpi, sums: Sums, history: History) -> tuple[int, int | None, int | None]:
    """Return numerator, denominator and value; a denominator that is not positive has no value."""
    n, d = sums.numerator, sums.denominator
    if kpi.unit in (MONEY, COUNT):
        return n, None, n * _SCALE
    if kpi.per_day is None:
        return n, d, divided(n, d, VALUE_DIGITS) if d > 0 else None
    days = _days(sums, history)
    if days < _LEAST_DAYS:
        return n, 0, None
    # The average is stored to the cent; the value comes from the exact one.
    return n, divided(d, days, 0), divided(n * days, d, VALUE_DIGITS) if d > 0 else None


def _days(sums: Sums, history: History) -> int:
    """Return over how many days recent charges are averaged: 90, or all since the first charge."""
    if sums.stock_date is None or history.first_charge is None:
        return 0
    return min((sums.stock_date - history.first_charge).days + 1, _RECENT_DAYS)


def _interval(
    kpi: Kpi, numerator: int | None, denominator: int | None
) -> tuple[float, float] | None:
    if not kpi.is_count or numerator is None or not denominator:
        return None
    found = wilson(numerator // 100, denominator // 100)
    return found.low, found.high


def _is_provisional(kpi: Kpi, sums: Sums, end: date | None, as_of: date) -> bool:
    """Return True if time alone can still change it: the period runs, or accounts are too young."""
    if kpi.has_run_out and sums.waiting:
        return True
    return end is not None and end > as_of + timedelta(days=1)
