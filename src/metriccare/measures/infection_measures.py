"""Hospital-acquired infections by timing: events per patient days, and stays with an event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from metriccare.measures.definition import (
    ACUTE_PATIENT_DAYS,
    FINISHED_ACUTE_STAYS,
    PATIENT_DAYS,
    PROPORTION,
    RATE,
    Evidence,
    Measure,
    PersonRecord,
    verdict,
)
from metriccare.measures.infection_event import ACQUIRED, CLAIM, CONDITION, InfectionEvent
from metriccare.measures.reasons import basic, by_patient_days
from metriccare.measures.stay import Stay

METHODS = (CONDITION, CLAIM)
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
    exclusions=("not_acute", "invalid_dates", "open_stay_too_long"),
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
)
INFECTION_STAY_SHARE = Measure(
    id="infection_stay_share",
    version="1.1.0",
    title="Stays with a hospital-acquired infection by timing",
    question="How many acute stays see at least one hospital-acquired infection?",
    numerator="stays with at least one hospital-acquired infection event",
    denominator="finished acute stays of all ages",
    exclusions=("open_stay", "not_acute", "invalid_dates"),
    period="discharge date",
    source="hospital day 3 timing rule with present-on-admission indicators; section 5",
    not_this=_NOT_THIS,
    shape=PROPORTION,
    judge=judge_share,
    denominator_name=FINISHED_ACUTE_STAYS,
    event_methods=METHODS,
)
