"""The population of the region: ages, payers, towns. Shares without a source are assumed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from data_generator.streams import Weighted

# First year of a five-year age group at the start: percent of the population.
AGE_GROUPS = Weighted.of(
    {
        0: 5.9, 5: 6.1, 10: 6.3, 15: 6.5, 20: 6.6, 25: 6.7, 30: 6.9, 35: 6.7, 40: 6.3, 45: 6.0,
        50: 6.2, 55: 6.4, 60: 6.4, 65: 5.5, 70: 4.4, 75: 3.1, 80: 1.9, 85: 1.2, 90: 0.6, 95: 0.2,
    }
)  # fmt: skip
SEXES = Weighted.of({"female": 50.2, "male": 49.2, "other": 0.4, "unknown": 0.2})
# OMB categories (CDC race and ethnicity code set) with the US population's shares.
RACES = Weighted.of(
    {
        ("2106-3", "White"): 72,
        ("2054-5", "Black or African American"): 15,
        ("2028-9", "Asian"): 6,
        ("1002-5", "American Indian or Alaska Native"): 1,
        ("2076-8", "Native Hawaiian or Other Pacific Islander"): 0.3,
        ("2131-1", "Other Race"): 5.7,
    }
)
ETHNICITIES = Weighted.of(
    {("2186-5", "Not Hispanic or Latino"): 87, ("2135-2", "Hispanic or Latino"): 13}
)


class BirthPrecision(StrEnum):
    """How exactly a date of birth is recorded."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    PLACEHOLDER = "placeholder"  # what the registration screen fills in when the date is unknown


# The date of birth that some registration screens fill in.
PLACEHOLDER_BIRTH = date(1880, 1, 1)
BIRTH_PRECISIONS = Weighted.of(
    {
        BirthPrecision.DAY: 96,
        BirthPrecision.MONTH: 1,
        BirthPrecision.YEAR: 2,
        BirthPrecision.PLACEHOLDER: 1,
    }
)


@dataclass(frozen=True, slots=True)
class Town:
    """A town of the region, with the hospital that most of its people use."""

    name: str
    state: str
    postal_code: str
    hospital: str


TOWNS = (
    Town("Cincinnati", "OH", "45220", "queen-city"),
    Town("Norwood", "OH", "45212", "queen-city"),
    Town("Covington", "KY", "41014", "saint-brigid"),
    Town("Florence", "KY", "41042", "saint-brigid"),
    Town("Dayton", "OH", "45402", "miami-valley"),
    Town("Kettering", "OH", "45429", "miami-valley"),
    Town("Evansville", "IN", "47714", "green-river"),
    Town("Newburgh", "IN", "47630", "green-river"),
    Town("Owensboro", "KY", "42301", "bluegrass"),
    Town("Henderson", "KY", "42420", "bluegrass"),
)


class PayerKind(StrEnum):
    """The payer stratum of the measures."""

    MEDICARE = "medicare"
    MEDICAID = "medicaid"
    COMMERCIAL = "commercial"
    SELF_PAY = "self_pay"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Payer:
    """A payer: its Source of Payment Typology code, its HL7 coverage type, how it pays.

    ``days`` is the usual delay from claim to answer, ``share`` the allowed part of the charge.
    """

    key: str
    kind: PayerKind
    name: str
    sopt: str
    hl7_system: str
    hl7_code: str
    days: int
    share: float

    @property
    def id(self) -> str:
        """Return the id of the payer as claims name it; people who pay themselves are no payer."""
        return self.key if self.kind is PayerKind.SELF_PAY else f"payer-{self.key}"


_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_SELF_PAY = "http://terminology.hl7.org/CodeSystem/coverage-selfpay"

PAYERS = (
    Payer("medicare", PayerKind.MEDICARE, "Medicare", "1", _ACT_CODE, "PUBLICPOL", 15, 0.36),
    Payer(
        "medicaid", PayerKind.MEDICAID, "Ohio Valley Medicaid", "2", _ACT_CODE, "SUBSIDIZ", 24, 0.28
    ),
    Payer(
        "buckeye", PayerKind.COMMERCIAL, "Buckeye Mutual Health", "5", _ACT_CODE, "EHCPOL", 28, 0.58
    ),
    Payer(
        "riverbank",
        PayerKind.COMMERCIAL,
        "Riverbank Health Plan",
        "5",
        _ACT_CODE,
        "EHCPOL",
        34,
        0.55,
    ),
    Payer(
        "veterans",
        PayerKind.OTHER,
        "Veterans Health Programs",
        "32",
        _ACT_CODE,
        "MILITARY",
        38,
        0.40,
    ),
    Payer("self-pay", PayerKind.SELF_PAY, "Self-pay", "81", _SELF_PAY, "pay", 60, 0.35),
)

PAYER_BY_AGE = (
    Weighted.of({"medicaid": 38, "buckeye": 30, "riverbank": 25, "self-pay": 4, "veterans": 3}),
    Weighted.of({"medicaid": 20, "buckeye": 35, "riverbank": 31, "self-pay": 11, "veterans": 3}),
    Weighted.of(
        {
            "medicare": 8,
            "medicaid": 16,
            "buckeye": 35,
            "riverbank": 30,
            "self-pay": 8,
            "veterans": 3,
        }
    ),
    Weighted.of({"medicare": 93, "buckeye": 2, "riverbank": 2, "veterans": 3}),
)

SPECIALTIES = (
    "Hospital medicine",
    "Surgery",
    "Cardiology",
    "Emergency medicine",
    "Family medicine",
)

# NUCC taxonomy codes of the specialties.
TAXONOMY = {
    "Hospital medicine": "208M00000X",
    "Surgery": "208600000X",
    "Cardiology": "207RC0000X",
    "Emergency medicine": "207P00000X",
    "Family medicine": "207Q00000X",
}
