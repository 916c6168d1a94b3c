"""Average length of stay, by hospital stay and by episode."""

from __future__ import annotations

from collections.abc import Iterator

from metriccare.marts.measures.definition import (
    FINISHED_ACUTE_STAYS,
    MEAN,
    Evidence,
    Measure,
    PersonRecord,
    Within,
    verdict,
)
from metriccare.marts.measures.examples import Example, GivenStay
from metriccare.marts.measures.presentation import Chart, Section, Subject
from metriccare.marts.measures.reasons import (
    INVALID_DATES,
    NOT_ACUTE,
    OPEN_STAY,
    TRANSFERRED_OUT,
    basic,
)

LENGTH_OF_STAY = Subject("alos", "Average length of stay")


def judge_stays(record: PersonRecord) -> Iterator[Evidence]:
    """Return the days of every finished acute stay."""
    for stay in record.candidates:
        yield verdict(stay, stay.discharge_date, basic(stay), stay.los_days or 0)


def judge_episodes(record: PersonRecord) -> Iterator[Evidence]:
    """Return the days of every episode, charged to the stay that ends it."""
    for episode in record.episodes:
        for stay in episode.stays:
            if stay.is_counted:
                ends = stay is episode.last
                reasons = basic(stay) + ([] if ends else [TRANSFERRED_OUT])
                yield verdict(stay, stay.discharge_date, reasons, episode.los_days or 0)


ALOS = Measure(
    id="alos",
    version="1.1.0",
    title="Average length of stay, each hospital's stays",
    question="How many days do acute stays last?",
    numerator="days of the stays: dates from admission to discharge, at least 1",
    denominator="finished acute stays of all ages",
    exclusions=(OPEN_STAY, INVALID_DATES, NOT_ACUTE),
    period="discharge date",
    source="pooled days over discharges; section 6",
    not_this="Never an average of averages, and never elapsed hours; a transfer counts at both"
    " hospitals.",
    shape=MEAN,
    better=None,
    judge=judge_stays,
    denominator_name=FINISHED_ACUTE_STAYS,
    subject=LENGTH_OF_STAY,
    section=Section(
        id="stays",
        chart=Chart.HOSPITAL_BARS,
        title="Average length of stay, by hospital",
        note="All time, days over discharges. A transfer counts at both hospitals.",
        caption="Average length of stay of each hospital",
    ),
    examples=(
        Example(
            "Each hospital has its own days, in the overall figure too.",
            (
                GivenStay("A", "H1", "2024-03-01", "2024-03-03"),
                GivenStay("B", "H2", "2024-03-03", "2024-03-08"),
            ),
            by_hand=(7, 2),
        ),
        Example(
            "Dates in the facility's zone: these instants are March 1 and March 5 in New York, the"
            " UTC dates would give 3 days. A stay of one date has 1 day.",
            (
                GivenStay("A", "H1", "2024-03-02T03:00:00Z", "2024-03-05T15:00:00Z"),
                GivenStay("B", "H1", "2024-03-10T08:00:00-04:00", "2024-03-10T17:00:00-04:00"),
            ),
            by_hand=(5, 2),
        ),
    ),
)
ALOS_EPISODE = Measure(
    id="alos_episode",
    version="1.1.0",
    title="Average length of episode, transfers merged",
    question="How many days do people spend in acute care when transfers are one stay?",
    numerator="days of the episodes: dates from the first admission to the last discharge,"
    " at least 1",
    denominator="finished episodes of acute stays of all ages",
    exclusions=(OPEN_STAY, INVALID_DATES, NOT_ACUTE, TRANSFERRED_OUT),
    period="discharge date of the episode",
    source="pooled days over discharges; section 6",
    not_this="It belongs to the hospital that ends the episode, which may have had the person for"
    " the shorter part.",
    shape=MEAN,
    better=None,
    judge=judge_episodes,
    subject=LENGTH_OF_STAY,
    counts_within=(Within(ALOS),),
    examples=(
        Example(
            "The same two stays, merged: one discharge after 7 days.",
            (
                GivenStay("A", "H1", "2024-03-01", "2024-03-03"),
                GivenStay("B", "H2", "2024-03-03", "2024-03-08"),
            ),
            by_hand=(7, 1),
        ),
    ),
)
