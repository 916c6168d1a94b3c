"""Patient: who was cared for. Source: FHIR R4 Patient."""

from metriccare.sources.fhir.date_elements import date_time
from metriccare.sources.fhir.declarations import SHAPE_REFERENCE, ArrayReference, Field, Resource
from metriccare.sources.fhir.elements import boolean, fields, in_use, shared, text
from metriccare.sources.fhir.reference_elements import reference_id, reference_text

# Of several the one in use: a maiden name or an old address comes last.
_NAME = in_use("r.name", ("official", "usual"), ("old", "maiden", "anonymous", "nickname", "temp"))
_ADDRESS = in_use("r.address", ("home",), ("old", "temp", "billing"))
_LINK = "struct<type:string,patient_id:string,patient_reference:string>"

PATIENT = Resource(
    type="Patient",
    table="patient",
    meaning="one row per patient record; merged records point to their survivor by `links`",
    shape=(
        "active STRING, gender STRING, birthDate STRING, deceasedBoolean BOOLEAN,"
        " deceasedDateTime STRING,"
        " name ARRAY<STRUCT<use:STRING,family:STRING,given:ARRAY<STRING>>>,"
        " address ARRAY<STRUCT<use:STRING,city:STRING,state:STRING,postalCode:STRING,"
        "country:STRING>>,"
        f" link ARRAY<STRUCT<type:STRING,other:{SHAPE_REFERENCE}>>"
    ),
    fields=fields(
        boolean("active", "r.active", "the record is in use"),
        text("sex", "r.gender", "administrative sex: male, female, other, unknown"),
        date_time("birth_date", "r.birthDate", "date of birth", identifying=True),
        boolean("deceased", "r.deceasedBoolean", "known to have died, date unknown"),
        date_time("deceased_date", "r.deceasedDateTime", "date of death", identifying=True),
        (shared("one_name", _NAME), shared("one_address", _ADDRESS)),
        text("family_name", "one_name.family", "family name", identifying=True),
        text("given_names", "array_join(one_name.given, ' ')", "given names", identifying=True),
        text("city", "one_address.city", "city", identifying=True),
        text("state", "one_address.state", "state"),
        text("postal_code", "one_address.postalCode", "postal code", identifying=True),
        (
            Field(
                "links",
                f"array<{_LINK}>",
                "transform(r.link, l -> named_struct('type', l.type, 'patient_id',"
                f" {reference_id('l.other', 'Patient')}, 'patient_reference',"
                f" {reference_text('l.other', 'Patient')}))",
                "other records of the same person",
            ),
        ),
    ),
    array_references=(ArrayReference("links", "patient", "Patient", also=("RelatedPerson",)),),
    dates=("birth_date", "deceased_date"),
    expected=("sex", "birth_date"),
)
