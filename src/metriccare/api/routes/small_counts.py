"""Measures with their small counts, for the quality office: for a purpose, each read audited."""

from __future__ import annotations

from metriccare.access.rights import EXPORT, SMALL_READ
from metriccare.api import chart_schemas, csv_text, limits, small_counts
from metriccare.api.chart_parameters import ANY_GRAIN, BY, GRAIN, HOSPITAL, PERIODS, RULES, START
from metriccare.api.encoding import Facts
from metriccare.api.endpoint import Call, Endpoint, Handler, Reply, Source
from metriccare.api.measure_charts import control_chart, measure_of
from metriccare.api.parameters import Parameter
from metriccare.api.problems import Problem
from metriccare.api.reads import between, equal
from metriccare.api.schemas import Schema
from metriccare.api.unit_charts import funnel_chart, strata
from metriccare.tables.strata import OVERALL, STRATUM_TYPES

_ID = Parameter("id", "The measure.", is_in_path=True)
_ANY_BY = Parameter("by", "The breakdown.", choices=STRATUM_TYPES, default=OVERALL)
_SMALL = "small"
# What a file that leaves says first: nobody may take it for a published one.
_MARK = "SMALL COUNTS ARE SHOWN: for the quality office only, never for publication"


def _with_small(handler: Handler) -> Handler:
    def answer(call: Call) -> Reply:
        return handler(small_counts.with_small_counts(call))

    return answer


def as_file(call: Call) -> Reply:
    """Return results with small counts as CSV, marked as what it is in name, notes and column."""
    call.scope.require(EXPORT)
    call = small_counts.with_small_counts(call)
    measure, values, dataset = measure_of(call), call.values, small_counts.RESULTS
    conditions = [
        equal("grain", values["grain"]),
        equal("stratum_type", values["by"]),
        *between("period_start", values["from"], values["to"]),
    ]
    rows = small_counts.rows(call, conditions)
    if not rows and values["by"] not in measure.stratum_types:
        raise Problem("not-found", "The measure has no such breakdown.")
    names = (*dataset.column_names, _SMALL)
    hidden = sum(bool(row[_SMALL]) for row in rows)
    notes = (
        _MARK,
        f"{measure.title}, tenant {call.scope.tenant}",
        f"{hidden} of these rows are hidden in what is published: column {_SMALL}",
    )
    text = csv_text.csv_text(names, [[row[name] for name in names] for row in rows], notes)
    call.exchange.action = "export"
    call.exchange.object = f"{dataset.name} with small counts {call.exchange.route}"
    file = f"{dataset.name}-{measure.id}-with-small-counts.csv"
    return Reply(
        text,
        csv_text.MEDIA_TYPE,
        headers=(("content-disposition", f'attachment; filename="{file}"'),),
        facts=Facts(len(rows), hidden, names),
    )


def _endpoint(
    path: str, handler: Handler, schema: Schema, summary: str, *parameters: Parameter
) -> Endpoint:
    return Endpoint(
        f"/v1/evidence/measures/{{id}}/{path}",
        handler,
        SMALL_READ,
        summary,
        parameters=(_ID, *parameters),
        schema=schema,
        action="explain",
        limit=limits.SMALL_COUNTS,
        needs_purpose=True,
        media_types=("application/json",) if schema else ("text/csv",),
        source=Source.EVIDENCE,
    )


ENDPOINTS = (
    _endpoint(
        "control-chart",
        _with_small(control_chart),
        chart_schemas.CONTROL_CHART,
        "A measure over time, small counts included",
        GRAIN,
        HOSPITAL,
        *PERIODS,
        RULES,
    ),
    _endpoint(
        "funnel",
        _with_small(funnel_chart),
        chart_schemas.FUNNEL,
        "Hospitals round the pooled rate, small counts included",
        ANY_GRAIN,
        START,
    ),
    _endpoint(
        "strata",
        _with_small(strata),
        chart_schemas.STRATA,
        "One breakdown of a measure, small counts included",
        BY,
        ANY_GRAIN,
        START,
        HOSPITAL,
    ),
    _endpoint(
        "results.csv",
        as_file,
        {},
        "Results of a measure as CSV, small counts included and marked",
        ANY_GRAIN,
        _ANY_BY,
        *PERIODS,
    ),
)
