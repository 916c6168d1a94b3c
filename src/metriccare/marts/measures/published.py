"""Publication of measures: results and infection codes with small cells hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, RelationT
from metriccare.incremental.context import RunContext
from metriccare.marts.measures import COUNTED_BY_CODE, visible_rows
from metriccare.marts.measures.published_rows import CodeCount
from metriccare.marts.measures.result_rows import TenantResult
from metriccare.marts.stays.facility import Facilities
from metriccare.tables import Table
from metriccare.tables import gold as gold_tables
from metriccare.tables import publish as tables


def published(
    engine: Engine[RelationT],
    context: RunContext,
    whole: Mapping[str, RelationT],
    results: Sequence[TenantResult],
    places: Mapping[str, Facilities],
) -> list[tuple[Table, RelationT]]:
    """Return the rows of the published tables of measures; `whole` are gold's tables by name."""
    codes = code_counts(engine, whole[gold_tables.INFECTION_EVENT.name])
    hidden = visible_rows.hidden_by_tenant(results, codes, places)
    of_codes = visible_rows.infection_codes(context, codes, hidden)
    of_measures = visible_rows.measures(results, hidden, places)
    return [
        (tables.INFECTION_CODE, engine.from_rows(visible_rows.CODE_COLUMNS, of_codes)),
        (tables.MEASURE, engine.from_rows(visible_rows.MEASURE_COLUMNS, of_measures)),
    ]


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
