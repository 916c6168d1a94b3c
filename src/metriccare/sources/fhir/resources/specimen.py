"""Specimen: what a laboratory result was made on. Source: FHIR R4 Specimen."""

from metriccare.sources.fhir.codings import concept
from metriccare.sources.fhir.date_elements import date_time
from metriccare.sources.fhir.declarations import (
    SHAPE_CONCEPT,
    SHAPE_PERIOD,
    SHAPE_REFERENCE,
    Reference,
    Resource,
)
from metriccare.sources.fhir.elements import fields, text
from metriccare.sources.fhir.reference_elements import reference

_PATIENT = Reference(
    "patient",
    "Patient",
    also=("Group", "Device", "Substance", "Location", "BiologicallyDerivedProduct"),
)

SPECIMEN = Resource(
    type="Specimen",
    table="specimen",
    meaning="one row per specimen",
    shape=(
        f"status STRING, type {SHAPE_CONCEPT}, subject {SHAPE_REFERENCE},"
        f" collection STRUCT<collectedDateTime:STRING,collectedPeriod:{SHAPE_PERIOD}>"
    ),
    fields=fields(
        text("status", "r.status", "available, unavailable, entered-in-error ..."),
        concept("type", "r.type", "material"),
        reference(_PATIENT, "r.subject", "the patient"),
        date_time(
            "collected",
            "coalesce(r.collection.collectedDateTime, r.collection.collectedPeriod.start)",
            "time of collection",
        ),
    ),
    references=(_PATIENT,),
    dates=("collected",),
    expected=("patient_id", "collected"),
)
