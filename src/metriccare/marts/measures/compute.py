"""From one person's history to everything gold holds of the person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from metriccare.marts.measures import BY_ID, MEASURES
from metriccare.marts.measures.definition import Evidence, PersonRecord
from metriccare.marts.measures.infection_event import InfectionEvent, infection_events
from metriccare.marts.measures.labid_event import labid_events
from metriccare.marts.stays.codesets import CodeSets
from metriccare.marts.stays.episode import (
    OVERLAPS_OTHER_HOSPITAL,
    TRANSFER_ASSUMED,
    Episode,
    assumed_transfers,
    episodes_of,
    overlapping,
)
from metriccare.marts.stays.history import PersonHistory, known_by_as_of
from metriccare.marts.stays.patient_days import StayDays, patient_days
from metriccare.marts.stays.planned import PlannedTables
from metriccare.marts.stays.stay import PatientChart, Stay, stays_of
from metriccare.settings import Ages

# Unless the settings say otherwise, measures with an age count adults.
_ADULTS: Mapping[str, Ages] = {}


@dataclass(frozen=True)
class PersonResult:
    """A person's record, the verdict of every measure on every stay, and the patient days."""

    record: PersonRecord
    evidence: tuple[tuple[str, Evidence], ...]
    days: tuple[StayDays, ...]

    def counted_by(self, event: InfectionEvent) -> Iterator[str]:
        """Yield the measures that count an event: it is theirs, and its stay is."""
        for id_, evidence in self.evidence:
            is_of_stay = evidence.stay_id == event.stay.stay_id and evidence.in_denominator
            if is_of_stay and BY_ID[id_].counts(event):
                yield id_


def record_of(
    history: PersonHistory,
    codes: CodeSets,
    tables: PlannedTables | None = None,
    ages: Mapping[str, Ages] = _ADULTS,
) -> PersonRecord:
    """Return the person's stays, episodes, infection events and death."""
    chart = PatientChart(known_by_as_of(history), codes, tables)
    found = stays_of(chart)
    stays, episodes = _with_episodes(_flagged(found, OVERLAPS_OTHER_HOSPITAL, overlapping(found)))
    return PersonRecord(
        person_id=history.person_id,
        as_of=history.as_of,
        stays=stays,
        episodes=episodes,
        events=(*infection_events(chart, stays), *labid_events(chart, stays)),
        death=chart.death,
        ages=ages,
    )


def compute(
    history: PersonHistory,
    codes: CodeSets,
    tables: PlannedTables | None = None,
    ages: Mapping[str, Ages] = _ADULTS,
) -> PersonResult:
    """Return everything gold holds of the person; `ages` are those of measures not of adults."""
    record = record_of(history, codes, tables, ages)
    evidence = tuple((m.id, e) for m in MEASURES for e in m.judge(record))
    return PersonResult(record, evidence, patient_days(record.candidates, history.as_of))


def _with_episodes(stays: tuple[Stay, ...]) -> tuple[tuple[Stay, ...], tuple[Episode, ...]]:
    """Return the stays and their episodes, assumed transfers flagged."""
    episodes = episodes_of(stays)
    assumed = assumed_transfers(episodes)
    if not assumed:
        return stays, episodes
    flagged = _flagged(stays, TRANSFER_ASSUMED, assumed)
    return flagged, episodes_of(flagged)


def _flagged(stays: tuple[Stay, ...], flag: str, ids: frozenset[str]) -> tuple[Stay, ...]:
    if not ids:
        return stays
    return tuple(replace(s, dq_flags=s.dq_flags | {flag}) if s.stay_id in ids else s for s in stays)
