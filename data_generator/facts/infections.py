"""Infections that people have on admission or acquire in hospital.

Codes are those of the measure specification's value sets. A kind names what must have happened
first (a line, a catheter, a ventilator, an operation). Daily chances are tuned to describe.TARGETS.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Device(StrEnum):
    """What makes an infection possible."""

    CENTRAL_LINE = "central-line"
    URINARY_CATHETER = "urinary-catheter"
    VENTILATOR = "ventilator"
    INCISION = "incision"


@dataclass(frozen=True, slots=True)
class InfectionKind:
    """One infection type; ``daily`` is the chance per exposed day from hospital day 3 on."""

    word: str
    icd10: tuple[str, ...]
    snomed: str
    label: str
    daily: float
    needs: Device | None = None
    community: float = 0.0  # share of acute stays that begin with it
    tested_codes: tuple[str, ...] = ()  # the ICD-10-CM codes a LabID test confirms
    coder_finds: bool = False  # sometimes only on the claim


INFECTION_KINDS = (
    InfectionKind(
        "clabsi",
        ("T80.211A",),
        "736152001",
        "Bloodstream infection due to central venous catheter",
        0.0045,
        Device.CENTRAL_LINE,
        coder_finds=True,
    ),
    InfectionKind(
        "cauti",
        ("T83.511A",),
        "700372006",
        "Urinary tract infection associated with catheter",
        0.0032,
        Device.URINARY_CATHETER,
        coder_finds=True,
    ),
    InfectionKind(
        "ssi",
        ("T81.41XA", "T81.42XA", "T81.49XA"),
        "433202001",
        "Surgical site infection",
        0.0036,
        Device.INCISION,
    ),
    InfectionKind(
        "vap",
        ("J95.851",),
        "429271009",
        "Ventilator-acquired pneumonia",
        0.0055,
        Device.VENTILATOR,
    ),
    # The code set has no ICD-10-CM code for it: hospital-acquired pneumonia is SNOMED CT only.
    InfectionKind("hap", (), "425464007", "Hospital acquired pneumonia", 0.00045),
    InfectionKind(
        "cdi",
        ("A04.72", "A04.71"),
        "186431008",
        "Clostridioides difficile infection",
        0.00068,
        community=0.003,
        tested_codes=("A04.72", "A04.71"),
        coder_finds=True,
    ),
    InfectionKind(
        "mrsa",
        ("A41.02", "J15.212", "A49.02"),
        "266096002",
        "Methicillin resistant Staphylococcus aureus infection",
        0.00020,
        community=0.002,
        tested_codes=("A41.02",),
    ),
)

KIND_OF = {kind.word: kind for kind in INFECTION_KINDS}
