"""Persons on whom the rules fail: set aside for a run, named by key, tried again by every run.

Their stored rows stay as they were. Of the error its class and the place in our own code are kept,
nothing of a record: the words of an error could quote one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare.incremental.context import RunContext
from metriccare.jobs.person_frames import PERSON
from metriccare.measures.mortality_30d import MORTALITY_30D
from metriccare.measures.mortality_in_hospital import MORTALITY_IN_HOSPITAL
from metriccare.pipeline.gold.failures import FAILURE, failure_of, has_outcome, place_of
from metriccare.pipeline.gold.outcome import PersonsNotComputed
from metriccare.settings import Lake
from metriccare.spark import hudi, timeline
from metriccare.spark.schema import conform, settled
from metriccare.spark.timeline import CommitNote
from metriccare.tables import gold as tables
from metriccare.tables.declaration import ORDERING, RECORD_KEY, RUN_ID

__all__ = [
    "FAILURE",
    "PersonsNotComputed",
    "by_tenant",
    "failure_of",
    "forget_computed",
    "has_outcome",
    "note",
    "place_of",
    "record_batch",
    "stored_persons",
    "uncomputed",
]
_TOLD = ("error", "place", "since_run_id", "outcome_run_id")
_DEATH_MEASURES = (MORTALITY_30D.id, MORTALITY_IN_HOSPITAL.id)
# The table is written twice in a run, and a step is written once.
_NOTED, _COMPUTED = "gold-not-computed", "gold-computed"


def record_batch(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.RecordBatch:
    """Return persons' rows as Arrow takes them; one that does not fit is a failure of its own."""
    try:
        return pa.RecordBatch.from_pylist(rows, schema=schema)
    except Exception:
        return pa.RecordBatch.from_pylist([_fitting(row, schema) for row in rows], schema=schema)


def _fitting(row: dict[str, Any], schema: pa.Schema) -> dict[str, Any]:
    try:
        pa.RecordBatch.from_pylist([row], schema=schema)
    except Exception as error:
        failure = {"error": type(error).__name__, "place": place_of(error.__traceback__)}
        return {name: row[name] for name in PERSON} | failure | {"has_outcome": True}
    return row


def stored_persons(spark: SparkSession, lake: Lake) -> DataFrame | None:
    """Return the persons set aside by earlier runs; None when there never was one."""
    if not timeline.partitions(spark, lake, tables.PERSON_NOT_COMPUTED):
        return None
    return hudi.read(spark, lake, tables.PERSON_NOT_COMPUTED)


def uncomputed(spark: SparkSession, context: RunContext, people: DataFrame) -> DataFrame:
    """Return the rows of gold.person_not_computed for the persons on whom the rules failed."""
    failed = people.where("error is not null").select(*PERSON, "error", "place", "has_outcome")
    with_outcome = _with_stored_outcome(spark, context.lake).withColumn("is_stored", F.lit(True))
    known = hudi.read(spark, context.lake, tables.PERSON_NOT_COMPUTED).select(
        *PERSON, F.col("since_run_id").alias("since"), F.col("outcome_run_id").alias("outcome")
    )
    run_id = F.lit(context.run_id)
    joined = failed.join(with_outcome, [*PERSON], "left").join(known, [*PERSON], "left")
    rows = joined.select(
        *PERSON,
        "error",
        "place",
        F.coalesce("since", run_id).alias("since_run_id"),
        F.when(F.col("has_outcome") | F.col("is_stored"), F.coalesce("outcome", run_id)).alias(
            "outcome_run_id"
        ),
    )
    return settled(rows)


def _with_stored_outcome(spark: SparkSession, lake: Lake) -> DataFrame:
    """Return the persons of whom gold holds a death or an infection."""
    evidence = hudi.read(spark, lake, tables.MEASURE_STAY)
    of_death = F.col("measure_id").isin(*_DEATH_MEASURES) & (F.col("numerator") > 0)
    dead = evidence.where(of_death).select(*PERSON)
    infected = hudi.read(spark, lake, tables.INFECTION_EVENT).select(*PERSON)
    return dead.unionByName(infected).distinct()


def by_tenant(rows: DataFrame, stays: DataFrame) -> dict[str, PersonsNotComputed]:
    """Return the persons not computed by tenant; `stays` are those gold is to hold."""
    counts: dict[str, Counter[tuple[str, str | None]]] = {}
    for row in rows.groupBy("tenant", "since_run_id", "outcome_run_id").count().collect():
        since = row.since_run_id, row.outcome_run_id
        counts.setdefault(row.tenant, Counter())[since] += row["count"]
    every = stays.select(*PERSON).unionByName(rows.select(*PERSON)).distinct()
    found = every.where(F.col("tenant").isin(*counts)).groupBy("tenant").count().collect()
    return {row.tenant: PersonsNotComputed(row["count"], counts[row.tenant]) for row in found}


def note(context: RunContext, rows: DataFrame) -> None:
    """Write down who was not computed, where that is new or has changed.

    This comes before the gates: a tenant they refuse for it must find the persons named.
    """
    spark = rows.sparkSession
    table = tables.PERSON_NOT_COMPUTED
    known = hudi.read(spark, context.lake, table).select(*PERSON, F.struct(*_TOLD).alias("known"))
    differing = rows.join(known, [*PERSON], "left").where(
        ~F.struct(*_TOLD).eqNullSafe(F.col("known"))
    )
    changed = settled(_stamped(differing.drop("known"), context))
    if not changed.isEmpty():
        context.check_lease()
        hudi.write(changed, context.lake, table, CommitNote(context.run_id, _NOTED))


def _stamped(rows: DataFrame, context: RunContext) -> DataFrame:
    ordering = F.lit(int(context.started_at.timestamp() * 1_000_000))
    stamped = (
        rows.withColumn(RUN_ID.name, F.lit(context.run_id))
        .withColumn(RECORD_KEY.name, F.concat_ws("|", *PERSON))
        .withColumn(ORDERING.name, ordering)
    )
    return conform(stamped, tables.PERSON_NOT_COMPUTED)


def forget_computed(
    spark: SparkSession,
    context: RunContext,
    rows: DataFrame | None,
    refused: Collection[str],
) -> None:
    """Remove the persons who are computed and written by now.

    A refused tenant's rows are not written: its persons stay noted, so that they are tried again.
    """
    stored = stored_persons(spark, context.lake)
    if stored is None:
        return
    gone = stored.where(~F.col("tenant").isin(*refused)) if refused else stored
    if rows is not None:
        gone = gone.join(F.broadcast(rows.select(*PERSON)), [*PERSON], "left_anti")
    gone = settled(gone)
    if not gone.isEmpty():
        context.check_lease()
        commit = CommitNote(context.run_id, _COMPUTED)
        hudi.remove(gone, context.lake, tables.PERSON_NOT_COMPUTED, commit)
