"""The hospitals, their wards and how their data feeds differ."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class WardKind(StrEnum):
    """The purpose of a ward; an acute hospital has one of each but the long-term ward."""

    EMERGENCY = "emergency"
    MEDICINE = "medicine"
    SURGERY = "surgery"
    INTENSIVE_CARE = "intensive-care"
    CARDIOLOGY = "cardiology"
    MATERNITY = "maternity"
    CHILDREN = "children"
    LONG_TERM = "long-term"


ACUTE_WARDS = tuple(kind for kind in WardKind if kind is not WardKind.LONG_TERM)


class DispositionStyle(StrEnum):
    """How a feed codes the discharge disposition."""

    NUBC = "nubc"
    NUBC_UNPADDED = "nubc-unpadded"  # the older system, "1" where the standard says "01"
    HL7 = "hl7"


class PresentOnAdmissionStyle(StrEnum):
    """Where and how a feed records that a diagnosis was present on admission."""

    ENCOUNTER = "encounter"  # QI-Core extension on Encounter.diagnosis, and on the claim
    CLAIM = "claim"  # Claim.diagnosis.onAdmission with FHIR's example codes, lower case
    CLAIM_UPPER = "claim-upper"  # the same with the letters of CMS, upper case
    NONE = "none"


class ZoneCarrier(StrEnum):
    """Which resource carries the FHIR timezone extension."""

    ORGANIZATION = "organization"
    LOCATION = "location"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Feed:
    """How one hospital's feed writes its data; real feeds differ in the same ways."""

    disposition: DispositionStyle = DispositionStyle.NUBC
    present_on_admission: PresentOnAdmissionStyle = PresentOnAdmissionStyle.ENCOUNTER
    zone_carrier: ZoneCarrier = ZoneCarrier.ORGANIZATION
    inpatient_class: str = "IMP"
    utc_instants: bool = False
    ward_encounters: bool = False  # intensive care as a child encounter (partOf)
    # Whether the emergency visit is a separate encounter; else it begins the inpatient encounter.
    emergency_encounters: bool = True
    # The class of all emergency and observation visits, in feeds that distinguish them by type.
    visit_class: str | None = None
    conditions_name_encounters: bool = True  # else only Encounter.diagnosis links the two
    ranks_comorbidities: bool = False  # like the principal diagnosis: billing use and rank 1
    second_feed: bool = False  # some stays also arrive from a health information exchange
    specimens: bool = True  # the time of collection on a Specimen, not on the Observation


@dataclass(frozen=True, slots=True)
class HospitalFacts:
    """One facility of the region."""

    key: str
    name: str
    line: str
    city: str
    state: str
    postal_code: str
    zone: str
    share: float  # of the population; assumed
    feed: Feed = Feed()


ACUTE_HOSPITALS = (
    HospitalFacts(
        "queen-city",
        "Queen City University Hospital",
        "234 Goodman Street",
        "Cincinnati",
        "OH",
        "45219",
        "America/New_York",
        0.32,
        Feed(second_feed=True),
    ),
    HospitalFacts(
        "saint-brigid",
        "Saint Brigid Medical Center",
        "1100 Madison Avenue",
        "Covington",
        "KY",
        "41011",
        "America/New_York",
        0.22,
        Feed(
            disposition=DispositionStyle.HL7,
            present_on_admission=PresentOnAdmissionStyle.CLAIM,
            ward_encounters=True,
            visit_class="IMP",
        ),
    ),
    HospitalFacts(
        "miami-valley",
        "Miami Valley General Hospital",
        "9 Wyoming Street",
        "Dayton",
        "OH",
        "45409",
        "America/New_York",
        0.18,
        Feed(
            disposition=DispositionStyle.NUBC_UNPADDED,
            present_on_admission=PresentOnAdmissionStyle.CLAIM_UPPER,
            zone_carrier=ZoneCarrier.NOWHERE,
            inpatient_class="ACUTE",
            ranks_comorbidities=True,
            specimens=False,
        ),
    ),
    HospitalFacts(
        "green-river",
        "Green River Regional Hospital",
        "520 Mary Street",
        "Evansville",
        "IN",
        "47710",
        "America/Chicago",
        0.16,
        Feed(utc_instants=True, emergency_encounters=False),
    ),
    HospitalFacts(
        "bluegrass",
        "Bluegrass Community Hospital",
        "740 South Limestone",
        "Owensboro",
        "KY",
        "42303",
        "America/Chicago",
        0.12,
        Feed(
            present_on_admission=PresentOnAdmissionStyle.NONE,
            zone_carrier=ZoneCarrier.LOCATION,
            conditions_name_encounters=False,
            emergency_encounters=False,
            specimens=False,
        ),
    ),
)

SKILLED_NURSING = HospitalFacts(
    "mill-creek",
    "Mill Creek Skilled Nursing and Rehabilitation",
    "6969 Glenway Avenue",
    "Cincinnati",
    "OH",
    "45211",
    "America/New_York",
    0.0,
)
