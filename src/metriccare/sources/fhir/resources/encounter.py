"""Encounter: an interaction of a patient with a provider. Source: FHIR R4 and R5 Encounter.

R5 moved `class` to a list of CodeableConcepts, `period` to `actualPeriod`, `hospitalization` to
`admission` and `diagnosis.condition` to a list of CodeableReferences; elements whose form differs
between the versions are parsed as text first and read in both forms.
"""

from metriccare.sources.fhir.codings import CODINGS, codings_of, concept, concepts, on_admission
from metriccare.sources.fhir.date_elements import date_time
from metriccare.sources.fhir.declarations import (
    SHAPE_CODING,
    SHAPE_CONCEPT,
    SHAPE_IDENTIFIER,
    SHAPE_PERIOD,
    SHAPE_REFERENCE,
    ArrayReference,
    Field,
    Reference,
    Resource,
)
from metriccare.sources.fhir.elements import fields, first_where, shared, text, whole
from metriccare.sources.fhir.reference_elements import reference, reference_id, reference_text
from metriccare.sources.fhir.shapes import parsed_list

# v3-ActCode classes the stay model knows how to treat.
CLASSES = ("IMP", "ACUTE", "NONAC", "OBSENC", "SS", "EMER", "AMB", "VR", "HH", "FLD", "PRENC")

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

# R4 sends one Reference, R5 a list of {concept, reference: Reference}: read as a list of both.
_CONDITIONS = parsed_list(
    "d.condition",
    f"STRUCT<reference:STRING,type:STRING,identifier:{SHAPE_IDENTIFIER},concept:{SHAPE_CONCEPT}>",
)
_REFERENCE = (
    f"if(left(ltrim(x.reference), 1) = '{{', from_json(x.reference, '{SHAPE_REFERENCE}'),"
    " named_struct('reference', x.reference, 'type', x.type, 'identifier', x.identifier,"
    " 'display', cast(null as string)))"
)
# A diagnosis that names no condition is kept: it may have a use and a rank.
_NAMED = f"transform({_CONDITIONS}, x -> named_struct('of', {_REFERENCE}, 'concept', x.concept))"
_ONE_OR_MORE = f"get(transform(array({_NAMED}), n -> if(size(n) > 0, n, array(null))), 0)"
_USES = codings_of(parsed_list("d.use", SHAPE_CONCEPT))
# The extension comes at most once.
_POA = first_where("d.extension", "e", f"e.url like '%{_POA_URL}'")
_ON_ADMISSION = (
    f"coalesce({on_admission('d.poa.valueCodeableConcept.coding')}, d.poa.valueCoding.code,"
    " d.poa.valueCode)"
)

# R4 `class` is one Coding, R5's a list of CodeableConcepts; every coding of either is read.
_CLASSES = parsed_list(
    "r.class",
    f"STRUCT<system:STRING,code:STRING,display:STRING,coding:ARRAY<{SHAPE_CODING}>>",
)
_CLASS_CODINGS = (
    f"filter(flatten(transform({_CLASSES}, x -> concat(array(named_struct('system', x.system,"
    " 'code', x.code, 'display', x.display)), coalesce(x.coding, array())))),"
    " x -> x.code is not null)"
)
# v3-ActCode by its name today, in STU3 and as an OID; a code without a system is taken for one.
_ACT_CODE = "(v3-ActCode|/v3/ActCode|2[.]16[.]840[.]1[.]113883[.]5[.]4)$"
_IS_ACT_CODE = f"(coalesce(c.system, '') = '' or c.system rlike '{_ACT_CODE}')"
_IS_KNOWN = f"c.code in ({', '.join(repr(code) for code in CLASSES)})"
# A stay is inpatient when any of its classes says so (metrics specification, R5 class lists);
# local codes that look alike count only where no ActCode is sent.
_CLASS_CODING = "coalesce({})".format(
    ", ".join(
        first_where("class_codings", "c", condition)
        for condition in (
            f"{_IS_ACT_CODE} and c.code in ('IMP', 'ACUTE')",
            f"{_IS_ACT_CODE} and c.code = 'NONAC'",
            f"{_IS_ACT_CODE} and {_IS_KNOWN}",
            _IS_KNOWN,
            "true",
        )
    )
)
# R5 `serviceType` is a list of {concept: CodeableConcept}; R4 is one CodeableConcept.
_SERVICES = parsed_list(
    "r.serviceType", f"STRUCT<coding:ARRAY<{SHAPE_CODING}>,concept:{SHAPE_CONCEPT}>"
)
_SERVICE_CODINGS = (
    f"flatten(transform({_SERVICES}, x -> coalesce(x.coding, x.concept.coding, array())))"
)
_ADMISSION = "coalesce(r.hospitalization, r.admission)"
_PATIENT = Reference("patient", "Patient", required=True, also=("Group",))
_PART_OF = Reference("part_of", "Encounter")
_PROVIDER = Reference("service_provider", "Organization")
_ATTENDER = Reference(
    "attender",
    "Practitioner",
    also=("PractitionerRole", "RelatedPerson", "Patient", "Group", "Device", "HealthcareService"),
)
# v3-ParticipationType: the attender, else the primary performer. R5 renamed `individual`.
_ATTENDED_BY = "coalesce({})".format(
    ", ".join(
        first_where(
            "r.participant",
            "p",
            f"exists(coalesce({codings_of('p.type')}, array()), c -> c.code = '{role}')",
        )
        for role in ("ATND", "PPRF")
    )
)

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
        f" location ARRAY<STRUCT<location:{SHAPE_REFERENCE},status:STRING,period:{SHAPE_PERIOD}>>,"
        f" participant ARRAY<STRUCT<type:ARRAY<{SHAPE_CONCEPT}>,individual:{SHAPE_REFERENCE},"
        f"actor:{SHAPE_REFERENCE}>>"
    ),
    fields=fields(
        text("status", "r.status", "state of the encounter"),
        (
            shared("class_codings", _CLASS_CODINGS),
            shared("class_coding", _CLASS_CODING),
            shared("service_type", f"named_struct('coding', {_SERVICE_CODINGS})"),
        ),
        text("class_system", "class_coding.system", "class: code system"),
        text(
            "class_code",
            "class_coding.code",
            "class: code (v3-ActCode); of several inpatient first, then non-acute, then the first",
        ),
        text("class_display", "class_coding.display", "class: words"),
        concepts("type", "r.type", "specific types of encounter"),
        concept("service_type", "service_type", "service the patient was admitted to"),
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
                # The inner steps read what differs between the versions once per diagnosis.
                f"cast(transform(flatten(transform(r.diagnosis, d -> transform({_ONE_OR_MORE},"
                f" n -> named_struct('condition', n.of, 'codings', n.concept.coding, 'uses',"
                f" {_USES}, 'rank', {whole('d.rank')}, 'poa', {_POA})))),"
                f" d -> named_struct('condition_id', {reference_id('d.condition', 'Condition')},"
                f" 'condition_reference', {reference_text('d.condition', 'Condition')},"
                " 'codings', d.codings, 'use_codes', transform(d.uses, u -> u.code),"
                f" 'rank', d.rank, 'on_admission', {_ON_ADMISSION})) as array<{_DIAGNOSIS}>)",
                "diagnoses with use, rank and present-on-admission indicator",
            ),
            Field(
                "locations",
                f"array<{_LOCATION}>",
                f"transform(r.location, l -> named_struct('location_id',"
                f" {reference_id('l.location', 'Location')}, 'location_reference',"
                f" {reference_text('l.location', 'Location')}, 'status', l.status,"
                " 'start', l.period.start, 'end', l.period.end))",
                "where the patient lay, in the order sent, FHIR dates as text",
            ),
        ),
    ),
    added=fields(
        (shared("attended_by", _ATTENDED_BY),),
        reference(
            _ATTENDER,
            "coalesce(attended_by.individual, attended_by.actor)",
            "who is responsible for the care: the attender, else the primary performer",
        ),
    ),
    references=(_PATIENT, _PART_OF, _PROVIDER, _ATTENDER),
    array_references=(
        ArrayReference("diagnoses", "condition", "Condition", also=("Procedure",)),
        ArrayReference("locations", "location", "Location"),
    ),
    dates=("period_start", "period_end"),
    expected=("status", "class_code", "patient_id", "service_provider_id", "period_start"),
)
