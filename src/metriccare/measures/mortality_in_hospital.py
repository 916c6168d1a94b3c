"""In-hospital mortality."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from metriccare.measures.definition import PROPORTION, Evidence, Measure, PersonRecord, verdict
from metriccare.measures.disposition import UNKNOWN
from metriccare.measures.episode import Episode
from metriccare.measures.reasons import basic, handed_on, not_of_age
from metriccare.measures.stay import Stay

ID = "mortality_in_hospital"


def judge(record: PersonRecord) -> Iterator[Evidence]:
    """Return the verdict on every stay."""
    for episode in record.episodes:
        for stay in episode.stays:
            if stay.is_counted:
                yield _judge(stay, episode, record)


def _judge(stay: Stay, episode: Episode, record: PersonRecord) -> Evidence:
    reasons = [*basic(stay), *not_of_age(stay, record.ages_for(ID)), *handed_on(stay, episode)]
    if stay.disposition == UNKNOWN and not stay.died_in_hospital and not stay.is_open:
        reasons.append("unknown_disposition")
    if stay.from_hospice:
        reasons.append("from_hospice")
    found = verdict(stay, stay.discharge_date, reasons, int(stay.died_in_hospital))
    if not found.numerator:
        return found
    return replace(found, outcome_stay_id=stay.stay_id, outcome_date=stay.discharge_date)


MORTALITY_IN_HOSPITAL = Measure(
    id=ID,
    version="1.1.0",
    title="In-hospital mortality, observed",
    question="How many acute stays of adults end by death?",
    numerator="stays whose disposition is died; without a disposition, whose dates hold the death",
    denominator="finished acute stays of adults with a known disposition",
    exclusions=(
        "open_stay",
        "invalid_dates",
        "not_acute",
        "under_age",
        "over_age",
        "age_indeterminate",
        "unknown_disposition",
        "transferred_out",
        "from_hospice",
    ),
    period="discharge date",
    source="AHRQ inpatient quality indicators, without risk adjustment; section 4",
    not_this="It does not see deaths after discharge, and hospice deaths (NUBC 40-42) are not"
    " deaths in hospital.",
    shape=PROPORTION,
    judge=judge,
)
