"""Condition: a diagnosis or problem. Source: FHIR R4 Condition."""

from metriccare.sources.fhir.codings import concept, concepts, one_coding
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

_PATIENT = Reference("patient", "Patient", required=True, also=("Group",))
_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_ENCOUNTER = Reference("encounter", "Encounter")

CONDITION = Resource(
    type="Condition",
    table="condition",
    meaning="one row per diagnosis or problem recorded",
    shape=(
        f"clinicalStatus {SHAPE_CONCEPT}, verificationStatus {SHAPE_CONCEPT},"
        f" category ARRAY<{SHAPE_CONCEPT}>, code {SHAPE_CONCEPT},"
        f" subject {SHAPE_REFERENCE}, encounter {SHAPE_REFERENCE},"
        f" onsetDateTime STRING, onsetPeriod {SHAPE_PERIOD},"
        f" abatementDateTime STRING, abatementPeriod {SHAPE_PERIOD}, recordedDate STRING"
    ),
    fields=fields(
        concept("code", "r.code", "the diagnosis"),
        text(
            "clinical_status",
            f"({one_coding('r.clinicalStatus.coding', _CLINICAL)}).code",
            "active, resolved ...",
        ),
        text(
            "verification_status",
            f"({one_coding('r.verificationStatus.coding', _VERIFICATION)}).code",
            "confirmed, refuted, entered-in-error ...; absent counts as confirmed",
        ),
        concepts("category", "r.category", "problem list item or encounter diagnosis"),
        reference(_PATIENT, "r.subject", "the patient"),
        reference(_ENCOUNTER, "r.encounter", "the encounter it was recorded in"),
        date_time("onset", "coalesce(r.onsetDateTime, r.onsetPeriod.start)", "onset"),
        date_time("abatement", "coalesce(r.abatementDateTime, r.abatementPeriod.end)", "end of it"),
        date_time("recorded_date", "r.recordedDate", "when it was recorded"),
    ),
    references=(_PATIENT, _ENCOUNTER),
    dates=("onset", "abatement", "recorded_date"),
    expected=("code", "patient_id", "encounter_id", "onset"),
)
