"""30-day mortality from admission."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from hashlib import sha256

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
from metriccare.marts.measures.length_of_stay import ALOS
from metriccare.marts.measures.mortality_in_hospital import MORTALITY, MORTALITY_BY_YEAR
from metriccare.marts.measures.reasons import (
    AGAINST_MEDICAL_ADVICE,
    CENSORED,
    INVALID_DATES,
    NOT_ACUTE,
    OF_AGE,
    OPEN_STAY,
    basic,
    not_of_age,
)
from metriccare.marts.stays.disposition import AGAINST_ADVICE, DEATHS, UNKNOWN
from metriccare.marts.stays.episode import Episode
from metriccare.marts.stays.stay import Stay

ID = "mortality_30d"
WINDOW_DAYS = 30
NOT_FIRST_IN_EPISODE = Exclusion("not_first_in_episode", "a later stay of an episode")
VITAL_STATUS_UNKNOWN = Exclusion("vital_status_unknown", "known to have died, but not when")
DEATH_BEFORE_ADMISSION = Exclusion(
    "death_before_admission", "the recorded death lies before the admission"
)
INDETERMINATE_DEATH_DATE = Exclusion(
    "indeterminate_death_date", "the date of death is too vague to decide"
)
NOT_SAMPLED = Exclusion("not_sampled", "another episode of the person in that year was chosen")


def judge(record: PersonRecord) -> Iterator[Evidence]:
    """Return the verdict on every stay; of the eligible first stays one per year is kept."""
    found = [
        _judge(stay, episode, record)
        for episode in record.episodes
        for stay in episode.stays
        if stay.is_counted
    ]
    chosen = _chosen(found)
    for evidence in found:
        sampled_out = evidence.in_denominator and evidence.stay_id not in chosen
        yield _not_sampled(evidence) if sampled_out else evidence


def _judge(stay: Stay, episode: Episode, record: PersonRecord) -> Evidence:
    reasons = [*basic(stay), *not_of_age(stay, record.ages_for(ID))]
    if stay is not episode.first:
        reasons.append(NOT_FIRST_IN_EPISODE)
    if stay.disposition == AGAINST_ADVICE:
        reasons.append(AGAINST_MEDICAL_ADVICE)
    death = death_bounds(stay, record)
    reasons += _of_death(stay, death, record)
    died = death is not None and _within(stay, death[0])
    found = verdict(stay, episode.admit_date or stay.admit_date, reasons, int(died))
    if not found.numerator or death is None:
        return found
    return replace(found, outcome_date=death[0], outcome_stay_id=_stay_of_death(record, death[0]))


def death_bounds(stay: Stay, record: PersonRecord) -> tuple[date, date] | None:
    """Return the earliest and latest date of death in the stay's zone, or None when alive.

    A vague date begins at the earliest with the last discharge the person left alive. Died by
    disposition without a date: the discharge date.
    """
    bounds = record.death.bounds(stay.zone, record.as_of)
    if bounds is None:
        ends = [s.discharge_date for s in _died_there(record) if s.discharge_date]
        return (max(ends), max(ends)) if ends else None
    first, last = bounds
    left = [s.discharge_date for s in record.stays if _left_alive(s) and s.discharge_date]
    seen = [day for day in left if day <= last]
    return max([first, *seen]) if first != last else first, last


def _died_there(record: PersonRecord) -> list[Stay]:
    return [s for s in record.stays if s.is_usable and not s.is_open and s.disposition in DEATHS]


def _left_alive(stay: Stay) -> bool:
    return stay.is_usable and not stay.is_open and stay.disposition not in (*DEATHS, UNKNOWN)


def _of_death(stay: Stay, death: tuple[date, date] | None, record: PersonRecord) -> list[Exclusion]:
    if stay.admit_date is None:
        return []
    if death is None:
        exclusions = [VITAL_STATUS_UNKNOWN] if record.death.unknown else []
        unseen = (record.as_of - stay.admit_date).days < WINDOW_DAYS
        return [*exclusions, CENSORED] if unseen else exclusions
    if death[1] < stay.admit_date:
        return [DEATH_BEFORE_ADMISSION]
    answers = {_within(stay, day) for day in death}
    return [INDETERMINATE_DEATH_DATE] if len(answers) > 1 else []


def _within(stay: Stay, day: date) -> bool:
    return stay.admit_date is not None and 0 <= (day - stay.admit_date).days <= WINDOW_DAYS


def _stay_of_death(record: PersonRecord, day: date) -> str | None:
    there = [s for s in record.stays if s.died_in_hospital and s.discharge_date == day]
    return there[-1].stay_id if there else None


def _chosen(found: list[Evidence]) -> frozenset[str]:
    """Return the stay of each calendar year of admission with the smallest SHA-256 of its id."""
    by_year: dict[int, list[str]] = {}
    for evidence in found:
        if evidence.in_denominator and evidence.period_date:
            by_year.setdefault(evidence.period_date.year, []).append(evidence.stay_id)
    return frozenset(min(ids, key=_digest) for ids in by_year.values())


def _digest(stay_id: str) -> str:
    return sha256(stay_id.encode()).hexdigest()


def _not_sampled(evidence: Evidence) -> Evidence:
    return replace(
        evidence,
        numerator=None,
        exclusion_reasons=(NOT_SAMPLED.reason,),
        outcome_stay_id=None,
        outcome_date=None,
    )


MORTALITY_30D = Measure(
    id=ID,
    version="1.1.0",
    title="Death within 30 days of admission, observed",
    question="How many adults admitted to acute care die, anywhere, within 30 days of admission?",
    numerator="episodes with death from any cause 0 to 30 dates after the first admission",
    denominator="first stays of episodes of adults, one per person and calendar year of admission,"
    " with 30 days seen or the death known",
    exclusions=(
        OPEN_STAY,
        INVALID_DATES,
        NOT_ACUTE,
        *OF_AGE,
        NOT_FIRST_IN_EPISODE,
        AGAINST_MEDICAL_ADVICE,
        VITAL_STATUS_UNKNOWN,
        DEATH_BEFORE_ADMISSION,
        INDETERMINATE_DEATH_DATE,
        CENSORED,
        NOT_SAMPLED,
    ),
    period="admission date of the episode",
    source="CMS 30-day mortality, without risk adjustment; section 4",
    not_this="It needs deaths outside the hospital to be known: a feed that does not hear of them"
    " shows too few.",
    shape=PROPORTION,
    judge=judge,
    subject=MORTALITY,
    counts_within=(
        # In a period by its admission, where stays are by their discharge.
        Within(ALOS, all_time_only=True),
    ),
    looks_at=frozenset({LooksAt.DEATHS, LooksAt.DIAGNOSES}),
    section=MORTALITY_BY_YEAR,
    examples=(
        Example(
            "The 30 dates begin with the admission: March 31 is the 30th after March 1.",
            (GivenStay("A", "H1", "2024-03-01", "2024-03-05"),),
            died="2024-03-31",
            by_hand=(1, 1),
        ),
        Example(
            "April 1 is the 31st.",
            (GivenStay("A", "H1", "2024-03-01", "2024-03-05"),),
            died="2024-04-01",
            by_hand=(0, 1),
        ),
        Example(
            "A death after a transfer is charged once, to the hospital where the episode began.",
            (
                GivenStay("A", "H1", "2024-03-01", "2024-03-03"),
                GivenStay("B", "H2", "2024-03-03", "2024-03-10", to="20"),
            ),
            died="2024-03-10",
            by_hand=(1, 1),
        ),
    ),
)
