"""Simulates a person's admissions, transfers, returns and death, month by month.

Each decision draws from a stream for its purpose (months, episode n, visits). A later horizon
therefore never changes what happened before.
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
from data_generator.episodes import ConcludedEpisode, FollowUp, simulate_episode
from data_generator.facts import rates
from data_generator.facts.dispositions import REHABILITATION, SKILLED
from data_generator.nursing import nursing_stay
from data_generator.registration import with_registration_errors
from data_generator.revenue.accounts import accounts_of
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

# After this many days a new admission is no 30-day readmission.
_CLEAR_DAYS = 31
_SUNDAY_WAITS = 0.25  # fewer people are admitted at the weekend

# How exactly deaths are recorded is assumed: enough of each kind for every rule to be tested.
_DEATH_OUTSIDE = Weighted.of(
    {Precision.INSTANT: 55, Precision.DAY: 39, Precision.MONTH: 4, Precision.YES: 2}
)
_DEATH_OUTSIDE_EXACT = Weighted.of({Precision.INSTANT: 55, Precision.DAY: 45})
_DEATH_INSIDE = Weighted.of({Precision.INSTANT: 60, Precision.DAY: 35, Precision.ABSENT: 5})


@dataclass(slots=True)
class _Life:
    """The state of one person during the simulation."""

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
        """Return the acute stays so far."""
        return [stay for episode in self.episodes for stay in episode.stays]


def simulate_care(world: World, person: Person, horizon: int) -> Story:
    """Return the story of a person up to and including the day ``horizon``.

    Stays that begin by then are simulated to their end, even if that is later.
    """
    life = _Life(world, person, horizon, world.start_day)
    months = Stream(world.seed, person.number, "months")
    for month in range(month_index(world.start_day), month_index(horizon) + 1):
        _simulate_month(life, month, months)
        if life.death is not None:
            break
    visits = visits_of(world, person, horizon, life.episodes, life.nonacute, life.death)
    stays = [*life.acute, *life.nonacute]
    bills = bills_of(person, stays, visits)
    accounts = accounts_of(person, stays, visits, bills) if world.claims_detail else None
    episodes, nonacute = tuple(life.episodes), tuple(life.nonacute)
    return Story(
        person,
        episodes,
        nonacute,
        visits,
        bills,
        life.death,
        life.alias,
        accounts=accounts,
        every_round=world.density.every_round,
    )


def _simulate_month(life: _Life, month: int, stream: Stream) -> None:
    """Simulate one month: perhaps an admission and a death at home, in order of their days."""
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
    """Record a death at home; one that follows a stay is decided with that stay's episode."""
    if life.death is None and life.free_from <= day <= life.horizon and day > life.world.start_day:
        stream = Stream(life.world.seed, life.person.number, "death", day)
        life.death = _death_outside(life, day, stream)


def _admit(life: _Life, day: int) -> None:
    """Simulate a new illness and every episode that follows from it."""
    if not life.free_from <= day <= life.horizon:
        return
    arrival: Arrival | None = None
    while arrival is None or arrival.day <= life.horizon:
        stream = Stream(life.world.seed, life.person.number, "episode", len(life.episodes))
        if arrival is None:
            arrival = first_arrival(life.world, life.person, stream, day)
            if arrival.day > life.horizon:
                return
        concluded = simulate_episode(life.world, life.person, stream, arrival, life.acute)
        life.episodes.append(
            with_registration_errors(life.world.seed, life.person, concluded, life.episodes)
        )
        _perhaps_under_alias(life)
        life.free_from = concluded.episode.stays[-1].discharge_day + _CLEAR_DAYS
        _conclude(life, stream, concluded)
        if life.death is not None or concluded.next_arrival is None:
            return
        arrival = concluded.next_arrival


def _perhaps_under_alias(life: _Life) -> None:
    """Perhaps register the newest episode under an alias that is merged later.

    Only where no result before the merge depends on the person's identity: no infection (its
    14 days are counted per person), no death, and a known disposition.
    """
    stream = Stream(life.world.seed, life.person.number, "alias", len(life.episodes))
    episode = life.episodes[-1]
    plain = episode.withdrawal is None and not any(s.infections for s in episode.stays)
    complete = all(s.hospital_known and not s.forgotten for s in episode.stays)
    plain = plain and complete and not any(s.died or s.disposition is None for s in episode.stays)
    if stream.chance(rates.SECOND_REGISTRATION) and plain and life.alias is None:
        merged = episode.stays[-1].discharge_day + stream.between(2, 90)
        life.alias = Alias(len(life.episodes) - 1, merged)


def _conclude(life: _Life, stream: Stream, concluded: ConcludedEpisode) -> None:
    last = concluded.episode.stays[-1]
    if concluded.follow_up is FollowUp.DIED_INSIDE:
        life.death = _death_inside(last, stream)
    elif concluded.follow_up is FollowUp.DIES_SOON:
        life.death = _death_outside(life, concluded.death_day, stream)
    if last.disposition in (SKILLED, REHABILITATION):
        _send_to_nursing(life, last, concluded)


def _send_to_nursing(life: _Life, last: Stay, concluded: ConcludedEpisode) -> None:
    until = concluded.next_arrival.day if concluded.next_arrival else None
    if life.death is not None:
        until = life.death.day
    if until == last.discharge_day:
        return
    stream = Stream(life.world.seed, life.person.number, "nursing", len(life.nonacute))
    index = len(life.nonacute)
    life.nonacute.append(nursing_stay(life.world, life.person, stream, last, until, index))


def _death_inside(last: Stay, stream: Stream) -> Death:
    precision = stream.pick(_DEATH_INSIDE)
    if last.disposition is None:
        # Without a disposition the stay counts as a death only by a time inside it.
        # 20 minutes before the discharge: inside the stay.
        return Death(last.discharge - 20, last.hospital.zone, Precision.INSTANT)
    return Death(last.discharge, last.hospital.zone, precision)


def _death_outside(life: _Life, day: int, stream: Stream) -> Death:
    """Return a death at home, at an hour that is the same date in every zone of the region."""
    exact = any(stay.disposition is None for stay in life.acute)
    # Two months: a date known only to the month stays clear of a recent nursing stay.
    exact = exact or any(stay.discharge_day >= day - 62 for stay in life.nonacute)
    precision = stream.pick(_DEATH_OUTSIDE_EXACT if exact else _DEATH_OUTSIDE)
    minute = at(day, stream.between(4, 20), stream.below(60))
    if life.episodes and life.episodes[-1].stays[-1].discharge_day == day:
        minute = at(day, 22)
    return Death(minute, life.person.home.zone, precision)
