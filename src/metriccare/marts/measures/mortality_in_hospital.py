"""In-hospital mortality."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

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
from metriccare.marts.measures.examples import Example, GivenStay
from metriccare.marts.measures.length_of_stay import ALOS_EPISODE
from metriccare.marts.measures.presentation import Chart, Section, Subject
from metriccare.marts.measures.reasons import (
    INVALID_DATES,
    NOT_ACUTE,
    OF_AGE,
    OPEN_STAY,
    TRANSFERRED_OUT,
    basic,
    handed_on,
    not_of_age,
)
from metriccare.marts.stays.disposition import UNKNOWN
from metriccare.marts.stays.episode import Episode
from metriccare.marts.stays.stay import Stay

ID = "mortality_in_hospital"
UNKNOWN_DISPOSITION = Exclusion("unknown_disposition", "the record does not say how the stay ended")
FROM_HOSPICE = Exclusion("from_hospice", "admitted from hospice")
# Both measures of death share it.
MORTALITY = Subject("mortality", "Mortality in hospital and within 30 days of admission")
MORTALITY_BY_YEAR = Section(
    id="mortality",
    chart=Chart.YEAR_LINES,
    title="Mortality by year",
    note="The band is the 95 % interval. The last year may be incomplete.",
    caption="Mortality of all hospitals together, year by year",
    view="mortality_trend_by_year",
)


def judge(record: PersonRecord) -> Iterator[Evidence]:
    """Return the verdict on every stay."""
    for episode in record.episodes:
        for stay in episode.stays:
            if stay.is_counted:
                yield _judge(stay, episode, record)


def _judge(stay: Stay, episode: Episode, record: PersonRecord) -> Evidence:
    reasons = [*basic(stay), *not_of_age(stay, record.ages_for(ID)), *handed_on(stay, episode)]
    if stay.disposition == UNKNOWN and not stay.died_in_hospital and not stay.is_open:
        reasons.append(UNKNOWN_DISPOSITION)
    if stay.from_hospice:
        reasons.append(FROM_HOSPICE)
    evidence = verdict(stay, stay.discharge_date, reasons, int(stay.died_in_hospital))
    if not evidence.numerator:
        return evidence
    return replace(evidence, outcome_stay_id=stay.stay_id, outcome_date=stay.discharge_date)


MORTALITY_IN_HOSPITAL = Measure(
    id=ID,
    version="1.1.0",
    title="In-hospital mortality, observed",
    question="How many acute stays of adults end by death?",
    numerator="stays whose disposition is died; without a disposition, whose dates hold the death",
    denominator="finished acute stays of adults with a known disposition",
    exclusions=(
        OPEN_STAY,
        INVALID_DATES,
        NOT_ACUTE,
        *OF_AGE,
        UNKNOWN_DISPOSITION,
        TRANSFERRED_OUT,
        FROM_HOSPICE,
    ),
    period="discharge date",
    source="AHRQ inpatient quality indicators, without risk adjustment; section 4",
    not_this="It does not see deaths after discharge, and hospice deaths (NUBC 40-42) are not"
    " deaths in hospital.",
    shape=PROPORTION,
    judge=judge,
    subject=MORTALITY,
    counts_within=(Within(ALOS_EPISODE),),
    looks_at=frozenset({LooksAt.DEATHS, LooksAt.DIAGNOSES}),
    section=MORTALITY_BY_YEAR,
    examples=(
        Example(
            "A death after a transfer belongs to the hospital where the person died; the one that"
            " handed over is left out.",
            (
                GivenStay("A", "H1", "2024-03-01", "2024-03-03"),
                GivenStay("B", "H2", "2024-03-03", "2024-03-10", to="20"),
            ),
            by_hand=(1, 1),
        ),
        Example(
            "Discharged to hospice (NUBC 50) and dead three days later: alive as far as the"
            " hospital goes.",
            (GivenStay("A", "H1", "2024-03-01", "2024-03-05", to="50"),),
            died="2024-03-08",
            by_hand=(0, 1),
        ),
    ),
)
