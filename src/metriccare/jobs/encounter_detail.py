"""The join analysts ask for: current encounters with their patients and conditions."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare.jobs.context import RunContext
from metriccare.jobs.differences import changes_of
from metriccare.spark import hudi
from metriccare.spark.schema import afresh, settled
from metriccare.tables import silver as tables

_CONDITION_TYPE = tables.ENCOUNTER_DETAIL.column("conditions").type
_AGE = "cast(floor(months_between(e.period_start_lower, p.birth_date_lower) / 12) as int)"


def refresh(spark: SparkSession, context: RunContext, note: hudi.CommitNote) -> None:
    """Bring the table up to date for the encounters this run may have changed."""
    lake = context.lake
    encounters = hudi.read(spark, lake, tables.BY_RESOURCE["Encounter"])
    patients = hudi.read(spark, lake, tables.BY_RESOURCE["Patient"])
    conditions = hudi.read(spark, lake, tables.BY_RESOURCE["Condition"])
    stored = hudi.read(spark, lake, tables.ENCOUNTER_DETAIL)
    if hudi.exists(spark, lake, tables.ENCOUNTER_DETAIL):
        touched = _touched(encounters, patients, conditions, stored, context.pending_runs)
        if context.taken_again:
            touched = touched.unionByName(_without_detail(encounters, stored)).distinct()
        touched = settled(touched)
        encounters = settled(encounters.join(touched, ["tenant", "id"], "left_semi"))
        key = ["tenant", "encounter_id"]
        stored = stored.join(touched.withColumnRenamed("id", "encounter_id"), key, "left_semi")
    organizations = hudi.read(spark, lake, tables.BY_RESOURCE["Organization"])
    computed = detail(encounters, patients, conditions, organizations)
    changes_of(computed, stored, context, tables.ENCOUNTER_DETAIL).write(context, note)


def _without_detail(encounters: DataFrame, stored: DataFrame) -> DataFrame:
    known = stored.select("tenant", F.col("encounter_id").alias("id"))
    return encounters.join(known, ["tenant", "id"], "left_anti").select("tenant", "id")


def _touched(
    encounters: DataFrame,
    patients: DataFrame,
    conditions: DataFrame,
    stored: DataFrame,
    runs: Sequence[str],
) -> DataFrame:
    """Return the ids of encounters that changed, or whose patient or conditions did."""
    by_run = F.col("run_id").isin(list(runs))
    own = encounters.where(by_run).select("tenant", "id")
    changed_patients = patients.where(by_run).select("tenant", F.col("id").alias("patient_id"))
    of_patients = encounters.join(changed_patients, ["tenant", "patient_id"], "left_semi")
    changed = conditions.where(by_run)
    of_conditions = changed.select("tenant", F.col("encounter_id").alias("id"))
    changed_ids = changed.select("tenant", F.col("id").alias("condition_id"))
    naming = stored.select(
        "tenant",
        F.col("encounter_id").alias("id"),
        F.explode("conditions.condition_id").alias("condition_id"),
    ).join(changed_ids, ["tenant", "condition_id"], "left_semi")
    return (
        own.unionByName(of_patients.select("tenant", "id"))
        .unionByName(of_conditions)
        .unionByName(naming.select("tenant", "id"))
        .where("id is not null")
        .distinct()
    )


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
            "get(d.use_codes, 0) as role",
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
