"""Published KPIs of the revenue cycle: of one or all, overall or by stratum, for one grain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from metriccare.marts.periods import ALL, GRAINS
from metriccare.marts.revenue.definition import COUNT, DAYS, MONEY, PROPORTION
from metriccare.marts.revenue.kpis import BY_ID, KPIS
from metriccare.query.engine import Rows, SqlEngine
from metriccare.report.figures import HIDDEN, NONE, Record, period_text
from metriccare.report.published_metrics import choice
from metriccare.tables.strata import OVERALL

COLUMNS = ("kpi", "period", "stratum", "value", "numerator", "denominator", "note")


def published_kpis(
    engine: SqlEngine, kpi_id: str | None, by: str | None, grain: str | None
) -> Rows:
    """Return published KPIs under the columns of `claims_analytics`.

    Raises UsageError for an id, stratum or grain that does not exist.
    """
    kpis = KPIS if kpi_id is None else (BY_ID[kpi_id],)
    strata = sorted({name for kpi in kpis for name in kpi.stratum_types} - {OVERALL})
    stratum = choice("--by", by, strata) if by else OVERALL
    chosen = choice("--grain", grain, GRAINS) if grain else ALL
    # The words are choices checked above, never what was typed.
    ids = ", ".join(f"'{kpi.id}'" for kpi in kpis)
    return engine.query(
        f"SELECT * FROM claims_analytics WHERE kpi_id IN ({ids}) AND grain = '{chosen}'"  # noqa: S608
        f" AND stratum_type = '{stratum}'"
        " ORDER BY tenant, kpi_id, period_start, stratum_label, stratum_value, currency"
    )


def in_words(record: Record) -> tuple[str, ...]:
    """Return a published KPI as people read it, under COLUMNS."""
    provisional = "provisional" if record["provisional"] else ""
    return (
        record["kpi_id"],
        period_text(record["grain"], record["period_start"]),
        record["stratum_label"] if record["stratum_type"] != OVERALL else "all",
        kpi_text(record),
        amount_text(record["numerator"]),
        amount_text(record["denominator"]),
        ", ".join(word for word in (record["note"], provisional) if word),
    )


def kpi_text(record: Record) -> str:
    """Return the value with its unit, such as `93.4 %`, `48.2 days` or `1,290.00 USD`."""
    if record["suppressed"]:
        return HIDDEN
    value = record["value"]
    return NONE if value is None else _FORMS[record["unit"]](Decimal(value), record)


_FORMS: Mapping[str, Callable[[Decimal, Record], str]] = {
    PROPORTION: lambda value, _: f"{value * 100:,.1f} %",
    DAYS: lambda value, _: f"{value:,.1f} days",
    MONEY: lambda value, record: f"{value:,.2f} {record['currency']}",
    COUNT: lambda value, _: f"{value:,.0f}",
}


def amount_text(amount: Decimal | int | None) -> str:
    """Return a sum or a count, with its cents where it has some."""
    if amount is None:
        return NONE
    return f"{amount:,.0f}" if amount == int(amount) else f"{amount:,.2f}"
