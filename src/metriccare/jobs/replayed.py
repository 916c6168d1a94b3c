"""Files on their way through once more: what they gave before gives way to what they give today.

Bronze keeps the rows that are the same and writes only what differs. In silver the resources the
files speak of are withdrawn and decided anew from every version in bronze, so that the newest
version wins under today's rules, whatever was stored. Source: docs/adr/0030-replay.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare.fhir.forms import Resource
from metriccare.fhir.resources import RESOURCES
from metriccare.incremental.context import RunContext
from metriccare.jobs import drift
from metriccare.jobs.bronze_rows import quarantine_rows, with_run
from metriccare.jobs.received import received
from metriccare.jobs.rejects import RECORD, open_rejects
from metriccare.pipeline.bronze.file_counts import FileCounts, counts_by_file
from metriccare.pipeline.bronze.part_reader import PartCounts
from metriccare.spark import hudi
from metriccare.spark.schema import settled
from metriccare.spark.timeline import CommitNote
from metriccare.tables import Table
from metriccare.tables import bronze as bronze_tables
from metriccare.tables import silver as tables
from metriccare.tables.declaration import RECORD_KEY
from metriccare.tracking.states import FileRecord

STEP = "replayed"
KEY = ("tenant", "resource_type", "resource_id")
# What a run stamps on a row it takes in; a row that differs in nothing else is left alone.
_STAMPS = frozenset({"run_id", "ingested_at", "ordering", "redriven_run_id"})


def take_again(
    spark: SparkSession, context: RunContext, files: Sequence[FileRecord]
) -> dict[str, FileCounts]:
    """Bring bronze's rows of files to what the files give today; return what came of each."""
    incoming = received(spark, files, context.erased)
    records = settled(with_run(incoming.records, context))
    ids = [file.file_id for file in files]
    of_files = F.col("file_id").isin(ids)
    table = bronze_tables.RESOURCE
    _remove(_damaged(spark, context, ids), context, table, f"{STEP}-damaged")
    rows, stored = records.where("rule_id is null"), hudi.read(spark, context.lake, table)
    gone = _write_differing(rows, stored.where(of_files), context, table)
    _remove(gone, context, table)
    table = bronze_tables.QUARANTINE
    rejects = quarantine_rows(records.where("rule_id is not null"))
    settled_rejects = _write_differing(
        rejects, open_rejects(spark, context.lake).where(of_files), context, table
    )
    _settle(settled_rejects, context)
    tally = incoming.tally()
    drift.note_again(spark, context, files, tally)
    return counts_by_file(files, tally)


def _damaged(spark: SparkSession, context: RunContext, ids: Sequence[str]) -> DataFrame:
    """Return bronze's rows that are filed under the key of another, if either is of the files.

    They would be taken for rows the files still give, and stay beside the right ones.
    """
    rows = hudi.misfiled(spark, context.lake, bronze_tables.RESOURCE)
    filed_under = F.split(F.col(RECORD_KEY.name), r"\|")[1]
    return rows.where(F.col("file_id").isin(ids) | filed_under.isin(ids))


def take_out(spark: SparkSession, context: RunContext, files: Sequence[FileRecord]) -> None:
    """Remove what bronze holds of files that were set aside; `withdraw` does so in silver."""
    of_files = F.col("file_id").isin([file.file_id for file in files])
    stored = hudi.read(spark, context.lake, bronze_tables.RESOURCE)
    _remove(stored.where(of_files), context, bronze_tables.RESOURCE, f"{STEP}-set-aside")
    rejects = open_rejects(spark, context.lake).where(of_files)
    _settle(rejects, context, f"{STEP}-set-aside")
    drift.note_again(spark, context, files, {(file.file_id, 0): PartCounts() for file in files})


def _as_first_ingested(rows: DataFrame, stored: DataFrame) -> DataFrame:
    """Return rows that keep the time their file was first taken in: it dates what has no date."""
    first = stored.groupBy("file_id").agg(F.min("ingested_at").alias("first_ingested_at"))
    at = F.coalesce("first_ingested_at", "ingested_at")
    return (
        rows.join(F.broadcast(first), "file_id", "left")
        .withColumn("ingested_at", at)
        .drop("first_ingested_at")
    )


def _write_differing(
    rows: DataFrame, stored: DataFrame, context: RunContext, table: Table
) -> DataFrame:
    """Write rows that are new or differ; return the stored ones the files no longer give."""
    rows = _as_first_ingested(rows, stored)
    key = RECORD_KEY.name
    content = F.struct(*[name for name in table.column_names if name not in _STAMPS])
    known = stored.select(key, content.alias("old_content"))
    differs = rows.join(known, key, "left").where(~content.eqNullSafe(F.col("old_content")))
    changed = settled(differs.drop("old_content"))
    gone = settled(stored.join(rows.select(key), key, "left_anti"))
    if not changed.isEmpty():
        context.check_lease()
        hudi.write(changed, context.lake, table, CommitNote(context.run_id, f"{STEP}-rows"))
    return gone


def _settle(rejects: DataFrame, context: RunContext, step: str = STEP) -> None:
    """Note on rejected records which run sent them through again: they stay, to be accounted for.

    One that is rejected once more is written anew by the rule that does so, and open again.
    """
    noted = settled(rejects.withColumn("redriven_run_id", F.lit(context.run_id)))
    if not noted.isEmpty():
        context.check_lease()
        note = CommitNote(context.run_id, step)
        hudi.write(noted, context.lake, bronze_tables.QUARANTINE, note)


def _remove(rows: DataFrame, context: RunContext, table: Table, step: str = STEP) -> None:
    gone = settled(rows)
    if not gone.isEmpty():
        context.check_lease()
        hudi.remove(gone, context.lake, table, CommitNote(context.run_id, step))


def withdraw(spark: SparkSession, context: RunContext) -> DataFrame | None:
    """Take the resources that files taken again speak of out of silver; return their keys.

    None when no file is taken again. What bronze holds of those resources is pending afterwards.
    """
    if not context.taken_again:
        return None
    keys = settled(_keys(spark, context))
    _forget_rejects(spark, context, keys)
    for resource in RESOURCES:
        _withdraw(spark, context, resource, keys)
    return keys


def _keys(spark: SparkSession, context: RunContext) -> DataFrame:
    """Return the resources the files speak of, now or when silver last took them up."""
    ids = [file.file_id for file in context.taken_again]
    bronze = hudi.read(spark, context.lake, bronze_tables.RESOURCE)
    sequences = [file.sequence for file in context.taken_again]
    from_file = F.shiftright("ingest_sequence", 32).isin(sequences)
    frames = [bronze.where(F.col("file_id").isin(ids)).select(*KEY)]
    for resource in RESOURCES:
        stored = hudi.read(spark, context.lake, tables.BY_RESOURCE[resource.type]).where(from_file)
        kind = F.lit(resource.type).alias("resource_type")
        frames.append(stored.select("tenant", kind, F.col("id").alias("resource_id")))
    return reduce(DataFrame.unionByName, frames).distinct()


def _forget_rejects(spark: SparkSession, context: RunContext, keys: DataFrame) -> None:
    """Settle what the row rules rejected of the resources: the rules decide anew."""
    quarantine = open_rejects(spark, context.lake)
    bronze = hudi.read(spark, context.lake, bronze_tables.RESOURCE).select(
        *KEY, F.col("record_key").alias("bronze_key")
    )
    received_rows = bronze.join(F.broadcast(keys), list(KEY), "left_semi").select("bronze_key")
    rejected = quarantine.withColumn("bronze_key", F.expr(RECORD)).join(
        received_rows, "bronze_key", "left_semi"
    )
    _settle(rejected.drop("bronze_key"), context, f"{STEP}-rejects")


def _withdraw(
    spark: SparkSession, context: RunContext, resource: Resource, keys: DataFrame
) -> None:
    """Remove one type's rows, after writing down whose stays and which joins they shaped."""
    table = tables.BY_RESOURCE[resource.type]
    wanted = keys.where(F.col("resource_type") == resource.type).select(
        "tenant", F.col("resource_id").alias("id")
    )
    rows = settled(
        hudi.read(spark, context.lake, table).join(F.broadcast(wanted), ["tenant", "id"], "semi")
    )
    if rows.isEmpty():
        return
    _release(rows, context, resource)
    _forget_waiting(spark, context, resource, wanted)
    _forget_details(spark, context, resource, wanted)
    _remove(rows, context, table)


def _release(rows: DataFrame, context: RunContext, resource: Resource) -> None:
    """Write down the patients of the rows: their stays are built anew."""
    name = "id" if resource.type == "Patient" else "patient_id"
    if name not in rows.columns:
        return
    patients = rows.select("tenant", F.col(name).alias("patient_id"))
    released = (
        patients.where("patient_id is not null")
        .distinct()
        .withColumn("run_id", F.lit(context.run_id))
        .withColumn(RECORD_KEY.name, F.concat_ws("|", "tenant", "patient_id", "run_id"))
        .withColumn("ordering", F.lit(1).cast("bigint"))
    )
    note = CommitNote(context.run_id, _step(resource))
    hudi.write(released, context.lake, tables.RELEASED_PATIENT, note)


def _forget_waiting(
    spark: SparkSession, context: RunContext, resource: Resource, wanted: DataFrame
) -> None:
    waiting = hudi.read(spark, context.lake, tables.UNRESOLVED_REFERENCE)
    own = waiting.where(F.col("table_name") == resource.table)
    rows = own.join(F.broadcast(wanted), ["tenant", "id"], "semi")
    _remove(rows, context, tables.UNRESOLVED_REFERENCE, _step(resource))


def _step(resource: Resource) -> str:
    return f"{STEP}-{resource.table}"


_NAMED_IN_DETAIL = {
    "Encounter": "array(encounter_id)",
    "Patient": "array(patient_id)",
    "Condition": "transform(conditions, c -> c.condition_id)",
}


def _forget_details(
    spark: SparkSession, context: RunContext, resource: Resource, wanted: DataFrame
) -> None:
    """Remove the joined rows that show the resources; encounters without one get it anew."""
    if resource.type not in _NAMED_IN_DETAIL:
        return
    detail = hudi.read(spark, context.lake, tables.ENCOUNTER_DETAIL)
    named = detail.withColumn("id", F.explode(F.expr(_NAMED_IN_DETAIL[resource.type])))
    rows = named.join(F.broadcast(wanted), ["tenant", "id"], "semi")
    rows = rows.dropDuplicates([RECORD_KEY.name])
    _remove(rows, context, tables.ENCOUNTER_DETAIL, _step(resource))
