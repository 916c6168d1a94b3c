"""Hospital day 1: the date of arrival on an inpatient location.

Source: measure specification, section 5: time in the emergency department or under observation
does not count.
"""

from __future__ import annotations

from datetime import date, datetime

from metriccare.marts.stays.codesets import CodeSets
from metriccare.marts.stays.encounter_merging import (
    NOT_HAPPENED,
    OUTSIDE,
    MergedEncounters,
    class_group,
)
from metriccare.marts.stays.history import Encounter, PersonHistory
from metriccare.marts.stays.partial_date import PartialDate


def arrival_date(merged: MergedEncounters, history: PersonHistory, codes: CodeSets) -> date | None:
    """Return the date the person came to an inpatient location, in the facility's zone."""
    if merged.start is None:
        return None
    arrival = merged.start
    for start, end in sorted(_times_outside(merged, history, codes), key=lambda t: t[:2]):
        reached = arrival.instant_in(merged.zone)
        if start <= reached < end[0]:
            arrival = end[1]
    last = merged.discharge_date
    found = arrival.date_in(merged.zone)
    return found if last is None else min(found, last)


def _times_outside(
    merged: MergedEncounters, history: PersonHistory, codes: CodeSets
) -> list[tuple[datetime, tuple[datetime, PartialDate]]]:
    """Return the times spent in emergency or observation, as encounters or as locations."""
    care = history.facilities.care
    spans = [
        (p.start or e.start, p.end)
        for e in merged.by_priority
        for p in e.locations
        if care(p.location_id) is not None
    ]
    spans += [
        (e.start, e.end)
        for e in history.encounters
        if class_group(e, codes) in OUTSIDE and _is_of(e, merged, history)
    ]
    zone = merged.zone
    return [
        (start.instant_in(zone), (end.instant_in(zone), end))
        for start, end in spans
        if start is not None and end is not None and start.instant and end.instant
    ]


def _is_of(encounter: Encounter, merged: MergedEncounters, history: PersonHistory) -> bool:
    if encounter.status in NOT_HAPPENED:
        return False
    if encounter.part_of_id in {e.id for e in merged.by_priority}:
        return True
    place = next((p.location_id for p in encounter.locations), None)
    hospital = history.facilities.hospital_id(encounter.hospital_id, place)
    return hospital == merged.hospital_id
