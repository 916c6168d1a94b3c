"""Episodes: stays joined by transfers, and what happens after the last of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from data_generator.arrivals import (
    Arrival,
    planned_return,
    recent_infections,
    transfer,
    unplanned_return,
)
from data_generator.clock import years_between
from data_generator.endings import Outcome, Plan, decide
from data_generator.facts import dispositions as codes
from data_generator.facts import rates
from data_generator.facts.diagnoses import NEEDS_REHABILITATION, Group
from data_generator.stays import Admission, simulate_stay
from data_generator.story import Episode, Person, Stay
from data_generator.streams import Stream
from data_generator.world import World


class FollowUp(StrEnum):
    """What happens after the last stay of an episode."""

    NOTHING = "nothing"
    DIED_INSIDE = "died-inside"
    DIES_SOON = "dies-soon"
    RETURNS_UNPLANNED = "returns-unplanned"
    RETURNS_PLANNED = "returns-planned"


@dataclass(frozen=True, slots=True)
class ConcludedEpisode:
    """An episode and what happens after it."""

    episode: Episode
    follow_up: FollowUp
    next_arrival: Arrival | None = None
    death_day: int = 0


# These factors and shares were tuned with facts.rates until the figures met describe.TARGETS.
_RETURN_FACTOR = {
    Group.DELIVERY: 0.12,
    Group.ELECTIVE: 0.45,
    Group.CHEMOTHERAPY: 0.6,
    Group.REHABILITATION: 0.6,
}
_NEXT_CYCLE = 0.55
_TO_REHABILITATION = 0.03
_HOSPICE_DIES_SOON = 0.85
_SAYS_RETURN_PLANNED = 0.3
_MAX_TRANSFERS = 2  # chains of three hospitals at most; longer ones add no new case


def simulate_episode(
    world: World, person: Person, stream: Stream, arrival: Arrival, earlier: list[Stay]
) -> ConcludedEpisode:
    """Return the episode that begins with an arrival, and what follows it."""
    stays: list[Stay] = []
    while True:
        arrival = replace(arrival, earlier=recent_infections([*earlier, *stays], arrival.day))
        plan = decide(person, stream, arrival)
        moves_on = plan.outcome is Outcome.TRANSFERRED and len(stays) < _MAX_TRANSFERS
        if plan.outcome is Outcome.TRANSFERRED and not moves_on:
            plan = Plan(Outcome.ALIVE, codes.HOME)
        follow_up = FollowUp.NOTHING if moves_on else _follow_up(person, stream, arrival, plan)
        plan = _with_planned_return(stream, plan, follow_up)
        number = len(earlier) + len(stays)
        stays.append(simulate_stay(Admission(person, stream, arrival, plan, number)))
        if not moves_on:
            return _close(world, person, stream, Episode(tuple(stays)), follow_up)
        arrival = transfer(world, stream, stays[-1])


def _with_planned_return(stream: Stream, plan: Plan, follow_up: FollowUp) -> Plan:
    says_so = stream.chance(_SAYS_RETURN_PLANNED) and plan.disposition == codes.HOME
    if follow_up is FollowUp.RETURNS_PLANNED and says_so:
        return Plan(plan.outcome, codes.HOME_RETURN_PLANNED)
    return plan


def _follow_up(person: Person, stream: Stream, arrival: Arrival, plan: Plan) -> FollowUp:
    hospice, death, planned, unplanned = (stream.random() for _ in range(4))
    cause = arrival.diagnosis
    index = rates.rate_index(years_between(person.birth_day, arrival.day))
    if plan.outcome is Outcome.DIED:
        return FollowUp.DIED_INSIDE
    if plan.disposition in (codes.HOSPICE_HOME, codes.HOSPICE_FACILITY):
        return FollowUp.DIES_SOON if hospice < _HOSPICE_DIES_SOON else FollowUp.NOTHING
    return_rate = rates.UNPLANNED_RETURN[index] * _RETURN_FACTOR.get(cause.group, 1.0)
    possible = (
        (plan.outcome is Outcome.SENT_AWAY, FollowUp.NOTHING),
        (death < rates.DEATH_AFTER_DISCHARGE[index] * cause.death, FollowUp.DIES_SOON),
        (planned < _planned_return_rate(arrival), FollowUp.RETURNS_PLANNED),
        (unplanned < return_rate, FollowUp.RETURNS_UNPLANNED),
    )
    return next((what for happens, what in possible if happens), FollowUp.NOTHING)


def _planned_return_rate(arrival: Arrival) -> float:
    cause = arrival.diagnosis
    if cause.group in (Group.CANCER, Group.CHEMOTHERAPY):
        return _NEXT_CYCLE
    if cause.group in (Group.DELIVERY, Group.PSYCHIATRIC) or arrival.diagnosis.weights[3] == 0:
        return 0.0
    return _TO_REHABILITATION if cause.icd10 in NEEDS_REHABILITATION else rates.PLANNED_RETURN


def _close(
    world: World, person: Person, stream: Stream, episode: Episode, follow_up: FollowUp
) -> ConcludedEpisode:
    last = episode.stays[-1]
    if follow_up is FollowUp.RETURNS_UNPLANNED:
        return ConcludedEpisode(episode, follow_up, unplanned_return(world, person, stream, last))
    if follow_up is FollowUp.RETURNS_PLANNED:
        return ConcludedEpisode(episode, follow_up, planned_return(stream, last))
    if follow_up is FollowUp.DIES_SOON:
        earliest = last.discharge_day + (last.disposition is None)
        day = max(earliest, last.discharge_day + stream.pick(rates.DEATH_GAP))
        return ConcludedEpisode(episode, follow_up, death_day=day)
    return ConcludedEpisode(episode, follow_up)
