"""The revenue section: its parts add up, hidden figures stay hidden, empty charts are not drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from metriccare.marts.revenue.kpis.ar_aging import BUCKETS
from metriccare.report import revenue_charts as charts
from metriccare.report.page import render
from metriccare.report.page_data import TenantReport, read_tenants
from metriccare.report.revenue_data import Ages, Denied, RevenueReport, flow_of
from metriccare.report.revenue_section import DrawnRevenue, drawn_revenue
from metriccare.settings import Lake
from metriccare.wiring.queries import open_engine
from tests.report.test_report_page import BILLED, Page, tenant_of

TOTALS_SQL = (
    "SELECT * FROM claims_analytics WHERE tenant = 'a' AND grain = 'all'"
    " AND stratum_type = 'overall'"
)
NOTHING = RevenueReport("USD", (), None, (), (), None, (), None, ())


@pytest.fixture(scope="module")
def tenant(published_lake: Lake) -> TenantReport:
    """Return the tenant of the worked example: seven accounts, none of them hidden."""
    return tenant_of(published_lake, BILLED)


@pytest.fixture(scope="module")
def revenue(tenant: TenantReport) -> RevenueReport:
    assert tenant.revenue is not None
    return tenant.revenue


@pytest.fixture(scope="module")
def section(revenue: RevenueReport) -> DrawnRevenue:
    return drawn_revenue(0, revenue)


def test_the_parts_of_the_waterfall_are_those_of_the_worked_example(revenue: RevenueReport) -> None:
    flow = revenue.flow
    assert flow is not None
    assert flow.has_credits
    amounts = [str(amount) for _, amount, _ in charts.flow_steps(flow)]
    assert amounts == ["5700.00", "880.00", "650.00", "1200.00", "90.00", "2880.00"]


def test_the_waterfall_needs_every_amount_but_credits(published_lake: Lake) -> None:
    rows = open_engine(published_lake).query(TOTALS_SQL).records()
    totals = {row["kpi_id"]: row for row in rows}
    for kpi in ("gross_charges", "total_collections", "point_of_service_rate", "ar_open"):
        assert flow_of({**totals, kpi: {**totals[kpi], "suppressed": True}}) is None
    credit = {**totals["credit_balance"], "suppressed": True, "numerator": None}
    flow = flow_of({**totals, "credit_balance": credit})
    assert flow is not None
    assert not flow.has_credits
    assert (str(flow.written_off), str(flow.open_balance)) == ("630.00", "2900.00")


def test_every_bar_of_the_waterfall_ends_where_the_one_before_starts(section: DrawnRevenue) -> None:
    assert section.flow is not None
    charged, *parts = section.flow.spec["data"]
    assert charged["base"] == [0.0]
    level = charged["x"][0]
    for bar in parts:
        assert bar["base"][0] + bar["x"][0] == pytest.approx(level)
        level = bar["base"][0]
    assert level == 0.0


def test_months_have_both_lines_and_their_notes(section: DrawnRevenue) -> None:
    months = {month.month: month for month in section.months}
    january, march = months["2024-01"], months["2024-03"]
    assert january.rate is not None
    assert str(january.rate["value"]) == "0.617647"
    assert march.days is not None
    assert round(march.days["value"], 2) == Decimal("47.93")
    assert march.notes == "short history"


def test_an_empty_month_leaves_a_gap(revenue: RevenueReport) -> None:
    rows = [{**row, "value": None, "suppressed": True} for row in revenue.days[:1]]
    chart = charts.month_line("days", "Days in A/R", [*rows, *revenue.days[1:]])
    assert chart is not None
    line = chart.spec["data"][0]
    assert line["y"][0] is None
    assert line["connectgaps"] is False


def test_ages_of_every_payer_add_up_to_what_is_open(revenue: RevenueReport) -> None:
    assert revenue.stock_date == date(2024, 6, 30)
    everyone, commercial = revenue.ages
    assert [str(amount) for amount in everyone.amounts[:1]] == ["500.00"]
    assert everyone.total == commercial.total == Decimal("2900.00")
    assert everyone.of_hidden_age == commercial.of_hidden_age == 0


def test_a_hidden_age_is_drawn_as_of_hidden_age_and_a_hidden_payer_not_at_all() -> None:
    half = Ages("medicare", (Decimal(40), None, *[Decimal(0)] * 3), Decimal(100))
    hidden = Ages("other", (None,) * len(BUCKETS), None)
    chart = charts.ages_by_payer("ages", [half, hidden], "USD")
    assert chart is not None
    bars = {trace["name"]: trace["x"] for trace in chart.spec["data"]}
    assert bars[charts.HIDDEN_AGE] == [60.0, None]
    assert bars["31-60"] == [None, None]
    assert [note["y"] for note in chart.spec["layout"]["annotations"]] == ["other"]


def test_hidden_reasons_keep_their_place_without_a_bar_or_a_share(revenue: RevenueReport) -> None:
    denials = (
        Denied("197", "authorization", Decimal("800.00")),
        Denied("50", "medical necessity", None),
    )
    known = replace(revenue, denials=denials, denied=Decimal("1400.00"))
    section = drawn_revenue(0, known)
    assert section.denials is not None
    assert section.denials.spec["data"][0]["x"] == [800.0, None]
    assert [share for _, share in section.denied] == ["57.1 %", "-"]
    whole_hidden = drawn_revenue(0, replace(known, denied=None))
    assert [share for _, share in whole_hidden.denied] == ["-", "-"]


def test_reasons_are_in_the_order_of_their_amounts(revenue: RevenueReport) -> None:
    assert [(d.name, d.amount) for d in revenue.denials] == [
        ("197 authorization", Decimal("800.00")),
        ("50 medical necessity", Decimal("600.00")),
    ]


def test_the_charts_are_valid_plotly_with_words_and_a_table_each(
    tenant: TenantReport, section: DrawnRevenue
) -> None:
    from plotly.graph_objects import Figure

    for chart in section.charts:
        Figure(chart.spec)
    page = Page(render([tenant]))
    assert set(page.charts) == {"flow-0", "rates-0", "days-0", "denials-0", "ages-0"}
    assert all(alt.endswith(".") for alt in page.charts.values())
    for caption in ("Charges and what became of them", "By month", "Denied at first", "Open bal"):
        assert any(found.startswith(caption) for found in page.captions)


def test_nothing_published_draws_nothing_and_says_so(tenant: TenantReport) -> None:
    assert drawn_revenue(0, NOTHING).charts == ()
    page = Page(render([replace(tenant, revenue=NOTHING)]))
    assert page.charts == {}
    assert "There is nothing to draw" in page.words
    without = Page(render([replace(tenant, revenue=None)]))
    assert "No claims have been sent, or none has been published yet." in without.words


def test_tenants_with_measures_or_claims_each_have_a_report(published_lake: Lake) -> None:
    tenants = read_tenants(open_engine(published_lake))
    assert [(one.tenant, one.revenue is not None) for one in tenants] == [
        ("a", True),
        ("default", False),
    ]
