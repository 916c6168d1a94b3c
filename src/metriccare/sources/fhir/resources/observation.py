"""Observation: a measurement or laboratory result. Source: FHIR R4 Observation."""

from metriccare.sources.fhir.codings import CODINGS, concept, concepts, one_coding
from metriccare.sources.fhir.date_elements import date_time
from metriccare.sources.fhir.declarations import (
    SHAPE_CONCEPT,
    SHAPE_PERIOD,
    SHAPE_REFERENCE,
    Field,
    Reference,
    Resource,
)
from metriccare.sources.fhir.elements import decimal, fields, text
from metriccare.sources.fhir.reference_elements import reference

_PATIENT = Reference(
    "patient",
    "Patient",
    required=True,
    # A swab of a ward, a test of a device: nobody's result.
    also=(
        *("Group", "Device", "Location", "Organization", "Procedure", "Practitioner"),
        *("Medication", "Substance", "BiologicallyDerivedProduct", "NutritionProduct"),
    ),
)
_ENCOUNTER = Reference("encounter", "Encounter")
_SPECIMEN = Reference("specimen", "Specimen", also=("Group",))
_QUANTITY = "STRUCT<value:DECIMAL(38,12),unit:STRING,system:STRING,code:STRING>"
_COMPONENT = (
    "struct<system:string,code:string,display:string,"
    f"codings:{CODINGS},value:decimal(38,12),unit:string,value_codings:{CODINGS},value_text:string>"
)
_CODING_PARTS = ("system", "code", "display")
_COMPONENT_CODE = one_coding("c.code.coding")
_DIGITS = r'"valueQuantity"\s*:\s*\{[^{}]*"value"\s*:\s*(-?[0-9.]+(?:[eE][+-]?[0-9]+)?)'

OBSERVATION = Resource(
    type="Observation",
    table="observation",
    meaning="one row per measurement or laboratory result",
    shape=(
        f"status STRING, category ARRAY<{SHAPE_CONCEPT}>, code {SHAPE_CONCEPT},"
        f" subject {SHAPE_REFERENCE}, encounter {SHAPE_REFERENCE}, specimen {SHAPE_REFERENCE},"
        f" effectiveDateTime STRING, effectiveInstant STRING, effectivePeriod {SHAPE_PERIOD},"
        " issued STRING,"
        f" valueQuantity {_QUANTITY},"
        f" valueCodeableConcept {SHAPE_CONCEPT}, valueString STRING,"
        f" interpretation ARRAY<{SHAPE_CONCEPT}>,"
        f" component ARRAY<STRUCT<code:{SHAPE_CONCEPT},valueQuantity:{_QUANTITY},"
        f"valueCodeableConcept:{SHAPE_CONCEPT},valueString:STRING>>"
    ),
    fields=fields(
        text("status", "r.status", "state of the result"),
        concepts("category", "r.category", "vital signs, laboratory ..."),
        concept("code", "r.code", "what was measured"),
        reference(_PATIENT, "r.subject", "the patient"),
        reference(_ENCOUNTER, "r.encounter", "the encounter it was made in"),
        reference(_SPECIMEN, "r.specimen", "the specimen it was made on"),
        date_time(
            "effective",
            "coalesce(r.effectiveDateTime, r.effectiveInstant, r.effectivePeriod.start)",
            "time it is true for",
        ),
        date_time("issued", "r.issued", "when it was made available"),
        decimal("value_quantity", "r.valueQuantity.value", _DIGITS, "numeric result"),
        text("value_unit", "coalesce(r.valueQuantity.code, r.valueQuantity.unit)", "unit (UCUM)"),
        concept("value", "r.valueCodeableConcept", "coded result"),
        text("value_text", "coalesce(r.valueString, r.valueCodeableConcept.text)", "worded result"),
        concepts("interpretation", "r.interpretation", "high, low, positive ..."),
    ),
    references=(_PATIENT, _ENCOUNTER, _SPECIMEN),
    dates=("effective", "issued"),
    added=(
        Field(
            "components",
            f"array<{_COMPONENT}>",
            "transform(r.component, c -> named_struct("
            + ", ".join(f"'{part}', {_COMPONENT_CODE}.{part}" for part in _CODING_PARTS)
            + ", 'codings', c.code.coding, 'value', c.valueQuantity.value,"
            " 'unit', coalesce(c.valueQuantity.code, c.valueQuantity.unit),"
            " 'value_codings', c.valueCodeableConcept.coding,"
            " 'value_text', coalesce(c.valueString, c.valueCodeableConcept.text)))",
            "parts of the result with code, value and unit (UCUM) each, as of a blood pressure",
        ),
    ),
    expected=("status", "code", "patient_id", "effective"),
)
