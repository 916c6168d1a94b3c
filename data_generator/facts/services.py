"""Professional services: our own demo codes, because CPT may not be distributed.

No real procedure code looks like ``ZZ001``. Charges in cents are assumed.
"""

from __future__ import annotations

from data_generator.facts.billing import Service
from data_generator.facts.diagnoses import (
    APPENDECTOMY,
    CESAREAN,
    CHEMOTHERAPY,
    CHOLECYSTECTOMY,
    CORONARY_INTERVENTION,
    DIALYSIS,
    HIP_REPLACEMENT,
    KNEE_REPLACEMENT,
    UPPER_ENDOSCOPY,
)
from data_generator.streams import Weighted

DEMO_PREFIX = "ZZ"


def _service(number: int, label: str, charge: int) -> Service:
    return Service("", f"{DEMO_PREFIX}{number:03d}", label, charge)


OFFICE_LEVELS = tuple(
    _service(level, f"Office visit, level {level}", charge)
    for level, charge in enumerate((7_200, 11_500, 16_800, 24_300, 33_600), 1)
)
OFFICE_LEVEL = Weighted.of({0: 4, 1: 14, 2: 42, 3: 32, 4: 8})  # assumed
TELEHEALTH = _service(8, "Telehealth visit", 12_900)
INITIAL_DAY = _service(11, "Hospital care, first day", 38_500)
LATER_DAY = _service(12, "Hospital care, later day", 19_400)
DISCHARGE_DAY = _service(13, "Hospital care, day of discharge", 21_700)
EMERGENCY_CARE = tuple(
    _service(20 + level, f"Emergency care, level {level}", charge)
    for level, charge in enumerate((9_500, 16_300, 28_200, 46_800, 71_400), 1)
)
OBSERVATION_CARE = _service(31, "Observation care", 29_900)
OPERATIONS = {
    operation: _service(41 + number, operation.label, charge)
    for number, (operation, charge) in enumerate(
        (
            (APPENDECTOMY, 189_000),
            (CESAREAN, 264_000),
            (CHOLECYSTECTOMY, 217_000),
            (CORONARY_INTERVENTION, 298_000),
            (HIP_REPLACEMENT, 342_000),
            (KNEE_REPLACEMENT, 338_000),
            (CHEMOTHERAPY, 61_000),
            (UPPER_ENDOSCOPY, 74_500),
            (DIALYSIS, 42_000),
        )
    )
}
PROFESSIONAL = (
    *OFFICE_LEVELS,
    TELEHEALTH,
    INITIAL_DAY,
    LATER_DAY,
    DISCHARGE_DAY,
    *EMERGENCY_CARE,
    OBSERVATION_CARE,
    *OPERATIONS.values(),
)

# Places of service (CMS).
OFFICE, TELEHEALTH_HOME, INPATIENT, OUTPATIENT, EMERGENCY_ROOM = "11", "10", "21", "22", "23"
SEPARATE_VISIT = "25"  # modifier: a visit apart from another service of the day
# First three characters of the type of bill (NUBC); the fourth is the frequency.
HOSPITAL_INPATIENT, HOSPITAL_OUTPATIENT, NURSING_INPATIENT = "011", "013", "021"

# MS-DRG numbers (CMS, free) of the stays that have one; many stays have none on the claim.
DRG_BY_OPERATION = {
    HIP_REPLACEMENT: "470",
    KNEE_REPLACEMENT: "470",
    CESAREAN: "788",
    CHOLECYSTECTOMY: "419",
    CORONARY_INTERVENTION: "322",
}
DRG_BY_DIAGNOSIS = {"J18.9": "195", "I50.9": "293", "A41.9": "872", "N39.0": "690"}
