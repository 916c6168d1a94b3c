"""The revenue cycle: KPIs, denials, receivables, payers, closed months."""

from __future__ import annotations

from typing import Any

from metriccare.access.rights import FINANCE_READ, MARTS_READ
from metriccare.api import chart_schemas
from metriccare.api.chart_parameters import GRAIN, PERIODS, RULES
from metriccare.api.dataset_parameters import PUBLICATION
from metriccare.api.endpoint import Call, Endpoint, Reply
from metriccare.api.kpi_charts import KPI_RESULTS, catalogue, control_chart, kpi_of
from metriccare.api.kpi_months import STRATA, denial_summary, financial
from metriccare.api.lists import ListOf
from metriccare.api.named_datasets import named
from metriccare.api.parameters import DATE, Parameter
from metriccare.marts.revenue.definition import Kpi
from metriccare.marts.revenue.kpis import BY_ID
from metriccare.tables.grains import GRAINS, MONTH

_ID = Parameter("id", "The KPI.", is_in_path=True)
_FACILITY = Parameter("facility", "The organisation's id; without it, all together.")
_CURRENCY = Parameter("currency", "Currency of the amounts; else the one with most rows.")


def definition(call: Call) -> Reply:
    """Return how a KPI is counted, in words."""
    return Reply(described(kpi_of(call)))


def described(kpi: Kpi) -> dict[str, Any]:
    """Return a KPI's declaration as JSON."""
    return {
        "kpi_id": kpi.id,
        "version": kpi.version,
        "title": kpi.title,
        "question": kpi.question,
        "unit": kpi.unit,
        "numerator": kpi.numerator_words,
        "denominator": kpi.denominator_words,
        "exclusions": [{"reason": each.word, "meaning": each.meaning} for each in kpi.reasons],
        "period": kpi.placed_words,
        "source": kpi.source,
        "caveats": kpi.caveats,
        "is_stock": kpi.is_stock,
        "strata": [name for name in kpi.stratum_types if name != "overall"],
        "page": f"docs/revenue.md#{kpi.id}",
    }


_FINANCIAL = (
    Parameter("start_date", "First month, by its first day.", DATE),
    Parameter("end_date", "The day after the last month begins.", DATE),
    Parameter("facility_ids", "Organisations; without them, all together.", is_many=True),
    Parameter("payer", "One kind of payer, of all facilities together."),
    Parameter("grain", "Length of the periods.", choices=GRAINS, default=MONTH),
    PUBLICATION,
)

ENDPOINTS = (
    Endpoint(
        "/v1/kpis",
        catalogue,
        FINANCE_READ,
        "All KPIs with their newest figures",
        parameters=(GRAIN, _FACILITY, _CURRENCY, PUBLICATION),
        schema=chart_schemas.KPIS,
        is_cached=True,
    ),
    Endpoint(
        "/v1/kpis/financial",
        financial,
        MARTS_READ,
        "Headline figures by period, and of the whole time from sums",
        parameters=_FINANCIAL,
        is_cached=True,
    ),
    Endpoint(
        "/v1/kpis/{id}",
        definition,
        FINANCE_READ,
        "How a KPI is counted",
        parameters=(_ID,),
        schema=chart_schemas.KPI_DEFINITION,
    ),
    *ListOf(
        "/v1/kpis/{id}/results",
        KPI_RESULTS,
        "Published results of a KPI",
        in_path={"id": "kpi_id"},
        known={"id": frozenset(BY_ID)},
        aliases={"stratum_type": "by"},
        unit=("facility", "stratum_value", {"stratum_type": "facility"}),
    ).endpoints(),
    Endpoint(
        "/v1/kpis/{id}/control-chart",
        control_chart,
        FINANCE_READ,
        "A KPI over time, with limits and signals, or why there are none",
        parameters=(_ID, GRAIN, _FACILITY, _CURRENCY, *PERIODS, RULES, PUBLICATION),
        schema=chart_schemas.KPI_CHART,
        is_cached=True,
    ),
    Endpoint(
        "/v1/denials/summary",
        denial_summary,
        FINANCE_READ,
        "Denial KPIs by month, together or by payer, category or reason",
        parameters=(
            Parameter("by", "What to break down by.", choices=STRATA, default="overall"),
            *PERIODS,
            PUBLICATION,
        ),
        is_cached=True,
    ),
    *ListOf("/v1/denials/reasons", named("denials"), "Denials by month and reason").endpoints(),
    *ListOf("/v1/ar/aging", named("ar_aging"), "Open balances by age").endpoints(),
    *ListOf("/v1/payers", named("payers"), "Payers by month").endpoints(),
    *ListOf("/v1/closes", named("closes"), "Closed figures beside restated ones").endpoints(),
)
