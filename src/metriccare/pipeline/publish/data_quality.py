"""How good the data is: rows received, rejected and flagged by rule, and how new they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic

from metriccare.disclosure.cell_size import SMALLEST_SHOWN
from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, RelationT, Value
from metriccare.incremental.context import RunContext
from metriccare.marts.claims import flags as claims_flags
from metriccare.marts.stays import flags
from metriccare.pipeline.bronze.quarantine import open_rejects
from metriccare.quality.feed_rules import REJECT_RULES, WARN_RULES
from metriccare.quality.rules import (
    LOOKED_UP_RULES,
    PERSON_NOT_COMPUTED,
    RECEPTION_RULES,
    RULES,
)
from metriccare.tables import Column, Table
from metriccare.tables import bronze as bronze_tables
from metriccare.tables import claims as claims_tables
from metriccare.tables import feeds as feed_tables
from metriccare.tables import gold as gold_tables
from metriccare.tables import publish as tables
from metriccare.tables import silver as silver_tables

ROWS = "rows"
# Severity and meaning of what is counted, by rule.
MEANINGS: Mapping[str, tuple[str, str]] = {
    **{flag: ("warn", meaning) for flag, meaning in flags.MEANING.items()},
    **{
        rule.id: (rule.severity, rule.sentence)
        for rule in (*RECEPTION_RULES, *RULES, *LOOKED_UP_RULES, PERSON_NOT_COMPUTED)
    },
    # A rule of the same id and meaning of FHIR comes first.
    **{
        rule.id: ("reject", rule.sentence)
        for rule in REJECT_RULES
        if rule.id not in {each.id for each in RULES}
    },
    **{rule.id: ("warn", rule.sentence) for rule in WARN_RULES.values()},
    **{
        flag: ("warn", meaning)
        for flag, meaning in claims_flags.MEANING.items()
        if flag not in WARN_RULES and flag not in {each.id for each in RULES}
    },
    ROWS: ("info", "Rows received."),
}
# Resources that speak of no patient: how many there are identifies nobody.
OF_NOBODY = ("Organization", "Location", "Practitioner", "PractitionerRole", "HealthcareService")
_COUNTED = "tenant, layer, table_name, rule_id"
# Tables of gold whose rows have flags of their own.
_FLAGGED = (gold_tables.STAY, claims_tables.CLAIM, claims_tables.REMIT, claims_tables.ACCOUNT)
_REJECTED_TYPE = "coalesce(resource_type, 'feed_' || record_type, 'unknown')"


@dataclass(frozen=True)
class Received(Generic[RelationT]):
    """What a run finds in bronze and silver: counts by layer, table and rule; newest arrivals."""

    counts: RelationT
    freshness: RelationT


def received(engine: Engine[RelationT], context: RunContext) -> Received[RelationT]:
    """Count what has been received, once; nothing of it depends on what gold computes."""
    by_type = engine.materialize(
        engine.sql(
            model(__package__, "received_by_type"), bronze=engine.read(bronze_tables.RESOURCE)
        )
    )
    silver = {table.name: engine.read(table) for table in silver_tables.BY_RESOURCE.values()}
    silver |= {
        table.name: engine.read(table)
        for table in feed_tables.BY_FEED.values()
        if engine.commits(table)
    }
    rows = engine.read(bronze_tables.RECORD)
    counts = engine.sql(
        _counts_model(silver),
        {},
        by_type=by_type,
        rejects=open_rejects(engine),
        records=rows,
        **silver,
    )
    freshness = engine.sql(
        model(__package__, "freshness"),
        {"published_at": context.started_at, "as_of": context.as_of},
        by_type=by_type,
        days=days_of_tenants(engine, context),
    )
    return Received(engine.materialize(counts), freshness)


def with_uncomputed(
    engine: Engine[RelationT],
    received: Received[RelationT],
    uncomputed: Sequence[tuple[Table, RelationT]],
) -> Received[RelationT]:
    """Return the counts with the persons whose computation failed, by the table they are in."""
    if not uncomputed:
        return received
    counted = " union all ".join(
        f"select tenant, '{table.layer}', '{table.name}', '{PERSON_NOT_COMPUTED.id}', count(*)"
        f" from {table.name} group by tenant"
        for table, _ in uncomputed
    )
    counts = engine.sql(
        f"select {_COUNTED}, row_count from counts union all {counted}",
        None,
        counts=received.counts,
        **{table.name: rows for table, rows in uncomputed},
    )
    return replace(received, counts=counts)


def data_quality(
    engine: Engine[RelationT],
    counts: RelationT,
    gold: Mapping[str, RelationT],
    context: RunContext,
) -> RelationT:
    """Return rows by layer, table and rule, those of gold too; small counts of flags hidden.

    `gold` are the tables of persons as they are to be, by name.
    """
    given = {table.name: gold[table.name] for table in _FLAGGED if table.name in gold}
    flagged = [_flags(table, table.name) for table in _FLAGGED if table.name in given]
    counted = f"""
        select {_COUNTED}, row_count from counts
        union all
        {_flag_counts(" union all ".join(flagged))}
    """
    return described(engine, engine.sql(counted, None, counts=counts, **given), context)


def described(engine: Engine[RelationT], counts: RelationT, context: RunContext) -> RelationT:
    """Return counts with each rule's severity and meaning in words, small cells blanked."""
    declared = tables.DATA_QUALITY
    words = engine.from_rows(
        [declared.column(name) for name in ("rule_id", "severity", "meaning")],
        [(rule, *words) for rule, words in MEANINGS.items()],
    )
    types = engine.from_rows(
        [declared.column("table_name"), tables.FRESHNESS.column("resource_type")],
        [(table.name, name) for name, table in silver_tables.BY_RESOURCE.items()],
    )
    parameters: dict[str, Value] = {
        "smallest_shown": SMALLEST_SHOWN,
        "of_nobody": OF_NOBODY,
        "as_of": context.as_of,
    }
    return engine.sql(
        model(__package__, "described_counts"),
        parameters,
        counts=counts,
        words=words,
        types=types,
        days=days_of_tenants(engine, context),
    )


def days_of_tenants(engine: Engine[RelationT], context: RunContext) -> RelationT:
    """Return the as-of dates of tenants that have one of their own: tenant, as_of."""
    columns: list[Column] = [tables.FRESHNESS.column(name) for name in ("tenant", "as_of")]
    return engine.from_rows(columns, context.as_of_by_tenant.items())


def _counts_model(silver: Collection[str]) -> str:
    """Return the model of all counts in bronze, and in the silver tables of these names."""
    tables_ = (*silver_tables.BY_RESOURCE.values(), *feed_tables.BY_FEED.values())
    flagged = [
        _flags(table, table.name, "not deleted") for table in tables_ if table.name in silver
    ]
    return f"""
        select tenant, 'bronze' as layer, resource_type as table_name, '{ROWS}' as rule_id,
            row_count
        from by_type
        union all
        select tenant, 'bronze', 'feed_' || record_type, '{ROWS}', count(*)
        from records
        group by tenant, record_type
        union all
        select tenant, 'bronze', {_REJECTED_TYPE}, rule_id, count(*)
        from rejects
        group by tenant, {_REJECTED_TYPE}, rule_id
        union all
        {_flag_counts(" union all ".join(flagged))}
    """


def _flags(table: Table, relation: str, which: str = "true") -> str:
    return (
        f"select tenant, '{table.layer}' as layer, '{table.name}' as table_name,"
        f" explode(dq_flags) as rule_id from {relation} where {which}"
    )


def _flag_counts(flagged: str) -> str:
    return f"select {_COUNTED}, count(*) from ({flagged}) group by {_COUNTED}"
