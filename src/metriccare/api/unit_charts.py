"""Measures by unit as the page draws them: the funnel of hospitals, and breakdowns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from metriccare.api.endpoint import Call, Reply
from metriccare.api.measure_charts import RESULTS, is_drawn, measure_of, shape, unit
from metriccare.api.problems import Problem
from metriccare.api.reads import Reader, Record, between, equal
from metriccare.api.series import FIGURES
from metriccare.marts.measures.definition import MEAN, Measure
from metriccare.query.datasets.conditions import Condition
from metriccare.statistics.funnel import FunnelLimits, Place, funnel
from metriccare.tables.strata import HOSPITAL, OVERALL


def funnel_chart(call: Call) -> Reply:
    """Return hospitals round the pooled rate; hidden ones are listed, not drawn."""
    reader, measure = Reader(call), measure_of(call)
    period, rows = _of_period(call, reader, measure, HOSPITAL.name)
    seen = [row for row in rows if is_drawn(row)]
    found = None
    if measure.shape != MEAN:
        found = funnel(shape(measure), [unit(row) for row in seen])
    limits: Sequence[FunnelLimits | None] = found.units if found else [None] * len(seen)
    places: Sequence[Place | None] = found.places if found else [None] * len(seen)
    units = [
        {
            **{name: row[name] for name in ("stratum_value", "stratum_label", *FIGURES)},
            "place": place,
            "limits": _limits(at, measure) if at else None,
        }
        for row, at, place in zip(seen, limits, places, strict=True)
    ]
    return reader.reply(
        {
            "measure_id": measure.id,
            "title": measure.title,
            "per": measure.per,
            **period,
            "centre": found.centre * measure.per if found else None,
            "curve": [_limits(at, measure) for at in found.curve] if found else [],
            "units": units,
            "hidden": [_named(row) for row in rows if row["suppressed"]],
            "reason": _no_funnel(measure, seen),
            "overdispersed": found.is_overdispersed if found else False,
        }
    )


def strata(call: Call) -> Reply:
    """Return one breakdown of a measure for one period, with the whole beside it."""
    reader, measure, values = Reader(call), measure_of(call), call.values
    if values["by"] not in measure.stratum_types:
        raise Problem("not-found", "The measure has no such breakdown.")
    period, rows = _of_period(call, reader, measure, values["by"])
    start = period["period_start"]
    whole = reader.rows(
        RESULTS,
        [
            equal("measure_id", measure.id),
            equal("grain", values["grain"]),
            equal("stratum_type", OVERALL),
            *_beginning(start),
        ],
    )
    shown = ("stratum_value", "stratum_label", *FIGURES)
    return reader.reply(
        {
            "measure_id": measure.id,
            "title": measure.title,
            "per": measure.per,
            "by": values["by"],
            **period,
            "whole": {name: whole[0][name] for name in FIGURES} if whole else None,
            "data": [{name: row[name] for name in shown} for row in rows],
        }
    )


def _of_period(
    call: Call, reader: Reader, measure: Measure, by: str
) -> tuple[dict[str, Any], list[Record]]:
    """Return a period and its rows: the one asked for, else the newest that has ended."""
    values = call.values
    start = values["period_start"]
    conditions = [
        equal("measure_id", measure.id),
        equal("grain", values["grain"]),
        equal("stratum_type", by),
        *_beginning(start),
    ]
    rows = reader.rows(RESULTS, conditions, ("period_start", "stratum_value"))
    as_of = reader.as_of
    ended = [r for r in rows if as_of is None or r["period_end"] <= as_of + timedelta(days=1)]
    newest = max((r["period_end"] for r in ended or rows), default=None)
    of_period = [row for row in rows if row["period_end"] == newest]
    first = of_period[0] if of_period else {}
    period = {
        "grain": values["grain"],
        "period_start": first.get("period_start"),
        "period_end": first.get("period_end"),
    }
    return period, of_period


def _beginning(start: date | None) -> list[Condition]:
    """Return the conditions of the period that begins on a day; None is every period."""
    return between("period_start", start, start + timedelta(days=1)) if start else []


def _limits(at: FunnelLimits, measure: Measure) -> dict[str, float]:
    """Return limits in the units of the measure's value."""
    per = measure.per
    return {
        "denominator": at.denominator,
        "low_95": at.low_95 * per,
        "high_95": at.high_95 * per,
        "low_99_8": at.low_998 * per,
        "high_99_8": at.high_998 * per,
    }


def _named(row: Record) -> dict[str, Any]:
    return {"stratum_value": row["stratum_value"], "stratum_label": row["stratum_label"]}


def _no_funnel(measure: Measure, seen: Sequence[Record]) -> str | None:
    if measure.shape == MEAN:
        return "means_have_no_funnel"
    return None if seen else "nothing_to_draw"
