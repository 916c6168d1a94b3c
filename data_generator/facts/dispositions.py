"""Discharge dispositions by NUBC code, their word in the measures and their HL7 code."""

from __future__ import annotations

from data_generator.streams import Weighted

HOME, ACUTE_TRANSFER, SKILLED, HOME_HEALTH, AGAINST_ADVICE = "01", "02", "03", "06", "07"
DIED, HOSPICE_HOME, HOSPICE_FACILITY, REHABILITATION = "20", "50", "51", "62"
TRANSFER_RETURN_PLANNED, HOME_RETURN_PLANNED = "82", "81"

WORDS = {
    HOME: "home",
    ACUTE_TRANSFER: "transfer_acute",
    SKILLED: "skilled_nursing",
    HOME_HEALTH: "home_health",
    AGAINST_ADVICE: "against_medical_advice",
    DIED: "died",
    HOSPICE_HOME: "hospice",
    HOSPICE_FACILITY: "hospice",
    REHABILITATION: "rehabilitation",
    TRANSFER_RETURN_PLANNED: "transfer_acute",
    HOME_RETURN_PLANNED: "home",
}

# HL7 has fewer codes: a transfer becomes "other facility", as real feeds write it.
HL7_CODES = {
    HOME: "home",
    ACUTE_TRANSFER: "other-hcf",
    SKILLED: "snf",
    HOME_HEALTH: "home",
    AGAINST_ADVICE: "aadvice",
    DIED: "exp",
    HOSPICE_HOME: "hosp",
    HOSPICE_FACILITY: "hosp",
    REHABILITATION: "rehab",
    TRANSFER_RETURN_PLANNED: "other-hcf",
    HOME_RETURN_PLANNED: "home",
}

# Percent of live discharges by age 0-17, 18-44, 45-64, 65 and over; assumed.
LEAVING_ALIVE = (
    Weighted.of({HOME: 97, HOME_HEALTH: 3}),
    Weighted.of({HOME: 94, HOME_HEALTH: 4, REHABILITATION: 1, SKILLED: 1}),
    Weighted.of(
        {
            HOME: 80,
            HOME_HEALTH: 11,
            SKILLED: 5,
            REHABILITATION: 3,
            HOSPICE_HOME: 0.6,
            HOSPICE_FACILITY: 0.4,
        }
    ),
    Weighted.of(
        {
            HOME: 56,
            HOME_HEALTH: 19,
            SKILLED: 16,
            REHABILITATION: 5,
            HOSPICE_HOME: 2.4,
            HOSPICE_FACILITY: 1.6,
        }
    ),
)
