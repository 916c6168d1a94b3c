"""Who and what stands beside the lines of a claim. Source: FHIR R4 financial module.

Care team, cover, related claims, procedures and supporting information are the same columns in
Claim and ExplanationOfBenefit; ClaimResponse has some of them.
"""

from __future__ import annotations

from metriccare.sources.fhir.codings import CODINGS, codings_of
from metriccare.sources.fhir.declarations import (
    SHAPE_CONCEPT,
    SHAPE_PERIOD,
    SHAPE_REFERENCE,
    ArrayReference,
    Field,
    Reference,
)
from metriccare.sources.fhir.reference_elements import (
    literal_id,
    named_type,
    reference_id,
    reference_text,
)
from metriccare.sources.fhir.resources.adjudication import code_of
from metriccare.sources.fhir.structs import Part, Struct, structs, whole_number, words

_ROLE_SYSTEM = "http://terminology.hl7.org/CodeSystem/claimcareteamrole"
_RELATIONSHIP_SYSTEM = "http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship"
_PROVIDER_TYPES = ("Practitioner", "PractitionerRole", "Organization")

INSURANCE_SHAPE = f"insurance ARRAY<STRUCT<sequence:INT,focal:STRING,coverage:{SHAPE_REFERENCE}>>"
CONTEXT_SHAPE = (
    f"facility {SHAPE_REFERENCE}, insurer {SHAPE_REFERENCE},"
    f" careTeam ARRAY<STRUCT<sequence:INT,provider:{SHAPE_REFERENCE},responsible:STRING,"
    f"role:{SHAPE_CONCEPT},qualification:{SHAPE_CONCEPT}>>,"
    f" related ARRAY<STRUCT<claim:{SHAPE_REFERENCE},relationship:{SHAPE_CONCEPT},"
    "reference:STRUCT<system:STRING,value:STRING>>>,"
    f" supportingInfo ARRAY<STRUCT<sequence:INT,category:{SHAPE_CONCEPT},code:{SHAPE_CONCEPT},"
    f"timingDate:STRING,timingPeriod:{SHAPE_PERIOD},valueString:STRING>>,"
    f" procedure ARRAY<STRUCT<sequence:INT,date:STRING,procedureCodeableConcept:{SHAPE_CONCEPT},"
    f"procedureReference:{SHAPE_REFERENCE},type:ARRAY<{SHAPE_CONCEPT}>>>"
)
# R5 also allows an organisation.
FACILITY = Reference("facility", "Location", also=("Organization",))
INSURER = Reference("insurer", "Organization")
# Read from the same element as `provider`: of a person or an organisation only one has an id.
PROVIDER_PERSON = Reference(
    "provider_person", "Practitioner", also=("Organization", "PractitionerRole")
)
CONTEXT_ARRAYS = (
    ArrayReference("care_team", "provider", "Practitioner", also=_PROVIDER_TYPES[1:]),
    ArrayReference("related", "claim", "Claim"),
    ArrayReference("procedures", "procedure", "Procedure"),
)
INSURANCE_ARRAY = ArrayReference("insurance", "coverage", "Coverage")


def _reference(name: str, element: str, target: str) -> tuple[Part, Part]:
    return (
        words(f"{name}_id", reference_id(element, target)),
        words(f"{name}_reference", reference_text(element, target)),
    )


_SENT_TYPE = "nullif(regexp_extract(m.provider.type, '([A-Za-z]+)$', 1), '')"
_CARE_TEAM = Struct(
    "m",
    (
        whole_number("sequence", "m.sequence"),
        # Any of the three types has an id here; only practitioners are looked up by other names.
        words(
            "provider_id", literal_id("m.provider.reference", f"(?:{'|'.join(_PROVIDER_TYPES)})")
        ),
        words("provider_reference", reference_text("m.provider", "Practitioner")),
        words("provider_type", f"coalesce({named_type('m.provider.reference')}, {_SENT_TYPE})"),
        words("role", code_of("m.role", _ROLE_SYSTEM)),
        Part("responsible", "boolean", "cast(m.responsible as boolean)"),
        Part("qualification_codings", CODINGS, "m.qualification.coding"),
    ),
)
_RELATED = Struct(
    "x",
    (
        words("relationship", code_of("x.relationship", _RELATIONSHIP_SYSTEM)),
        *_reference("claim", "x.claim", "Claim"),
        words("reference_value", "x.reference.value"),
    ),
)
_SUPPORTING_INFO = Struct(
    "s",
    (
        whole_number("sequence", "s.sequence"),
        words("category", code_of("s.category")),
        words("code", code_of("s.code")),
        words("text", "coalesce(s.valueString, s.code.text)"),
        words("timing", "coalesce(s.timingDate, s.timingPeriod.start)"),
        words("timing_end", "coalesce(s.timingDate, s.timingPeriod.end)"),
        Part("code_codings", CODINGS, "s.code.coding"),
    ),
)
_INSURANCE = Struct(
    "n",
    (
        whole_number("sequence", "n.sequence"),
        Part("focal", "boolean", "cast(n.focal as boolean)"),
        *_reference("coverage", "n.coverage", "Coverage"),
    ),
)
_PROCEDURE = Struct(
    "p",
    (
        whole_number("sequence", "p.sequence"),
        Part("codings", CODINGS, "p.procedureCodeableConcept.coding"),
        words("date", "p.date"),
        *_reference("procedure", "p.procedureReference", "Procedure"),
        Part(
            "type_codes",
            "array<string>",
            f"array_compact(transform({codings_of('p.type')}, c -> c.code))",
        ),
    ),
)
_TYPED_IDENTIFIER = Struct(
    "i", (words("system", "i.system"), words("value", "i.value"), words("type", code_of("i.type")))
)


def insurance() -> tuple[Field, ...]:
    """Return every cover named; which is focal decides who the claim is for."""
    return structs("insurance", _INSURANCE, "r.insurance", "covers named, focal or not")


def typed_identifiers() -> tuple[Field, ...]:
    """Return the identifiers with the code of their type, such as AN for an account number."""
    return structs(
        "typed_identifiers",
        _TYPED_IDENTIFIER,
        "r.identifier",
        "business identifiers with their type (v2-0203, such as AN: account number)",
        identifying=True,
    )


def context() -> tuple[Field, ...]:
    """Return what Claim and ExplanationOfBenefit say besides lines and amounts."""
    return (
        *structs("care_team", _CARE_TEAM, "r.careTeam", "who took part, in which role"),
        *structs("related", _RELATED, "r.related", "claims it names, and how they are related"),
        *structs(
            "supporting_info",
            _SUPPORTING_INFO,
            "r.supportingInfo",
            "type of bill, DRG, discharge status, admission ..., FHIR dates as text",
        ),
        *structs("procedures", _PROCEDURE, "r.procedure", "procedures, FHIR dates as text"),
    )
