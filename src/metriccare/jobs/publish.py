"""Publication: results with small cells hidden, in tables that may be seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from metriccare.incremental.context import RunContext
from metriccare.jobs.data_quality import Received, data_quality
from metriccare.jobs.differences import (
    Changes,
    Rows,
    changes_of_stored_rows,
    changes_of_table,
    collected,
)
from metriccare.jobs.parallel import in_parallel
from metriccare.jobs.result_rows import TenantResult
from metriccare.measures import BY_ID, INFECTION_HOSPITAL_ACQUIRED
from metriccare.measures.facility import Facilities
from metriccare.measures.published_rows import CodeCount, Hidden, hidden_of
from metriccare.measures.results import Group, Result
from metriccare.spark.timeline import CommitNote
from metriccare.tables import gold as gold_tables
from metriccare.tables import publish as tables


def compute(
    context: RunContext,
    gold: Mapping[str, DataFrame],
    results: Sequence[TenantResult],
    places: Mapping[str, Facilities],
    received: Received,
) -> list[Changes]:
    """Return what the published tables lack, in the order in which they are to be written."""
    codes = code_counts(gold[gold_tables.INFECTION_EVENT.name])
    hidden = hidden_by_tenant(results, codes, places)
    found = [
        (infection_codes(context, codes, hidden), tables.INFECTION_CODE),
        (measures(results, hidden, places), tables.MEASURE),
    ]
    of_codes, of_measures = in_parallel(
        lambda one: changes_of_stored_rows(one[0], context, one[1]), found
    )
    stays = gold[gold_tables.STAY.name]
    return [of_codes, of_measures, *of_arrivals(context, stays, received)]


def of_arrivals(context: RunContext, stays: DataFrame, received: Received) -> list[Changes]:
    """Return what the published tables lack that tell of the data, not of measures."""
    quality = collected(data_quality(received.counts, stays, context))
    return [
        changes_of_stored_rows(quality, context, tables.DATA_QUALITY),
        changes_of_table(received.freshness, context, tables.FRESHNESS),
    ]


def write(context: RunContext, published: Sequence[Changes], note: CommitNote) -> None:
    """Write the published tables; the last says when they were published: all else stands."""
    *others, last = published
    in_parallel(lambda changes: changes.write(context, note), others)
    last.write(context, note)


def hidden_by_tenant(
    results: Iterable[TenantResult],
    codes: Mapping[str, Sequence[CodeCount]],
    places: Mapping[str, Facilities],
) -> dict[str, Hidden]:
    """Return what each tenant's published rows must not show."""
    by_tenant: dict[str, list[Result]] = {}
    for one in results:
        by_tenant.setdefault(one.tenant, []).append(one.result)
    return {
        tenant: hidden_of(
            by_tenant.get(tenant, []),
            codes.get(tenant, ()),
            places.get(tenant, Facilities()).hospital_of(),
        )
        for tenant in sorted(by_tenant.keys() | codes.keys())
    }


def measures(
    results: Sequence[TenantResult],
    hidden: Mapping[str, Hidden],
    places: Mapping[str, Facilities],
) -> Rows:
    """Return results with hidden cells blanked and strata in words."""
    rows = [
        _published(
            one,
            places.get(one.tenant, Facilities()),
            is_hidden=one.result.group in hidden[one.tenant].groups,
        )
        for one in results
    ]
    return Rows(_PUBLISHED, rows)


_PUBLISHED = (
    "tenant",
    "measure_id",
    "grain",
    "period_start",
    "stratum_type",
    "stratum_value",
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


def _published(one: TenantResult, places: Facilities, *, is_hidden: bool) -> tuple[Any, ...]:
    """Return a row of publish.measure; a hidden one keeps its name and loses every number."""
    result = one.result
    found = result.figure
    beside = (one.predicted, one.sir, result.median, result.percentile_90, result.geometric_mean)
    figures = (result.numerator, result.denominator, found.value, found.ci_low, found.ci_high)
    return (
        one.tenant,
        *result.group,
        one.period_end,
        label_of(result.group, places),
        *((None,) * len(figures) if is_hidden else figures),
        is_hidden,
        one.as_of,
        one.version,
        None if is_hidden else found.ci_method,
        result.method,
        BY_ID[result.group.measure_id].title_by(result.method),
        *((None,) * len(beside) if is_hidden else beside),
    )


def label_of(group: Group, places: Facilities) -> str:
    """Return a stratum in words: a hospital's or ward's name, a code as people write it."""
    value = group.stratum_value
    if group.stratum_type == "hospital":
        return places.name(value) or value
    if group.stratum_type == "department":
        place = places.locations.get(value)
        return (place.name if place else None) or value
    if group.stratum_type == "infection_type":
        return value.upper()
    return value.replace("_", " ").title()


def code_counts(events: DataFrame) -> dict[str, list[CodeCount]]:
    """Return hospital-acquired events by code, by tenant; our own words travel beside them."""
    counted = (
        events.where(F.array_contains("measure_ids", INFECTION_HOSPITAL_ACQUIRED.id))
        .groupBy("tenant", "code_system", "code", "infection_type")
        .agg(F.count("*").alias("events"), F.max("display").alias("display"))
    )
    found: dict[str, list[CodeCount]] = {}
    for row in counted.collect():
        count = CodeCount(row.code_system, row.code, row.infection_type, row.events, row.display)
        found.setdefault(row.tenant, []).append(count)
    return found


def infection_codes(
    context: RunContext,
    codes: Mapping[str, Sequence[CodeCount]],
    hidden: Mapping[str, Hidden],
) -> Rows:
    """Return hospital-acquired events by code with hidden counts blanked."""
    names = ("tenant", "code_system", "code", "display", "infection_type", "events", "suppressed")
    rows = []
    for tenant, counts in sorted(codes.items()):
        for one in sorted(counts):
            is_hidden = (one.code_system, one.code) in hidden[tenant].codes
            shown = None if is_hidden else one.events
            words = (one.code_system, one.code, one.display, one.infection_type)
            rows.append((tenant, *words, shown, is_hidden, context.as_of_for(tenant)))
    return Rows((*names, "as_of"), rows)
