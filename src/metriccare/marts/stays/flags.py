"""What the data quality flags of stays mean, in a sentence each.

A flag changes no result by itself: it says what the rules had to assume or leave out. Counts of
them are published in `data_quality_summary`, small ones hidden.
"""

from __future__ import annotations

from collections.abc import Mapping

from metriccare.marts.stays import encounter_merging as merging
from metriccare.marts.stays import episode, stay

MEANING: Mapping[str, str] = {
    merging.AFTER_AS_OF: "The stay begins after the date the data is complete to.",
    merging.DISCHARGE_AFTER_AS_OF: "The discharge is dated after as_of: the stay counts as open.",
    merging.END_BEFORE_START: "The discharge lies before the admission.",
    merging.MISSING_END: "The stay is finished and has no date of discharge.",
    merging.MISSING_START: "The stay has no date of admission.",
    merging.OPEN_OVERLAP: "The stay was never closed, and the person was admitted there again.",
    stay.DERIVED: "The death, or its date, is taken from the stay: the record does not give it.",
    stay.MISSING_DISPOSITION: "The stay is finished and has no discharge disposition.",
    stay.UNMAPPED_DISPOSITION: "The code of the discharge disposition is unknown.",
    stay.HOSPICE_DEATH: "The person died in hospice care (NUBC 40 to 42).",
    stay.DEATH_BEFORE_ADMISSION: "The recorded death lies before the admission.",
    stay.GUESSED_PRINCIPAL: "No diagnosis is marked as principal: the first in order is taken.",
    stay.AMBIGUOUS_PRINCIPAL: "Several diagnoses are marked as principal: the one with the lowest"
    " sequence is taken, else the first of the list.",
    stay.NO_PRINCIPAL: "The stay has no diagnosis.",
    stay.UNKNOWN_HOSPITAL: "The record does not say which hospital the stay was at.",
    stay.UNKNOWN_AGE: "The age at admission is unknown.",
    stay.IMPLAUSIBLE_AGE: "The recorded birth makes the person older than 130 years at admission:"
    " the age counts as unknown.",
    episode.OVERLAPS_OTHER_HOSPITAL: "The person is recorded at another hospital at the same time.",
    episode.TRANSFER_ASSUMED: "A stay ends and another begins on the same or the next date, and the"
    " hospital of one of them is unknown: a transfer is assumed.",
    stay.OPEN_TOO_LONG: "The stay has been open for more than 365 days: it leaves patient"
    " days and infection rates.",
}
