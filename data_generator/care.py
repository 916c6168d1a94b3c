"""The simulator: a person's admissions, transfers, returns and death, month by month.

Each decision draws from a stream of its own purpose (months, episode n, visits), so that
looking further into the future never changes the past.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from data_generator.arrivals import Arrival, first_arrival
from data_generator.billing import bills_of
from data_generator.clock import (
    at,
    first_day_of_month,
    month_index,
    weekday,
    years_between,
)
from data_generator.episodes import Chapter, FollowUp, live_through
from data_generator.facts import rates
from data_generator.facts.dispositions import REHABILITATION, SKILLED
from data_generator.filing import as_filed
from data_generator.nursing import nursing_stay
from data_generator.story import (
    Alias,
    Death,
    Episode,
    Person,
    Precision,
    Stay,
    Story,
)
from data_generator.streams import Stream, Weighted
from data_generator.visits import visits_of
from data_generator.world import World

# After this many days a new admission is nobody's 30-day readmission.
_CLEAR_DAYS = 31
_SUNDAY_WAITS = 0.25  # fewer people are admitted at the weekend

_DEATH_OUTSIDE = Weighted.of(
    {Precision.INSTANT: 55, Precision.DAY: 39, Precision.MONTH: 4, Precision.YES: 2}
)
_DEATH_OUTSIDE_EXACT = Weighted.of({Precision.INSTANT: 55, Precision.DAY: 45})
_DEATH_INSIDE = Weighted.of({Precision.INSTANT: 60, Precision.DAY: 35, Precision.ABSENT: 5})


@dataclass(slots=True)
class _Life:
    """The state of one person while the months pass."""

    world: World
    person: Person
    horizon: int
    free_from: int
    episodes: list[Episode] = field(default_factory=list)
    nonacute: list[Stay] = field(default_factory=list)
    death: Death | None = None
    alias: Alias | None = None

    @property
    def acute(self) -> list[Stay]:
        """The acute stays so far."""
        return [stay for episode in self.episodes for stay in episode.stays]


def live(world: World, person: Person, horizon: int) -> Story:
    """The story of a person up to and including the day ``horizon``.

    Stays that begin by then are told to their end, even if it lies later.
    """
    life = _Life(world, person, horizon, world.start_day)
    months = Stream(world.seed, person.number, "months")
    for month in range(month_index(world.start_day), month_index(horizon) + 1):
        _live_month(life, month, months)
        if life.death is not None:
            break
    visits = visits_of(world, person, horizon, life.episodes, life.nonacute, life.death)
    bills = bills_of(person, [*life.acute, *life.nonacute], visits)
    episodes, nonacute = tuple(life.episodes), tuple(life.nonacute)
    return Story(
        person,
        episodes,
        nonacute,
        visits,
        bills,
        life.death,
        life.alias,
        every_round=world.density.every_round,
    )


def _live_month(life: _Life, month: int, stream: Stream) -> None:
    """One month: perhaps an admission, perhaps a death at home, whichever comes first."""
    first = first_day_of_month(month)
    length = first_day_of_month(month + 1) - first
    sick, dying = stream.random(), stream.random()
    sick_day, dying_day = first + stream.below(length), first + stream.below(length)
    sick_day += weekday(sick_day) == 6 and stream.random() < _SUNDAY_WAITS
    index = rates.rate_index(years_between(life.person.birth_day, first))
    admissions = rates.ADMISSIONS_PER_YEAR[index] * life.person.risk * rates.SEASON[month % 12]
    admissions *= life.world.density.admissions
    dies = dying < rates.DEATHS_PER_YEAR[index] * life.person.risk / 12
    if dies and dying_day < sick_day:
        _die_at_home(life, dying_day)
    if sick < admissions / 12 and life.death is None:
        _admit(life, sick_day)
    if dies:
        _die_at_home(life, dying_day)


def _die_at_home(life: _Life, day: int) -> None:
    """A death that no recent stay led to: those after a stay are part of its chapter."""
    if life.death is None and life.free_from <= day <= life.horizon and day > life.world.start_day:
        stream = Stream(life.world.seed, life.person.number, "death", day)
        life.death = _death_outside(life, day, stream)


def _admit(life: _Life, day: int) -> None:
    """A new trouble, and everything that follows from it."""
    if not life.free_from <= day <= life.horizon:
        return
    arrival: Arrival | None = None
    while arrival is None or arrival.day <= life.horizon:
        stream = Stream(life.world.seed, life.person.number, "episode", len(life.episodes))
        if arrival is None:
            arrival = first_arrival(life.world, life.person, stream, day)
            if arrival.day > life.horizon:
                return
        chapter = live_through(life.world, life.person, stream, arrival, life.acute)
        life.episodes.append(as_filed(life.world.seed, life.person, chapter, life.episodes))
        _perhaps_under_alias(life)
        life.free_from = chapter.episode.stays[-1].discharge_day + _CLEAR_DAYS
        _conclude(life, stream, chapter)
        if life.death is not None or chapter.next_arrival is None:
            return
        arrival = chapter.next_arrival


def _perhaps_under_alias(life: _Life) -> None:
    """A second registration for the newest episode, merged some time later.

    Only where nothing that happens before the merge depends on who it was: no infection (the
    14 days are a person's), no death, a disposition.
    """
    stream = Stream(life.world.seed, life.person.number, "alias", len(life.episodes))
    episode = life.episodes[-1]
    plain = episode.withdrawal is None and not any(s.infections for s in episode.stays)
    told = all(s.placed and not s.forgotten for s in episode.stays)
    plain = plain and told and not any(s.died or s.disposition is None for s in episode.stays)
    if stream.chance(rates.SECOND_REGISTRATION) and plain and life.alias is None:
        merged = episode.stays[-1].discharge_day + stream.between(2, 90)
        life.alias = Alias(len(life.episodes) - 1, merged)


def _conclude(life: _Life, stream: Stream, chapter: Chapter) -> None:
    last = chapter.episode.stays[-1]
    if chapter.follow_up is FollowUp.DIED_INSIDE:
        life.death = _death_inside(last, stream)
    elif chapter.follow_up is FollowUp.DIES_SOON:
        life.death = _death_outside(life, chapter.death_day, stream)
    if last.disposition in (SKILLED, REHABILITATION):
        _send_to_nursing(life, last, chapter)


def _send_to_nursing(life: _Life, last: Stay, chapter: Chapter) -> None:
    until = chapter.next_arrival.day if chapter.next_arrival else None
    if life.death is not None:
        until = life.death.day
    if until == last.discharge_day:
        return
    stream = Stream(life.world.seed, life.person.number, "nursing", len(life.nonacute))
    place = len(life.nonacute)
    life.nonacute.append(nursing_stay(life.world, life.person, stream, last, until, place))


def _death_inside(last: Stay, stream: Stream) -> Death:
    precision = stream.pick(_DEATH_INSIDE)
    if last.disposition is None:
        # Without a disposition the stay counts as a death only by a time inside it.
        return Death(last.discharge - 20, last.hospital.zone, Precision.INSTANT)
    return Death(last.discharge, last.hospital.zone, precision)


def _death_outside(life: _Life, day: int, stream: Stream) -> Death:
    """A death at home; its hour is the same date in every zone of the region."""
    exact = any(stay.disposition is None for stay in life.acute)
    exact = exact or any(stay.discharge_day >= day - 62 for stay in life.nonacute)
    precision = stream.pick(_DEATH_OUTSIDE_EXACT if exact else _DEATH_OUTSIDE)
    minute = at(day, stream.between(4, 20), stream.below(60))
    if life.episodes and life.episodes[-1].stays[-1].discharge_day == day:
        minute = at(day, 22)
    return Death(minute, life.person.home.zone, precision)
