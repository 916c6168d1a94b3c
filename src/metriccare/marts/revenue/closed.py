"""Closed months: figures as they were, their fingerprint, and what has changed since.

Closed figures are records: rows are only ever added. Source: claims specification, 2.7.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from metriccare.engine.protocol import Row
from metriccare.errors import UsageError
from metriccare.marts.periods import MONTH
from metriccare.marts.revenue.definition import COUNT, MONEY
from metriccare.marts.revenue.figures import VALUE_DIGITS, Figure, KpiKey, Sums
from metriccare.marts.revenue.kpis import BY_ID
from metriccare.marts.revenue.results import row_of
from metriccare.marts.revenue.rounding import decimal

# What the fingerprint of a closed row covers: its name and its figures.
FIGURES = (
    "tenant",
    *KpiKey._fields,
    "close_version",
    "kpi_version",
    "numerator",
    "denominator",
    "value",
    "unit",
    "n_persons",
    "items",
    "note",
)
_DIGITS = {"numerator": 2, "denominator": 2, "value": VALUE_DIGITS}


@dataclass(frozen=True)
class Close:
    """One close of a month: when, by which run, and why a closed month is opened again."""

    month: date
    closed_at: datetime
    reason: str | None = None


def closing_rows(
    figures: Iterable[Figure], stored: Sequence[Row], close: Close
) -> list[dict[str, Any]]:
    """Return the rows of gold.kpi_close to add; `figures` are as at the month's last day.

    Raises UsageError for a closed month unless there is a reason to open it again.
    """
    of_month = [
        figure
        for figure in figures
        if (figure.key.grain, figure.key.period_start) == (MONTH, close.month)
    ]
    versions = {
        tenant: next_version(stored, tenant, close) for tenant in {f.tenant for f in of_month}
    }
    return [_closing_row(figure, versions[figure.tenant], close) for figure in of_month]


def next_version(stored: Iterable[Row], tenant: str, close: Close) -> int:
    """Return the version of a close; UsageError for a closed month without a reason."""
    versions = [
        row["close_version"]
        for row in stored
        if (row["tenant"], row["period_start"]) == (tenant, close.month)
    ]
    if versions and not close.reason:
        raise UsageError(
            f"{close.month:%Y-%m} of tenant {tenant} is closed (version {max(versions)}), and"
            " closed figures do not change. To close it again beside them, give a reason:"
            f' `metriccare close {close.month:%Y-%m} --reopen "..."`.'
        )
    return max(versions, default=0) + 1


def _closing_row(figure: Figure, version: int, close: Close) -> dict[str, Any]:
    row = {
        **row_of(figure, figure.period_end),
        "items": figure.sums.items,
        "close_version": version,
        "closed_at": close.closed_at,
        "reason": close.reason,
    }
    return {**row, "figures_sha256": fingerprint(row)}


def fingerprint(row: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a closed row's figures."""
    values = [_text(name, row[name]) for name in FIGURES]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def _text(name: str, value: Any) -> str | None:
    """Return a value as text, the same for every engine: amounts with all their digits."""
    if value is None:
        return None
    return f"{Decimal(value):.{_DIGITS[name]}f}" if name in _DIGITS else str(value)


@dataclass(frozen=True)
class Closed:
    """A stored row of gold.kpi_close as a figure."""

    figure: Figure
    version: int
    closed_at: datetime


def closed_figures(rows: Iterable[Row]) -> list[Closed]:
    """Return stored rows of gold.kpi_close as figures; those of KPIs no longer known are left."""
    return [
        Closed(_figure(row), row["close_version"], row["closed_at"])
        for row in rows
        if row["kpi_id"] in BY_ID
    ]


def _figure(row: Row) -> Figure:
    key = KpiKey(*(row[name] for name in KpiKey._fields))
    sums = Sums(
        numerator=_units(row["numerator"], 2) or 0,
        denominator=_units(row["denominator"], 2) or 0,
        items=row["items"],
        excluded=0,
        waiting=0,
        persons=row["n_persons"],
        stock_date=row["period_end"] if BY_ID[key.kpi_id].is_stock else None,
    )
    return Figure(
        tenant=row["tenant"],
        key=key,
        period_end=row["period_end"],
        sums=sums,
        numerator=_units(row["numerator"], 2),
        denominator=_units(row["denominator"], 2),
        value=_units(row["value"], VALUE_DIGITS),
        interval=None,
        provisional=False,
        note=row["note"],
    )


def _units(amount: Decimal | None, digits: int) -> int | None:
    return None if amount is None else int(amount.scaleb(digits))


def comparisons(closed: Sequence[Closed], figures: Iterable[Figure]) -> Iterator[dict[str, Any]]:
    """Yield each closed figure beside the restated one, with what has changed since."""
    restated = {(figure.tenant, figure.key): figure.value for figure in figures}
    adjustments = prior_period_adjustments(closed, restated)
    for each in closed:
        figure = each.figure
        now = restated.get((figure.tenant, figure.key))
        yield {
            "tenant": figure.tenant,
            "key": figure.key,
            "period_end": figure.period_end,
            "close_version": each.version,
            "closed_at": each.closed_at,
            "closed_value": _value(figure.value),
            "restated_value": _value(now),
            "difference": _value(_difference(now, figure.value)),
            "prior_period_adjustment": _value(adjustments.get(_series(figure))),
        }


def prior_period_adjustments(
    closed: Iterable[Closed], restated: Mapping[tuple[str, KpiKey], int | None]
) -> dict[tuple[str, KpiKey], int]:
    """Return, of amounts and counts of flows, the sum of what changed over all closed months.

    Of a month closed several times the newest version counts.
    """
    newest: dict[tuple[str, KpiKey], Closed] = {}
    for each in closed:
        key = (each.figure.tenant, each.figure.key)
        if key not in newest or newest[key].version < each.version:
            newest[key] = each
    sums: dict[tuple[str, KpiKey], int] = {}
    for key, each in newest.items():
        kpi = BY_ID[each.figure.key.kpi_id]
        if kpi.unit in (MONEY, COUNT) and not kpi.is_stock:
            series = _series(each.figure)
            changed = (restated.get(key) or 0) - (each.figure.value or 0)
            sums[series] = sums.get(series, 0) + changed
    return sums


def _series(figure: Figure) -> tuple[str, KpiKey]:
    """Return what months of one KPI and stratum have in common."""
    return figure.tenant, figure.key._replace(period_start=None)


def _difference(now: int | None, then: int | None) -> int | None:
    return None if now is None or then is None else now - then


def _value(units: int | None) -> Decimal | None:
    return None if units is None else decimal(units, VALUE_DIGITS)
