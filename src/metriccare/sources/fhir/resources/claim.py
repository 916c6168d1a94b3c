"""Claim, ClaimResponse and ExplanationOfBenefit: what was billed and what the payer decided.

Claim and ExplanationOfBenefit carry the same diagnosis list with its present-on-admission
indicator. Source: FHIR R4 financial module.
"""

from metriccare.sources.fhir.codings import CODINGS, concept, on_admission
from metriccare.sources.fhir.date_elements import date_time
from metriccare.sources.fhir.declarations import (
    SHAPE_CONCEPT,
    SHAPE_MONEY,
    SHAPE_PERIOD,
    SHAPE_REFERENCE,
    SHAPE_TYPED_IDENTIFIERS,
    ArrayReference,
    Field,
    Reference,
    Resource,
)
from metriccare.sources.fhir.elements import amount, fields, first_where, shared, text, whole
from metriccare.sources.fhir.reference_elements import reference, reference_id, reference_text
from metriccare.sources.fhir.resources.adjudication import (
    ADDED_ITEM_SHAPE,
    ERROR_SHAPE,
    HEADER_SHAPE,
    ITEM_SHAPE,
    NOTE_SHAPE,
    PAYMENT_SHAPE,
    added_items,
    errors,
    header_adjudications,
    items,
    notes,
)
from metriccare.sources.fhir.resources.claim_context import (
    CONTEXT_ARRAYS,
    CONTEXT_SHAPE,
    FACILITY,
    INSURANCE_ARRAY,
    INSURANCE_SHAPE,
    INSURER,
    PROVIDER_PERSON,
    context,
    insurance,
    typed_identifiers,
)

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
_CLAIM_RESPONSE = Reference("claim_response", "ClaimResponse")

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
    f" {INSURANCE_SHAPE}, {ITEM_SHAPE}, {CONTEXT_SHAPE}, {SHAPE_TYPED_IDENTIFIERS}"
)
_SHARED_FIELDS = fields(
    text("status", "r.status", "active, cancelled, draft, entered-in-error"),
    text("use", "r.use", "claim, preauthorization or predetermination"),
    concept("type", "r.type", "institutional, professional ...", system=_CLAIM_TYPE),
    reference(_PATIENT, "r.patient", "the patient"),
    (shared("focal_insurance", _INSURANCE),),
    reference(_PROVIDER, "r.provider", "the organisation that bills"),
    reference(_COVERAGE, "focal_insurance.coverage", "the cover billed, the focal one of several"),
    text("coverage_display", "focal_insurance.coverage.display", "name of the cover"),
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
            "array_distinct(transform(flatten(transform(r.item, i -> coalesce(i.encounter,"
            f" array()))), e -> named_struct('encounter_id', {reference_id('e', 'Encounter')},"
            f" 'encounter_reference', {reference_text('e', 'Encounter')})))",
            "encounters its lines belong to",
        ),
    ),
)
_SHARED_REFERENCES = (_PATIENT, _PROVIDER, _COVERAGE)
_ADDED_REFERENCES = (PROVIDER_PERSON, FACILITY, INSURER)
_SHARED_ARRAYS = (
    ArrayReference("diagnoses", "condition", "Condition"),
    ArrayReference("encounters", "encounter", "Encounter"),
    *CONTEXT_ARRAYS,
    INSURANCE_ARRAY,
)
_SHARED_DATES = ("created", "billable_start", "billable_end")
_PARTIES = fields(
    typed_identifiers(),
    reference(PROVIDER_PERSON, "r.provider", "who bills, if a person"),
    reference(FACILITY, "r.facility", "where the services were given"),
    reference(INSURER, "r.insurer", "the payer"),
    text("insurer_display", "r.insurer.display", "name of the payer"),
)
_SHARED_ADDED = fields(items(), context(), insurance(), _PARTIES)
_PAYMENT = fields(
    amount("payment_amount", "r.payment.amount.value", "what the payer pays"),
    text("payment_currency", "r.payment.amount.currency", "currency of the payment (ISO 4217)"),
    date_time("payment_date", "r.payment.date", "when the payer pays"),
    text("payment_identifier", "r.payment.identifier.value", "number of the check or transfer"),
)

CLAIM = Resource(
    type="Claim",
    table="claim",
    meaning="one row per claim sent to a payer",
    shape=f"{_SHARED_SHAPE}, total {SHAPE_MONEY}",
    fields=fields(
        _SHARED_FIELDS,
        amount("total", "r.total.value", "amount billed"),
        text("total_currency", "r.total.currency", "currency of the amount (ISO 4217)"),
    ),
    references=(*_SHARED_REFERENCES, *_ADDED_REFERENCES),
    array_references=_SHARED_ARRAYS,
    dates=_SHARED_DATES,
    added=_SHARED_ADDED,
    expected=(
        "status",
        "type_code",
        "patient_id",
        "created",
        "billable_start",
        "diagnoses",
        "items",
    ),
)

EXPLANATION_OF_BENEFIT = Resource(
    type="ExplanationOfBenefit",
    table="explanation_of_benefit",
    meaning="one row per claim as the payer decided it",
    shape=(
        f"{_SHARED_SHAPE}, outcome STRING, claim {SHAPE_REFERENCE},"
        f" claimResponse {SHAPE_REFERENCE}, {HEADER_SHAPE}, {PAYMENT_SHAPE}, {ADDED_ITEM_SHAPE},"
        f" {NOTE_SHAPE}"
    ),
    fields=fields(
        _SHARED_FIELDS,
        text("outcome", "r.outcome", "queued, complete, error or partial"),
        reference(_CLAIM, "r.claim", "the claim decided"),
    ),
    references=(*_SHARED_REFERENCES, _CLAIM, *_ADDED_REFERENCES, _CLAIM_RESPONSE),
    array_references=_SHARED_ARRAYS,
    dates=(*_SHARED_DATES, "payment_date"),
    added=fields(
        _SHARED_ADDED,
        header_adjudications(),
        added_items(),
        _PAYMENT,
        notes(),
        reference(_CLAIM_RESPONSE, "r.claimResponse", "the answer it explains"),
    ),
    expected=("status", "outcome", "patient_id", "claim_id", "created", "items"),
)

CLAIM_RESPONSE = Resource(
    type="ClaimResponse",
    table="claim_response",
    meaning="one row per payer's answer to a claim",
    shape=(
        f"status STRING, use STRING, type {SHAPE_CONCEPT}, patient {SHAPE_REFERENCE},"
        f" request {SHAPE_REFERENCE}, created STRING, outcome STRING, disposition STRING,"
        f" {ITEM_SHAPE}, {ADDED_ITEM_SHAPE}, {HEADER_SHAPE}, {PAYMENT_SHAPE}, {INSURANCE_SHAPE},"
        f" insurer {SHAPE_REFERENCE}, requestor {SHAPE_REFERENCE}, {NOTE_SHAPE}, {ERROR_SHAPE},"
        f" {SHAPE_TYPED_IDENTIFIERS}"
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
    references=(_PATIENT, _REQUEST, _PROVIDER, PROVIDER_PERSON, INSURER),
    array_references=(INSURANCE_ARRAY,),
    dates=("created", "payment_date"),
    added=fields(
        items(),
        insurance(),
        typed_identifiers(),
        reference(_PROVIDER, "r.requestor", "the organisation that billed"),
        reference(PROVIDER_PERSON, "r.requestor", "who billed, if a person"),
        reference(INSURER, "r.insurer", "the payer"),
        text("insurer_display", "r.insurer.display", "name of the payer"),
        header_adjudications(),
        added_items(),
        _PAYMENT,
        notes(),
        errors(),
    ),
    expected=("status", "outcome", "patient_id", "request_id", "created", "items"),
)
