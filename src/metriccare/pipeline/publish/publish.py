"""Publication: results with small cells hidden, in tables that may be seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, RelationT
from metriccare.incremental.context import RunContext
from metriccare.incremental.table_changes import TableChanges, changes_of_table
from metriccare.marts.measures import COUNTED_BY_CODE
from metriccare.marts.measures.published_rows import CodeCount
from metriccare.marts.stays.facility import Facilities
from metriccare.naming import CANARY_TENANT
from metriccare.pipeline.gold.result_rows import TenantResult
from metriccare.pipeline.publish import visible_rows
from metriccare.pipeline.publish.data_quality import Received, data_quality
from metriccare.tables import Column, Table
from metriccare.tables import gold as gold_tables
from metriccare.tables import publish as tables
from metriccare.tables.commit_note import CommitNote


def compute(
    engine: Engine[RelationT],
    context: RunContext,
    whole: Mapping[str, RelationT],
    results: Sequence[TenantResult],
    places: Mapping[str, Facilities],
    received: Received[RelationT],
) -> list[TableChanges[RelationT]]:
    """Return what the published tables are missing, in the order in which they are written.

    `whole` are gold's tables as they are to be, by name.
    """
    codes = code_counts(engine, whole[gold_tables.INFECTION_EVENT.name])
    hidden = visible_rows.hidden_by_tenant(results, codes, places)
    of_codes = visible_rows.infection_codes(context, codes, hidden)
    of_measures = visible_rows.measures(results, hidden, places)
    return [
        _changes(engine, context, tables.INFECTION_CODE, visible_rows.CODE_COLUMNS, of_codes),
        _changes(engine, context, tables.MEASURE, visible_rows.MEASURE_COLUMNS, of_measures),
        *of_arrivals(engine, context, whole[gold_tables.STAY.name], received),
    ]


def of_arrivals(
    engine: Engine[RelationT],
    context: RunContext,
    stays: RelationT,
    received: Received[RelationT],
) -> list[TableChanges[RelationT]]:
    """Return what is missing in the published tables that describe the data, not the measures."""
    quality = data_quality(engine, received.counts, stays, context)
    return [
        _published(engine, context, tables.DATA_QUALITY, quality),
        _published(engine, context, tables.FRESHNESS, received.freshness),
    ]


def write(
    engine: Engine[RelationT],
    published: Sequence[TableChanges[RelationT]],
    note: CommitNote,
) -> None:
    """Write the published tables; the last one says when they were published."""
    for changes in published:
        changes.commit(engine, note)


def code_counts(engine: Engine[RelationT], events: RelationT) -> dict[str, list[CodeCount]]:
    """Return hospital-acquired events by code, by tenant; our own words travel beside them."""
    counted = engine.sql(
        model(__package__, "infection_code_counts"),
        {"measure_id": COUNTED_BY_CODE.id},
        events=events,
    )
    by_tenant: dict[str, list[CodeCount]] = {}
    for row in engine.rows(counted):
        count = CodeCount(*(row[name] for name in CodeCount._fields))
        by_tenant.setdefault(row["tenant"], []).append(count)
    return by_tenant


def _changes(
    engine: Engine[RelationT],
    context: RunContext,
    table: Table,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
) -> TableChanges[RelationT]:
    return _published(engine, context, table, engine.from_rows(columns, rows))


def _published(
    engine: Engine[RelationT], context: RunContext, table: Table, computed: RelationT
) -> TableChanges[RelationT]:
    """Return what a published table is missing of its rows; those of the canary are not among them.

    Every published row passes here.
    """
    model = "select * from computed where tenant <> :canary"
    shown = engine.sql(model, {"canary": CANARY_TENANT}, computed=computed)
    return changes_of_table(engine, shown, context, table)
