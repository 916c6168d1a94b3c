"""Observation: a measurement or laboratory result. Source: FHIR R4 Observation."""

from metriccare.fhir.forms import (
    SHAPE_CONCEPT,
    SHAPE_PERIOD,
    SHAPE_REFERENCE,
    Reference,
    Resource,
    concept,
    concepts,
    date_time,
    decimal,
    fields,
    reference,
    text,
)

_PATIENT = Reference("patient", "Patient", required=True)
_ENCOUNTER = Reference("encounter", "Encounter")
_SPECIMEN = Reference("specimen", "Specimen")
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
        " valueQuantity STRUCT<value:DECIMAL(38,12),unit:STRING,system:STRING,code:STRING>,"
        f" valueCodeableConcept {SHAPE_CONCEPT}, valueString STRING,"
        f" interpretation ARRAY<{SHAPE_CONCEPT}>"
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
)
