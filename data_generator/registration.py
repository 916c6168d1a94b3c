"""Registration errors of an episode: entered in error, never closed, or hospital not recorded."""

from __future__ import annotations

from dataclasses import replace

from data_generator.episodes import ConcludedEpisode, FollowUp
from data_generator.facts import rates
from data_generator.facts.dispositions import HOME
from data_generator.story import Episode, Person, Stay, Withdrawal
from data_generator.streams import Stream

# A reader uses the tenant's time zone for a record without a hospital; this is the tenant's.
_DEFAULT_ZONE = "America/New_York"


def with_registration_errors(
    seed: int, person: Person, concluded: ConcludedEpisode, earlier: list[Episode]
) -> Episode:
    """Return the episode as recorded; ``earlier`` are the person's earlier episodes."""
    number = len(earlier) + 1
    episode = _perhaps_withdrawn(Stream(seed, person.number, "withdrawal", number), concluded)
    if episode.withdrawal is not None:
        return episode
    stream = Stream(seed, person.number, "filing", number)
    if stream.chance(rates.FORGOTTEN_STAY) and _may_be_forgotten(concluded, earlier):
        (stay,) = episode.stays
        return replace(episode, stays=(_never_closed(stay),))
    stays: list[Stay] = []
    for stay in episode.stays:
        unknown = stays and not stays[-1].hospital_known
        stays.append(stay if unknown else _perhaps_without_hospital(stream, stay))
    return replace(episode, stays=tuple(stays))


def _is_plain(concluded: ConcludedEpisode) -> bool:
    """Return True if no measure depends on how the episode is registered."""
    stays = concluded.episode.stays
    plain = concluded.follow_up is FollowUp.NOTHING and len(stays) == 1
    return plain and not stays[-1].infections and stays[-1].disposition == HOME


def _perhaps_withdrawn(stream: Stream, concluded: ConcludedEpisode) -> Episode:
    """Return the episode, perhaps withdrawn: it was entered for the wrong person."""
    episode = concluded.episode
    if not stream.chance(rates.WITHDRAWN_STAY) or not _is_plain(concluded):
        return episode
    how = Withdrawal.DELETED if stream.chance(0.5) else Withdrawal.IN_ERROR
    day = episode.stays[-1].discharge_day + stream.between(1, 20)
    return replace(episode, withdrawal=how, withdrawn_day=day)


def _may_be_forgotten(concluded: ConcludedEpisode, earlier: list[Episode]) -> bool:
    """Return True if the episode may stay open: once per person, so that only one ever is."""
    again = any(stay.forgotten for episode in earlier for stay in episode.stays)
    return _is_plain(concluded) and _is_one_encounter(concluded.episode.stays[0]) and not again


def _is_one_encounter(stay: Stay) -> bool:
    (first, *others) = stay.parts
    return not others and first.child_id is None and first.twin_id is None


def _never_closed(stay: Stay) -> Stay:
    return replace(stay, parts=(replace(stay.parts[0], forgotten=True),))


def _perhaps_without_hospital(stream: Stream, stay: Stay) -> Stay:
    """Return the stay, perhaps without its hospital: often (8 times, assumed) for a transfer."""
    share = rates.WITHOUT_HOSPITAL * (8 if stay.transferred_in else 1)
    unknown = stream.chance(share) and _is_one_encounter(stay)
    return replace(stay, hospital_known=not unknown or stay.hospital.zone.name != _DEFAULT_ZONE)
