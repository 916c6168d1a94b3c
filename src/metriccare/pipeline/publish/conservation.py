"""Conservation: every record of the files taken up is in bronze or quarantine, every resource or
row of a feed in silver or quarantine.

Source: ingest specification, section 4.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from metriccare.engine.protocol import Engine, RelationT, Value
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import IS_PENDING, is_written, pending_parameters
from metriccare.pipeline.bronze.quarantine import open_rejects
from metriccare.quality.measured import Counted, Subject
from metriccare.quality.rules import RULES
from metriccare.tables import Table
from metriccare.tables import bronze as bronze_tables
from metriccare.tables import feeds as feed_tables
from metriccare.tables import silver as silver_tables
from metriccare.tables.keys import joined_expression

_ROW_RULES = tuple(sorted({rule.id for rule in RULES}))
_NAME = "tenant, resource_type, resource_id"


class Conserved(NamedTuple):
    """Records stored of each file taken up, and resources missing of each type."""

    files: dict[Subject, Counted]
    resources: dict[Subject, Counted]


def conserved(engine: Engine[RelationT], context: RunContext) -> Conserved:
    """Return the records stored of each file taken up, and the resources missing of each type."""
    if not context.pending_runs:
        return Conserved({}, {})
    rejects = open_rejects(engine)
    arrived = engine.materialize(
        engine.sql(
            f"select file_id, {_NAME} from stored",
            stored=_rows_taken_up(engine, context, bronze_tables.RESOURCE),
        )
    )
    records = engine.materialize(
        engine.sql(
            "select file_id, tenant, record_type, record_id from stored",
            stored=_rows_taken_up(engine, context, bronze_tables.RECORD),
        )
    )
    result = Conserved(
        _stored_by_file(engine, context, arrived, records),
        {**_missing(engine, arrived, rejects), **_missing_of_feeds(engine, records)},
    )
    engine.release(arrived)
    engine.release(records)
    return result


def _rows_taken_up(engine: Engine[RelationT], context: RunContext, table: Table) -> RelationT:
    """Return the rows of files taken up: new ones, and those of files taken up once more."""
    if not context.taken_again and not is_written(engine, context, table):
        return engine.from_rows(table.columns, [])
    parameters: dict[str, Value] = {
        **pending_parameters(context),
        "taken_again": [file.file_id for file in context.taken_again],
    }
    model = f"select * from stored where {IS_PENDING} or array_contains(:taken_again, file_id)"
    return engine.sql(model, parameters, stored=engine.read(table))


def _stored_by_file(
    engine: Engine[RelationT], context: RunContext, arrived: RelationT, of_feeds: RelationT
) -> dict[Subject, Counted]:
    """Return how many records of each file are stored.

    Of the rejects those count that were rejected when they were received: what row rules rejected
    is in bronze too. All rejects of feeds were.
    """
    model = """
        with records as (
            select tenant, file_id from arrived
            union all
            select tenant, file_id from of_feeds
            union all
            select tenant, file_id from rejected
            where redriven_run_id is null
            and (record_type is not null or not array_contains(:row_rules, rule_id))
        )
        select tenant, file_id, count(*) as records from records group by tenant, file_id
    """
    rejected = _rows_taken_up(engine, context, bronze_tables.QUARANTINE)
    counted = engine.sql(
        model, {"row_rules": _ROW_RULES}, arrived=arrived, of_feeds=of_feeds, rejected=rejected
    )
    return {
        Subject(row["tenant"], row["file_id"]): Counted(0, row["records"])
        for row in engine.rows(counted)
    }


def _missing(
    engine: Engine[RelationT], arrived: RelationT, rejects: RelationT
) -> dict[Subject, Counted]:
    """Return how many resources of each type are in bronze and neither in silver nor rejected."""
    present = engine.rows(
        engine.sql("select distinct tenant, resource_type from arrived", arrived=arrived)
    )
    types = {row["resource_type"] for row in present} & silver_tables.BY_RESOURCE.keys()
    if not types:
        return {}
    tenants = sorted({row["tenant"] for row in present})
    silver = {
        table.name: engine.read(table, tenants)
        for resource_type, table in silver_tables.BY_RESOURCE.items()
        if resource_type in types
    }
    model = _missing_model(types)
    lost = engine.sql(model, {"types": sorted(types)}, arrived=arrived, rejects=rejects, **silver)
    return {
        Subject(row["tenant"], row["resource_type"]): Counted(row["lost"], 0)
        for row in engine.rows(lost)
    }


def _missing_of_feeds(engine: Engine[RelationT], records: RelationT) -> dict[Subject, Counted]:
    """Return how many keys of each feed are in bronze and not in silver."""
    present = engine.rows(
        engine.sql("select distinct tenant, record_type from records", records=records)
    )
    tenants = sorted({row["tenant"] for row in present})
    lost: dict[Subject, Counted] = {}
    for feed in sorted({row["record_type"] for row in present} & feed_tables.BY_FEED.keys()):
        model = f"""
            select tenant, count(*) as lost from (
                select distinct tenant, {joined_expression("tenant", "record_id")} as record_key
                from records where record_type = '{feed}'
            ) w
            where not exists (select 1 from kept k where k.record_key = w.record_key)
            group by tenant
        """
        kept = engine.read(feed_tables.BY_FEED[feed], tenants)
        rows = engine.rows(engine.sql(model, records=records, kept=kept))
        lost |= {Subject(row["tenant"], f"feed {feed}"): Counted(row["lost"], 0) for row in rows}
    return lost


def _missing_model(types: Collection[str]) -> str:
    """Return the model that counts the names in `arrived` which no silver table and no reject has.

    Only the tables of the types that arrived are read.
    """
    kept = [
        f"select tenant, '{resource_type}' as resource_type, id as resource_id from {table.name}"
        for resource_type, table in silver_tables.BY_RESOURCE.items()
        if resource_type in types
    ]
    kept.append(f"select {_NAME} from rejects")
    return f"""
        with kept as ({" union all ".join(kept)}),
        wanted as (select distinct {_NAME} from arrived where array_contains(:types, resource_type))
        select w.tenant, w.resource_type, count(*) as lost
        from wanted w
        where not exists (
            select 1 from kept k
            where k.tenant = w.tenant
            and k.resource_type = w.resource_type
            and k.resource_id = w.resource_id
        )
        group by w.tenant, w.resource_type
    """
