"""Silver gathered by person: one row with all that the measures may ask of one.

Only what can matter leaves silver: persons who were inpatients at all, their encounters that can
be part of a stay, and of observations only the tests the measures watch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare.measures.codesets import CodeSets
from metriccare.measures.identity import REPLACED_BY, survivors
from metriccare.settings import Lake
from metriccare.spark import hudi
from metriccare.tables import silver as tables

PERSON = ("tenant", "person_id")
_INPATIENT = "class_code in ('IMP', 'ACUTE', 'NONAC')"
# Never part of a stay by themselves: only as the parent or a part of another encounter.
_APART = "class_code in ('AMB', 'VR', 'HH', 'FLD', 'PRENC')"

_PATIENT = "struct(id, birth_date, deceased_date, deceased, sex)"
_ENCOUNTER = (
    "struct(id, status, class_code, period_start, period_end, service_provider_id, part_of_id,"
    " type_codings, service_type_codings, priority_codings, admit_source_codings,"
    " discharge_disposition_codings, diagnoses, locations, last_updated, source_file, source_line)"
)
_CONDITION = "struct(id, code_codings, encounter_id, onset, verification_status)"
_PROCEDURE = "struct(id, code_codings, encounter_id, performed_start)"
_CLAIM = (
    "struct(id, transform(encounters, e -> e.encounter_id) as encounter_ids, type_code,"
    " provider_id, billable_start, billable_end, created, diagnoses)"
)
_RESULT = (
    "struct(o.id, o.code_codings, o.encounter_id, coalesce(s.collected, o.effective) as collected,"
    " o.value_codings, o.value_text, o.interpretation_codings)"
)
_COVERAGE = "struct(id, type_codings, coalesce(type_text, payor_display) as words,"
_COVERAGE += " period_start, period_end, rank)"


@dataclass(frozen=True)
class Silver:
    """The current, undeleted rows of silver, by resource type."""

    frames: Mapping[str, DataFrame]

    def __getitem__(self, resource_type: str) -> DataFrame:
        return self.frames[resource_type]


def current_silver(spark: SparkSession, lake: Lake) -> Silver:
    """Return what silver holds now, tombstones left out."""
    return Silver(
        {
            kind: hudi.read(spark, lake, table).where(~F.col("deleted"))
            for kind, table in tables.BY_RESOURCE.items()
        }
    )


def person_ids(patients: DataFrame) -> DataFrame:
    """Return tenant, patient_id and person_id of records that another one replaces.

    Replaced records are few; their links are followed on the driver.
    """
    links = (
        patients.select("tenant", "id", F.explode("links").alias("link"))
        .where((F.col("link.type") == REPLACED_BY) & F.col("link.patient_id").isNotNull())
        .select("tenant", "id", F.col("link.patient_id").alias("other"))
        .collect()
    )
    by_tenant: dict[str, list[tuple[str, str]]] = {}
    for row in links:
        by_tenant.setdefault(row.tenant, []).append((row.id, row.other))
    rows = [
        (tenant, patient, person)
        for tenant, pairs in by_tenant.items()
        for patient, person in survivors(pairs).items()
    ]
    schema = "tenant string, patient_id string, person_id string"
    return patients.sparkSession.createDataFrame(rows, schema)


def with_person(rows: DataFrame, persons: DataFrame) -> DataFrame:
    """Return rows with `person_id`: the surviving record of the patient they name."""
    named = persons.withColumnRenamed("person_id", "survivor_id")
    joined = rows.join(F.broadcast(named), ["tenant", "patient_id"], "left")
    return joined.withColumn("person_id", F.coalesce("survivor_id", "patient_id")).drop(
        "survivor_id"
    )


def histories(
    silver: Silver, persons: DataFrame, codes: CodeSets, scope: DataFrame | None
) -> DataFrame:
    """Return one row per person who was an inpatient: tenant, person_id and arrays of rows.

    `scope` limits them to some persons (tenant, person_id).
    """
    encounters = with_person(silver["Encounter"], persons).where("patient_id is not null")
    inpatients = encounters.where(_INPATIENT).select(*PERSON).distinct()
    if scope is not None:
        inpatients = inpatients.join(scope, [*PERSON], "left_semi")
    own = relevant_encounters(encounters).join(inpatients, [*PERSON], "left_semi")
    gathered = _gather(own, _ENCOUNTER, "encounters")
    patients = silver["Patient"].withColumn("patient_id", F.col("id"))
    parts = [
        _gather(with_person(patients, persons), _PATIENT, "patients"),
        _gather(with_person(silver["Condition"], persons), _CONDITION, "conditions"),
        _gather(_procedures(silver, persons, own), _PROCEDURE, "procedures"),
        _gather(_claims(silver, persons), _CLAIM, "claims"),
        _gather(_results(silver, persons, codes), "result", "results"),
        _gather(with_person(silver["Coverage"], persons), _COVERAGE, "coverages"),
    ]
    for part in parts:
        gathered = gathered.join(part, [*PERSON], "left")
    return gathered


def relevant_encounters(encounters: DataFrame) -> DataFrame:
    """Return encounters that can be part of a stay."""
    parents = (
        encounters.where("part_of_id is not null")
        .select("tenant", F.col("part_of_id").alias("id"), F.expr("true").alias("is_parent"))
        .distinct()
    )
    joined = encounters.join(F.broadcast(parents), ["tenant", "id"], "left")
    return joined.where(f"not coalesce({_APART}, false) or part_of_id is not null or is_parent")


def _gather(rows: DataFrame, entry: str, name: str) -> DataFrame:
    return rows.groupBy(*PERSON).agg(F.sort_array(F.collect_list(F.expr(entry))).alias(name))


def _procedures(silver: Silver, persons: DataFrame, encounters: DataFrame) -> DataFrame:
    stays = encounters.select("tenant", F.col("id").alias("encounter_id"))
    procedures = silver["Procedure"].join(stays, ["tenant", "encounter_id"], "left_semi")
    return with_person(procedures, persons)


def _claims(silver: Silver, persons: DataFrame) -> DataFrame:
    columns = [
        "tenant",
        "patient_id",
        "id",
        "encounters",
        "type_code",
        "provider_id",
        "billable_start",
        "billable_end",
        "created",
        "diagnoses",
    ]
    both = (
        silver["Claim"]
        .select(*columns)
        .unionByName(silver["ExplanationOfBenefit"].select(*columns))
    )
    return with_person(both.where("size(diagnoses) > 0"), persons)


def _results(silver: Silver, persons: DataFrame, codes: CodeSets) -> DataFrame:
    plain = "upper(replace(replace(c.code, '.', ''), ' ', ''))"
    watched = F.expr(f"exists(code_codings, c -> {plain} rlike r'{codes['lab_tests'].pattern()}')")
    joined = (
        silver["Observation"]
        .where("status in ('final', 'amended', 'corrected') or status is null")
        .where(watched)
        .alias("o")
        .join(
            silver["Specimen"].alias("s"),
            F.expr("o.tenant = s.tenant and o.specimen_id = s.id"),
            "left",
        )
        .selectExpr("o.tenant", "o.patient_id", f"{_RESULT} as result")
    )
    return with_person(joined, persons)
