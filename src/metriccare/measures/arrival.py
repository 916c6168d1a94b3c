"""Hospital day 1: the date of arrival on an inpatient location.

Source: measure specification, section 5: time in the emergency department or under observation
does not count.
"""

from __future__ import annotations

from datetime import date, datetime

from metriccare.measures.codesets import CodeSets
from metriccare.measures.history import Encounter, PersonHistory
from metriccare.measures.moment import Moment
from metriccare.measures.presence import NOT_HAPPENED, OUTSIDE, Presence, class_group


def arrival_date(presence: Presence, history: PersonHistory, codes: CodeSets) -> date | None:
    """Return the date the person came to an inpatient location, in the facility's zone."""
    if presence.start is None:
        return None
    arrival = presence.start
    for start, end in sorted(_times_outside(presence, history, codes), key=lambda t: t[:2]):
        reached = arrival.instant_in(presence.zone)
        if start <= reached < end[0]:
            arrival = end[1]
    last = presence.discharge_date
    found = arrival.date_in(presence.zone)
    return found if last is None else min(found, last)


def _times_outside(
    presence: Presence, history: PersonHistory, codes: CodeSets
) -> list[tuple[datetime, tuple[datetime, Moment]]]:
    """Return the times spent in emergency or observation, as encounters or as locations."""
    care = history.facilities.care
    spans = [
        (p.start or e.start, p.end)
        for e in presence.givers
        for p in e.placements
        if care(p.location_id) is not None
    ]
    spans += [
        (e.start, e.end)
        for e in history.encounters
        if class_group(e, codes) in OUTSIDE and _is_of(e, presence, history)
    ]
    zone = presence.zone
    return [
        (start.instant_in(zone), (end.instant_in(zone), end))
        for start, end in spans
        if start is not None and end is not None and start.instant and end.instant
    ]


def _is_of(encounter: Encounter, presence: Presence, history: PersonHistory) -> bool:
    if encounter.status in NOT_HAPPENED:
        return False
    if encounter.part_of_id in {e.id for e in presence.givers}:
        return True
    place = next((p.location_id for p in encounter.placements), None)
    hospital = history.facilities.hospital_id(encounter.hospital_id, place)
    return hospital == presence.hospital_id
