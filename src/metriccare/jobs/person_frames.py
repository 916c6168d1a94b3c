"""Silver gathered by person: one row with all that the measures may ask of one.

Only what can matter leaves silver: persons who were inpatients at all, their encounters that can
be part of a stay, and of observations and procedures only those the code sets name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare.measures.codesets import CodeSets
from metriccare.measures.identity import REPLACED_BY, survivors
from metriccare.measures.rulebook import Rulebook
from metriccare.settings import Lake
from metriccare.spark import hudi
from metriccare.spark.schema import settled_with
from metriccare.tables import silver as tables

PERSON = ("tenant", "person_id")
_INPATIENT = "class_code in ('IMP', 'ACUTE', 'NONAC')"
# Emergency and observation time delays hospital day 1.
_NEAR = "class_code in ('EMER', 'OBSENC')"

_PATIENT = "struct(id, birth_date, deceased_date, deceased, sex)"
_ENCOUNTER = (
    "struct(id, status, class_code, period_start, period_end, service_provider_id, part_of_id,"
    " type_codings, service_type_codings, priority_codings, admit_source_codings,"
    " discharge_disposition_codings, diagnoses, locations,"
    " unix_micros(last_updated) as last_updated, source_file, source_line)"
)
_CONDITION = "struct(id, code_codings, encounter_id, onset, verification_status)"
_PROCEDURE = "struct(id, code_codings, encounter_id, performed_start)"
# Claims repeat every comorbidity: only what can name or judge an infection, or the principal
# diagnosis, is taken along.
_CLAIM_DIAGNOSES = (
    "filter(diagnoses, d -> array_contains(d.type_codes, 'principal') or d.sequence = 1"
    " or d.sequence is null or (d.condition_id is not null and d.on_admission is not null)"
    " or exists(d.codings, c -> {plain} rlike r'{infections}'))"
)
_CLAIM = (
    "struct(id, transform(encounters, e -> e.encounter_id) as encounter_ids, type_code,"
    " provider_id, billable_start, billable_end, created,"
    " exists(diagnoses, d -> trim(d.on_admission) <> '') as has_indicator,"
    f" {_CLAIM_DIAGNOSES} as diagnoses)"
)
_RESULT = (
    "struct(o.id, o.code_codings, o.encounter_id, coalesce(s.collected, o.effective) as collected,"
    " o.value_codings, o.value_text, o.interpretation_codings)"
)
_COVERAGE = (
    "struct(id, type_codings, coalesce(type_text, payor_display) as words, period_start,"
    " period_end, rank)"
)
_PLAIN_CODE = "upper(replace(replace(c.code, '.', ''), ' ', ''))"
# A claim that names no encounter belongs to the stay of its dates; a day covers every zone.
_OF_DATES = (
    "c.tenant = s.tenant and c.person_id = s.person_id"
    " and c.billable_start_lower <= coalesce(s.last, c.billable_start_lower) + interval 1 day"
    " and c.billable_end_upper >= s.first - interval 1 day"
)
_NOT_BILLED = "status in ('cancelled', 'draft', 'entered-in-error')"


# Persons so few that tables are searched for their rows by name.
MOST_NAMED = 1000
# Stays so few that every task can hold them.
_MOST_SENT = 200_000
# Types whose rows name the patient they are of.
BY_PATIENT = (
    "Encounter",
    "Condition",
    "Procedure",
    "Claim",
    "ExplanationOfBenefit",
    "Observation",
    "Coverage",
)


@dataclass(frozen=True)
class Scope:
    """The persons to compute (tenant, person_id), and where they are few their records' ids."""

    persons: DataFrame
    patient_ids: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Silver:
    """The current, undeleted rows of silver, by resource type; of some patients, if they are named.

    Of other tenants' patients of the same names rows may be among them.
    """

    spark: SparkSession
    lake: Lake
    patient_ids: tuple[str, ...] | None = None

    def __getitem__(self, resource_type: str) -> DataFrame:
        """Return the rows of one resource type."""
        rows = hudi.read(self.spark, self.lake, tables.BY_RESOURCE[resource_type])
        return rows.where(~F.col("deleted") & self._is_of_patients(resource_type))

    def _is_of_patients(self, resource_type: str) -> Column:
        if self.patient_ids is not None and resource_type == "Patient":
            return F.col("id").isin(*self.patient_ids)
        if self.patient_ids is not None and resource_type in BY_PATIENT:
            return F.col("patient_id").isin(*self.patient_ids)
        return F.lit(True)


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
    silver: Silver, persons: DataFrame, rules: Rulebook, scope: Scope | None
) -> DataFrame:
    """Return one row per person who was an inpatient: tenant, person_id and arrays of rows.

    `scope` limits them to some persons. All kinds of rows are gathered with one shuffle: each has
    a column of its own, null in the rows of the others.
    """
    if scope is not None:
        silver = replace(silver, patient_ids=scope.patient_ids)
    codes = rules.codes
    encounters = with_person(silver["Encounter"], persons).where("patient_id is not null")
    inpatient = encounters.where(_INPATIENT)
    if scope is not None:
        inpatient = inpatient.join(scope.persons, [*PERSON], "left_semi")
    stays, facts = settled_with(
        inpatient.select(
            *PERSON,
            F.col("id").alias("encounter_id"),
            F.col("period_start_lower").alias("first"),
            F.col("period_end_upper").alias("last"),
        ),
        rows=F.count("*"),
    )
    people = stays.select(*PERSON).distinct()
    if facts["rows"] <= _MOST_SENT:
        stays, people = F.broadcast(stays), F.broadcast(people)
    patients = silver["Patient"].withColumn("patient_id", F.col("id"))
    near = encounters.where(f"{_INPATIENT} or {_NEAR}")
    procedures = silver["Procedure"].where(_is_named("code_codings", rules.procedure_pattern))
    parts = {
        "encounters": _entries(near, _ENCOUNTER, "encounters"),
        "patients": _entries(with_person(patients, persons), _PATIENT, "patients"),
        "conditions": _entries(with_person(silver["Condition"], persons), _CONDITION, "conditions"),
        "procedures": _entries(with_person(procedures, persons), _PROCEDURE, "procedures"),
        "claims": _claims(silver, persons, stays, codes),
        "results": _entries(_results(silver, persons, codes), "result", "results"),
        "coverages": _entries(with_person(silver["Coverage"], persons), _COVERAGE, "coverages"),
    }
    own = (part.join(people, [*PERSON], "left_semi") for part in parts.values())
    every = reduce(lambda a, b: a.unionByName(b, allowMissingColumns=True), own)
    gathered = [F.collect_list(name).alias(name) for name in parts]
    return every.groupBy(*PERSON).agg(*gathered)


def _entries(rows: DataFrame, entry: str, name: str) -> DataFrame:
    return rows.select(*PERSON, F.expr(entry).alias(name))


def _is_named(column: str, pattern: str) -> Column:
    """Tell whether any coding may belong to a code set; the measures decide."""
    return F.expr(f"exists({column}, c -> {_PLAIN_CODE} rlike r'{pattern}')")


def _claims(silver: Silver, persons: DataFrame, stays: DataFrame, codes: CodeSets) -> DataFrame:
    """Return claims of inpatient encounters, and those that name no encounter at all."""
    columns = ["tenant", "patient_id", "id", "status", "use", "encounters", "type_code"]
    columns += ["provider_id", "billable_start", "billable_end", "created", "diagnoses"]
    columns += ["billable_start_lower", "billable_end_upper"]
    claims, benefits = (silver[kind].select(*columns) for kind in ("Claim", "ExplanationOfBenefit"))
    billed = claims.unionByName(benefits).where(
        f"size(diagnoses) > 0 and not coalesce({_NOT_BILLED}, false)"
        " and coalesce(`use`, 'claim') = 'claim'"
    )
    entry = _CLAIM.format(plain=_PLAIN_CODE, infections=codes["infections"].pattern())
    named = with_person(billed, persons)
    unplaced = named.where("coalesce(size(encounters), 0) <= 0")
    ids = stays.select("tenant", "encounter_id")
    placed = named.withColumn("encounter_id", F.explode("encounters.encounter_id"))
    dated = unplaced.alias("c").join(stays.alias("s"), F.expr(_OF_DATES), "left_semi")
    inside = placed.join(ids, ["tenant", "encounter_id"], "left_semi")
    return _entries(inside, entry, "claims").unionByName(_entries(dated, entry, "claims"))


def _results(silver: Silver, persons: DataFrame, codes: CodeSets) -> DataFrame:
    # Laboratory results are the largest table: codes are compared as they stand.
    listed = ", ".join(f"'{entry.code}'" for entry in codes["lab_tests"].entries)
    watched = F.expr(f"exists(code_codings, c -> c.code in ({listed}))")
    tests = (
        silver["Observation"]
        .where("status in ('final', 'amended', 'corrected') or status is null")
        .where(watched)
        .alias("o")
    )
    specimens = silver["Specimen"].alias("s")
    joined = tests.join(
        specimens, F.expr("o.tenant = s.tenant and o.specimen_id = s.id"), "left"
    ).selectExpr("o.tenant", "o.patient_id", f"{_RESULT} as result")
    return with_person(joined, persons)
