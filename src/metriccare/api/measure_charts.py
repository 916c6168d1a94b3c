"""Measures as the page draws them: catalogue, control chart, funnel, strata."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from metriccare.api.endpoint import Call, Reply
from metriccare.api.named_datasets import named
from metriccare.api.problems import Problem
from metriccare.api.reads import Reader, Record, equal, one_of
from metriccare.api.series import chart_of, next_coarser, subject_of
from metriccare.marts.measures import BY_ID, MEASURES
from metriccare.marts.measures.definition import MEAN, PROPORTION, Measure
from metriccare.query.datasets.conditions import Condition
from metriccare.query.datasets.declaration import GE, LT
from metriccare.statistics.funnel import FunnelLimits, Place, Shape, Unit, funnel
from metriccare.statistics.signals import Signal
from metriccare.tables.grains import ALL
from metriccare.tables.strata import HOSPITAL, OVERALL, WHOLE

RESULTS = named("measure_results")
_SPARK_POINTS = 24
_FIGURES = ("numerator", "denominator", "value", "ci_low", "ci_high", "suppressed")
_PERIOD = ("grain", "period_start", "period_end")


def measure_of(call: Call) -> Measure:
    """Return the measure of the address; not-found if there is none."""
    found = BY_ID.get(call.values["id"])
    if found is None:
        raise Problem("not-found")
    return found


def catalogue(call: Call) -> Reply:
    """Return every measure with its headline, its newest points with limits, and its signal."""
    reader, values = Reader(call), call.values
    where = _where(values["hospital"])
    grains = one_of("grain", (ALL, values["grain"]))
    rows = reader.rows(RESULTS, [*where, grains], ("measure_id", "period_start"))
    across = reader.rows(RESULTS, [equal("stratum_type", HOSPITAL.name), equal("grain", ALL)])
    as_of = _as_of(reader)
    return reader.reply(
        {
            "data": [
                _summary(
                    measure,
                    [row for row in rows if row["measure_id"] == measure.id],
                    [row for row in across if row["measure_id"] == measure.id],
                    as_of,
                )
                for measure in MEASURES
            ]
        }
    )


def _summary(
    measure: Measure, rows: Sequence[Record], across: Sequence[Record], as_of: date | None
) -> Record:
    headline = next((row for row in rows if row["grain"] == ALL), None)
    series = [row for row in rows if row["grain"] != ALL]
    chart = chart_of(series, subject_of(measure), as_of, ())
    return {
        "measure_id": measure.id,
        "title": headline["measure_title"] if headline else measure.title,
        "question": measure.question,
        "area": measure.subject.name,
        "area_title": measure.subject.title,
        "shape": measure.shape,
        "per": measure.per,
        "denominator_unit": measure.denominator_unit,
        "better": measure.better,
        "version": measure.version,
        "headline": {name: headline[name] for name in (*_PERIOD, *_FIGURES)} if headline else None,
        "spark": {**chart, "points": chart["points"][-_SPARK_POINTS:]},
        "signal": chart["signal"],
        "hospitals_outside": _outside(measure, across),
    }


def _outside(measure: Measure, rows: Sequence[Record]) -> int | None:
    """Return how many hospitals lie outside the funnel's 99.8 % limits; None without a funnel."""
    if measure.shape == MEAN:
        return None
    seen = [row for row in rows if _is_drawn(row)]
    found = funnel(_shape(measure), [_unit(row) for row in seen])
    if found is None:
        return None
    return sum(place in {Place.ABOVE_998, Place.BELOW_998} for place in found.places)


def control_chart(call: Call) -> Reply:
    """Return a measure over time: of one hospital, or of all together."""
    reader, values, measure = Reader(call), call.values, measure_of(call)
    conditions = [
        equal("measure_id", measure.id),
        equal("grain", values["grain"]),
        *_where(values["hospital"]),
        *_between(values["from"], values["to"]),
    ]
    rows = reader.rows(RESULTS, conditions, ("period_start",))
    rules = tuple(Signal(word) for word in values["rule"])
    chart = chart_of(rows, subject_of(measure), _as_of(reader), rules)
    return reader.reply(
        {
            "measure_id": measure.id,
            "title": measure.title,
            "grain": values["grain"],
            "per": measure.per,
            "denominator_unit": measure.denominator_unit,
            "hospital": values["hospital"],
            "label": next((row["stratum_label"] for row in rows), None),
            **chart,
            "offers": {
                "grain": next_coarser(values["grain"]),
                "all_hospitals": values["hospital"] is not None,
            },
        }
    )


def funnel_chart(call: Call) -> Reply:
    """Return hospitals round the pooled rate; hidden ones are listed, not drawn."""
    reader, measure = Reader(call), measure_of(call)
    period, rows = _of_period(call, reader, measure, HOSPITAL.name)
    seen = [row for row in rows if _is_drawn(row)]
    found = None
    if measure.shape != MEAN:
        found = funnel(_shape(measure), [_unit(row) for row in seen])
    limits: Sequence[FunnelLimits | None] = found.units if found else [None] * len(seen)
    places: Sequence[Place | None] = found.places if found else [None] * len(seen)
    units = [
        {
            **{name: row[name] for name in ("stratum_value", "stratum_label", *_FIGURES)},
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
            *(_between(start, start + timedelta(days=1)) if start else ()),
        ],
    )
    shown = ("stratum_value", "stratum_label", *_FIGURES)
    return reader.reply(
        {
            "measure_id": measure.id,
            "title": measure.title,
            "per": measure.per,
            "by": values["by"],
            **period,
            "whole": {name: whole[0][name] for name in _FIGURES} if whole else None,
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
        *(_between(start, start + timedelta(days=1)) if start else ()),
    ]
    rows = reader.rows(RESULTS, conditions, ("period_start", "stratum_value"))
    as_of = _as_of(reader)
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


def _where(hospital: str | None) -> list[Condition]:
    kind, value = (HOSPITAL.name, hospital) if hospital else (OVERALL, WHOLE)
    return [equal("stratum_type", kind), equal("stratum_value", value)]


def _between(start: date | None, end: date | None) -> list[Condition]:
    bounds = ((GE, start), (LT, end))
    return [Condition("period_start", operator, (day,)) for operator, day in bounds if day]


def _as_of(reader: Reader) -> date | None:
    return reader.last.as_of if reader.last else None


def _is_drawn(row: Record) -> bool:
    return not row["suppressed"] and bool(row["denominator"])


def _unit(row: Record) -> Unit:
    return Unit(int(row["numerator"]), float(row["denominator"]))


def _shape(measure: Measure) -> Shape:
    return Shape.PROPORTION if measure.shape == PROPORTION else Shape.RATE


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
