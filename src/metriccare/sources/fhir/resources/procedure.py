"""Procedure: something done to a patient. Source: FHIR R4 Procedure (R5: `occurrence[x]`)."""

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
    required=True,
    also=("Group", "Device", "Practitioner", "Organization", "Location"),
)
_ENCOUNTER = Reference("encounter", "Encounter")
_START = (
    "coalesce(r.performedDateTime, r.performedPeriod.start,"
    " r.occurrenceDateTime, r.occurrencePeriod.start)"
)
_END = (
    "coalesce(r.performedDateTime, r.performedPeriod.end,"
    " r.occurrenceDateTime, r.occurrencePeriod.end)"
)

PROCEDURE = Resource(
    type="Procedure",
    table="procedure",
    meaning="one row per procedure",
    shape=(
        f"status STRING, code {SHAPE_CONCEPT},"
        f" subject {SHAPE_REFERENCE}, encounter {SHAPE_REFERENCE},"
        f" performedDateTime STRING, performedPeriod {SHAPE_PERIOD},"
        f" occurrenceDateTime STRING, occurrencePeriod {SHAPE_PERIOD}"
    ),
    fields=fields(
        text("status", "r.status", "state of the procedure"),
        concept("code", "r.code", "the procedure"),
        reference(_PATIENT, "r.subject", "the patient"),
        reference(_ENCOUNTER, "r.encounter", "the encounter it belongs to"),
        date_time("performed_start", _START, "start"),
        date_time("performed_end", _END, "end"),
    ),
    references=(_PATIENT, _ENCOUNTER),
    dates=("performed_start", "performed_end"),
    expected=("status", "code", "patient_id", "performed_start"),
)
