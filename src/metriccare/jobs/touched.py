"""Which persons a run must compute anew.

Those whose rows changed, those a changed row named before, those whose stays hold an encounter
of either, and those on whom the rules failed before. A change of hospitals, wards, code sets or of
`as_of` touches everyone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare.incremental.context import RunContext
from metriccare.jobs.person_frames import BY_PATIENT, MOST_NAMED, Scope, Silver, with_person
from metriccare.jobs.result_rows import TenantResult
from metriccare.jobs.uncomputed import stored_persons
from metriccare.jobs.written import written_rows
from metriccare.measures import MEASURES
from metriccare.measures.rulebook import Rulebook
from metriccare.spark import hudi
from metriccare.spark.schema import settled, settled_with
from metriccare.tables import gold as tables
from metriccare.tables import silver as silver_tables

_OF_PERSONS = (*BY_PATIENT, "Specimen")
_PLACES = ("Organization", "Location")


def touched_persons(
    spark: SparkSession,
    context: RunContext,
    silver: Silver,
    persons: DataFrame,
    rules: Rulebook,
    before: Sequence[TenantResult],
) -> Scope | None:
    """Return the persons to compute, or None for everyone.

    `before` are the stored results.
    """
    if context.rebuild or not hudi.exists(spark, context.lake, tables.MEASURE_RESULT):
        return None
    if _results_differ(before, context, rules) or _places_changed(spark, context):
        return None
    patients = settled(_touched_patients(spark, context, silver))
    named = with_person(patients, persons).select("tenant", "person_id")
    own = patients.select("tenant", F.col("patient_id").alias("person_id"))
    of_stays = _persons_of_stays(spark, context, silver, patients)
    parts = [named, own, of_stays]
    failed = stored_persons(spark, context.lake)
    if failed is not None:
        parts.append(failed.select("tenant", "person_id"))
    every = reduce(DataFrame.unionByName, parts).distinct()
    touched, facts = settled_with(every, rows=F.count("*"))
    if facts["rows"] > MOST_NAMED:
        return Scope(touched)
    touched = F.broadcast(touched)
    return Scope(touched, _records_of(touched, persons))


def _records_of(touched: DataFrame, persons: DataFrame) -> tuple[str, ...]:
    """Return the ids of persons' own records, and of those they replace."""
    replaced = persons.join(touched, ["tenant", "person_id"], "left_semi").select("patient_id")
    ids = touched.select("person_id").unionByName(
        replaced.withColumnRenamed("patient_id", "person_id")
    )
    return tuple(sorted({row.person_id for row in ids.collect()}))


def _changed(spark: SparkSession, context: RunContext, resource_type: str) -> DataFrame:
    return written_rows(spark, context, silver_tables.BY_RESOURCE[resource_type])


def _results_differ(before: Sequence[TenantResult], context: RunContext, rules: Rulebook) -> bool:
    """Tell whether the stored results are of another `as_of`, or by other rules or codes."""
    in_force = {measure.id: rules.version(measure) for measure in MEASURES}
    return any(
        one.as_of != context.as_of_for(one.tenant)
        or one.version != in_force.get(one.result.group.measure_id)
        for one in before
    )


def _places_changed(spark: SparkSession, context: RunContext) -> bool:
    return any(not _changed(spark, context, kind).isEmpty() for kind in _PLACES)


def _touched_patients(spark: SparkSession, context: RunContext, silver: Silver) -> DataFrame:
    """Return tenant and patient_id of records whose rows changed, or that rows named before."""
    own = _changed(spark, context, "Patient").select("tenant", F.col("id").alias("patient_id"))
    rows = [_changed(spark, context, k).select("tenant", "patient_id") for k in _OF_PERSONS]
    rows.append(_of_specimens(spark, context, silver))
    released = written_rows(spark, context, silver_tables.RELEASED_PATIENT)
    let_go = released.select("tenant", "patient_id")
    every = reduce(DataFrame.unionByName, (own, *rows, let_go))
    return every.where("patient_id is not null").distinct()


def _of_specimens(spark: SparkSession, context: RunContext, silver: Silver) -> DataFrame:
    """Return the patients of results made on changed specimens, which need not name one."""
    changed = _changed(spark, context, "Specimen").select(
        "tenant", F.col("id").alias("specimen_id")
    )
    observations = silver["Observation"].where("specimen_id is not null")
    joined = observations.join(changed, ["tenant", "specimen_id"], "left_semi")
    return joined.select("tenant", "patient_id")


def _persons_of_stays(
    spark: SparkSession, context: RunContext, silver: Silver, patients: DataFrame
) -> DataFrame:
    """Return the persons under whom the stays of touched records stand now.

    After a merge is undone, or a link changed, a record's stays stand under another person.
    """
    encounters = silver["Encounter"].join(patients, ["tenant", "patient_id"], "left_semi")
    ids = encounters.select("tenant", F.col("id").alias("encounter_id"))
    stays = hudi.read(spark, context.lake, tables.STAY).select(
        "tenant", "person_id", F.explode("encounter_ids").alias("encounter_id")
    )
    return stays.join(ids, ["tenant", "encounter_id"], "left_semi").select("tenant", "person_id")
