"""Rejected records that are open, and what came of them once their files went through again."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare.settings import Lake
from metriccare.spark import hudi
from metriccare.spark.schema import settled
from metriccare.tables import bronze as bronze_tables

# Which record a reject is of, whatever rule rejects it: its key without the rule.
RECORD = "substring(record_key, 1, length(record_key) - length(rule_id) - 1)"


@dataclass(frozen=True)
class Wanted:
    """Records to be sent through again: their keys, and the files that hold them."""

    records: DataFrame
    file_ids: frozenset[str]


def open_rejects(spark: SparkSession, lake: Lake) -> DataFrame:
    """Return the rejected records no later run took in after all."""
    quarantine = hudi.read(spark, lake, bronze_tables.QUARANTINE)
    return quarantine.where("redriven_run_id is null")


def wanted_rejects(
    spark: SparkSession, lake: Lake, run_id: str | None, rule_id: str | None
) -> Wanted:
    """Return the open records that a run and a rule rejected; None does not restrict them."""
    rows = open_rejects(spark, lake)
    for column, value in (("run_id", run_id), ("rule_id", rule_id)):
        if value is not None:
            rows = rows.where(F.col(column) == value)
    records = settled(rows.select("file_id", F.expr(RECORD).alias("record")))
    files = records.select("file_id").distinct().collect()
    return Wanted(records, frozenset(row.file_id for row in files))


def still_rejected(spark: SparkSession, lake: Lake, wanted: Wanted) -> int:
    """Return how many of the records are rejected today, by whatever rule."""
    left = open_rejects(spark, lake).select(F.expr(RECORD).alias("record"))
    return wanted.records.join(left, "record", "left_semi").count()
