"""Practitioner: a person who gives care. Source: FHIR R4 Practitioner."""

from metriccare.fhir.forms import Resource, boolean, fields, text

_NPI = "http://hl7.org/fhir/sid/us-npi"

PRACTITIONER = Resource(
    type="Practitioner",
    table="practitioner",
    meaning="one row per clinician",
    shape=("active STRING, name ARRAY<STRUCT<family:STRING,given:ARRAY<STRING>>>, gender STRING"),
    fields=fields(
        boolean("active", "r.active", "the record is in use"),
        text(
            "npi",
            f"get(filter(r.identifier, i -> i.system = '{_NPI}'), 0).value",
            "National Provider Identifier",
        ),
        text("family_name", "get(r.name, 0).family", "family name"),
        text("given_names", "array_join(get(r.name, 0).given, ' ')", "given names"),
        text("sex", "r.gender", "administrative sex"),
    ),
)
