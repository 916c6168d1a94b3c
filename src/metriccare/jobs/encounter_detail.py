"""The join analysts ask for: current encounters with their patients and conditions."""

from __future__ import annotations

from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare.fhir.forms import first_where
from metriccare.incremental.context import RunContext
from metriccare.jobs.differences import changes_of
from metriccare.jobs.written import is_written, written_rows
from metriccare.spark import hudi
from metriccare.spark.schema import afresh, settled
from metriccare.spark.timeline import CommitNote
from metriccare.tables import silver as tables

_CONDITION_TYPE = tables.ENCOUNTER_DETAIL.column("conditions").type
# What a row is made of: the encounter, its patient, its conditions, its hospital.
_SOURCES = tuple(
    tables.BY_RESOURCE[kind] for kind in ("Encounter", "Patient", "Condition", "Organization")
)
_AGE = "cast(floor(months_between(e.period_start_lower, p.birth_date_lower) / 12) as int)"


def refresh(spark: SparkSession, context: RunContext, note: CommitNote) -> None:
    """Bring the table up to date for the encounters this run may have changed."""
    lake = context.lake
    knows_all = hudi.exists(spark, lake, tables.ENCOUNTER_DETAIL) and not context.taken_again
    if knows_all and not any(is_written(spark, context, table) for table in _SOURCES):
        return
    encounters, patients, conditions, organizations = (
        hudi.read(spark, lake, table) for table in _SOURCES
    )
    stored = hudi.read(spark, lake, tables.ENCOUNTER_DETAIL)
    if hudi.exists(spark, lake, tables.ENCOUNTER_DETAIL):
        touched = _touched(spark, context, encounters, stored)
        if context.taken_again:
            touched = touched.unionByName(_without_detail(encounters, stored)).distinct()
        touched = settled(touched)
        encounters = settled(encounters.join(touched, ["tenant", "id"], "left_semi"))
        key = ["tenant", "encounter_id"]
        stored = stored.join(touched.withColumnRenamed("id", "encounter_id"), key, "left_semi")
    computed = detail(encounters, patients, conditions, organizations)
    changes_of(computed, stored, context, tables.ENCOUNTER_DETAIL).write(context, note)


def _without_detail(encounters: DataFrame, stored: DataFrame) -> DataFrame:
    known = stored.select("tenant", F.col("encounter_id").alias("id"))
    return encounters.join(known, ["tenant", "id"], "left_anti").select("tenant", "id")


def _touched(
    spark: SparkSession, context: RunContext, encounters: DataFrame, stored: DataFrame
) -> DataFrame:
    """Return the ids of encounters that changed, or whose patient, hospital or conditions did."""
    own, patients, conditions, organizations = (
        written_rows(spark, context, table) for table in _SOURCES
    )
    changed_patients = patients.select("tenant", F.col("id").alias("patient_id"))
    of_patients = encounters.join(changed_patients, ["tenant", "patient_id"], "left_semi")
    hospitals = organizations.select("tenant", F.col("id").alias("service_provider_id"))
    of_hospitals = encounters.join(hospitals, ["tenant", "service_provider_id"], "left_semi")
    of_conditions = conditions.select("tenant", F.col("encounter_id").alias("id"))
    changed_ids = conditions.select("tenant", F.col("id").alias("condition_id"))
    naming = stored.select(
        "tenant",
        F.col("encounter_id").alias("id"),
        F.explode("conditions.condition_id").alias("condition_id"),
    ).join(changed_ids, ["tenant", "condition_id"], "left_semi")
    every = (own, of_patients, of_hospitals, of_conditions, naming)
    ids = (rows.select("tenant", "id") for rows in every)
    return reduce(DataFrame.unionByName, ids).where("id is not null").distinct()


def detail(
    encounters: DataFrame, patients: DataFrame, conditions: DataFrame, organizations: DataFrame
) -> DataFrame:
    """Return one row per current encounter; deleted rows of any kind are left out."""
    current = encounters.where("not deleted")
    joined = (
        current.alias("e")
        .join(
            patients.where("not deleted").alias("p"),
            F.expr("e.tenant = p.tenant and e.patient_id = p.id"),
            "left",
        )
        .join(
            organizations.where("not deleted").alias("o"),
            F.expr("e.tenant = o.tenant and e.service_provider_id = o.id"),
            "left",
        )
        .join(
            _conditions_by_encounter(current, conditions.where("not deleted")).alias("c"),
            F.expr("e.tenant = c.tenant and e.id = c.encounter_id"),
            "left",
        )
    )
    return joined.selectExpr(
        "e.tenant",
        "e.id as encounter_id",
        "e.patient_id",
        "e.status",
        "e.class_code",
        "e.service_provider_id",
        "o.name as service_provider_name",
        "e.period_start",
        "e.period_end",
        "e.period_start_lower",
        "e.period_end_upper",
        "p.sex",
        "p.birth_date",
        f"{_AGE} as age",
        f"coalesce(c.conditions, cast(array() as {_CONDITION_TYPE})) as conditions",
        "e.dq_flags",
        "e.last_updated",
        "e.source_file",
        "e.source_line",
    )


def _conditions_by_encounter(encounters: DataFrame, conditions: DataFrame) -> DataFrame:
    """Return each encounter's conditions: those recorded in it and those it names, once each."""
    recorded = conditions.where("encounter_id is not null").selectExpr(
        "tenant",
        "encounter_id",
        "id as condition_id",
        "cast(null as string) as role",
        "cast(null as int) as rank",
    )
    named = (
        afresh(encounters)
        .where("diagnoses is not null")
        .selectExpr("tenant", "id as encounter_id", "explode(diagnoses) as d")
        .where("d.condition_id is not null")
        .selectExpr(
            "tenant",
            "encounter_id",
            "d.condition_id",
            # Of several uses the first that has a code.
            f"{first_where('d.use_codes', 'u', 'u is not null')} as role",
            "d.rank",
        )
    )
    roles = (
        recorded.unionByName(named)
        .groupBy("tenant", "encounter_id", "condition_id")
        .agg(F.min("role").alias("role"), F.min("rank").alias("rank"))
    )
    facts = afresh(conditions).selectExpr(
        "tenant",
        "id as condition_id",
        "code_system as system",
        "code",
        "code_display as display",
        "onset",
        "verification_status",
    )
    entry = F.struct(
        "condition_id", "system", "code", "display", "onset", "verification_status", "role", "rank"
    )
    return (
        roles.join(facts, ["tenant", "condition_id"])
        .groupBy("tenant", "encounter_id")
        .agg(F.sort_array(F.collect_list(entry)).alias("conditions"))
    )
