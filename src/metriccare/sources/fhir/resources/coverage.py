"""Coverage: who pays. Source: FHIR R4 Coverage."""

from metriccare.sources.fhir.codings import concept
from metriccare.sources.fhir.date_elements import date_time
from metriccare.sources.fhir.declarations import (
    SHAPE_CONCEPT,
    SHAPE_PERIOD,
    SHAPE_REFERENCE,
    Reference,
    Resource,
)
from metriccare.sources.fhir.elements import fields, first_where, shared, text, whole
from metriccare.sources.fhir.reference_elements import reference

_PATIENT = Reference("patient", "Patient", required=True)
_PAYOR = Reference("payor", "Organization", also=("Patient", "RelatedPerson"))
# Of several who pay the first organisation is taken: the others are persons who pay themselves.
_IS_ORGANIZATION = "p.reference rlike '(^|/)Organization[/?]' or p.type rlike '(^|/)Organization$'"
_PAYS = f"coalesce({first_where('r.payor', 'p', _IS_ORGANIZATION)}, get(r.payor, 0))"

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
        (shared("pays", _PAYS),),
        reference(_PAYOR, "pays", "who pays, the first organisation of several"),
        text("payor_display", "pays.display", "name of who pays"),
        date_time("period_start", "r.period.start", "first day of cover"),
        date_time("period_end", "r.period.end", "last day of cover"),
        text(
            "rank",
            f"cast({whole('r.`order`')} as string)",
            "order among several covers, 1 is primary",
        ),
    ),
    references=(_PATIENT, _PAYOR),
    dates=("period_start", "period_end"),
    expected=("status", "patient_id", "period_start"),
)
