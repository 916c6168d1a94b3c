"""Measures over time as the page draws them: catalogue and control chart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from metriccare.access.rights import SMALL_READ
from metriccare.api.endpoint import Call, Reply
from metriccare.api.named_datasets import named
from metriccare.api.reads import Reader, Record, between, declared, equal, of_stratum, one_of
from metriccare.api.series import FIGURES, PERIOD, chart_of, in_short, next_coarser, subject_of
from metriccare.marts.measures import BY_ID, MEASURES
from metriccare.marts.measures.definition import MEAN, PROPORTION, Measure
from metriccare.statistics.funnel import Place, Shape, Unit, funnel
from metriccare.statistics.signals import Signal
from metriccare.tables.grains import ALL
from metriccare.tables.strata import HOSPITAL

RESULTS = named("measure_results")


def measure_of(call: Call) -> Measure:
    """Return the measure of the address; not-found if there is none."""
    return declared(call, BY_ID)


def catalogue(call: Call) -> Reply:
    """Return every measure with its headline, its newest points with limits, and its signal."""
    reader, values = Reader(call), call.values
    where = of_stratum(HOSPITAL.name, values["hospital"])
    grains = one_of("grain", (ALL, values["grain"]))
    rows = reader.rows(RESULTS, [*where, grains], ("measure_id", "period_start"))
    across = reader.rows(RESULTS, [equal("stratum_type", HOSPITAL.name), equal("grain", ALL)])
    as_of = reader.as_of
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
    title = next((row["measure_title"] for row in rows if row["grain"] == ALL), None)
    return {
        "measure_id": measure.id,
        "title": title or measure.title,
        "question": measure.question,
        "area": measure.subject.name,
        "area_title": measure.subject.title,
        "shape": measure.shape,
        "per": measure.per,
        "denominator_unit": measure.denominator_unit,
        "better": measure.better,
        "version": measure.version,
        **in_short(rows, subject_of(measure), as_of, (*PERIOD, *FIGURES)),
        "hospitals_outside": _outside(measure, across),
    }


def _outside(measure: Measure, rows: Sequence[Record]) -> int | None:
    """Return how many hospitals lie outside the funnel's 99.8 % limits; None without a funnel."""
    if measure.shape == MEAN:
        return None
    seen = [row for row in rows if is_drawn(row)]
    found = funnel(shape(measure), [unit(row) for row in seen])
    if found is None:
        return None
    return sum(place in {Place.ABOVE_998, Place.BELOW_998} for place in found.places)


def control_chart(call: Call) -> Reply:
    """Return a measure over time: of one hospital, or of all together."""
    reader, values, measure = Reader(call), call.values, measure_of(call)
    conditions = [
        equal("measure_id", measure.id),
        equal("grain", values["grain"]),
        *of_stratum(HOSPITAL.name, values["hospital"]),
        *between("period_start", values["from"], values["to"]),
    ]
    rows = reader.rows(RESULTS, conditions, ("period_start",))
    rules = tuple(Signal(word) for word in values["rule"])
    chart = chart_of(rows, subject_of(measure), reader.as_of, rules)
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
                "small_counts": chart["hidden"] > 0
                and SMALL_READ in call.scope.rights
                and call.services.evidence is not None,
            },
        }
    )


def is_drawn(row: Record) -> bool:
    """Return True if a row has figures that may be drawn."""
    return not row["suppressed"] and bool(row["denominator"])


def unit(row: Record) -> Unit:
    """Return a row as a unit of a funnel."""
    return Unit(int(row["numerator"]), float(row["denominator"]))


def shape(measure: Measure) -> Shape:
    """Return what a measure counts, for its funnel."""
    return Shape.PROPORTION if measure.shape == PROPORTION else Shape.RATE
