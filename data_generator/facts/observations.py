"""Vital signs and laboratory results: LOINC code, unit (UCUM) and range of values (assumed)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ObservationKind:
    """One quantity; ``low`` and ``high`` are in units of the last decimal shown."""

    loinc: str
    label: str
    unit: str
    low: int
    high: int
    decimals: int = 0
    category: str = "vital-signs"
    # The quantities of a panel, which has no value itself.
    parts: tuple[ObservationKind, ...] = ()


HEART_RATE = ObservationKind("8867-4", "Heart rate", "/min", 55, 125)
SYSTOLIC = ObservationKind("8480-6", "Systolic blood pressure", "mm[Hg]", 88, 182)
DIASTOLIC = ObservationKind("8462-4", "Diastolic blood pressure", "mm[Hg]", 52, 104)
BLOOD_PRESSURE = ObservationKind(
    "85354-9",
    "Blood pressure panel with all children optional",
    "",
    0,
    0,
    parts=(SYSTOLIC, DIASTOLIC),
)
TEMPERATURE = ObservationKind("8310-5", "Body temperature", "Cel", 360, 394, 1)
OXYGEN = ObservationKind("2708-6", "Oxygen saturation in Arterial blood", "%", 86, 100)
WEIGHT = ObservationKind("29463-7", "Body weight", "kg", 450, 1200, 1)
HEMOGLOBIN = ObservationKind(
    "718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 74, 168, 1, "laboratory"
)
CREATININE = ObservationKind(
    "2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", 5, 34, 1, "laboratory"
)
LEUKOCYTES = ObservationKind(
    "6690-2", "Leukocytes [#/volume] in Blood", "10*3/uL", 35, 192, 1, "laboratory"
)

BEDSIDE = (HEART_RATE, BLOOD_PRESSURE, TEMPERATURE, OXYGEN)
DAILY_LABS = (HEMOGLOBIN, CREATININE, LEUKOCYTES)
OFFICE = (BLOOD_PRESSURE, HEART_RATE)
