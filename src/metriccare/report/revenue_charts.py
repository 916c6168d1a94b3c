"""The charts of the revenue cycle as Plotly specifications, in the manner of `charts.py`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from math import ceil
from typing import Any

from metriccare.marts.revenue.kpis.ar_aging import BUCKETS
from metriccare.report.charts import Chart, hidden_note
from metriccare.report.figures import HIDDEN
from metriccare.report.published_kpis import kpi_text
from metriccare.report.revenue_data import Ages, Denied, Flow, Record

_ROW_HEIGHT, _BAR_MARGIN, _LEGEND_HEIGHT = 30, 90, 40
_MONTHS_HEIGHT = 300
# As many months as have room side by side on a phone.
_TICKS = 4
# Named in the legend of ages: what is owed, but not since when.
HIDDEN_AGE = "age hidden"


def money(amount: Decimal | None) -> str:
    """Return an amount with its cents; hidden ones say so."""
    return HIDDEN if amount is None else f"{amount:,.2f}"


def flow_steps(flow: Flow) -> tuple[tuple[str, Decimal, str], ...]:
    """Return the steps from charges to what is open: name, amount, and the role of its colour."""
    written_off = "Written off" if flow.has_credits else "Written off, credits taken off"
    return (
        ("Charges", flow.charged, "primary"),
        ("Contractual reductions", flow.contractual, "reference"),
        (written_off, flow.written_off, "secondary"),
        ("Paid by payers", flow.by_payers, "bar"),
        ("Paid by patients", flow.by_patients, "bar"),
        ("Open balance", flow.open_balance, "primary"),
    )


def waterfall(chart_id: str, flow: Flow | None, currency: str) -> Chart | None:
    """Return bars that step down from the charges to what is open; None without figures."""
    if flow is None:
        return None
    steps, end = flow_steps(flow), Decimal(0)
    traces: list[dict[str, Any]] = []
    for name, amount, role in steps:
        # Every bar ends where the one before starts; the last one starts at 0 again.
        start = end - amount if traces else Decimal(0)
        traces.append(_step(name, amount, start, role))
        end = start if len(traces) > 1 else amount
    layout = {
        **_bars([name for name, _, _ in steps], currency),
        "barmode": "overlay",
        "showlegend": False,
    }
    parts = ", ".join(f"{name.lower()} {money(amount)}" for name, amount, _ in steps[1:])
    alt = f"Waterfall from charges of {money(flow.charged)} {currency}: {parts}."
    height = _BAR_MARGIN + _ROW_HEIGHT * len(steps)
    return Chart(chart_id, alt, height, {"data": traces, "layout": layout})


def _step(name: str, amount: Decimal, start: Decimal, role: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "meta": role,
        "name": name,
        "y": [name],
        "x": [float(amount)],
        "base": [float(start)],
        "customdata": [money(amount)],
        "hovertemplate": "%{y}<br>%{customdata}<extra></extra>",
    }


def month_line(chart_id: str, title: str, months: Sequence[Record]) -> Chart | None:
    """Return the line of a KPI by month; hidden months stay empty, None if all are.

    Months without a value, such as those that still have time to be paid, stay empty too.
    """
    known = [row for row in months if row["value"] is not None]
    if not known:
        return None
    days = [row["period_start"].isoformat() for row in months]
    per = 100 if known[0]["unit"] == "proportion" else 1
    trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": title,
        "meta": "primary",
        "x": days,
        "y": [None if row["value"] is None else float(row["value"] * per) for row in months],
        "connectgaps": False,
        "customdata": [kpi_text(row) for row in months],
        "hovertemplate": "%{x|%Y-%m}: %{customdata}<extra></extra>",
    }
    layout = {
        "xaxis": {
            "type": "date",
            "tickformat": "%Y-%m",
            "tickangle": 0,
            # Months of the data only: Plotly's own ticks may lie after the last one.
            "tickvals": days[:: ceil(len(days) / _TICKS)],
        },
        "yaxis": {
            "title": {"text": "%" if per > 1 else "days"},
            "rangemode": "tozero",
            "zeroline": True,
        },
        "showlegend": False,
        # Half a month's name, which is centred under the last point.
        "margin": {"l": 60, "r": 30, "t": 20, "b": 40},
    }
    first, last = known[0], known[-1]
    alt = (
        f"{title} by month: {kpi_text(first)} in {month(first['period_start'])},"
        f" {kpi_text(last)} in {month(last['period_start'])}."
    )
    return Chart(chart_id, alt, _MONTHS_HEIGHT, {"data": [trace], "layout": layout})


def month(start: date) -> str:
    """Return a month such as `2024-03`."""
    return f"{start:%Y-%m}"


def denial_pareto(chart_id: str, denials: Sequence[Denied], currency: str) -> Chart | None:
    """Return one bar for each reason, the greatest first; hidden ones keep their empty place.

    None when every amount is hidden or there is none.
    """
    shown = [denied for denied in denials if denied.amount is not None]
    if not shown:
        return None
    names = [denied.name for denied in denials]
    trace = {
        "type": "bar",
        "orientation": "h",
        "meta": "bar",
        "y": names,
        "x": [None if d.amount is None else float(d.amount) for d in denials],
        "customdata": [money(denied.amount) for denied in denials],
        "hovertemplate": "%{y}<br>%{customdata}<extra></extra>",
    }
    layout = _bars(names, currency)
    layout["annotations"] = [hidden_note(d.name) for d in denials if d.amount is None]
    first = shown[0]
    alt = (
        f"Bars of {len(denials)} denial reasons; the largest shown is {first.name}"
        f" with {money(first.amount)} {currency}."
    )
    height = _BAR_MARGIN + _ROW_HEIGHT * len(names)
    return Chart(chart_id, alt, height, {"data": [trace], "layout": layout})


def ages_by_payer(chart_id: str, ages: Sequence[Ages], currency: str) -> Chart | None:
    """Return one stacked bar for each payer, youngest debt first; None if nothing is shown.

    What is owed at a hidden age is drawn behind the shown ages, if its sum is published.
    """
    drawn = [row for row in ages if row.total is not None]
    if not any(row.total for row in drawn):
        return None
    names = [row.payer for row in ages]
    traces = [
        _age(name, f"age-{place}", names, [row.amounts[place] for row in ages])
        for place, name in enumerate(BUCKETS)
    ]
    unknown = [row.of_hidden_age for row in ages]
    if any(unknown):
        traces.append(_age(HIDDEN_AGE, "age-hidden", names, unknown))
    layout = {
        **_bars(names, currency),
        "barmode": "stack",
        "legend": {
            "orientation": "h",
            "y": 1.0,
            "yanchor": "bottom",
            "x": 0,
            "traceorder": "normal",
        },
        "showlegend": True,
        "annotations": [hidden_note(row.payer) for row in ages if row.total is None],
    }
    layout["margin"] = {**layout["margin"], "t": _LEGEND_HEIGHT}
    oldest = drawn[0]
    alt = (
        f"Stacked bars of {len(ages)} payers by age of what they owe;"
        f" {oldest.payer}: {money(oldest.total)} {currency}, of it"
        f" {money(oldest.amounts[-1])} for 121 days and more."
    )
    height = _BAR_MARGIN + _LEGEND_HEIGHT + _ROW_HEIGHT * len(names)
    return Chart(chart_id, alt, height, {"data": traces, "layout": layout})


def _age(
    name: str, role: str, payers: Sequence[str], amounts: Sequence[Decimal | None]
) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "meta": role,
        "name": name,
        "y": list(payers),
        "x": [None if amount is None else float(amount) for amount in amounts],
        "customdata": [money(amount) for amount in amounts],
        "hovertemplate": f"%{{y}}, {name}<br>%{{customdata}}<extra></extra>",
    }


def _bars(names: Sequence[str], currency: str) -> dict[str, Any]:
    """Return the layout of horizontal bars, the first name at the top."""
    return {
        "xaxis": {
            "title": {"text": currency},
            "rangemode": "tozero",
            "zeroline": True,
            "nticks": 6,
        },
        "yaxis": {
            "automargin": True,
            "type": "category",
            "ticksuffix": "  ",
            "categoryorder": "array",
            # Plotly draws the first category at the bottom.
            "categoryarray": list(reversed(names)),
        },
        "bargap": 0.42,
        "annotations": [],
        "margin": {"l": 20, "r": 30, "t": 20, "b": 56},
    }
