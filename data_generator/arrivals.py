"""How people are admitted: unexpectedly, by appointment, or as a return after a stay."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from data_generator.clock import at, day_of, month_index, next_weekday, years_between
from data_generator.facts import rates
from data_generator.facts.diagnoses import (
    CHEMOTHERAPY_STAY,
    DIAGNOSES,
    NEEDS_REHABILITATION,
    REHABILITATION_STAY,
    Diagnosis,
    Group,
)
from data_generator.story import Hospital, Infection, Person, Stay
from data_generator.streams import Stream, Weighted
from data_generator.world import World


@dataclass(frozen=True, slots=True)
class Arrival:
    """An arrival that leads to an admission; ``minute`` is local to the hospital."""

    minute: int
    hospital: Hospital
    diagnosis: Diagnosis
    priority: str
    planned: bool
    transferred_in: bool = False
    earlier: tuple[Infection, ...] = ()  # infections of recent stays

    @property
    def day(self) -> int:
        """Return the local day of arrival."""
        return day_of(self.minute)


_PLANNED_GROUPS = (Group.ELECTIVE, Group.CHEMOTHERAPY, Group.REHABILITATION, Group.DELIVERY)
_UNEXPECTED_GROUPS = (Group.ACUTE, Group.OTHER, Group.CANCER, Group.PSYCHIATRIC)
_ELECTIVE_DIAGNOSES = tuple(d for d in DIAGNOSES if d.group is Group.ELECTIVE)
# Assumed shares: most people use the nearest hospital and return to it; some return for the same
# reason.
_HOME_HOSPITAL = 0.86
_SAME_HOSPITAL_AGAIN = 0.78
_SAME_COMPLAINT_AGAIN = 0.35
_RECENT_DAYS = 60  # longer than infections._UNCLEAR_DAYS, the longest gap that is looked at


@cache
def _causes(group: int, female: bool, month: int, unexpected: bool) -> Weighted[Diagnosis]:
    season = rates.RESPIRATORY_SEASON[month]
    weights = {
        d: d.weights[group] * (season if d.winter else 1.0)
        for d in DIAGNOSES
        if (d.sex is None or female) and (not unexpected or d.group in _UNEXPECTED_GROUPS)
    }
    return Weighted.of(weights)


def _cause(person: Person, stream: Stream, day: int, unexpected: bool) -> Diagnosis:
    group = rates.diagnosis_index(years_between(person.birth_day, day))
    table = _causes(group, person.sex == "female", month_index(day) % 12, unexpected)
    return stream.pick(table)


def first_arrival(world: World, person: Person, stream: Stream, day: int) -> Arrival:
    """Return the arrival for a new illness, which is no readmission."""
    cause = _cause(person, stream, day, unexpected=False)
    near, elsewhere = stream.chance(_HOME_HOSPITAL), stream.pick(world.catchment)
    hospital = person.home if near else elsewhere
    if cause.group is Group.ELECTIVE:
        return by_appointment(stream, hospital, cause, day)
    if cause.group is Group.DELIVERY:
        # 30 % of births by appointment; assumed.
        priority = "EL" if stream.chance(0.3) else "UR"
        return Arrival(_any_time(stream, day), hospital, cause, priority, planned=True)
    return _unexpected(stream, hospital, cause, _any_time(stream, day))


def by_appointment(stream: Stream, hospital: Hospital, cause: Diagnosis, day: int) -> Arrival:
    """Return an elective arrival, on a weekday morning."""
    minute = at(next_weekday(day), stream.between(6, 9), stream.below(60))
    return Arrival(minute, hospital, cause, "EL", planned=True)


def _unexpected(stream: Stream, hospital: Hospital, cause: Diagnosis, minute: int) -> Arrival:
    # 82 %: most unexpected admissions come through the emergency department; assumed.
    priority = "EM" if stream.chance(0.82) else "UR"
    if stream.chance(rates.ELECTIVE_YET_ACUTE) and cause.group is Group.ACUTE:
        priority = "EL"
    return Arrival(minute, hospital, cause, priority, planned=False)


def _any_time(stream: Stream, day: int) -> int:
    # 70 % in a bell from 6:00 to midnight: emergency departments are busiest by day.
    evenly, bell = stream.below(1440), stream.bell(360, 1439)
    return at(day, 0) + (evenly if stream.chance(0.3) else bell)


def unplanned_return(world: World, person: Person, stream: Stream, last: Stay) -> Arrival:
    """Return an unplanned arrival within 30 days of a stay."""
    gap = stream.pick(rates.RETURN_GAP)
    if any(i.onset_day >= last.discharge_day for i in last.infections):
        gap = max(gap, 2)  # earlier, the infection could belong to either of the two stays
    day = last.discharge_day + gap
    cause = _cause(person, stream, day, unexpected=True)
    again = stream.chance(_SAME_COMPLAINT_AGAIN) and last.diagnosis.group in _UNEXPECTED_GROUPS
    if again and gap > 0:
        cause = last.diagnosis
    while gap == 0 and cause.icd10 == last.diagnosis.icd10:
        cause = _cause(person, stream, day, unexpected=True)
    same, elsewhere = stream.chance(_SAME_HOSPITAL_AGAIN), stream.pick(world.catchment)
    # Another hospital on the same or the next day would be a transfer.
    hospital = last.hospital if same or gap < 2 else elsewhere
    minute = last.discharge + stream.between(60, 200) if gap == 0 else _any_time(stream, day)
    return _unexpected(stream, hospital, cause, minute)


def planned_return(stream: Stream, last: Stay) -> Arrival:
    """Return an arrival by appointment: the next cycle, the other knee, rehabilitation."""
    day = last.discharge_day + stream.between(4, 27)
    cause = stream.one_of(_ELECTIVE_DIAGNOSES)
    if last.diagnosis.group in (Group.CANCER, Group.CHEMOTHERAPY):
        cause = CHEMOTHERAPY_STAY
    elif last.diagnosis.icd10 in NEEDS_REHABILITATION:
        cause = REHABILITATION_STAY
    elif last.diagnosis.icd10 == "I21.9":
        cause = next(d for d in _ELECTIVE_DIAGNOSES if d.icd10 == "I25.10")
    return by_appointment(stream, last.hospital, cause, day)


def transfer(world: World, stream: Stream, last: Stay) -> Arrival:
    """Return the arrival at another acute hospital, one to three hours after the discharge."""
    others = [h for h in world.hospitals if h is not last.hospital]
    hospital = stream.one_of(others)
    left = last.hospital.zone.utc(last.discharge)
    minute = hospital.zone.local(left + stream.between(60, 200))
    return Arrival(minute, hospital, last.diagnosis, "EM", planned=False, transferred_in=True)


def recent_infections(stays: list[Stay], day: int) -> tuple[Infection, ...]:
    """Return the infections recorded in the weeks before ``day``."""
    return tuple(i for s in stays for i in s.infections if i.onset_day >= day - _RECENT_DAYS)
