"""30-day unplanned readmission."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from metriccare.marts.measures.definition import (
    PROPORTION,
    Evidence,
    Exclusion,
    LooksAt,
    Measure,
    PersonRecord,
    Within,
    verdict,
)
from metriccare.marts.measures.examples import EMERGENCY, Example, GivenStay
from metriccare.marts.measures.length_of_stay import ALOS_EPISODE
from metriccare.marts.measures.presentation import Chart, Section, Subject
from metriccare.marts.measures.reasons import (
    AGAINST_MEDICAL_ADVICE,
    CENSORED,
    INVALID_DATES,
    NOT_ACUTE,
    OF_AGE,
    OPEN_STAY,
    TRANSFERRED_OUT,
    basic,
    handed_on,
    not_of_age,
)
from metriccare.marts.stays.disposition import AGAINST_ADVICE, DEATHS
from metriccare.marts.stays.episode import Episode
from metriccare.marts.stays.stay import Stay

ID = "readmission_30d"
WINDOW_DAYS = 30
LONGEST_STAY = 365
DIED = Exclusion("died", "the stay ended by death")
PSYCHIATRIC = Exclusion("psychiatric", "the principal diagnosis is psychiatric")
REHABILITATION = Exclusion("rehabilitation", "the principal diagnosis is rehabilitation")
CANCER_TREATMENT = Exclusion("cancer_treatment", "medical treatment of cancer")
STAY_TOO_LONG = Exclusion("stay_too_long", "the stay lasted 365 days or more")
_LEFT_OUT = {each.reason: each for each in (PSYCHIATRIC, REHABILITATION)}


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
    evidence = replace(verdict(stay, stay.discharge_date, reasons, int(outcome)), method=method)
    if not evidence.in_denominator or readmission is None or not outcome:
        return evidence
    return replace(
        evidence, outcome_stay_id=readmission.stay_id, outcome_date=readmission.admit_date
    )


def _not_alive(stay: Stay) -> list[Exclusion]:
    if stay.died_in_hospital or stay.disposition in DEATHS:
        return [DIED]
    return [AGAINST_MEDICAL_ADVICE] if stay.disposition == AGAINST_ADVICE else []


def _kind_of_stay(stay: Stay) -> list[Exclusion]:
    group = stay.exclusion_group or ""
    if group in _LEFT_OUT:
        return [_LEFT_OUT[group]]
    is_medical = group == CANCER_TREATMENT.reason and not stay.has_major_procedure
    return [CANCER_TREATMENT] if is_medical else []


def _time(stay: Stay, record: PersonRecord) -> list[Exclusion]:
    if stay.discharge_date is None:
        return []
    exclusions = []
    if stay.los_midnights is not None and stay.los_midnights >= LONGEST_STAY:
        exclusions.append(STAY_TOO_LONG)
    if (record.as_of - stay.discharge_date).days < WINDOW_DAYS:
        exclusions.append(CENSORED)
    return exclusions


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
        OPEN_STAY,
        INVALID_DATES,
        NOT_ACUTE,
        *OF_AGE,
        DIED,
        AGAINST_MEDICAL_ADVICE,
        PSYCHIATRIC,
        REHABILITATION,
        CANCER_TREATMENT,
        TRANSFERRED_OUT,
        STAY_TOO_LONG,
        CENSORED,
    ),
    period="discharge date",
    source="CMS hospital-wide readmission (CBE 1789), without risk adjustment; section 3",
    not_this="It is an observed rate, not a CMS risk-standardised rate; hospitals with sicker"
    " patients are not made comparable.",
    shape=PROPORTION,
    judge=judge,
    all_cause_title="All-cause readmission within 30 days, observed",
    subject=Subject("readmission", "Unplanned readmission within 30 days"),
    counts_within=(Within(ALOS_EPISODE),),
    looks_at=frozenset({LooksAt.NEXT_ADMISSIONS, LooksAt.DIAGNOSES}),
    section=Section(
        id="readmission",
        chart=Chart.HOSPITAL_BARS,
        title="Unplanned readmission within 30 days, by hospital",
        note="All time. The whisker is the 95 % interval: where two overlap, the difference may be"
        " chance.",
        caption="Unplanned readmission within 30 days of each hospital",
        view="readmission_by_hospital",
    ),
    examples=(
        Example(
            "A transfer on the next date makes one episode; the readmission is charged to the"
            " hospital that ended it, and is an index of its own.",
            (
                GivenStay("A", "H1", "2024-05-06", "2024-05-10"),
                GivenStay("B", "H2", "2024-05-10", "2024-05-15"),
                GivenStay("C", "H3", "2024-06-12", "2024-06-16"),
            ),
            by_hand=(1, 2),
        ),
        Example(
            "The first admission is planned, so the later unplanned one does not count for the"
            " first index; the planned stay is an index itself.",
            (
                GivenStay("A", "H1", "2024-04-26", "2024-05-01"),
                GivenStay("B", "H1", "2024-05-10", "2024-05-13", why="M17.11", elective=True),
                GivenStay("C", "H1", "2024-05-20", "2024-05-25", why="A41.9"),
            ),
            by_hand=(1, 3),
        ),
        Example(
            "30 days must have been seen: with data up to June 30 a discharge of May 31 counts,"
            " one of June 5 is censored.",
            (
                GivenStay("A", "H1", "2024-05-28", "2024-05-31", why="K35.80"),
                GivenStay("B", "H1", "2024-06-03", "2024-06-05", why="I50.9"),
            ),
            as_of=date(2024, 6, 30),
            by_hand=(1, 1),
        ),
        Example(
            "Dates decide, not hours: from March 8 to April 7 are 30 dates, though the clocks"
            " changed between them.",
            (
                GivenStay("A", "H1", "2024-03-04", "2024-03-08T00:10:00-05:00"),
                GivenStay("B", "H1", "2024-04-07T23:50:00-04:00", "2024-04-10"),
            ),
            by_hand=(1, 2),
        ),
        Example(
            "Sent with the class of inpatients, yet its type says emergency department: no stay,"
            " so no readmission either.",
            (
                GivenStay("A", "H1", "2024-03-01", "2024-03-05"),
                GivenStay("B", "H1", "2024-03-12", "2024-03-12", type=EMERGENCY),
            ),
            by_hand=(0, 1),
        ),
        Example(
            "Nobody says where the second stay was. It begins the day after the first ends, so a"
            " transfer is assumed: one episode, no readmission.",
            (
                GivenStay("A", "H1", "2024-01-01", "2024-01-03"),
                GivenStay("B", None, "2024-01-04", "2024-01-08"),
            ),
            by_hand=(0, 1),
        ),
        Example(
            "Two diagnoses are marked as principal: the first of the list is taken, and it is not"
            " the psychiatric one.",
            (GivenStay("A", "H1", "2024-03-01", "2024-03-05", why="J44.1, F32.9"),),
            by_hand=(0, 1),
        ),
        Example(
            "Born in 1880 according to the record: the age is unknown, so the stay is in no"
            " measure of adults.",
            (GivenStay("A", "H1", "2024-03-01", "2024-03-05"),),
            born="1880-01-01",
            by_hand=(0, 0),
        ),
    ),
)
