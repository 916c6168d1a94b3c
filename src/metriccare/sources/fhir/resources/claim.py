"""Claim and ExplanationOfBenefit: what was billed and decided. Source: FHIR R4 financial module.

Both carry the same diagnosis list with its present-on-admission indicator.
"""

from metriccare.sources.fhir.codings import CODINGS, concept, on_admission
from metriccare.sources.fhir.date_elements import date_time
from metriccare.sources.fhir.declarations import (
    SHAPE_CONCEPT,
    SHAPE_MONEY,
    SHAPE_PERIOD,
    SHAPE_REFERENCE,
    ArrayReference,
    Field,
    Reference,
    Resource,
)
from metriccare.sources.fhir.elements import decimal, fields, first_where, shared, text, whole
from metriccare.sources.fhir.reference_elements import reference, reference_id, reference_text

_DIAGNOSIS = (
    "struct<sequence:int,condition_id:string,condition_reference:string,"
    f"codings:{CODINGS},on_admission:string,type_codes:array<string>>"
)
_ENCOUNTER = "struct<encounter_id:string,encounter_reference:string>"
_PATIENT = Reference("patient", "Patient", required=True)
# Who bills may be a person: then the claim names no organisation.
_PROVIDER = Reference("provider", "Organization", also=("Practitioner", "PractitionerRole"))
_CLAIM = Reference("claim", "Claim")
_COVERAGE = Reference("coverage", "Coverage")
_REQUEST = Reference("request", "Claim")
_TOTAL_DIGITS = r'"total"\s*:\s*\{[^{}]*"value"\s*:\s*(-?[0-9.]+(?:[eE][+-]?[0-9]+)?)'

_CLAIM_TYPE = "http://terminology.hl7.org/CodeSystem/claim-type"
# Of several covers the focal one is what the claim is judged by; without one the first is.
_FOCAL = first_where("r.insurance", "i", "i.focal = 'true'")
_INSURANCE = f"coalesce({_FOCAL}, get(r.insurance, 0))"
_SHARED_SHAPE = (
    f"status STRING, use STRING, type {SHAPE_CONCEPT}, patient {SHAPE_REFERENCE},"
    f" provider {SHAPE_REFERENCE}, created STRING, billablePeriod {SHAPE_PERIOD},"
    f" diagnosis ARRAY<STRUCT<sequence:INT,diagnosisReference:{SHAPE_REFERENCE},"
    f"diagnosisCodeableConcept:{SHAPE_CONCEPT},onAdmission:{SHAPE_CONCEPT},"
    f"type:ARRAY<{SHAPE_CONCEPT}>>>,"
    f" insurance ARRAY<STRUCT<focal:STRING,coverage:{SHAPE_REFERENCE}>>,"
    f" item ARRAY<STRUCT<encounter:ARRAY<{SHAPE_REFERENCE}>>>"
)
_SHARED_FIELDS = fields(
    text("status", "r.status", "active, cancelled, draft, entered-in-error"),
    text("use", "r.use", "claim, preauthorization or predetermination"),
    concept("type", "r.type", "institutional, professional ...", system=_CLAIM_TYPE),
    reference(_PATIENT, "r.patient", "the patient"),
    (shared("insurance", _INSURANCE),),
    reference(_PROVIDER, "r.provider", "the organisation that bills"),
    reference(_COVERAGE, "insurance.coverage", "the cover billed, the focal one of several"),
    text("coverage_display", "insurance.coverage.display", "name of the cover"),
    date_time("created", "r.created", "when it was made"),
    date_time("billable_start", "r.billablePeriod.start", "first day of the services"),
    date_time("billable_end", "r.billablePeriod.end", "last day of the services"),
    (
        Field(
            "diagnoses",
            f"array<{_DIAGNOSIS}>",
            f"cast(transform(r.diagnosis, d -> named_struct('sequence', {whole('d.sequence')},"
            f" 'condition_id', {reference_id('d.diagnosisReference', 'Condition')},"
            f" 'condition_reference', {reference_text('d.diagnosisReference', 'Condition')},"
            " 'codings', d.diagnosisCodeableConcept.coding,"
            f" 'on_admission', {on_admission('d.onAdmission.coding')},"
            " 'type_codes', flatten(transform(d.type, t -> coalesce(transform(t.coding,"
            " c -> c.code), array())))))"
            f" as array<{_DIAGNOSIS}>)",
            "diagnoses with present-on-admission indicator and type",
        ),
        Field(
            "encounters",
            f"array<{_ENCOUNTER}>",
            "array_distinct(flatten(transform(r.item, i -> transform(coalesce(i.encounter,"
            " array()), e -> named_struct('encounter_id',"
            f" {reference_id('e', 'Encounter')}, 'encounter_reference',"
            f" {reference_text('e', 'Encounter')})))))",
            "encounters its lines belong to",
        ),
    ),
)
_SHARED_REFERENCES = (_PATIENT, _PROVIDER, _COVERAGE)
_SHARED_ARRAYS = (
    ArrayReference("diagnoses", "condition", "Condition"),
    ArrayReference("encounters", "encounter", "Encounter"),
)
_SHARED_DATES = ("created", "billable_start", "billable_end")

CLAIM = Resource(
    type="Claim",
    table="claim",
    meaning="one row per claim sent to a payer",
    shape=f"{_SHARED_SHAPE}, total {SHAPE_MONEY}",
    fields=fields(
        _SHARED_FIELDS,
        decimal("total", "r.total.value", _TOTAL_DIGITS, "amount billed"),
        text("total_currency", "r.total.currency", "currency of the amount (ISO 4217)"),
    ),
    references=_SHARED_REFERENCES,
    array_references=_SHARED_ARRAYS,
    dates=_SHARED_DATES,
)

EXPLANATION_OF_BENEFIT = Resource(
    type="ExplanationOfBenefit",
    table="explanation_of_benefit",
    meaning="one row per claim as the payer decided it",
    shape=f"{_SHARED_SHAPE}, outcome STRING, claim {SHAPE_REFERENCE}",
    fields=fields(
        _SHARED_FIELDS,
        text("outcome", "r.outcome", "queued, complete, error or partial"),
        reference(_CLAIM, "r.claim", "the claim decided"),
    ),
    references=(*_SHARED_REFERENCES, _CLAIM),
    array_references=_SHARED_ARRAYS,
    dates=_SHARED_DATES,
)

CLAIM_RESPONSE = Resource(
    type="ClaimResponse",
    table="claim_response",
    meaning="one row per payer's answer to a claim",
    shape=(
        f"status STRING, use STRING, type {SHAPE_CONCEPT}, patient {SHAPE_REFERENCE},"
        f" request {SHAPE_REFERENCE}, created STRING, outcome STRING, disposition STRING"
    ),
    fields=fields(
        text("status", "r.status", "active, cancelled, draft, entered-in-error"),
        text("use", "r.use", "claim, preauthorization or predetermination"),
        concept("type", "r.type", "institutional, professional ...", system=_CLAIM_TYPE),
        text("outcome", "r.outcome", "queued, complete, error or partial"),
        text("disposition", "r.disposition", "the decision in words"),
        reference(_PATIENT, "r.patient", "the patient"),
        reference(_REQUEST, "r.request", "the claim answered"),
        date_time("created", "r.created", "when it was made"),
    ),
    references=(_PATIENT, _REQUEST),
    dates=("created",),
)
