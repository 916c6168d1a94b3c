"""Publication: what the marts publish, and tables that describe the data itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metriccare.engine.protocol import Engine, RelationT
from metriccare.incremental.context import RunContext
from metriccare.incremental.table_changes import TableChanges, changes_of_table
from metriccare.naming import CANARY_TENANT
from metriccare.pipeline.publish.data_quality import Received, data_quality
from metriccare.pipeline.publish.quality_scores import QualityScores
from metriccare.tables import Table
from metriccare.tables import publish as tables
from metriccare.tables.commit_note import CommitNote


def of_marts(
    engine: Engine[RelationT],
    context: RunContext,
    published: Sequence[tuple[Table, RelationT]],
) -> list[TableChanges[RelationT]]:
    """Return what the published tables of marts are missing, in the order in which they come."""
    return [_published(engine, context, table, rows) for table, rows in published]


def of_arrivals(
    engine: Engine[RelationT],
    context: RunContext,
    gold: Mapping[str, RelationT],
    received: Received[RelationT],
) -> list[TableChanges[RelationT]]:
    """Return what is missing in the published tables that describe the data, not the measures."""
    quality = data_quality(engine, received.counts, gold, context)
    return [
        *QualityScores(engine, context).changes(),
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


def _published(
    engine: Engine[RelationT], context: RunContext, table: Table, computed: RelationT
) -> TableChanges[RelationT]:
    """Return what a published table is missing of its rows; those of the canary are not among them.

    Every published row passes here.
    """
    model = "select * from computed where tenant <> :canary"
    shown = engine.sql(model, {"canary": CANARY_TENANT}, computed=computed)
    return changes_of_table(engine, shown, context, table)
