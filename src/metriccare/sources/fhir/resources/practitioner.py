"""Practitioner: a person who gives care. Source: FHIR R4 Practitioner."""

from metriccare.sources.fhir.declarations import Resource
from metriccare.sources.fhir.elements import boolean, fields, first_where, in_use, shared, text

_NPI = "http://hl7.org/fhir/sid/us-npi"
_IS_NPI = f"i.system = '{_NPI}' and i.value is not null"
# Of several names the one in use.
_NAME = in_use("r.name", ("official", "usual"), ("old", "maiden", "anonymous", "nickname", "temp"))

PRACTITIONER = Resource(
    type="Practitioner",
    table="practitioner",
    meaning="one row per clinician",
    shape=(
        "active STRING, name ARRAY<STRUCT<use:STRING,family:STRING,given:ARRAY<STRING>>>,"
        " gender STRING"
    ),
    fields=fields(
        boolean("active", "r.active", "the record is in use"),
        text(
            "npi",
            f"{first_where('r.identifier', 'i', _IS_NPI)}.value",
            "National Provider Identifier, the first of several",
        ),
        (shared("one_name", _NAME),),
        text("family_name", "one_name.family", "family name"),
        text("given_names", "array_join(one_name.given, ' ')", "given names"),
        text("sex", "r.gender", "administrative sex"),
    ),
)
