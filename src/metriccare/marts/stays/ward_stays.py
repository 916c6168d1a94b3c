"""Where a person lay: stays on wards, the department of a stay, and the nightly census.

Source: measure specification, sections 2 (department) and 6 (patient days).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from metriccare.marts.stays.encounter_merging import MergedEncounters
from metriccare.marts.stays.history import Encounter, EncounterLocation
from metriccare.marts.stays.partial_date import PartialDate, end_of

UNKNOWN_DEPARTMENT = "unknown"
_NOT_THERE = frozenset({"planned", "reserved"})


@dataclass(frozen=True, slots=True)
class WardStay:
    """A time at one location; bounds are None where the record has none."""

    location_id: str
    start: PartialDate | None
    end: PartialDate | None


def ward_stays_of(merged: MergedEncounters) -> tuple[WardStay, ...]:
    """Return the stays on wards of all encounters folded in.

    A location without a period is where its whole encounter took place.
    """
    return tuple(s for e in merged.by_priority for s in _ward_stays(e))


def _ward_stays(encounter: Encounter) -> Iterator[WardStay]:
    there = [p for p in encounter.locations if p.location_id and p.status not in _NOT_THERE]
    for placement in there:
        whole = placement.start is None and placement.end is None
        source: EncounterLocation | Encounter = encounter if whole else placement
        yield WardStay(str(placement.location_id), source.start, source.end)


def department_of(merged: MergedEncounters) -> str | None:
    """Return the last location of the encounter that gives the values, else of the next one."""
    for encounter in merged.by_priority:
        found = [s for s in _ward_stays(encounter) if s.start is None or _begun(s, merged)]
        if found:
            return max(enumerate(found), key=lambda s: (_start(s[1], merged.zone), s[0]))[
                1
            ].location_id
    return None


def _begun(ward_stay: WardStay, merged: MergedEncounters) -> bool:
    last = merged.discharge_date
    return last is None or ward_stay.start is None or ward_stay.start.date_in(merged.zone) <= last


def _start(ward_stay: WardStay, zone: ZoneInfo) -> datetime:
    return ward_stay.start.instant_in(zone) if ward_stay.start else datetime.min.replace(tzinfo=UTC)


def location_at_end_of(day: date, ward_stays: tuple[WardStay, ...], zone: ZoneInfo) -> str | None:
    """Return where the person lay when the date ended; of several places the last entered."""
    midnight = end_of(day, zone)
    found = [s for s in ward_stays if _holds(s, day, midnight)]
    if not found:
        return None
    last = max(enumerate(found), key=lambda s: (_start(s[1], zone), -s[0]))
    return last[1].location_id


def _holds(ward_stay: WardStay, day: date, midnight: datetime) -> bool:
    return _entered(ward_stay.start, day, midnight) and not _left(ward_stay.end, day, midnight)


def _entered(start: PartialDate | None, day: date, midnight: datetime) -> bool:
    if start is None:
        return True
    return start.instant < midnight if start.instant else start.first <= day


def _left(end: PartialDate | None, day: date, midnight: datetime) -> bool:
    if end is None:
        return False
    return end.instant < midnight if end.instant else end.last <= day
