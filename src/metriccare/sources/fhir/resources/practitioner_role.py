"""PractitionerRole: what a clinician does for an organisation. Source: FHIR R4 PractitionerRole."""

from metriccare.sources.fhir.codings import concepts
from metriccare.sources.fhir.date_elements import date_time
from metriccare.sources.fhir.declarations import (
    SHAPE_CONCEPT,
    SHAPE_PERIOD,
    SHAPE_REFERENCE,
    Reference,
    Resource,
)
from metriccare.sources.fhir.elements import boolean, fields
from metriccare.sources.fhir.reference_elements import reference

_PRACTITIONER = Reference("practitioner", "Practitioner")
_ORGANIZATION = Reference("organization", "Organization")

PRACTITIONER_ROLE = Resource(
    type="PractitionerRole",
    table="practitioner_role",
    meaning="one row per role of a clinician in an organisation",
    shape=(
        f"active STRING, period {SHAPE_PERIOD}, practitioner {SHAPE_REFERENCE},"
        f" organization {SHAPE_REFERENCE}, code ARRAY<{SHAPE_CONCEPT}>,"
        f" specialty ARRAY<{SHAPE_CONCEPT}>"
    ),
    fields=fields(
        boolean("active", "r.active", "the role is in use"),
        reference(_PRACTITIONER, "r.practitioner", "the clinician"),
        reference(_ORGANIZATION, "r.organization", "the organisation"),
        concepts("specialty", "r.specialty", "specialties (NUCC taxonomy where sent)"),
        concepts("code", "r.code", "what the clinician does there"),
        date_time("period_start", "r.period.start", "first day of the role"),
        date_time("period_end", "r.period.end", "last day of the role"),
    ),
    references=(_PRACTITIONER, _ORGANIZATION),
    dates=("period_start", "period_end"),
    expected=("practitioner_id", "specialty_codings"),
)
