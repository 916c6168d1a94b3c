"""Practitioner: a person who gives care. Source: FHIR R4 Practitioner."""

from metriccare.sources.fhir.codings import CODINGS, codings_of
from metriccare.sources.fhir.declarations import (
    SHAPE_CONCEPT,
    SHAPE_TYPED_IDENTIFIERS,
    Field,
    Resource,
)
from metriccare.sources.fhir.elements import boolean, fields, in_use, npi, shared, tax_id, text

# Of several names the one in use.
_NAME = in_use("r.name", ("official", "usual"), ("old", "maiden", "anonymous", "nickname", "temp"))

PRACTITIONER = Resource(
    type="Practitioner",
    table="practitioner",
    meaning="one row per clinician",
    shape=(
        "active STRING, name ARRAY<STRUCT<use:STRING,family:STRING,given:ARRAY<STRING>>>,"
        f" gender STRING, qualification ARRAY<STRUCT<code:{SHAPE_CONCEPT}>>,"
        f" {SHAPE_TYPED_IDENTIFIERS}"
    ),
    fields=fields(
        boolean("active", "r.active", "the record is in use"),
        npi(),
        (shared("one_name", _NAME),),
        text("family_name", "one_name.family", "family name"),
        text("given_names", "array_join(one_name.given, ' ')", "given names"),
        text("sex", "r.gender", "administrative sex"),
    ),
    added=fields(
        tax_id(),
        (
            Field(
                "qualification_codings",
                CODINGS,
                codings_of("transform(r.qualification, q -> q.code)"),
                "certifications and specialties (NUCC taxonomy where sent)",
            ),
        ),
    ),
    expected=("npi", "family_name"),
)
