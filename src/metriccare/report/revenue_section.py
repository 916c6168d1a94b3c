"""The revenue section of one tenant as the page shows it: its charts and the rows beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from metriccare.marts.revenue.kpis.ar_aging import BUCKETS
from metriccare.report import revenue_charts as charts
from metriccare.report.charts import Chart
from metriccare.report.figures import NONE
from metriccare.report.published_kpis import kpi_text
from metriccare.report.revenue_data import Denied, Record, RevenueReport


@dataclass(frozen=True)
class Month:
    """One month of the two lines: its figures, None where nothing is published, and their notes."""

    month: str
    rate: Record | None
    days: Record | None

    @property
    def notes(self) -> str:
        """Return what to know about the figures."""
        rows = [row for row in (self.rate, self.days) if row and row["value"] is not None]
        words = {row["note"] for row in rows if row["note"]}
        words |= {"provisional" for row in rows if row["provisional"]}
        return ", ".join(sorted(word.replace("_", " ") for word in words))


@dataclass(frozen=True)
class DrawnRevenue:
    """The charts of a revenue report, None where there is nothing to draw."""

    report: RevenueReport
    flow: Chart | None
    rates: Chart | None
    days: Chart | None
    denials: Chart | None
    ages: Chart | None

    @property
    def charts(self) -> tuple[Chart, ...]:
        """Return the charts that are drawn."""
        every = (self.flow, self.rates, self.days, self.denials, self.ages)
        return tuple(chart for chart in every if chart is not None)

    @property
    def months(self) -> tuple[Month, ...]:
        """Return the months that have a figure of either line, in order."""
        rates, days = (
            {charts.month(row["period_start"]): row for row in rows}
            for rows in (self.report.rates, self.report.days)
        )
        return tuple(
            Month(month, rates.get(month), days.get(month)) for month in sorted({*rates, *days})
        )

    @property
    def denied(self) -> tuple[tuple[Denied, str], ...]:
        """Return each reason with the share of all denied money up to and with it."""
        return tuple(self._with_shares())

    def _with_shares(self) -> Iterator[tuple[Denied, str]]:
        sum_so_far, total = Decimal(0), self.report.denied
        for denied in self.report.denials:
            sum_so_far += denied.amount or 0
            is_known = denied.amount is not None and total is not None
            yield denied, share_text(sum_so_far, total) if is_known else NONE


def drawn_revenue(place: int, report: RevenueReport) -> DrawnRevenue:
    """Return the section of a tenant; ids carry its place, as a page may show several."""
    return DrawnRevenue(
        report,
        flow=charts.waterfall(f"flow-{place}", report.flow, report.currency),
        rates=charts.month_line(f"rates-{place}", "Net collection rate", report.rates),
        days=charts.month_line(f"days-{place}", "Days in A/R", report.days),
        denials=charts.denial_pareto(f"denials-{place}", report.denials, report.currency),
        ages=charts.ages_by_payer(f"ages-{place}", report.ages, report.currency),
    )


def share_text(part: Decimal, whole: Decimal | None) -> str:
    """Return a part of the whole in percent; a dash where there is no whole."""
    return f"{part / whole * 100:.1f} %" if whole else NONE


# What the template of the section calls.
TEMPLATE_WORDS: Mapping[str, Any] = {
    "buckets": BUCKETS,
    "money": charts.money,
    "flow_steps": charts.flow_steps,
    "share_text": share_text,
    "kpi_text": kpi_text,
}
