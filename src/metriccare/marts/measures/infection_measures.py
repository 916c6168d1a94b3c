"""Hospital-acquired infections by timing: events per patient days, and stays with an event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from metriccare.marts.measures.definition import (
    ACUTE_PATIENT_DAYS,
    FINISHED_ACUTE_STAYS,
    PATIENT_DAYS,
    PROPORTION,
    RATE,
    Evidence,
    LooksAt,
    Measure,
    PersonRecord,
    verdict,
)
from metriccare.marts.measures.examples import ONE_WEEK, Example, GivenStay
from metriccare.marts.measures.infection_event import ACQUIRED, CLAIM, CONDITION, InfectionEvent
from metriccare.marts.measures.presentation import Chart, Section, Subject
from metriccare.marts.measures.reasons import (
    INVALID_DATES,
    NOT_ACUTE,
    OPEN_STAY,
    OPEN_STAY_TOO_LONG,
    basic,
    by_patient_days,
)
from metriccare.marts.stays.stay import Stay

METHODS = (CONDITION, CLAIM)
INFECTIONS = Subject("infection", "Infections acquired in hospital")
_NOT_THIS = (
    "A screening proxy by timing and codes; never a CLABSI, CAUTI or other surveillance result."
)


def acquired(stay: Stay, record: PersonRecord, methods: tuple[str, ...]) -> list[InfectionEvent]:
    """Return the stay's hospital-acquired events of these methods."""
    return [
        e for e in record.events if e.stay is stay and e.origin == ACQUIRED and e.method in methods
    ]


def judge_events(record: PersonRecord) -> Iterator[Evidence]:
    """Return the number of events of every stay; open stays count, as their patient days do."""
    for stay in record.candidates:
        events = acquired(stay, record, METHODS)
        found = verdict(stay, stay.discharge_date, by_patient_days(stay), len(events))
        yield with_first_event(found, events)


def judge_share(record: PersonRecord) -> Iterator[Evidence]:
    """Return whether each finished stay has an event."""
    for stay in record.candidates:
        events = acquired(stay, record, METHODS)
        found = verdict(stay, stay.discharge_date, basic(stay), int(bool(events)))
        yield with_first_event(found, events)


def with_first_event(evidence: Evidence, events: list[InfectionEvent]) -> Evidence:
    """Return the evidence with the date of its first event, where it counts one."""
    days = [e.period_date for e in events if e.period_date]
    if not evidence.numerator or not days:
        return evidence
    return replace(evidence, outcome_stay_id=evidence.stay_id, outcome_date=min(days))


INFECTION_HOSPITAL_ACQUIRED = Measure(
    id="infection_hospital_acquired",
    version="1.1.0",
    title="Hospital-acquired infections by timing, per 1,000 patient days",
    question="How often do people catch an infection while they are in hospital?",
    numerator="infection events with onset on hospital day 3 or later, up to the day after"
    " discharge, or coded as not present on admission",
    denominator="patient days of acute stays of all ages, open ones included",
    exclusions=(NOT_ACUTE, INVALID_DATES, OPEN_STAY_TOO_LONG),
    period="event date (of events known only from a claim, the discharge date); patient days by"
    " their own date; left-out stays by discharge date",
    source="hospital day 3 timing rule with present-on-admission indicators; section 5",
    not_this=_NOT_THIS,
    shape=RATE,
    judge=judge_events,
    denominator_unit=PATIENT_DAYS,
    denominator_name=ACUTE_PATIENT_DAYS,
    per=1000,
    event_methods=METHODS,
    subject=INFECTIONS,
    looks_at=frozenset({LooksAt.DIAGNOSES}),
    by_code=True,
    section=Section(
        id="infections",
        chart=Chart.CODE_DONUT,
        title="Hospital-acquired infections by SNOMED CT code",
        note="Events on hospital day 3 or later, all time: a screening proxy by dates. Shares are"
        " of the events shown.",
        caption="Hospital-acquired infection events by code",
        view="infection_by_snomed_code",
    ),
    examples=(
        Example(
            "Admission is day 1, so an onset on March 3 is on day 3; five midnights are five"
            " patient days.",
            ONE_WEEK,
            onset="2024-03-03",
            by_hand=(1, 5),
        ),
        Example(
            "An onset on March 2 is on day 2: brought along.",
            ONE_WEEK,
            onset="2024-03-02",
            by_hand=(0, 5),
        ),
        Example(
            "The record of the infection names no encounter, and none names it: its date alone"
            " ties it to no stay.",
            ONE_WEEK,
            onset="2024-03-03",
            apart=True,
            by_hand=(0, 5),
        ),
        Example(
            "Nobody closed the first stay. The nights of the second count there only: 31 days in"
            " all, not 34.",
            (
                GivenStay("A", "H1", "2024-03-01", None),
                GivenStay("B", "H1", "2024-03-11", "2024-03-14"),
            ),
            as_of=date(2024, 3, 31),
            by_hand=(0, 31),
        ),
        Example(
            "Open for more than a year: it has no patient days any more.",
            (
                GivenStay("A", "H1", "2022-03-01", None),
                GivenStay("B", "H1", "2024-03-11", "2024-03-14"),
            ),
            as_of=date(2024, 3, 31),
            by_hand=(0, 3),
        ),
    ),
)
INFECTION_STAY_SHARE = Measure(
    id="infection_stay_share",
    version="1.1.0",
    title="Stays with a hospital-acquired infection by timing",
    question="How many acute stays see at least one hospital-acquired infection?",
    numerator="stays with at least one hospital-acquired infection event",
    denominator="finished acute stays of all ages",
    exclusions=(OPEN_STAY, NOT_ACUTE, INVALID_DATES),
    period="discharge date",
    source="hospital day 3 timing rule with present-on-admission indicators; section 5",
    not_this=_NOT_THIS,
    shape=PROPORTION,
    judge=judge_share,
    denominator_name=FINISHED_ACUTE_STAYS,
    event_methods=METHODS,
    subject=INFECTIONS,
    looks_at=frozenset({LooksAt.DIAGNOSES}),
    examples=(
        Example("One stay, and it has an event.", ONE_WEEK, onset="2024-03-03", by_hand=(1, 1)),
    ),
)
