"""Quality measures: the catalogue, definitions, results and charts."""

from __future__ import annotations

from typing import Any

from metriccare.access.rights import QUALITY_READ
from metriccare.api import chart_schemas
from metriccare.api.chart_parameters import ANY_GRAIN, BY, GRAIN, HOSPITAL, PERIODS, RULES, START
from metriccare.api.dataset_parameters import PUBLICATION
from metriccare.api.endpoint import Call, Endpoint, Handler, Reply
from metriccare.api.lists import ListOf
from metriccare.api.measure_charts import RESULTS, catalogue, control_chart, measure_of
from metriccare.api.named_datasets import named
from metriccare.api.parameters import Parameter
from metriccare.api.schemas import Schema
from metriccare.api.unit_charts import funnel_chart, strata
from metriccare.marts.measures import BY_ID
from metriccare.marts.measures.definition import Measure
from metriccare.tables.strata import OVERALL

_ID = Parameter("id", "The measure.", is_in_path=True)


def definition(call: Call) -> Reply:
    """Return how a measure is counted, in words."""
    return Reply(described(measure_of(call)))


def described(measure: Measure) -> dict[str, Any]:
    """Return a measure's declaration as JSON."""
    return {
        "measure_id": measure.id,
        "version": measure.version,
        "title": measure.title,
        "question": measure.question,
        "numerator": measure.numerator,
        "denominator": measure.denominator,
        "exclusions": [
            {"reason": each.reason, "meaning": each.meaning} for each in measure.exclusions
        ],
        "period": measure.period,
        "source": measure.source,
        "caveats": measure.not_this,
        "shape": measure.shape,
        "denominator_unit": measure.denominator_unit,
        "per": measure.per,
        "better": measure.better,
        "strata": [name for name in measure.stratum_types if name != OVERALL],
        "area": measure.subject.name,
        "area_title": measure.subject.title,
        "view": measure.subject.view,
        "examples": [each.says for each in measure.examples],
        "page": f"docs/measures.md#{measure.id}",
    }


def _chart(
    path: str, handler: Handler, schema: Schema, summary: str, *parameters: Parameter
) -> Endpoint:
    return Endpoint(
        path,
        handler,
        QUALITY_READ,
        summary,
        parameters=(*parameters, PUBLICATION),
        schema=schema,
        is_cached=True,
    )


ENDPOINTS = (
    _chart(
        "/v1/measures",
        catalogue,
        chart_schemas.MEASURES,
        "All measures with their newest figures",
        HOSPITAL,
        GRAIN,
    ),
    Endpoint(
        "/v1/measures/{id}",
        definition,
        QUALITY_READ,
        "How a measure is counted",
        parameters=(_ID,),
        schema=chart_schemas.DEFINITION,
    ),
    *ListOf(
        "/v1/measures/{id}/results",
        RESULTS,
        "Published results of a measure",
        in_path={"id": "measure_id"},
        known={"id": frozenset(BY_ID)},
        aliases={"stratum_type": "by"},
        unit=("hospital", "stratum_value", {"stratum_type": "hospital"}),
    ).endpoints(),
    _chart(
        "/v1/measures/{id}/control-chart",
        control_chart,
        chart_schemas.CONTROL_CHART,
        "A measure over time, with limits and signals, or why there are none",
        _ID,
        GRAIN,
        HOSPITAL,
        *PERIODS,
        RULES,
    ),
    _chart(
        "/v1/measures/{id}/funnel",
        funnel_chart,
        chart_schemas.FUNNEL,
        "Hospitals round the pooled rate, with exact prediction limits",
        _ID,
        ANY_GRAIN,
        START,
    ),
    *ListOf(
        "/v1/measures/{id}/exclusions",
        named("exclusions"),
        "Why stays are not counted, by reason",
        in_path={"id": "measure_id"},
        known={"id": frozenset(BY_ID)},
    ).endpoints(),
    _chart(
        "/v1/measures/{id}/strata",
        strata,
        chart_schemas.STRATA,
        "One breakdown of a measure, with its whole",
        _ID,
        BY,
        ANY_GRAIN,
        START,
        HOSPITAL,
    ),
)
