"""How care is billed: charges in US cents, denial reasons, delays in days."""

from __future__ import annotations

from dataclasses import dataclass

from data_generator.facts.hospitals import WardKind
from data_generator.streams import Weighted

# Shares of claims: the first two and OVERTURNED are tuned to describe.TARGETS, others assumed.
NOT_CLEAN = 0.05  # rejected before adjudication, corrected and sent again
DENIED = 0.116  # of first claims that are adjudicated, without the planted patterns
APPEALED = 0.65
OVERTURNED = 0.50
LINE_DENIED = 0.06  # of paid claims with several lines: one line is denied


@dataclass(frozen=True, slots=True)
class Service:
    """One billed service: NUBC revenue code, HCPCS code if it has one, charge per unit."""

    revenue: str
    hcpcs: str | None
    label: str
    charge: int


# Charges in cents are assumed: plausible for the US, not a fee schedule.
ROOM = Service("0120", None, "Room and board, semi-private", 248_000)
INTENSIVE_ROOM = Service("0200", None, "Intensive care", 612_000)
NURSING_ROOM = Service("0191", None, "Subacute care, level I", 46_500)
OPERATING_ROOM = Service("0360", None, "Operating room services", 0)
LABORATORY = Service("0300", None, "Laboratory", 38_000)
PHARMACY = Service("0250", None, "Pharmacy", 54_000)
OBSERVATION_HOUR = Service("0762", "G0378", "Hospital observation service, per hour", 9_800)
OFFICE_VISIT = Service("0510", "G0463", "Hospital outpatient clinic visit", 18_500)
EMERGENCY_LEVELS = tuple(
    Service("0450", f"G038{level}", f"Emergency department visit, level {level + 1}", charge)
    for level, charge in enumerate((31_000, 48_500, 79_000, 128_000, 191_500))
)
# Emergency visits by level (0 is level 1); assumed.
USUAL_LEVEL = Weighted.of({0: 6, 1: 14, 2: 34, 3: 30, 4: 16})

ROOMS = {WardKind.INTENSIVE_CARE: INTENSIVE_ROOM, WardKind.LONG_TERM: NURSING_ROOM}

# Claim adjustment reason codes (X12) with our own labels; the shares are assumed.
FRONT_DOOR_REASONS = Weighted.of({"16": 60, "31": 25, "125": 15})
DENIAL_REASONS = Weighted.of({"50": 28, "197": 27, "16": 18, "27": 12, "97": 10, "29": 5})
LINE_DENIAL_REASONS = Weighted.of({"97": 45, "151": 30, "50": 25})
REASON_LABELS = {
    "16": "Information missing or wrong",
    "27": "Service after coverage ended",
    "29": "Filed too late",
    "31": "Patient not identified as insured",
    "50": "Not deemed medically necessary",
    "97": "Included in another service",
    "125": "Billing error",
    "151": "More than the information supports",
    "197": "No prior authorization",
}
