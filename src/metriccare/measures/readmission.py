"""30-day unplanned readmission."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from metriccare.measures.definition import PROPORTION, Evidence, Measure, PersonRecord, verdict
from metriccare.measures.disposition import AGAINST_ADVICE, DEATHS
from metriccare.measures.episode import Episode
from metriccare.measures.reasons import basic, handed_on, not_of_age
from metriccare.measures.stay import Stay

ID = "readmission_30d"
WINDOW_DAYS = 30
LONGEST_STAY = 365
_LEFT_OUT = frozenset({"psychiatric", "rehabilitation"})


def judge(record: PersonRecord) -> Iterator[Evidence]:
    """Return the verdict on every stay as an index admission."""
    for episode in record.episodes:
        for stay in episode.stays:
            if stay.is_counted:
                yield _judge(stay, episode, record)


def _judge(stay: Stay, episode: Episode, record: PersonRecord) -> Evidence:
    reasons = [
        *basic(stay),
        *not_of_age(stay, record.ages_for(ID)),
        *_not_alive(stay),
        *_kind_of_stay(stay),
    ]
    reasons += handed_on(stay, episode)
    reasons += _time(stay, record)
    readmission = first_readmission(stay, episode, record)
    outcome = readmission is not None and not readmission.planned
    method = (readmission or stay).planned_method
    found = replace(verdict(stay, stay.discharge_date, reasons, int(outcome)), method=method)
    if not found.in_denominator or readmission is None or not outcome:
        return found
    return replace(found, outcome_stay_id=readmission.stay_id, outcome_date=readmission.admit_date)


def _not_alive(stay: Stay) -> list[str]:
    if stay.died_in_hospital or stay.disposition in DEATHS:
        return ["died"]
    return ["against_medical_advice"] if stay.disposition == AGAINST_ADVICE else []


def _kind_of_stay(stay: Stay) -> list[str]:
    group = stay.exclusion_group
    if group in _LEFT_OUT:
        return [str(group)]
    medical = group == "cancer_treatment" and not stay.has_major_procedure
    return ["cancer_treatment"] if medical else []


def _time(stay: Stay, record: PersonRecord) -> list[str]:
    if stay.discharge_date is None:
        return []
    found = []
    if stay.los_midnights is not None and stay.los_midnights >= LONGEST_STAY:
        found.append("stay_too_long")
    if (record.as_of - stay.discharge_date).days < WINDOW_DAYS:
        found.append("censored")
    return found


def first_readmission(stay: Stay, episode: Episode, record: PersonRecord) -> Stay | None:
    """Return the first acute admission 0 to 30 dates after discharge, planned or not."""
    if not stay.is_usable or stay.discharge_date is None:
        return None
    later = (
        s
        for s in record.stays
        if s.is_usable and s.is_acute and s not in episode.stays and s.order > stay.order
    )
    for following in sorted(later, key=lambda s: s.order):
        if following.admit_date and following.admit_date >= stay.discharge_date:
            gap = (following.admit_date - stay.discharge_date).days
            return following if gap <= WINDOW_DAYS else None
    return None


READMISSION_30D = Measure(
    id=ID,
    version="1.1.0",
    title="Unplanned readmission within 30 days, observed",
    question="How often do people who leave the hospital alive come back unplanned within 30 days?",
    numerator="index stays whose first acute admission 0 to 30 dates after discharge, at any"
    " acute hospital, is unplanned",
    denominator="last acute stays of an episode of adults discharged alive, with 30 days seen",
    exclusions=(
        "open_stay",
        "invalid_dates",
        "not_acute",
        "under_age",
        "over_age",
        "age_indeterminate",
        "died",
        "against_medical_advice",
        "psychiatric",
        "rehabilitation",
        "cancer_treatment",
        "transferred_out",
        "stay_too_long",
        "censored",
    ),
    period="discharge date",
    source="CMS hospital-wide readmission (CBE 1789), without risk adjustment; section 3",
    not_this="It is an observed rate, not a CMS risk-standardised rate; hospitals with sicker"
    " patients are not made comparable.",
    shape=PROPORTION,
    judge=judge,
    all_cause_title="All-cause readmission within 30 days, observed",
)
