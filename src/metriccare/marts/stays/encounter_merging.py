"""From encounters to continuous presences: fold `partOf` children, join feeds and returns.

Source: measure specification, section 2. A presence becomes a stay once its facts are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from metriccare.marts.stays.codesets import ACT_CODE, CodeSets
from metriccare.marts.stays.history import Coding, Encounter, PersonHistory
from metriccare.marts.stays.partial_date import PartialDate

NOT_HAPPENED = frozenset({"entered-in-error", "cancelled", "planned"})
FINISHED = frozenset({"finished", "completed", "discharged"})
# Groups of classes and types: who is an inpatient, and who is in the hospital and is none.
_INPATIENT = ("acute", "non_acute")
OUTSIDE = ("emergency", "observation")
ADMISSION_TYPE = "inpatient"
# An encounter open for longer was forgotten: few people stay for a year, many records do.
LONGEST_OPEN_DAYS = 365
# Two encounters open at once are one stay, unless the first was a month old when the second began:
# then nobody closed the first, and the person was admitted again.
_OPEN_TWICE_DAYS = 30
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)

AFTER_AS_OF = "after_as_of"
DISCHARGE_AFTER_AS_OF = "discharge_after_as_of"
END_BEFORE_START = "end_before_start"
MISSING_END = "missing_end"
MISSING_START = "missing_start"
OPEN_OVERLAP = "overlaps_open_stay"


@dataclass(frozen=True)
class MergedEncounters:
    """Encounters of one continuous presence; `by_priority` in the order in which values are taken.

    `start` and `end` are known to the day; `end` is None while open (`finished` false) or where
    it is missing. `roots` are the encounters that are part of no other, `closers` those with the
    latest discharge, which alone say where the person went (one or more per feed).
    """

    hospital_id: str | None
    location_id: str | None
    zone: ZoneInfo
    start: PartialDate | None
    end: PartialDate | None
    finished: bool
    by_priority: tuple[Encounter, ...]
    roots: tuple[Encounter, ...]
    closers: tuple[Encounter, ...]
    flags: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """Return the lowest encounter id."""
        return min(e.id for e in self.by_priority)

    @property
    def admit_date(self) -> date | None:
        """Return the admission in the facility's zone."""
        return self.start.date_in(self.zone) if self.start else None

    @property
    def discharge_date(self) -> date | None:
        """Return the discharge in the facility's zone."""
        return self.end.date_in(self.zone) if self.end else None

    @property
    def is_valid(self) -> bool:
        """Return True if the dates can be used: a start, an end once finished, in that order."""
        if self.start is None or (self.finished and self.end is None):
            return False
        return self.end is None or not _before(self.end, self.start, self.zone)

    @property
    def order(self) -> tuple[object, ...]:
        """Return what sorts presences in time; only for valid ones."""
        last = self.discharge_date or date.max
        start = self.start.instant_in(self.zone) if self.start else _LONG_AGO
        return (self.admit_date or date.max, start, last, self.id)


def is_candidate(encounter: Encounter, codes: CodeSets) -> bool:
    """Return True if an encounter is inpatient and took place (or takes place)."""
    if encounter.status in NOT_HAPPENED:
        return False
    return class_group(encounter, codes) in _INPATIENT


def class_group(encounter: Encounter, codes: CodeSets) -> str | None:
    """Return acute, non_acute, emergency, observation or other; None for an unknown class.

    Feeds send emergency and observation visits with an inpatient class: their type decides.
    """
    group = codes["encounter_classes"].value((Coding(ACT_CODE, encounter.class_code),))
    return _outside_by_type(encounter, codes) or group if group in _INPATIENT else group


def _outside_by_type(encounter: Encounter, codes: CodeSets) -> str | None:
    """Return emergency or observation where the types name it and no hospital admission."""
    codings = encounter.types + encounter.service_types
    named = codes["encounter_types"].values_of(codings) if codings else frozenset()
    if not named or ADMISSION_TYPE in named:
        return None
    return next((place for place in OUTSIDE if place in named), None)


def fold(history: PersonHistory, codes: CodeSets) -> list[MergedEncounters]:
    """Return one presence per encounter that is part of no other, its children folded in."""
    candidates = {e.id: e for e in history.encounters if is_candidate(e, codes)}
    families: dict[str, list[Encounter]] = {}
    for encounter in sorted(candidates.values(), key=lambda e: e.id):
        families.setdefault(_root_id(encounter, candidates), []).append(encounter)
    return [_merge(candidates[root], family, history) for root, family in families.items()]


def _root_id(encounter: Encounter, candidates: dict[str, Encounter]) -> str:
    """Climb `partOf` as long as the parent is itself an inpatient encounter; cycles end it."""
    seen = {encounter.id}
    while encounter.part_of_id in candidates and encounter.part_of_id not in seen:
        encounter = candidates[encounter.part_of_id]
        seen.add(encounter.id)
    return encounter.id if encounter.part_of_id not in seen else min(seen)


def _merge(root: Encounter, family: list[Encounter], history: PersonHistory) -> MergedEncounters:
    place = next((p.location_id for e in (root, *family) for p in e.locations), None)
    hospital = history.facilities.hospital_id(root.hospital_id, place)
    zone = history.facilities.zone_of(hospital, place)
    happened = [e for e in family if not _is_after(e.start, history.as_of, zone)]
    if root not in happened:
        # Known only later than as_of: kept, so that data quality can count it.
        return _united(root, family, hospital, place, zone, frozenset({AFTER_AS_OF}))
    known = [_as_known(e, history.as_of, zone) for e in happened]
    root_then = next(e for e in known if e.id == root.id)
    later = any(_is_after(e.end, history.as_of, zone) for e in happened)
    flags = frozenset({DISCHARGE_AFTER_AS_OF} if later else ())
    return _united(root_then, known, hospital, place, zone, flags)


def _united(
    root: Encounter,
    family: list[Encounter],
    hospital: str | None,
    place: str | None,
    zone: ZoneInfo,
    flags: frozenset[str],
) -> MergedEncounters:
    starts = [e.start for e in family if e.start and e.start.is_full]
    ends = [e.end for e in family if e.end and e.end.is_full]
    finished = root.status in FINISHED
    end = max(ends, key=lambda m: _instants(m, zone), default=None)
    if not finished and (root.end is None or not root.end.is_full):
        end = None
    by_priority = sorted(family, key=lambda e: _priority(e, root, zone), reverse=True)
    found = MergedEncounters(
        hospital_id=hospital,
        location_id=place,
        zone=zone,
        start=min(starts, key=lambda m: _instants(m, zone), default=None),
        end=end,
        finished=finished,
        by_priority=tuple(by_priority),
        roots=(root,),
        closers=tuple(e for e in by_priority if e.end == by_priority[0].end),
        flags=flags,
    )
    return replace(found, flags=found.flags | _date_flags(found))


def _date_flags(merged: MergedEncounters) -> frozenset[str]:
    flags = {MISSING_START} if merged.start is None else set()
    if merged.finished and merged.end is None:
        flags.add(MISSING_END)
    if merged.start and merged.end and not merged.is_valid:
        flags.add(END_BEFORE_START)
    return frozenset(flags)


def _priority(encounter: Encounter, root: Encounter, zone: ZoneInfo) -> tuple[object, ...]:
    """Sort key: who leaves last gives the values (an open root is last), at a tie the root."""
    if encounter.end is not None and encounter.end.is_full:
        ended = encounter.end.instant_in(zone)
    else:
        ended = datetime.max.replace(tzinfo=UTC) if encounter is root else _LONG_AGO
    return (ended, encounter.id == root.id, encounter.last_updated or _LONG_AGO, encounter.id)


def _is_after(day: PartialDate | None, as_of: date, zone: ZoneInfo) -> bool:
    return day is not None and day.date_in(zone) > as_of


def _as_known(encounter: Encounter, as_of: date, zone: ZoneInfo) -> Encounter:
    """Return the encounter as it was at the end of as_of: a later discharge is not known."""
    if not _is_after(encounter.end, as_of, zone):
        return encounter
    return replace(encounter, end=None, status="in-progress", dispositions=())


def is_open_too_long(merged: MergedEncounters, as_of: date) -> bool:
    """Return True if nobody closed the encounter for so long that it cannot be believed."""
    if merged.finished or merged.admit_date is None:
        return False
    return ((merged.discharge_date or as_of) - merged.admit_date).days > LONGEST_OPEN_DAYS


def join_feeds(groups: Iterable[MergedEncounters]) -> list[MergedEncounters]:
    """Join presences of one hospital that overlap: the same stay sent by two feeds."""
    joined: list[MergedEncounters] = []
    for merged in sorted(groups, key=lambda p: p.order):
        # A joined presence may reach a third one that neither of its parts reached.
        group = [p for p in joined if _overlap(p, merged)]
        joined = [p for p in joined if p not in group]
        joined.append(_joined_feeds([*group, merged]) if group else merged)
    return [_with_open_overlap(merged, joined) for merged in joined]


def _with_open_overlap(
    merged: MergedEncounters, others: Iterable[MergedEncounters]
) -> MergedEncounters:
    """Flag an encounter nobody closed when the person was admitted there again later."""
    again = any(other is not merged and _comes_after(other, merged) for other in others)
    if merged.end is not None or merged.finished or not again:
        return merged
    return replace(merged, flags=merged.flags | {OPEN_OVERLAP})


def _comes_after(other: MergedEncounters, merged: MergedEncounters) -> bool:
    if other.hospital_id != merged.hospital_id or not (other.is_valid and merged.is_valid):
        return False
    if other.start is None or merged.start is None:
        return False
    return not _before(other.start, merged.start, merged.zone)


def _overlap(one: MergedEncounters, other: MergedEncounters) -> bool:
    if one.hospital_id != other.hospital_id or not (one.is_valid and other.is_valid):
        return False
    if one.start is None or other.start is None:
        return False
    if one.end is None or other.end is None:
        return _admitted_together(one, other) or _open_overlap(one, other)
    zone = one.zone
    same = not any(
        _before(a, b, zone) or _before(b, a, zone)
        for a, b in ((one.start, other.start), (one.end, other.end))
    )
    return same or (_before(one.start, other.end, zone) and _before(other.start, one.end, zone))


def _admitted_together(one: MergedEncounters, other: MergedEncounters) -> bool:
    """Return True if two feeds sent one admission: minutes apart, even across midnight."""
    return _days_between_admissions(one, other) <= 1


def _days_between_admissions(one: MergedEncounters, other: MergedEncounters) -> int:
    days = [p.admit_date.toordinal() for p in (one, other) if p.admit_date]
    return max(days) - min(days)


def _open_overlap(one: MergedEncounters, other: MergedEncounters) -> bool:
    """An encounter nobody closed must not swallow every later stay: only its start is believed."""
    if one.end is None and other.end is None:
        return _days_between_admissions(one, other) <= _OPEN_TWICE_DAYS
    still, closed = (one, other) if one.end is None else (other, one)
    if closed.start is None or closed.end is None or still.start is None:
        return False
    begun = not _before(still.start, closed.start, one.zone)
    return begun and _before(still.start, closed.end, one.zone)


def _joined_feeds(group: list[MergedEncounters]) -> MergedEncounters:
    """Unite the dates; of two feeds the one updated later gives a value if it has one."""
    newest = sorted(group, key=_feed_order, reverse=True)
    zone = newest[0].zone
    starts = [p.start for p in group if p.start]
    ends = [p.end for p in group if p.end]
    return replace(
        newest[0],
        start=min(starts, key=lambda m: _instants(m, zone)),
        end=max(ends, key=lambda m: _instants(m, zone), default=None),
        finished=any(p.finished for p in group),
        by_priority=tuple(e for p in newest for e in p.by_priority),
        roots=tuple(e for p in newest for e in p.roots),
        closers=tuple(e for p in newest for e in p.closers),
        flags=frozenset[str]().union(*(p.flags for p in group)),
    )


def _feed_order(merged: MergedEncounters) -> tuple[datetime, str]:
    return max(e.last_updated or _LONG_AGO for e in merged.roots), merged.id


def join_same_day(
    groups: Iterable[MergedEncounters],
    is_same_reason: Callable[[MergedEncounters, MergedEncounters], bool],
) -> list[MergedEncounters]:
    """Join a discharge with the admission to the same hospital on the same date for the same."""
    joined: list[MergedEncounters] = []
    for merged in sorted(groups, key=lambda p: p.order):
        before = next((p for p in reversed(joined) if _returns(p, merged)), None)
        if before is None or not is_same_reason(before, merged):
            joined.append(merged)
            continue
        joined.remove(before)
        joined.append(_joined_return(before, merged))
    return joined


def _returns(before: MergedEncounters, after: MergedEncounters) -> bool:
    return (
        before.finished
        and before.is_valid
        and after.is_valid
        and before.hospital_id == after.hospital_id
        and before.discharge_date == after.admit_date
    )


def _joined_return(before: MergedEncounters, after: MergedEncounters) -> MergedEncounters:
    last, first = after, before
    if after.end is not None and before.end and _before(after.end, before.end, before.zone):
        last, first = before, after
    return replace(
        last,
        start=before.start,
        by_priority=(*last.by_priority, *first.by_priority),
        roots=(*last.roots, *first.roots),
        flags=last.flags | first.flags,
    )


def _instants(day: PartialDate, zone: ZoneInfo) -> datetime:
    return day.instant_in(zone)


def _before(one: PartialDate, other: PartialDate, zone: ZoneInfo) -> bool:
    """Compare instants; where one side is a bare date, dates (touching is not before)."""
    if one.instant is not None and other.instant is not None:
        return one.instant < other.instant
    return one.date_in(zone) < other.date_in(zone)
