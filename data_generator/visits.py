"""Simulates visits: office, emergency, observation and virtual."""

from __future__ import annotations

from dataclasses import dataclass

from data_generator.clock import (
    at,
    day_of,
    first_day_of_month,
    month_index,
    next_weekday,
    years_between,
)
from data_generator.emergency import emergency_visits
from data_generator.facts import rates
from data_generator.facts.diagnoses import DIAGNOSES, Group
from data_generator.ids import Kind, resource_id
from data_generator.story import Death, Episode, Person, Stay, Visit
from data_generator.streams import Stream
from data_generator.world import World

_COMPLAINTS = tuple(d for d in DIAGNOSES if d.group is Group.OTHER and d.pace != "long")
# See nursing.FIRST_NUMBER.
_FIRST_VISIT = 0x10000
_VIRTUAL = 0.12  # this share and the next: assumed
_OTHER_HOSPITAL = 0.1


@dataclass(frozen=True, slots=True)
class _VisitKind:
    encounter_class: str
    per_year: tuple[float, ...]
    minutes: tuple[int, int]
    hours: tuple[int, int]


# Minutes and hours of the day are assumed.
_KINDS = (
    _VisitKind("AMB", rates.OFFICE_VISITS_PER_YEAR, (15, 45), (8, 16)),
    _VisitKind("EMER", rates.EMERGENCY_VISITS_PER_YEAR, (60, 300), (0, 23)),
    _VisitKind("OBSENC", rates.OBSERVATIONS_PER_YEAR, (600, 2400), (7, 22)),
)


def visits_of(
    world: World,
    person: Person,
    horizon: int,
    episodes: list[Episode],
    nonacute: list[Stay],
    death: Death | None,
) -> tuple[Visit, ...]:
    """Return all visits up to the horizon, none during a stay or after death."""
    stays = [stay for episode in episodes for stay in episode.stays]
    busy = [(s.admit_day, s.discharge_day + 1) for s in (*stays, *nonacute)]
    if death is not None:
        # 40 days past the horizon: later than any planned visit.
        busy.append((death.day, horizon + 40))
    stream = Stream(world.seed, person.number, "visits")
    planned = _planned(world, person, stream, horizon)
    free = [v for v in planned if not any(a <= day_of(v.start) <= b for a, b in busy)]
    return (*free, *emergency_visits(person, stays))


def _planned(world: World, person: Person, stream: Stream, horizon: int) -> list[Visit]:
    visits: list[Visit] = []
    for month in range(month_index(world.start_day), month_index(horizon) + 1):
        first = first_day_of_month(month)
        length = first_day_of_month(month + 1) - first
        index = rates.rate_index(years_between(person.birth_day, first))
        for number, kind in enumerate(_KINDS):
            day = first + int(stream.random() * length)
            per_year = kind.per_year[index] * world.density.visits
            if stream.random() * 12 < per_year and world.start_day <= day <= horizon:
                visit_index = (month - month_index(world.start_day)) * len(_KINDS) + number
                visits.append(_visit(world, person, kind, day, visit_index))
    return visits


def _visit(world: World, person: Person, kind: _VisitKind, day: int, visit_index: int) -> Visit:
    stream = Stream(world.seed, person.number, "visit", visit_index)
    office = kind.encounter_class == "AMB"
    start = at(next_weekday(day) if office else day, stream.between(*kind.hours), stream.below(60))
    near, elsewhere = stream.chance(1 - _OTHER_HOSPITAL), stream.pick(world.catchment)
    hospital = person.home if near else elsewhere
    complains = not office or stream.chance(0.25)
    end = start + stream.between(*kind.minutes)
    arrives = day_of(end) + (stream.between(1, 6) if stream.chance(rates.LATE_VISIT) else 0)
    in_error = stream.chance(rates.WITHDRAWN_VISIT)
    return Visit(
        number=_FIRST_VISIT + visit_index,
        encounter_id=resource_id(person.key, Kind.VISIT, visit_index),
        encounter_class="VR" if office and stream.chance(_VIRTUAL) else kind.encounter_class,
        hospital=hospital,
        start=start,
        end=end,
        diagnosis=stream.one_of(_COMPLAINTS) if complains else None,
        attending=stream.one_of(hospital.staff),
        arrives=arrives,
        withdrawn_day=arrives + stream.between(1, 15) if in_error else None,
    )
