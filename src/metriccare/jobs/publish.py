"""Publication: results with small cells hidden, in tables that may be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
from metriccare.measures import INFECTION_HOSPITAL_ACQUIRED
from metriccare.measures.facility import Facilities
from metriccare.measures.published_rows import CodeCount
from metriccare.pipeline.publish.visible_rows import (
    CODE_COLUMNS,
    MEASURE_COLUMNS,
    hidden_by_tenant,
    infection_codes,
    measures,
)
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
        (Rows(CODE_COLUMNS, infection_codes(context, codes, hidden)), tables.INFECTION_CODE),
        (Rows(MEASURE_COLUMNS, measures(results, hidden, places)), tables.MEASURE),
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
