"""Silver: the newest version of every resource, typed. Derived from the FHIR declarations."""

from metriccare import naming
from metriccare.sources.fhir.declarations import Resource
from metriccare.sources.fhir.elements import identifiers as identifier_fields
from metriccare.sources.fhir.resources import RESOURCES
from metriccare.tables.declaration import (
    DATA_QUALITY_SCORE,
    INGESTED_AT,
    RUN_ID,
    TENANT,
    Column,
    Table,
    hudi_table,
)

# Columns of bronze that silver takes over as they are.
FROM_BRONZE = (
    "source_file",
    "source_line",
    "full_url",
    "raw_sha256",
    "ingest_sequence",
    "ingested_at",
    "file_id",
    "bundle",
)
_CODING = "system:string,code:string,display:string"

IDENTIFIERS = Column(
    "identifiers",
    identifier_fields()[0].type,
    "business identifiers, by which other resources may refer to it",
    identifying=True,
)
# Columns every silver table of resources ends with: its history and where it came from.
PROVENANCE = (
    IDENTIFIERS,
    Column("deleted", "boolean", "the sender deleted the resource; the row is a tombstone"),
    Column("deleted_at", "timestamp", "when it was deleted (UTC)"),
    Column("dq_flags", "array<string>", "data quality rules the row trips without being rejected"),
    Column("last_updated", "timestamp", "`meta.lastUpdated`, else the time of ingestion (UTC)"),
    Column("source_file", "string", "the file it came in"),
    Column("source_line", "bigint", "line or entry number in the file, from 1"),
    RUN_ID,
    Column("full_url", "string", "`Bundle.entry.fullUrl` where there is one"),
    Column("raw_sha256", "string", "SHA-256 of the exact text in bronze"),
    Column("ingest_sequence", "bigint", "order of arrival"),
)


def resource_table(resource: Resource) -> Table:
    """Return the silver table of a FHIR resource declaration."""
    typed, added = (
        tuple(Column(f.name, f.type, f.meaning, f.identifying) for f in some if not f.hidden)
        for some in (resource.fields, resource.added)
    )
    return hudi_table(
        Table(
            layer=naming.SILVER,
            name=resource.table,
            meaning=resource.meaning,
            key=("tenant", "id"),
            columns=(
                TENANT,
                Column("id", "string", "the logical id"),
                *typed,
                *PROVENANCE,
                *added,
                INGESTED_AT,
                DATA_QUALITY_SCORE,
            ),
            versioned=True,
        )
    )


BY_RESOURCE = {resource.type: resource_table(resource) for resource in RESOURCES}

ENCOUNTER_DETAIL = hudi_table(
    Table(
        layer=naming.SILVER,
        name="encounter_detail",
        meaning="one row per current encounter with its patient and its conditions",
        key=("tenant", "encounter_id"),
        columns=(
            TENANT,
            Column("encounter_id", "string", "the encounter"),
            Column("patient_id", "string", "the patient record it refers to"),
            Column("status", "string", "state of the encounter"),
            Column("class_code", "string", "class (v3-ActCode)"),
            Column("service_provider_id", "string", "the organisation responsible"),
            Column("service_provider_name", "string", "its name"),
            Column("period_start", "string", "start as written"),
            Column("period_end", "string", "end as written"),
            Column("period_start_lower", "timestamp", "start, earliest (UTC)"),
            Column("period_end_upper", "timestamp", "end, latest (UTC)"),
            Column("sex", "string", "the patient's administrative sex"),
            Column("birth_date", "string", "the patient's date of birth", identifying=True),
            Column("age", "int", "whole years at the start, from the earliest bounds"),
            Column(
                "conditions",
                "array<struct<condition_id:string,"
                f"{_CODING},onset:string,verification_status:string,role:string,rank:int>>",
                "conditions recorded in the encounter or named among its diagnoses",
            ),
            Column("dq_flags", "array<string>", "the encounter's data quality flags"),
            Column("last_updated", "timestamp", "the encounter's (UTC)"),
            Column("source_file", "string", "the file the encounter came in"),
            Column("source_line", "bigint", "its line or entry number"),
            RUN_ID,
            Column("data_quality_score", "double", "the encounter's"),
        ),
    )
)

UNRESOLVED_REFERENCE = hudi_table(
    Table(
        layer=naming.SILVER,
        name="unresolved_reference",
        meaning="references whose target has not arrived; they resolve by themselves when it does",
        key=("tenant", "table_name", "id", "reference"),
        columns=(
            TENANT,
            Column("table_name", "string", "the silver table of the row that refers"),
            Column("id", "string", "the row's id"),
            Column("reference", "string", "the reference as sent, or Type/id"),
            RUN_ID,
            Column("ambiguous", "boolean", "several resources fit; none is taken until one does"),
        ),
    )
)

RESOLVED_NAME = hudi_table(
    Table(
        layer=naming.SILVER,
        name="resolved_name",
        meaning="identifiers and urns by which rows refer to others, and the resource each means",
        key=("tenant", "name"),
        columns=(
            TENANT,
            Column(
                "name",
                "string",
                "`Type?identifier=system|value`, or the type before an urn",
                identifying=True,
            ),
            Column("target_id", "string", "the id of the only resource that goes by it"),
            RUN_ID,
        ),
    )
)

RELEASED_PATIENT = hudi_table(
    Table(
        layer=naming.SILVER,
        name="released_patient",
        meaning="patients a corrected or deleted row no longer names; their stays are built again",
        key=("tenant", "patient_id", "run_id"),
        columns=(TENANT, Column("patient_id", "string", "the patient record"), RUN_ID),
    )
)

TABLES = (
    *BY_RESOURCE.values(),
    ENCOUNTER_DETAIL,
    UNRESOLVED_REFERENCE,
    RESOLVED_NAME,
    RELEASED_PATIENT,
)
