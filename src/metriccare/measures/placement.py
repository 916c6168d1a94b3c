"""Where a person lay: spells by location, the department of a stay, and the nightly census.

Source: measure specification, sections 2 (department) and 6 (patient days).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from metriccare.measures.history import Encounter, Placement
from metriccare.measures.moment import Moment, end_of
from metriccare.measures.presence import Presence

UNKNOWN_DEPARTMENT = "unknown"
_NOT_THERE = frozenset({"planned", "reserved"})


@dataclass(frozen=True, slots=True)
class Spell:
    """A time at one location; bounds are None where the record has none."""

    location_id: str
    start: Moment | None
    end: Moment | None


def spells_of(presence: Presence) -> tuple[Spell, ...]:
    """Return the spells of all encounters folded in.

    A location without a period is where its whole encounter took place.
    """
    return tuple(s for e in presence.givers for s in _spells(e))


def _spells(encounter: Encounter) -> Iterator[Spell]:
    there = [p for p in encounter.placements if p.location_id and p.status not in _NOT_THERE]
    for placement in there:
        whole = placement.start is None and placement.end is None
        source: Placement | Encounter = encounter if whole else placement
        yield Spell(str(placement.location_id), source.start, source.end)


def department_of(presence: Presence) -> str | None:
    """Return the last location of the encounter that gives the values, else of the next one."""
    for encounter in presence.givers:
        found = [s for s in _spells(encounter) if s.start is None or _begun(s, presence)]
        if found:
            return max(enumerate(found), key=lambda s: (_start(s[1], presence.zone), s[0]))[
                1
            ].location_id
    return None


def _begun(spell: Spell, presence: Presence) -> bool:
    last = presence.discharge_date
    return last is None or spell.start is None or spell.start.date_in(presence.zone) <= last


def _start(spell: Spell, zone: ZoneInfo) -> datetime:
    return spell.start.instant_in(zone) if spell.start else datetime.min.replace(tzinfo=UTC)


def location_at_end_of(day: date, spells: tuple[Spell, ...], zone: ZoneInfo) -> str | None:
    """Return where the person lay when the date ended; of several places the last entered."""
    midnight = end_of(day, zone)
    found = [s for s in spells if _holds(s, day, midnight)]
    if not found:
        return None
    last = max(enumerate(found), key=lambda s: (_start(s[1], zone), -s[0]))
    return last[1].location_id


def _holds(spell: Spell, day: date, midnight: datetime) -> bool:
    return _entered(spell.start, day, midnight) and not _left(spell.end, day, midnight)


def _entered(start: Moment | None, day: date, midnight: datetime) -> bool:
    if start is None:
        return True
    return start.instant < midnight if start.instant else start.first <= day


def _left(end: Moment | None, day: date, midnight: datetime) -> bool:
    if end is None:
        return False
    return end.instant < midnight if end.instant else end.last <= day
