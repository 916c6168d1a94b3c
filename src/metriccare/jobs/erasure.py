"""A person's rows removed from every table, and every older file with them.

Each step can be done again: an erasure that broke off is finished by doing it once more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare.incremental.context import RunContext
from metriccare.jobs import gold
from metriccare.jobs.person_search import key_frame
from metriccare.spark import hudi
from metriccare.spark.schema import settled
from metriccare.spark.table_services import remove_old_files
from metriccare.spark.timeline import CommitNote
from metriccare.tables import TABLES, Table
from metriccare.tables import bronze as bronze_tables
from metriccare.tables import gold as gold_tables
from metriccare.tables import silver as tables
from metriccare.tables.declaration import RECORD_KEY
from metriccare.tracking.erasure import Holdings

STEP = "erased"


def erase_rows(spark: SparkSession, context: RunContext, held: Holdings) -> dict[str, int]:
    """Remove the person's rows from all tables; return how many went, by table.

    Gold and publish are computed anew for the person, who then has nothing to be computed from.
    """
    removed = Counter(_gold_rows(spark, context, held))
    _release(spark, context, held)
    for table, rows in _silver_rows(spark, context, held).items():
        removed[table.full_name] += _remove(rows, context, table)
    gold.run(spark, context.lake, _at_published_dates(spark, context))
    released = hudi.read(spark, context.lake, tables.RELEASED_PATIENT)
    removed[tables.RELEASED_PATIENT.full_name] = _remove(
        released.where(_is_patient(held)), context, tables.RELEASED_PATIENT
    )
    for table, keys in (
        (bronze_tables.QUARANTINE, held.quarantine),
        (bronze_tables.RESOURCE, held.bronze),
    ):
        rows = _by_key(spark, hudi.read(spark, context.lake, table), keys)
        removed[table.full_name] = _remove(rows, context, table)
    return {name: count for name, count in removed.items() if count}


def remove_every_old_file(spark: SparkSession, context: RunContext) -> int:
    """Leave only the newest version of every file of every table; return how many went."""
    present = [table for table in TABLES if hudi.exists(spark, context.lake, table)]
    return sum(remove_old_files(spark, context.lake, table) for table in present)


def _is_patient(held: Holdings) -> Column:
    ids = F.col("patient_id").isin(list(held.person.patient_ids))
    return (F.col("tenant") == held.person.tenant) & ids


def _by_key(spark: SparkSession, rows: DataFrame, keys: tuple[str, ...]) -> DataFrame:
    wanted = key_frame(spark, [(key,) for key in keys], RECORD_KEY.name)
    return rows.join(F.broadcast(wanted), RECORD_KEY.name, "left_semi")


def _remove(rows: DataFrame, context: RunContext, table: Table) -> int:
    gone = settled(rows.select(*table.column_names))
    count = gone.count()
    if count:
        context.check_lease()
        hudi.remove(gone, context.lake, table, CommitNote(context.run_id, STEP))
    return count


def _gold_rows(spark: SparkSession, context: RunContext, held: Holdings) -> Mapping[str, int]:
    """Return how many rows of gold are the person's."""
    person = F.col("person_id").isin(list(held.person.patient_ids))
    own = (F.col("tenant") == held.person.tenant) & person
    return {
        table.full_name: hudi.read(spark, context.lake, table).where(own).count()
        for table in gold_tables.TABLES
        if "person_id" in table.column_names
    }


def _release(spark: SparkSession, context: RunContext, held: Holdings) -> None:
    """Write down whose stays are to be computed anew; removed again when they are."""
    person = held.person
    rows = [
        (person.tenant, id_, context.run_id, f"{person.tenant}|{id_}|{context.run_id}", 1)
        for id_ in person.patient_ids
    ]
    schema = "tenant string, patient_id string, run_id string, record_key string, ordering bigint"
    frame = spark.createDataFrame(rows, schema)
    note = CommitNote(context.run_id, f"{STEP}-released")
    hudi.write(frame, context.lake, tables.RELEASED_PATIENT, note)


def _silver_rows(
    spark: SparkSession, context: RunContext, held: Holdings
) -> dict[Table, DataFrame]:
    """Return the person's rows of silver, by table."""
    keys = F.broadcast(key_frame(spark, held.resources, "kind", "id"))
    found = {}
    for kind, table in tables.BY_RESOURCE.items():
        rows = hudi.read(spark, context.lake, table).where(F.col("tenant") == held.person.tenant)
        found[table] = rows.join(keys.where(F.col("kind") == kind), "id", "left_semi")
    detail = hudi.read(spark, context.lake, tables.ENCOUNTER_DETAIL)
    encounters = keys.where("kind = 'Encounter'").select(F.col("id").alias("encounter_id"))
    own = detail.join(encounters, "encounter_id", "left_semi").unionByName(
        detail.where(_is_patient(held)), allowMissingColumns=True
    )
    found[tables.ENCOUNTER_DETAIL] = own.where(F.col("tenant") == held.person.tenant).distinct()
    found[tables.UNRESOLVED_REFERENCE] = _waiting(spark, context, held)
    found[tables.RESOLVED_NAME] = _names(spark, context, held)
    return found


def _waiting(spark: SparkSession, context: RunContext, held: Holdings) -> DataFrame:
    """Return the references that wait for the person or stand in the person's resources."""
    named = {kind: table.name for kind, table in tables.BY_RESOURCE.items()}
    rows = [(named[kind], id_) for kind, id_ in held.resources if kind in named]
    keys = key_frame(spark, rows, "table_name", "id")
    waiting = hudi.read(spark, context.lake, tables.UNRESOLVED_REFERENCE)
    waiting = waiting.where(F.col("tenant") == held.person.tenant)
    own = waiting.join(F.broadcast(keys), ["table_name", "id"], "left_semi")
    to_person = waiting.where(F.col("reference").isin(list(held.person.names)))
    return own.unionByName(to_person).distinct()


def _names(spark: SparkSession, context: RunContext, held: Holdings) -> DataFrame:
    """Return the names by which the person's resources, or the person, were referred to."""
    keys = key_frame(spark, held.resources, "kind", "target_id")
    named = hudi.read(spark, context.lake, tables.RESOLVED_NAME)
    named = named.where(F.col("tenant") == held.person.tenant)
    named = named.withColumn("kind", F.regexp_extract("name", "^([A-Za-z]+)", 1))
    own = named.join(F.broadcast(keys), ["kind", "target_id"], "left_semi")
    return own.drop("kind")


def _at_published_dates(spark: SparkSession, context: RunContext) -> RunContext:
    """Return the context with the dates of the published results and nothing that waits.

    An erasure moves no clock, and what no gate has judged yet is not published with it.
    """
    stored = hudi.read(spark, context.lake, gold_tables.MEASURE_RESULT)
    dates = {row[0]: row[1] for row in stored.select("tenant", "as_of").distinct().collect()}
    return replace(
        context,
        as_of_by_tenant={**context.as_of_by_tenant, **dates},
        pending_runs={context.run_id: None},
        taken_again=(),
    )
