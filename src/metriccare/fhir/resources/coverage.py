"""Coverage: who pays. Source: FHIR R4 Coverage."""

from metriccare.fhir.forms import (
    SHAPE_CONCEPT,
    SHAPE_PERIOD,
    SHAPE_REFERENCE,
    Reference,
    Resource,
    concept,
    date_time,
    fields,
    reference,
    text,
)

_PATIENT = Reference("patient", "Patient", required=True)
_PAYOR = Reference("payor", "Organization")

COVERAGE = Resource(
    type="Coverage",
    table="coverage",
    meaning="one row per insurance cover of a patient",
    shape=(
        f"status STRING, type {SHAPE_CONCEPT}, beneficiary {SHAPE_REFERENCE},"
        f" payor ARRAY<{SHAPE_REFERENCE}>, period {SHAPE_PERIOD}, `order` INT"
    ),
    fields=fields(
        text("status", "r.status", "active, cancelled, draft, entered-in-error"),
        concept("type", "r.type", "kind of cover"),
        text("type_text", "r.type.text", "kind of cover, in words"),
        reference(_PATIENT, "r.beneficiary", "the person covered"),
        reference(_PAYOR, "get(r.payor, 0)", "who pays"),
        text("payor_display", "get(r.payor, 0).display", "name of who pays"),
        date_time("period_start", "r.period.start", "first day of cover"),
        date_time("period_end", "r.period.end", "last day of cover"),
        text("rank", "cast(r.`order` as string)", "order among several covers, 1 is primary"),
    ),
    references=(_PATIENT, _PAYOR),
    dates=("period_start", "period_end"),
)
