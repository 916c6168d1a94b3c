"""How good the data is: rows received, rejected and flagged by rule, and how new they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F  # noqa: N812

from metriccare import naming
from metriccare.incremental.context import RunContext
from metriccare.jobs.rejects import open_rejects
from metriccare.jobs.results import as_of_column
from metriccare.measures.suppression import SMALLEST_SHOWN
from metriccare.pipeline.publish.data_quality import MEANINGS, OF_NOBODY, ROWS
from metriccare.quality.rules import PERSON_NOT_COMPUTED
from metriccare.spark import hudi
from metriccare.spark.schema import settled
from metriccare.tables import Table
from metriccare.tables import bronze as bronze_tables
from metriccare.tables import gold as gold_tables
from metriccare.tables import silver as silver_tables


@dataclass(frozen=True)
class Received:
    """What a run finds in bronze and silver: counts by layer, table and rule; newest arrivals."""

    counts: DataFrame
    freshness: DataFrame


def received(spark: SparkSession, context: RunContext) -> Received:
    """Count what has been received, once; nothing of it depends on what gold computes."""
    by_type = settled(_by_type(spark, context))
    counts = settled(_counts(spark, context, by_type))
    return Received(counts, _freshness(by_type, context))


def with_uncomputed(received: Received, uncomputed: DataFrame | None) -> Received:
    """Return the counts with the persons on whom the rules failed; None when there are none."""
    if uncomputed is None:
        return received
    table, rule = gold_tables.PERSON_NOT_COMPUTED, PERSON_NOT_COMPUTED
    counted = _counted(uncomputed, table.layer, F.lit(table.name), F.lit(rule.id))
    return replace(received, counts=received.counts.unionByName(counted))


def _by_type(spark: SparkSession, context: RunContext) -> DataFrame:
    """Return bronze's rows, newest version and newest arrival by resource type."""
    bronze = hudi.read(spark, context.lake, bronze_tables.RESOURCE)
    return bronze.groupBy("tenant", "resource_type").agg(
        F.count("*").alias("row_count"),
        F.max("last_updated").alias("last_updated"),
        F.max("ingested_at").alias("last_ingested_at"),
    )


def data_quality(counts: DataFrame, stays: DataFrame, context: RunContext) -> DataFrame:
    """Return rows by layer, table and rule, the stays' too; small counts of flags hidden."""
    of_stays = _flag_counts(stays, gold_tables.STAY)
    return described(counts.unionByName(of_stays), context)


def _counts(spark: SparkSession, context: RunContext, by_type: DataFrame) -> DataFrame:
    rejects = open_rejects(spark, context.lake)
    rejected_type = F.coalesce("resource_type", F.lit("unknown"))
    counts = [
        by_type.select(
            "tenant",
            F.lit(naming.BRONZE).alias("layer"),
            F.col("resource_type").alias("table_name"),
            F.lit(ROWS).alias("rule_id"),
            "row_count",
        ),
        _counted(rejects, naming.BRONZE, rejected_type, F.col("rule_id")),
        *[_flags(spark, context, table) for table in silver_tables.BY_RESOURCE.values()],
    ]
    return reduce(DataFrame.unionByName, counts)


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


def described(counts: DataFrame, context: RunContext) -> DataFrame:
    """Return counts with each rule's severity and meaning in words, small cells blanked."""
    words = counts.sparkSession.createDataFrame(
        [(rule, severity, text) for rule, (severity, text) in MEANINGS.items()],
        "rule_id string, severity string, meaning string",
    )
    rejected = F.when(F.col("layer") == "bronze", F.lit("reject")).otherwise(F.lit("warn"))
    plain = F.initcap(F.regexp_replace("rule_id", "_", " "))
    small = _is_hidden_quality()
    return (
        counts.join(F.broadcast(words), "rule_id", "left")
        .withColumn("severity", F.coalesce("severity", rejected))
        .withColumn("meaning", F.coalesce("meaning", plain))
        .withColumn("suppressed", small)
        .withColumn("row_count", F.when(~small, F.col("row_count")))
        .withColumn("as_of", as_of_column(context))
    )


def _is_small(count: Column) -> Column:
    return (count > 0) & (count < SMALLEST_SHOWN)


def _is_hidden_quality() -> Column:
    """Tell whether a count of rows, or what is left beside it of all rows, is a small cell."""
    kind = F.col("table_name")
    for resource_type, table in silver_tables.BY_RESOURCE.items():
        kind = F.when(F.col("table_name") == table.name, resource_type).otherwise(kind)
    rows = F.when(F.col("rule_id") == ROWS, F.col("row_count"))
    whole = F.max(rows).over(Window.partitionBy("tenant", kind))
    beside = F.when(F.col("layer") == naming.SILVER, whole - F.col("row_count"))
    concerns_people = ~kind.isin(*OF_NOBODY) | (F.col("rule_id") != ROWS)
    found = (_is_small(F.col("row_count")) & concerns_people) | _is_small(beside)
    return F.coalesce(found, F.lit(False))


def _freshness(by_type: DataFrame, context: RunContext) -> DataFrame:
    """Return the newest version and arrival of each resource type."""
    return (
        by_type.drop("row_count")
        .withColumn("published_at", F.lit(context.started_at).cast("timestamp"))
        .withColumn("as_of", as_of_column(context))
    )
