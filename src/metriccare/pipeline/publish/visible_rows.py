"""Rows of the published tables of results, with small cells hidden and strata in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from metriccare.incremental.context import RunContext
from metriccare.measures import BY_ID
from metriccare.measures.facility import Facilities
from metriccare.measures.published_rows import CodeCount, Hidden, hidden_of
from metriccare.measures.results import Estimate, Result, ResultKey
from metriccare.pipeline.gold.result_rows import TenantResult
from metriccare.tables.strata import DEPARTMENT, HOSPITAL, INFECTION_TYPE

# The columns of `measures`, without those a run stamps.
MEASURE_COLUMNS = (
    "tenant",
    *ResultKey._fields,
    "period_end",
    "stratum_label",
    "numerator",
    "denominator",
    "value",
    "ci_low",
    "ci_high",
    "suppressed",
    "as_of",
    "measure_version",
    "ci_method",
    "method",
    "measure_title",
    "predicted",
    "sir",
    "median",
    "percentile_90",
    "geometric_mean",
)
# The columns of `infection_codes`, without those a run stamps.
CODE_COLUMNS = (
    "tenant",
    "code_system",
    "code",
    "display",
    "infection_type",
    "events",
    "suppressed",
    "as_of",
)


def hidden_by_tenant(
    results: Iterable[TenantResult],
    codes: Mapping[str, Sequence[CodeCount]],
    places: Mapping[str, Facilities],
) -> dict[str, Hidden]:
    """Return what each tenant's published rows must not show."""
    by_tenant: dict[str, list[Result]] = {}
    for each in results:
        by_tenant.setdefault(each.tenant, []).append(each.result)
    return {
        tenant: hidden_of(
            by_tenant.get(tenant, []),
            codes.get(tenant, ()),
            places.get(tenant, Facilities()).hospital_of(),
        )
        for tenant in sorted(by_tenant.keys() | codes.keys())
    }


def measures(
    results: Iterable[TenantResult],
    hidden: Mapping[str, Hidden],
    places: Mapping[str, Facilities],
) -> list[tuple[Any, ...]]:
    """Return results under MEASURE_COLUMNS with hidden cells blanked and strata in words."""
    return [
        _measure(
            each,
            places.get(each.tenant, Facilities()),
            is_hidden=each.result.key in hidden[each.tenant].results,
        )
        for each in results
    ]


def _measure(of_tenant: TenantResult, places: Facilities, *, is_hidden: bool) -> tuple[Any, ...]:
    """Return a row of publish.measure; a hidden one keeps its name and loses every number."""
    result = of_tenant.result
    value, ci_low, ci_high, ci_method = Estimate(*[None] * 4) if is_hidden else result.estimate
    counts = (result.numerator, result.denominator)
    derived = (
        of_tenant.predicted,
        of_tenant.sir,
        result.median,
        result.percentile_90,
        result.geometric_mean,
    )
    return (
        of_tenant.tenant,
        *result.key,
        of_tenant.period_end,
        label_of(result.key, places),
        *_blanked(counts, is_hidden=is_hidden),
        value,
        ci_low,
        ci_high,
        is_hidden,
        of_tenant.as_of,
        of_tenant.version,
        ci_method,
        result.method,
        BY_ID[result.key.measure_id].title_by(result.method),
        *_blanked(derived, is_hidden=is_hidden),
    )


def _blanked(values: tuple[Any, ...], *, is_hidden: bool) -> tuple[Any, ...]:
    return (None,) * len(values) if is_hidden else values


def label_of(key: ResultKey, places: Facilities) -> str:
    """Return a stratum in words: a hospital's or ward's name, a code as people write it."""
    value = key.stratum_value
    if key.stratum_type == HOSPITAL.name:
        return places.name(value) or value
    if key.stratum_type == DEPARTMENT.name:
        place = places.locations.get(value)
        return (place.name if place else None) or value
    if key.stratum_type == INFECTION_TYPE:
        return value.upper()
    return value.replace("_", " ").title()


def infection_codes(
    context: RunContext,
    codes: Mapping[str, Sequence[CodeCount]],
    hidden: Mapping[str, Hidden],
) -> list[tuple[Any, ...]]:
    """Return hospital-acquired events by code under CODE_COLUMNS with hidden counts blanked."""
    return [
        _code(
            tenant, each, context, is_hidden=(each.code_system, each.code) in hidden[tenant].codes
        )
        for tenant, counts in sorted(codes.items())
        for each in counts
    ]


def _code(
    tenant: str, count: CodeCount, context: RunContext, *, is_hidden: bool
) -> tuple[Any, ...]:
    words = (count.code_system, count.code, count.display, count.infection_type)
    shown = None if is_hidden else count.events
    return (tenant, *words, shown, is_hidden, context.as_of_for(tenant))
