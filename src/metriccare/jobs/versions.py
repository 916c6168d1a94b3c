"""Which version of a resource is the current one.

The greatest `meta.lastUpdated` wins, then the greatest ingest sequence. Content that was received
before for the resource, with the same `lastUpdated`, never counts again, even after other content
with that `lastUpdated`. Source: ingest specification, section 3.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812

from metriccare.fhir.forms import Resource
from metriccare.incremental.context import RunContext
from metriccare.jobs.arrivals import Arrivals, are_few
from metriccare.jobs.written import of_pending_runs, unwritten
from metriccare.spark import hudi
from metriccare.spark.schema import settled
from metriccare.spark.timeline import CommitNote
from metriccare.tables import bronze as bronze_tables
from metriccare.tables import silver as tables

# Rows the rules reject go along with the good ones and take no part in what is decided here.
IS_GOOD = "rule_id is null"


def winners(
    judged: DataFrame,
    arrivals: Arrivals,
    context: RunContext,
    resource: Resource,
) -> DataFrame:
    """Return the rows that become current - one per resource, newer than what is stored - and
    every rejected row.

    Each with `stored_updated`, null for a new resource; `released_patient_id`, the patient the
    stored row named and the new one does not; and `contested`: `repeats` must judge it.
    """
    rows = newest_of(judged) if arrivals.keys_repeat else judged
    table = tables.BY_RESOURCE[resource.type]
    if hudi.exists(judged.sparkSession, context.lake, table):
        stored = hudi.read(judged.sparkSession, context.lake, table)
        if are_few(arrivals.rows):
            # Of all rows: to find the newest among them they would be parsed once more.
            keys = F.broadcast(judged.select("record_key"))
            stored = stored.join(keys, "record_key", "left_semi")
        return _newer_than_stored(rows, stored, resource)
    return rows.withColumns(
        {
            "stored_updated": F.lit(None).cast("timestamp"),
            "released_patient_id": F.lit(None).cast("string"),
            "contested": F.lit(False),
        }
    )


def newest_of(rows: DataFrame) -> DataFrame:
    """Return rejected rows and one good row per resource.

    Content received twice counts once, then the newest wins.
    """
    is_good = F.expr(IS_GOOD)
    same_content = Window.partitionBy(
        "record_key", is_good, "last_updated_sent", "raw_sha256", "deleted"
    ).orderBy("ingest_sequence", "bronze_key")
    newest = Window.partitionBy("record_key", is_good).orderBy(
        F.col("last_updated").desc(), F.col("ingest_sequence").desc(), F.col("bronze_key").desc()
    )
    return (
        rows.withColumn("_repeat", F.row_number().over(same_content))
        .where(~is_good | (F.col("_repeat") == 1))
        .withColumn("_place", F.row_number().over(newest))
        .where(~is_good | (F.col("_place") == 1))
        .drop("_repeat", "_place")
    )


def _newer_than_stored(rows: DataFrame, stored: DataFrame, resource: Resource) -> DataFrame:
    before = stored.select(
        "record_key",
        F.col("last_updated").alias("stored_updated"),
        F.col("raw_sha256").alias("stored_sha256"),
        F.col("ingest_sequence").alias("stored_sequence"),
        patient_of(resource).alias("stored_patient_id"),
    )
    joined = rows.join(before, "record_key", "left")
    is_new = F.col("stored_updated").isNull()
    ties = F.col("last_updated") == F.col("stored_updated")
    is_later = (F.col("last_updated") > F.col("stored_updated")) | (
        ties & (F.col("ingest_sequence") > F.col("stored_sequence"))
    )
    same_content = F.col("raw_sha256") == F.col("stored_sha256")
    same_time = ties | F.col("last_updated_sent").isNull()
    moved = ~F.col("stored_patient_id").eqNullSafe(patient_of(resource))
    return (
        joined.where(~F.expr(IS_GOOD) | is_new | (is_later & ~(same_content & same_time)))
        .withColumn("contested", ~is_new & same_time)
        .withColumn("released_patient_id", F.when(moved, F.col("stored_patient_id")))
        .drop("stored_sha256", "stored_sequence", "stored_patient_id")
    )


def repeats(rows: DataFrame, context: RunContext, resource: Resource) -> DataFrame:
    """Return the `known_key` of rows whose content an earlier run had received already.

    Only contested rows - they tie with what is stored, or carry no time of their own - are looked
    up in bronze's history. `rows` must be settled.
    """
    return settled(_received_before(rows.where(IS_GOOD).where("contested"), context, resource))


def without(rows: DataFrame, known: DataFrame) -> DataFrame:
    """Return the rows but those `repeats` found."""
    return rows.join(known, rows["bronze_key"] == known["known_key"], "left_anti")


def patient_of(resource: Resource) -> Column:
    """Return the patient a row names, null for a resource that names none."""
    names_patient = any(reference.name == "patient" for reference in resource.references)
    return F.col("patient_id") if names_patient else F.lit(None).cast("string")


def _received_before(contested: DataFrame, context: RunContext, resource: Resource) -> DataFrame:
    """Return the keys of contested rows whose content an earlier run had received already."""
    keys = contested.select(
        "bronze_key", "tenant", F.col("id").alias("resource_id"), "raw_sha256", "last_updated_sent"
    )
    earlier = (
        hudi.read(contested.sparkSession, context.lake, bronze_tables.RESOURCE)
        .where(F.col("resource_type") == resource.type)
        .where(~of_pending_runs(context))
        .select(
            "tenant", "resource_id", "raw_sha256", F.col("last_updated").alias("last_updated_sent")
        )
    )
    same = [
        keys["tenant"] == earlier["tenant"],
        keys["resource_id"] == earlier["resource_id"],
        keys["raw_sha256"] == earlier["raw_sha256"],
        keys["last_updated_sent"].eqNullSafe(earlier["last_updated_sent"]),
    ]
    # Under another name: a frame joined with what was made of it has its columns twice.
    return keys.join(earlier, same, "left_semi").select(F.col("bronze_key").alias("known_key"))


def write_released(
    changed: DataFrame, count: int, context: RunContext, resource: Resource, note: CommitNote
) -> None:
    """Record the patients that rows named before this run and no longer name."""
    if not count:
        return
    released = changed.where("released_patient_id is not null").select(
        "tenant", F.col("released_patient_id").alias("patient_id")
    )
    table = tables.RELEASED_PATIENT
    left = unwritten(released.distinct(), context, table, ("tenant", "patient_id"))
    if left is None:
        return
    rows = left.select(
        "*",
        F.lit(context.run_id).alias("run_id"),
        F.concat_ws("|", "tenant", "patient_id", F.lit(context.run_id)).alias("record_key"),
        F.lit(1).cast("bigint").alias("ordering"),
    )
    step = CommitNote(note.run_id, f"{note.step}-released-{resource.table}")
    hudi.write(rows, context.lake, table, step)
