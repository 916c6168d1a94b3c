"""Rows of the published tables of results, with small cells hidden and strata in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from metriccare.incremental.context import RunContext
from metriccare.marts.measures import BY_ID
from metriccare.marts.measures.published_rows import CodeCount, Hidden, hidden_of
from metriccare.marts.measures.result_rows import VALUE_PATHS, TenantResult
from metriccare.marts.measures.results import Result, ResultKey
from metriccare.marts.stays.facility import Facilities
from metriccare.tables import publish as tables
from metriccare.tables.strata import DEPARTMENT, HOSPITAL, INFECTION_TYPE

MEASURE_COLUMNS = tables.MEASURE.computed_columns
CODE_COLUMNS = tables.INFECTION_CODE.computed_columns
# What a hidden row keeps: its name and how it was made. Every other column loses its value.
_KEPT = frozenset(
    {
        "tenant",
        *ResultKey._fields,
        "period_end",
        "stratum_label",
        "suppressed",
        "as_of",
        "measure_version",
        "method",
        "measure_title",
    }
)
# Columns whose value the result itself does not hold.
_IN_WORDS = ("stratum_label", "suppressed", "measure_title")
_VALUES = [column.name for column in MEASURE_COLUMNS if column.name not in _IN_WORDS]
_values_of = attrgetter(*(VALUE_PATHS[name] for name in _VALUES))


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
    row = dict(zip(_VALUES, _values_of(of_tenant), strict=True))
    row["stratum_label"] = label_of(result.key, places)
    row["suppressed"] = is_hidden
    row["measure_title"] = BY_ID[result.key.measure_id].title_by(result.method)
    return tuple(
        None if is_hidden and column.name not in _KEPT else row[column.name]
        for column in MEASURE_COLUMNS
    )


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
    row = {
        **count._asdict(),
        "tenant": tenant,
        "events": None if is_hidden else count.events,
        "suppressed": is_hidden,
        "as_of": context.as_of_for(tenant),
    }
    return tuple(row[column.name] for column in CODE_COLUMNS)
