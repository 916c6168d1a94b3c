"""Publication: results with small cells hidden, in tables that may be seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare.jobs.context import RunContext
from metriccare.jobs.differences import write_differences
from metriccare.jobs.person_frames import Silver
from metriccare.jobs.results import as_of_column
from metriccare.measures import BY_ID
from metriccare.measures.infection_event import ACQUIRED, LABID
from metriccare.measures.suppression import (
    SMALLEST_SHOWN,
    Cell,
    CellKey,
    hidden_cells,
)
from metriccare.quality.rules import DANGLING_REFERENCE, RULES
from metriccare.spark import hudi
from metriccare.tables import Table
from metriccare.tables import bronze as bronze_tables
from metriccare.tables import gold as gold_tables
from metriccare.tables import publish as tables
from metriccare.tables import silver as silver_tables

_KEY = ("tenant", "measure_id", "grain", "period_start", "stratum_type", "stratum_value")
_HIDDEN = ("numerator", "denominator", "value", "ci_low", "ci_high")
_SENTENCES = {rule.id: (rule.severity, rule.sentence) for rule in (*RULES, DANGLING_REFERENCE)}
ROWS = "rows"


@dataclass(frozen=True)
class Published:
    """The rows a published table is to have."""

    table: Table
    rows: DataFrame


def compute(
    spark: SparkSession,
    context: RunContext,
    gold: Mapping[str, DataFrame],
    results: Mapping[str, DataFrame],
    silver: Silver,
) -> dict[str, Published]:
    """Return the rows of every published table."""
    frames = {
        tables.MEASURE: measures(results[gold_tables.MEASURE_RESULT.name], silver),
        tables.INFECTION_CODE: infection_codes(gold[gold_tables.INFECTION_EVENT.name], context),
        tables.DATA_QUALITY: data_quality(spark, context, gold),
        tables.FRESHNESS: freshness(spark, context),
    }
    return {table.name: Published(table, rows) for table, rows in frames.items()}


def write(context: RunContext, published: Mapping[str, Published], note: hudi.CommitNote) -> None:
    """Write the published tables; the measures come last, when all else stands."""
    order = sorted(published.values(), key=lambda one: one.table is tables.MEASURE)
    for one in order:
        stored = hudi.read(one.rows.sparkSession, context.lake, one.table)
        write_differences(one.rows, stored, context, one.table, note)


def measures(results: DataFrame, silver: Silver) -> DataFrame:
    """Return results with hidden cells blanked and strata in words."""
    hidden = _hidden_keys(results, _hospital_of(silver))
    schema = "tenant string, measure_id string, grain string, period_start date,"
    schema += " stratum_type string, stratum_value string, is_hidden boolean"
    marks = results.sparkSession.createDataFrame(hidden, schema)
    same = [results[name].eqNullSafe(marks[name]) for name in _KEY]
    joined = results.join(F.broadcast(marks), same, "left").select(
        *[results[name] for name in results.columns],
        F.coalesce(marks["is_hidden"], F.expr("false")).alias("suppressed"),
    )
    shown = {n: F.when(~F.col("suppressed"), F.col(n)) for n in _HIDDEN}
    return _with_labels(joined.withColumns(shown), silver)


def _hidden_keys(
    results: DataFrame, hospital_of: Mapping[str, Mapping[str, str]]
) -> list[tuple[Any, ...]]:
    """Return the keys of the cells to hide; the results are few enough for the driver."""
    grouped: dict[tuple[str, str], list[Cell]] = {}
    for row in results.select(*_KEY, "numerator", "denominator").collect():
        key = CellKey(row.grain, row.period_start, row.stratum_type, row.stratum_value)
        cell = Cell(key, row.numerator, row.denominator)
        grouped.setdefault((row.tenant, row.measure_id), []).append(cell)
    return [
        (tenant, measure, k.grain, k.period_start, k.stratum_type, k.stratum_value, True)
        for (tenant, measure), cells in grouped.items()
        for k in hidden_cells(BY_ID[measure], cells, hospital_of.get(tenant, {}))
    ]


def _hospital_of(silver: Silver) -> dict[str, dict[str, str]]:
    """Return each department's hospital, by tenant."""
    rows = silver["Location"].where("managing_organization_id is not null")
    found: dict[str, dict[str, str]] = {}
    for row in rows.select("tenant", "id", "managing_organization_id").collect():
        found.setdefault(row.tenant, {})[row.id] = row.managing_organization_id
    return found


def _with_labels(results: DataFrame, silver: Silver) -> DataFrame:
    """Return results with `stratum_label`: names of hospitals and wards, words for codes."""
    names = _names(silver["Organization"], "hospital").unionByName(
        _names(silver["Location"], "department")
    )
    keys = ["tenant", "stratum_type", "stratum_value"]
    words = F.initcap(F.regexp_replace("stratum_value", "_", " "))
    own = F.when(F.col("stratum_type") == "infection_type", F.upper("stratum_value")).otherwise(
        words
    )
    joined = results.join(F.broadcast(names), keys, "left")
    return joined.withColumn("stratum_label", F.coalesce("name", own)).drop("name")


def _names(rows: DataFrame, kind: str) -> DataFrame:
    return rows.select(
        "tenant", F.lit(kind).alias("stratum_type"), F.col("id").alias("stratum_value"), "name"
    )


def _is_small(count: Column) -> Column:
    return (count > 0) & (count < SMALLEST_SHOWN)


def infection_codes(events: DataFrame, context: RunContext) -> DataFrame:
    """Return hospital-acquired events by code; a small count is hidden, and with a lone hidden
    one the next smallest, since the total is known from the measure.
    """
    counted = (
        events.where((F.col("origin") == ACQUIRED) & (F.col("method") != LABID))
        .groupBy("tenant", "code_system", "code", "infection_type")
        .agg(F.count("*").alias("events"), F.max("display").alias("display"))
    )
    rows = counted.collect()
    schema = counted.schema
    frame = counted.sparkSession.createDataFrame(rows, schema)
    hidden = [(t, s, c, True) for t, s, c in _hidden_codes(rows)]
    marks = counted.sparkSession.createDataFrame(
        hidden, "tenant string, code_system string, code string, is_hidden boolean"
    )
    joined = frame.join(F.broadcast(marks), ["tenant", "code_system", "code"], "left")
    suppressed = F.coalesce("is_hidden", F.expr("false"))
    return (
        joined.withColumn("suppressed", suppressed)
        .withColumn("events", F.when(~F.col("suppressed"), F.col("events")))
        .withColumn("as_of", as_of_column(context))
        .drop("is_hidden")
    )


def _hidden_codes(rows: Iterable[Any]) -> list[tuple[str, str, str]]:
    by_tenant: dict[str, list[Any]] = {}
    for row in rows:
        by_tenant.setdefault(row.tenant, []).append(row)
    hidden = []
    for found in by_tenant.values():
        ordered = sorted(found, key=lambda row: (row.events, row.code))
        total = 0
        for place, row in enumerate(ordered):
            # Hidden counts together must be no small cell either, and never one alone.
            if row.events >= SMALLEST_SHOWN and (
                place == 0 or (place > 1 and total >= SMALLEST_SHOWN)
            ):
                break
            hidden.append((row.tenant, row.code_system, row.code))
            total += row.events
    return hidden


def data_quality(
    spark: SparkSession, context: RunContext, gold: Mapping[str, DataFrame]
) -> DataFrame:
    """Return rows by layer, table and rule; small counts of flagged rows are hidden."""
    bronze = hudi.read(spark, context.lake, bronze_tables.RESOURCE)
    quarantine = hudi.read(spark, context.lake, bronze_tables.QUARANTINE)
    counts = [
        _counted(bronze, "bronze", F.col("resource_type"), F.lit(ROWS)),
        _counted(
            quarantine, "bronze", F.coalesce("resource_type", F.lit("unknown")), F.col("rule_id")
        ),
        *[_flags(spark, context, table) for table in silver_tables.BY_RESOURCE.values()],
        _flag_counts(gold[gold_tables.STAY.name], gold_tables.STAY),
    ]
    every = reduce(DataFrame.unionByName, counts)
    return _described(every, context)


def _counted(rows: DataFrame, layer: str, table: Column, rule: Column) -> DataFrame:
    return (
        rows.select(
            "tenant", F.lit(layer).alias("layer"), table.alias("table_name"), rule.alias("rule_id")
        )
        .groupBy("tenant", "layer", "table_name", "rule_id")
        .agg(F.count("*").alias("row_count"))
    )


def _flags(spark: SparkSession, context: RunContext, table: Table) -> DataFrame:
    return _flag_counts(hudi.read(spark, context.lake, table).where("not deleted"), table)


def _flag_counts(rows: DataFrame, table: Table) -> DataFrame:
    flagged = rows.select("tenant", F.explode("dq_flags").alias("rule_id"))
    return _counted(flagged, table.layer, F.lit(table.name), F.col("rule_id"))


def _described(counts: DataFrame, context: RunContext) -> DataFrame:
    described = [(rule, severity, text) for rule, (severity, text) in _SENTENCES.items()]
    words = counts.sparkSession.createDataFrame(
        [*described, (ROWS, "info", "Rows received.")],
        "rule_id string, severity string, meaning string",
    )
    rejected = F.when(F.col("layer") == "bronze", F.lit("reject")).otherwise(F.lit("warn"))
    plain = F.initcap(F.regexp_replace("rule_id", "_", " "))
    small = _is_small(F.col("row_count")) & (F.col("rule_id") != ROWS)
    return (
        counts.join(F.broadcast(words), "rule_id", "left")
        .withColumn("severity", F.coalesce("severity", rejected))
        .withColumn("meaning", F.coalesce("meaning", plain))
        .withColumn("suppressed", small)
        .withColumn("row_count", F.when(~small, F.col("row_count")))
        .withColumn("as_of", as_of_column(context))
    )


def freshness(spark: SparkSession, context: RunContext) -> DataFrame:
    """Return the newest version and arrival of each resource type."""
    bronze = hudi.read(spark, context.lake, bronze_tables.RESOURCE)
    return (
        bronze.groupBy("tenant", "resource_type")
        .agg(
            F.max("last_updated").alias("last_updated"),
            F.max("ingested_at").alias("last_ingested_at"),
        )
        .withColumn("published_at", F.lit(context.started_at).cast("timestamp"))
        .withColumn("as_of", as_of_column(context))
    )
