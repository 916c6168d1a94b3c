"""Average length of stay, by hospital stay and by episode."""

from __future__ import annotations

from collections.abc import Iterator

from metriccare.measures.definition import (
    FINISHED_ACUTE_STAYS,
    MEAN,
    Evidence,
    Measure,
    PersonRecord,
    verdict,
)
from metriccare.measures.reasons import basic


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
                reasons = basic(stay) + ([] if ends else ["transferred_out"])
                yield verdict(stay, stay.discharge_date, reasons, episode.los_days or 0)


ALOS = Measure(
    id="alos",
    version="1.1.0",
    title="Average length of stay, each hospital's stays",
    question="How many days do acute stays last?",
    numerator="days of the stays: dates from admission to discharge, at least 1",
    denominator="finished acute stays of all ages",
    exclusions=("open_stay", "invalid_dates", "not_acute"),
    period="discharge date",
    source="pooled days over discharges; section 6",
    not_this="Never an average of averages, and never elapsed hours; a transfer counts at both"
    " hospitals.",
    shape=MEAN,
    judge=judge_stays,
    denominator_name=FINISHED_ACUTE_STAYS,
)
ALOS_EPISODE = Measure(
    id="alos_episode",
    version="1.1.0",
    title="Average length of episode, transfers merged",
    question="How many days do people spend in acute care when transfers are one stay?",
    numerator="days of the episodes: dates from the first admission to the last discharge,"
    " at least 1",
    denominator="finished episodes of acute stays of all ages",
    exclusions=("open_stay", "invalid_dates", "not_acute", "transferred_out"),
    period="discharge date of the episode",
    source="pooled days over discharges; section 6",
    not_this="It belongs to the hospital that ends the episode, which may have had the person for"
    " the shorter part.",
    shape=MEAN,
    judge=judge_episodes,
)
