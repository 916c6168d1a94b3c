"""Calibration: how often things happen.

The targets (all-payer US figures) are in ``describe.TARGETS``. The rates here were tuned until the
simulation met the targets, so they are not published rates themselves. Rates that no target
checks are assumed.
"""

from __future__ import annotations

from data_generator.facts.diagnoses import Pace
from data_generator.streams import Weighted

# The rates change at these ages; an age uses the last bound that is not above it.
AGE_BOUNDS = (0, 18, 45, 55, 65, 75, 85)
ADMISSIONS_PER_YEAR = (0.028, 0.075, 0.079, 0.113, 0.192, 0.285, 0.38)
DEATH_IN_HOSPITAL = (0.002, 0.005, 0.0156, 0.0218, 0.0252, 0.0250, 0.031)
DEATH_AFTER_DISCHARGE = (0.0005, 0.002, 0.006, 0.011, 0.018, 0.034, 0.058)  # within 30 days
DEATHS_PER_YEAR = (0.0004, 0.0015, 0.004, 0.008, 0.015, 0.035, 0.11)
UNPLANNED_RETURN = (0.06, 0.128, 0.166, 0.176, 0.186, 0.197, 0.197)
EMERGENCY_VISITS_PER_YEAR = (0.30, 0.32, 0.26, 0.26, 0.30, 0.40, 0.55)
OFFICE_VISITS_PER_YEAR = (1.2, 0.8, 1.2, 1.5, 2.2, 2.6, 2.4)
OBSERVATIONS_PER_YEAR = (0.003, 0.010, 0.020, 0.025, 0.035, 0.05, 0.06)

# January to December.
SEASON = (1.08, 1.06, 1.02, 1.00, 0.98, 0.96, 0.95, 0.95, 0.97, 0.99, 1.00, 1.04)
RESPIRATORY_SEASON = (1.7, 1.6, 1.3, 1.0, 0.8, 0.6, 0.5, 0.5, 0.7, 0.9, 1.1, 1.5)


def rate_index(age: int) -> int:
    """Return the index in the tables above for an age in years."""
    if age < 18:
        return 0
    if age < 45:
        return 1
    return min(2 + (age - 45) // 10, 6)


def diagnosis_index(age: int) -> int:
    """Return the index of an age in tables by 0-17, 18-44, 45-64, 65 and over."""
    return 0 if age < 18 else 1 if age < 45 else 2 if age < 65 else 3


_NIGHTS = {
    0: 0.018, 1: 0.205, 2: 0.215, 3: 0.142, 4: 0.080, 5: 0.060, 6: 0.048, 7: 0.042, 8: 0.036,
    9: 0.030, 10: 0.025, 11: 0.020, 12: 0.017, 13: 0.013, 14: 0.010, 16: 0.011, 18: 0.008,
    21: 0.007, 25: 0.004, 30: 0.003, 38: 0.002, 50: 0.001,
}  # fmt: skip
NIGHTS = Weighted.of(_NIGHTS)
NIGHT_SHARES = {Pace.SHORT: (0.0, 0.71), Pace.USUAL: (0.08, 0.992), Pace.LONG: (0.40, 1.0)}

# Days from discharge to an unplanned return; a third of them fall within a week.
RETURN_GAP = Weighted.of(
    {
        0: 0.016, 1: 0.040, 2: 0.050, 3: 0.050, 4: 0.048, 5: 0.046, 6: 0.043, 7: 0.041,
        8: 0.039, 9: 0.037, 10: 0.036, 11: 0.035, 12: 0.034, 13: 0.033, 14: 0.032, 15: 0.031,
        16: 0.030, 17: 0.029, 18: 0.028, 19: 0.027, 20: 0.026, 21: 0.026, 22: 0.025, 23: 0.025,
        24: 0.024, 25: 0.024, 26: 0.023, 27: 0.023, 28: 0.022, 29: 0.022, 30: 0.022,
    }
)  # fmt: skip
DEATH_GAP = Weighted.of({0: 0.02, 1: 0.05, **{day: 0.05 - day * 0.001 for day in range(2, 35)}})

SAME_DAY_RETURN = 0.004  # with the same complaint: one continuous stay
PLANNED_RETURN = 0.014
LEFT_AGAINST_ADVICE = 0.012
TRANSFER_TO_ACUTE = 0.028
TRANSFER_OUT_OF_REGION = 0.004
SECOND_TRANSFER = 0.15
NO_DISPOSITION = 0.008
FROM_HOSPICE = 0.003
ELECTIVE_YET_ACUTE = 0.02  # elective priority with an acute diagnosis: not planned

SECOND_FEED = 0.12
DISPOSITION_CORRECTED = 0.25
WITHDRAWN_STAY = 0.025
FORGOTTEN_STAY = 0.02  # share of plain stays whose encounter is never closed
WITHOUT_HOSPITAL = 0.02  # the feed does not say where
SECOND_REGISTRATION = 0.10
LATE_VISIT = 0.08
WITHDRAWN_VISIT = 0.025

CENTRAL_LINE = 0.12
URINARY_CATHETER = 0.18
VENTILATOR = 0.05
