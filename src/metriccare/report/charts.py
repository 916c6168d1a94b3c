"""The report's charts as Plotly specifications: data and layout, no colours.

Colours are set in the page, where it is known whether it is light, dark or printed: a trace or
shape names its role in `meta` (`primary`, `secondary`, `band`), which report.js turns into one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, groupby
from typing import Any

from metriccare.marts.measures.definition import Measure
from metriccare.report.figures import HIDDEN, interval_text, scaled, unit, value_text

Record = dict[str, Any]
_ROW_HEIGHT, _BAR_MARGIN = 30, 90


@dataclass(frozen=True)
class Chart:
    """One chart: a Plotly specification and the sentence for those who do not see it."""

    id: str
    alt: str
    height: int
    spec: dict[str, Any]


def infection_donut(chart_id: str, codes: Sequence[Record]) -> Chart | None:
    """Return infection events by SNOMED code; None when every count is hidden or there are none."""
    shown = [code for code in codes if code["events"]]
    if not shown:
        return None
    total = sum(code["events"] for code in shown)
    trace = {
        "type": "pie",
        "hole": 0.62,
        "labels": [code["display"] for code in shown],
        "values": [code["events"] for code in shown],
        "sort": False,
        "direction": "clockwise",
        "textinfo": "value+percent",
        "textposition": "outside",
        "automargin": True,
        "hovertemplate": "%{label}<br>%{value:,} events, %{percent}<extra></extra>",
    }
    layout = {
        "showlegend": True,
        "legend": {"orientation": "v", "x": 1.05, "y": 0.5, "yanchor": "middle"},
        "annotations": [
            {"text": f"<b>{total:,}</b><br>events shown", "showarrow": False, "font": {"size": 18}}
        ],
        "margin": {"l": 20, "r": 20, "t": 40, "b": 40},
    }
    first = shown[0]
    alt = (
        f"Donut of {total:,} hospital-acquired infection events by code;"
        f" the most frequent is {first['display']} with {first['events']:,}."
    )
    return Chart(chart_id, alt, 400, {"data": [trace], "layout": layout})


def hospital_bars(
    chart_id: str,
    measure: Measure,
    overall: Record | None,
    hospitals: Sequence[tuple[str, Record]],
) -> Chart | None:
    """Return one bar for each hospital with its interval; hidden ones keep their empty place.

    None when no hospital's figure is shown.
    """
    if all(row["value"] is None for _, row in hospitals):
        return None
    # Plotly draws the first category at the bottom.
    ordered = list(reversed(hospitals))
    trace = {
        "type": "bar",
        "orientation": "h",
        "meta": "bar",
        "y": [name for name, _ in ordered],
        "x": [scaled(measure, row["value"]) for _, row in ordered],
        "error_x": _interval(measure, [row for _, row in ordered]),
        "customdata": [[value_text(measure, r), interval_text(measure, r)] for _, r in ordered],
        "hovertemplate": "%{y}<br>%{customdata[0]} (%{customdata[1]})<extra></extra>",
    }
    layout = {
        "xaxis": {"title": {"text": unit(measure)}, "rangemode": "tozero", "zeroline": True},
        "yaxis": {"automargin": True, "type": "category", "ticksuffix": "  "},
        "bargap": 0.42,
        "annotations": [hidden_note(name) for name, row in ordered if row["suppressed"]],
        "margin": {"l": 20, "r": 30, "t": 34, "b": 56},
    }
    value = scaled(measure, overall["value"]) if overall else None
    if overall and value is not None:
        layout["shapes"] = [_overall_line(value)]
        layout["annotations"] = [
            *_list(layout["annotations"]),
            _overall_label(value, f"all hospitals {value_text(measure, overall)}"),
        ]
    spec = {"data": [trace], "layout": layout}
    height = _BAR_MARGIN + _ROW_HEIGHT * len(ordered)
    return Chart(chart_id, _bars_alt(measure, hospitals), height, spec)


def year_lines(chart_id: str, lines: Sequence[tuple[Measure, Sequence[Record]]]) -> Chart | None:
    """Return one line a measure over the years, each in the band of its interval.

    A measure whose every year is hidden is left out; None when all are.
    """
    drawn = [pair for pair in lines if any(row["value"] is not None for row in pair[1])]
    if not drawn:
        return None
    # The style sheet has two colours for lines; a third line would take the first again.
    roles = cycle(("primary", "secondary"))
    traces = [
        trace
        for (measure, years), role in zip(drawn, roles, strict=False)
        for trace in (*_band(measure, years, role), _line(measure, years, role))
    ]
    layout = {
        # By year, not by the first trace that has one: years in between may be hidden.
        "xaxis": {
            "type": "category",
            "categoryorder": "category ascending",
            "title": {"text": "year"},
        },
        "yaxis": {"title": {"text": unit(drawn[0][0])}, "rangemode": "tozero", "zeroline": True},
        "legend": {"orientation": "h", "y": 1.14, "x": 0},
        "margin": {"l": 60, "r": 20, "t": 50, "b": 50},
    }
    alt = "Lines over the years. " + " ".join(_line_alt(m, years) for m, years in drawn)
    return Chart(chart_id, alt, 400, {"data": traces, "layout": layout})


def _list(value: Any) -> list[Any]:
    return list(value)


def _interval(measure: Measure, rows: Sequence[Record]) -> dict[str, Any]:
    above = [_distance(measure, row["ci_high"], row["value"]) for row in rows]
    below = [_distance(measure, row["value"], row["ci_low"]) for row in rows]
    return {
        "type": "data",
        "symmetric": False,
        "array": above,
        "arrayminus": below,
        "thickness": 1.5,
        "width": 4,
        "visible": any(distance is not None for distance in above),
    }


def _distance(measure: Measure, high: float | None, low: float | None) -> float | None:
    if high is None or low is None:
        return None
    return (scaled(measure, high) or 0.0) - (scaled(measure, low) or 0.0)


def hidden_note(name: str) -> dict[str, Any]:
    """Return what is written at the empty place of a bar whose figure is hidden."""
    return {
        "x": 0,
        "y": name,
        "text": f"<i>{HIDDEN}</i>",
        "showarrow": False,
        "xanchor": "left",
        "xshift": 6,
        "font": {"size": 12},
    }


def _overall_line(value: float) -> dict[str, Any]:
    return {
        "type": "line",
        "name": "overall",
        "x0": value,
        "x1": value,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"dash": "dot", "width": 1.5},
    }


def _overall_label(value: float, text: str) -> dict[str, Any]:
    return {
        "x": value,
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "text": text,
        "showarrow": False,
        "font": {"size": 12},
    }


def _band(measure: Measure, years: Sequence[Record], role: str) -> list[dict[str, Any]]:
    """Return an outline for each stretch of years without a hidden one between them."""
    stretches = groupby(years, lambda row: row["ci_low"] is not None)
    return [_outline(measure, list(rows), role) for known, rows in stretches if known]


def _outline(measure: Measure, years: Sequence[Record], role: str) -> dict[str, Any]:
    axis = [str(row["period_year"]) for row in years]
    low = [scaled(measure, row["ci_low"]) for row in years]
    high = [scaled(measure, row["ci_high"]) for row in years]
    return {
        "type": "scatter",
        "mode": "lines",
        "line": {"width": 0},
        "fill": "toself",
        "meta": f"{role}-band",
        "showlegend": False,
        "hoverinfo": "skip",
        "x": axis + axis[::-1],
        "y": high + low[::-1],
    }


def _line(measure: Measure, years: Sequence[Record], role: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": measure.title,
        "meta": role,
        "x": [str(row["period_year"]) for row in years],
        "y": [scaled(measure, row["value"]) for row in years],
        "connectgaps": False,
        "customdata": [[value_text(measure, r), interval_text(measure, r)] for r in years],
        "hovertemplate": "%{x}: %{customdata[0]} (%{customdata[1]})<extra></extra>",
    }


def _bars_alt(measure: Measure, hospitals: Sequence[tuple[str, Record]]) -> str:
    known = [(name, row) for name, row in hospitals if row["value"] is not None]
    highest, lowest = known[0], known[-1]
    return (
        f"{measure.title}: bars of {len(hospitals)} hospitals,"
        f" from {value_text(measure, lowest[1])} ({lowest[0]})"
        f" to {value_text(measure, highest[1])} ({highest[0]})."
    )


def _line_alt(measure: Measure, years: Sequence[Record]) -> str:
    first, last = years[0], years[-1]
    return (
        f"{measure.title}: {value_text(measure, first)} in {first['period_year']},"
        f" {value_text(measure, last)} in {last['period_year']}."
    )
