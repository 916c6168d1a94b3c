"""Encounter: an interaction of a patient with a provider. Source: FHIR R4 and R5 Encounter.

R5 moved `class` to a list of CodeableConcepts, `period` to `actualPeriod`, `hospitalization` to
`admission` and `diagnosis.condition` to a list of CodeableReferences; elements whose form differs
between the versions are parsed as text first and read in both forms.
"""

from metriccare.fhir.forms import (
    CODINGS,
    SHAPE_CONCEPT,
    SHAPE_IDENTIFIER,
    SHAPE_PERIOD,
    SHAPE_REFERENCE,
    ArrayReference,
    Field,
    Reference,
    Resource,
    concept,
    concepts,
    date_time,
    fields,
    reference,
    reference_id,
    reference_text,
    text,
)

_POA_URL = "qicore-encounter-diagnosisPresentOnAdmission"
_HOSPITALIZATION = (
    f"STRUCT<admitSource:{SHAPE_CONCEPT},dischargeDisposition:{SHAPE_CONCEPT},"
    f"preAdmissionIdentifier:{SHAPE_IDENTIFIER}>"
)
_EXTENSION = (
    "ARRAY<STRUCT<url:STRING,valueCode:STRING,valueCoding:STRUCT<system:STRING,code:STRING>,"
    f"valueCodeableConcept:{SHAPE_CONCEPT}>>"
)
_DIAGNOSIS = (
    "struct<condition_id:string,condition_reference:string,"
    f"codings:{CODINGS},use_codes:array<string>,rank:int,on_admission:string>"
)
_LOCATION = (
    "struct<location_id:string,location_reference:string,status:string,start:string,end:string>"
)

# One Reference, however the version nests it: R4 {reference}, R5 [{reference: {reference}}].
_CONDITION = (
    f"coalesce(from_json(if(left(ltrim(d.condition), 1) = '{{', d.condition, null),"
    f" '{SHAPE_REFERENCE}'), get(from_json(if(left(ltrim(d.condition), 1) = '[', d.condition,"
    f" null), 'ARRAY<STRUCT<reference:{SHAPE_REFERENCE}>>'), 0).reference)"
)
_USE = (
    f"coalesce(from_json(if(left(ltrim(d.use), 1) = '{{', d.use, null),"
    f" '{SHAPE_CONCEPT}').coding, flatten(transform(from_json(if(left(ltrim(d.use), 1) = '[',"
    f" d.use, null), 'ARRAY<{SHAPE_CONCEPT}>'), u -> coalesce(u.coding, array()))))"
)
_CONCEPT_OF_DIAGNOSIS = (
    "get(from_json(if(left(ltrim(d.condition), 1) = '[', d.condition, null),"
    f" 'ARRAY<STRUCT<concept:{SHAPE_CONCEPT}>>'), 0).concept.coding"
)
_ON_ADMISSION = f"get(filter(d.extension, e -> e.url like '%{_POA_URL}'), 0)"

_CLASS = {
    part: f"coalesce(get_json_object(r.class, '$.{part}'),"
    f" get_json_object(r.class, '$[0].coding[0].{part}'))"
    for part in ("system", "code", "display")
}
# R5 serviceType is a list of {concept: CodeableConcept}; R4 is one CodeableConcept.
_SERVICE_TYPE = (
    f"coalesce(from_json(if(left(ltrim(r.serviceType), 1) = '{{', r.serviceType, null),"
    f" '{SHAPE_CONCEPT}'), get(from_json(if(left(ltrim(r.serviceType), 1) = '[', r.serviceType,"
    f" null), 'ARRAY<STRUCT<concept:{SHAPE_CONCEPT}>>'), 0).concept)"
)
_ADMISSION = "coalesce(r.hospitalization, r.admission)"
_PATIENT = Reference("patient", "Patient", required=True)
_PART_OF = Reference("part_of", "Encounter")
_PROVIDER = Reference("service_provider", "Organization")

ENCOUNTER = Resource(
    type="Encounter",
    table="encounter",
    meaning="one row per encounter; stays are built from these rows, measures never read them",
    shape=(
        "status STRING, class STRING,"
        f" type ARRAY<{SHAPE_CONCEPT}>, serviceType STRING, priority {SHAPE_CONCEPT},"
        f" subject {SHAPE_REFERENCE}, partOf {SHAPE_REFERENCE},"
        f" serviceProvider {SHAPE_REFERENCE}, period {SHAPE_PERIOD}, actualPeriod {SHAPE_PERIOD},"
        f" hospitalization {_HOSPITALIZATION}, admission {_HOSPITALIZATION},"
        f" diagnosis ARRAY<STRUCT<condition:STRING,use:STRING,rank:INT,extension:{_EXTENSION}>>,"
        f" location ARRAY<STRUCT<location:{SHAPE_REFERENCE},status:STRING,period:{SHAPE_PERIOD}>>"
    ),
    fields=fields(
        text("status", "r.status", "state of the encounter"),
        text("class_system", _CLASS["system"], "class: code system"),
        text("class_code", _CLASS["code"], "class: code (v3-ActCode)"),
        text("class_display", _CLASS["display"], "class: words"),
        concepts("type", "r.type", "specific types of encounter"),
        concept("service_type", _SERVICE_TYPE, "service the patient was admitted to"),
        concept("priority", "r.priority", "urgency of the admission"),
        reference(_PATIENT, "r.subject", "the patient"),
        reference(_PART_OF, "r.partOf", "the encounter this one is part of"),
        reference(_PROVIDER, "r.serviceProvider", "the organisation responsible"),
        date_time("period_start", "coalesce(r.period, r.actualPeriod).start", "start"),
        date_time("period_end", "coalesce(r.period, r.actualPeriod).end", "end"),
        concept("admit_source", f"{_ADMISSION}.admitSource", "where the patient came from"),
        concept(
            "discharge_disposition", f"{_ADMISSION}.dischargeDisposition", "where the patient went"
        ),
        (
            Field(
                "diagnoses",
                f"array<{_DIAGNOSIS}>",
                # The inner step reads what differs between the versions once per diagnosis.
                f"cast(transform(transform(r.diagnosis, d -> named_struct('condition',"
                f" {_CONDITION}, 'codings', {_CONCEPT_OF_DIAGNOSIS}, 'uses', {_USE},"
                f" 'rank', d.rank, 'poa', {_ON_ADMISSION})), d -> named_struct('condition_id',"
                f" {reference_id('d.condition')}, 'condition_reference',"
                f" {reference_text('d.condition', 'Condition')}, 'codings', d.codings,"
                " 'use_codes', transform(d.uses, u -> u.code), 'rank', d.rank, 'on_admission',"
                " coalesce(d.poa.valueCodeableConcept.coding[0].code, d.poa.valueCoding.code,"
                f" d.poa.valueCode))) as array<{_DIAGNOSIS}>)",
                "diagnoses with use, rank and present-on-admission indicator",
            ),
            Field(
                "locations",
                f"array<{_LOCATION}>",
                f"transform(r.location, l -> named_struct('location_id',"
                f" {reference_id('l.location')}, 'location_reference',"
                f" {reference_text('l.location', 'Location')}, 'status', l.status,"
                " 'start', l.period.start, 'end', l.period.end))",
                "where the patient lay, in the order sent, FHIR dates as text",
            ),
        ),
    ),
    references=(_PATIENT, _PART_OF, _PROVIDER),
    array_references=(
        ArrayReference("diagnoses", "condition", "Condition"),
        ArrayReference("locations", "location", "Location"),
    ),
    dates=("period_start", "period_end"),
)
