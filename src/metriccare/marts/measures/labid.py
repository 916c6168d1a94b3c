"""Laboratory-identified hospital-onset events: C. difficile, and MRSA in blood."""

from __future__ import annotations

from collections.abc import Iterator

from metriccare.marts.measures.definition import (
    ACUTE_PATIENT_DAYS,
    PATIENT_DAYS,
    RATE,
    Evidence,
    LooksAt,
    Measure,
    PersonRecord,
)
from metriccare.marts.measures.definition import verdict as verdict_of
from metriccare.marts.measures.examples import ONE_WEEK, Example
from metriccare.marts.measures.infection_event import LABID
from metriccare.marts.measures.infection_measures import INFECTIONS, acquired, with_first_event
from metriccare.marts.measures.reasons import (
    INVALID_DATES,
    NOT_ACUTE,
    OPEN_STAY_TOO_LONG,
    by_patient_days,
)

_NOT_THIS = (
    "A proxy for laboratory surveillance: any positive test counts, symptomatic or not, and no"
    " location is left out."
)


def judge_cdiff(record: PersonRecord) -> Iterator[Evidence]:
    """Return the number of hospital-onset C. difficile events of every stay."""
    return _judge(record, "cdi")


def judge_mrsa(record: PersonRecord) -> Iterator[Evidence]:
    """Return the number of hospital-onset MRSA blood events of every stay."""
    return _judge(record, "mrsa")


def _judge(record: PersonRecord, kind: str) -> Iterator[Evidence]:
    for stay in record.candidates:
        events = [e for e in acquired(stay, record, (LABID,)) if e.infection_type == kind]
        found = verdict_of(stay, stay.discharge_date, by_patient_days(stay), len(events))
        yield with_first_event(found, events)


INFECTION_CDIFF_LABID = Measure(
    id="infection_cdiff_labid",
    version="1.1.0",
    title="Hospital-onset C. difficile by laboratory, per 10,000 patient days",
    question="How often is C. difficile found in people who have been in hospital for days?",
    numerator="positive specimens collected on hospital day 4 or later, one in 14 days",
    denominator="patient days of acute stays of all ages, open ones included",
    exclusions=(NOT_ACUTE, INVALID_DATES, OPEN_STAY_TOO_LONG),
    period="date of collection; patient days by their own date",
    source="CDC/NHSN LabID events in outline; section 5",
    not_this=_NOT_THIS,
    shape=RATE,
    judge=judge_cdiff,
    denominator_unit=PATIENT_DAYS,
    denominator_name=ACUTE_PATIENT_DAYS,
    per=10_000,
    event_methods=(LABID,),
    event_type="cdi",
    subject=INFECTIONS,
    looks_at=frozenset({LooksAt.LAB_RESULTS}),
    examples=(
        Example(
            "A specimen of March 4 is of day 4: hospital onset.",
            ONE_WEEK,
            specimen=("2024-03-04", "54067-4", "10828004"),
            by_hand=(1, 5),
        ),
        Example(
            "A specimen of March 3 is of day 3: from the community.",
            ONE_WEEK,
            specimen=("2024-03-03", "54067-4", "10828004"),
            by_hand=(0, 5),
        ),
    ),
)
INFECTION_MRSA_LABID = Measure(
    id="infection_mrsa_labid",
    version="1.1.0",
    title="Hospital-onset MRSA in blood by laboratory, per 1,000 patient days",
    question="How often is MRSA found in the blood of people who have been in hospital for days?",
    numerator="positive blood specimens collected on hospital day 4 or later, one in 14 days",
    denominator="patient days of acute stays of all ages, open ones included",
    exclusions=(NOT_ACUTE, INVALID_DATES, OPEN_STAY_TOO_LONG),
    period="date of collection; patient days by their own date",
    source="CDC/NHSN LabID events in outline; section 5",
    not_this=_NOT_THIS,
    shape=RATE,
    judge=judge_mrsa,
    denominator_unit=PATIENT_DAYS,
    denominator_name=ACUTE_PATIENT_DAYS,
    per=1000,
    event_methods=(LABID,),
    event_type="mrsa",
    subject=INFECTIONS,
    looks_at=frozenset({LooksAt.LAB_RESULTS}),
    examples=(
        Example(
            "A blood culture of March 5 that grew MRSA.",
            ONE_WEEK,
            specimen=("2024-03-05", "600-7", "115329001"),
            by_hand=(1, 5),
        ),
    ),
)
