"""All that a lake holds of one person, told by row: what an erasure has to remove.

A resource whose current row belongs to the person goes with all its versions; of another person's
resource go the versions that name the person. Records that name no patient but refer to one of
the person's resources belong to it too. Source: docs/adr/0032-erasure.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare.errors import UsageError
from metriccare.fhir.person_names import is_about, searches
from metriccare.measures.identity import REPLACED_BY, survivors
from metriccare.settings import Lake
from metriccare.spark import hudi
from metriccare.spark.schema import settled
from metriccare.tables import bronze as bronze_tables
from metriccare.tables import silver as tables
from metriccare.tracking.erasure import Holdings, Person

# Resources that list many people: who refers to them says nothing of one.
_LISTS = ("Group", "List")
_REFERENCE = r'"reference"\s*:\s*"(?:[^"]*/)?([A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64})'
_STEPS = 3


def holdings(spark: SparkSession, lake: Lake, tenant: str, patient_id: str) -> Holdings:
    """Return all that is held of the person; UsageError when the tenant has no such patient."""
    person = _person(spark, lake, tenant, patient_id)
    bronze = hudi.read(spark, lake, bronze_tables.RESOURCE).where(F.col("tenant") == tenant)
    named = _naming_rows(bronze, person)
    whole = _current(spark, lake, person) | _undeclared(named)
    rows = _rows_of(bronze, whole) | {row[0] for row in named}
    if not rows:
        raise UsageError("There is no such patient in this tenant; nothing was changed.")
    whole, rows = _with_referring(bronze, whole, rows)
    quarantine = _quarantined(spark, lake, person, rows)
    return Holdings(person, tuple(sorted(whole)), tuple(sorted(rows)), tuple(sorted(quarantine)))


def _person(spark: SparkSession, lake: Lake, tenant: str, patient_id: str) -> Person:
    patients = hudi.read(spark, lake, tables.BY_RESOURCE["Patient"]).where(
        F.col("tenant") == tenant
    )
    links = patients.select("id", F.explode("links").alias("link"))
    pairs = links.where((F.col("link.type") == REPLACED_BY) & F.col("link.patient_id").isNotNull())
    replaced = survivors((r[0], r[1]) for r in pairs.select("id", "link.patient_id").collect())
    survivor = replaced.get(patient_id, patient_id)
    ids = {patient_id, survivor} | {id_ for id_, last in replaced.items() if last == survivor}
    names = {f"Patient/{id_}" for id_ in ids} | _searches(patients, ids) | _urns(spark, lake, ids)
    return Person(tenant, tuple(sorted(ids)), tuple(sorted(names)))


def _searches(patients: DataFrame, ids: set[str]) -> set[str]:
    """Return the searches that mean this person and nobody else."""
    identifiers = patients.select(
        F.col("id").isin(list(ids)).alias("own"), F.explode("identifiers")
    )
    rows = identifiers.select("own", "col.system", "col.value").where("value is not null")
    found: Mapping[bool, set[str]] = {True: set(), False: set()}
    for row in rows.join(rows.where("own").select("value").distinct(), "value").collect():
        found[row["own"]].update(searches(row["system"], row["value"]))
    return found[True] - found[False]


def _urns(spark: SparkSession, lake: Lake, ids: set[str]) -> set[str]:
    bronze = hudi.read(spark, lake, bronze_tables.RESOURCE)
    own = (F.col("resource_type") == "Patient") & F.col("resource_id").isin(list(ids))
    urns = bronze.where(own & F.col("full_url").like("urn:%")).select("full_url").distinct()
    return {row[0] for row in urns.collect()}


def _mentions(person: Person) -> Column:
    """Tell roughly whether a text may name the person: a cheap sieve before a proper look."""
    # An identifier's value may stand apart from its system, a search may be escaped.
    texts = {name.rpartition("identifier=")[2].rpartition("|")[2] for name in person.names}
    return _any(F.col("raw").contains(text) for text in sorted(texts))


def _any(conditions: Iterable[Column]) -> Column:
    return reduce(lambda one, other: one | other, conditions)


def _naming_rows(bronze: DataFrame, person: Person) -> set[tuple[str, str, str]]:
    """Return record key, type and id of the rows that name the person."""
    names = set(person.names)
    rows = bronze.where(_mentions(person) & (F.col("resource_type") != "Patient"))
    return {
        (row["record_key"], row["resource_type"], row["resource_id"])
        for row in rows.toLocalIterator()
        if not row["deleted"] and is_about(row["raw"].encode(), names)
    }


def _current(spark: SparkSession, lake: Lake, person: Person) -> set[tuple[str, str]]:
    """Return the resources whose current row belongs to the person, its patient records too."""
    found = {("Patient", id_) for id_ in person.patient_ids}
    for kind, table in tables.BY_RESOURCE.items():
        if "patient_id" not in table.column_names:
            continue
        rows = hudi.read(spark, lake, table).where(F.col("tenant") == person.tenant)
        own = rows.where(F.col("patient_id").isin(list(person.patient_ids)))
        found |= {(kind, row[0]) for row in own.select("id").collect()}
    return found


def _undeclared(named: set[tuple[str, str, str]]) -> set[tuple[str, str]]:
    """Return named resources of types that silver does not hold."""
    return {(kind, id_) for _, kind, id_ in named if kind not in tables.BY_RESOURCE}


def _rows_of(bronze: DataFrame, resources: set[tuple[str, str]]) -> set[str]:
    keys = key_frame(bronze.sparkSession, sorted(resources), "resource_type", "resource_id")
    rows = bronze.join(F.broadcast(keys), ["resource_type", "resource_id"], "left_semi")
    return {row[0] for row in rows.select("record_key").collect()}


def _with_referring(
    bronze: DataFrame, whole: set[tuple[str, str]], rows: set[str]
) -> tuple[set[tuple[str, str]], set[str]]:
    """Add the resources that name no patient and refer to one of these, step by step."""
    found, newest = set(whole), whole
    silent = bronze.where(~F.col("raw").contains("Patient")).select(
        "resource_type",
        "resource_id",
        F.explode(F.expr(f"regexp_extract_all(raw, r'{_REFERENCE}', 1)")).alias("named"),
    )
    referring = settled(silent.distinct())
    for _ in range(_STEPS):
        names = [(f"{kind}/{id_}",) for kind, id_ in sorted(newest) if kind not in _LISTS]
        keys = F.broadcast(key_frame(bronze.sparkSession, names, "named"))
        rows_found = referring.join(keys, "named", "left_semi").collect()
        newest = {(row["resource_type"], row["resource_id"]) for row in rows_found} - found
        if not newest:
            break
        found |= newest
        rows = rows | _rows_of(bronze, newest)
    return found, rows


def _quarantined(spark: SparkSession, lake: Lake, person: Person, rows: set[str]) -> set[str]:
    """Return the rejected records that name the person, are its own, or were its rows."""
    quarantine = hudi.read(spark, lake, bronze_tables.QUARANTINE)
    own = quarantine.where(F.col("tenant") == person.tenant)
    quoted = [F.col("raw").contains(f'"{id_}"') for id_ in person.patient_ids]
    mentioned = own.where(_any([*quoted, _mentions(person)])).select("record_key", "raw")
    names = set(person.names)
    found = {r[0] for r in mentioned.toLocalIterator() if is_about(r["raw"].encode(), names)}
    keys = own.select("record_key", "rule_id").collect()
    return found | {key for key, rule in keys if key.removesuffix(f"|{rule}") in rows}


def key_frame(spark: SparkSession, rows: Sequence[tuple[str, ...]], *names: str) -> DataFrame:
    """Return keys as a frame of text columns."""
    return spark.createDataFrame(rows, ", ".join(f"{name} string" for name in names))
