"""What registration makes of an episode: it never was, nobody closed it, nobody says where."""

from __future__ import annotations

from dataclasses import replace

from data_generator.episodes import Chapter, FollowUp
from data_generator.facts import rates
from data_generator.facts.dispositions import HOME
from data_generator.story import Episode, Person, Stay, Withdrawal
from data_generator.streams import Stream

# Who reads a record without a hospital takes the tenant's time zone: that of these.
_DEFAULT_ZONE = "America/New_York"


def as_filed(seed: int, person: Person, chapter: Chapter, earlier: list[Episode]) -> Episode:
    """The episode as the record has it; ``earlier`` are the person's episodes before."""
    number = len(earlier) + 1
    episode = _perhaps_withdrawn(Stream(seed, person.number, "withdrawal", number), chapter)
    if episode.withdrawal is not None:
        return episode
    stream = Stream(seed, person.number, "filing", number)
    if stream.chance(rates.FORGOTTEN_STAY) and _may_be_forgotten(chapter, earlier):
        (stay,) = episode.stays
        return replace(episode, stays=(_never_closed(stay),))
    stays: list[Stay] = []
    for stay in episode.stays:
        told = stays and not stays[-1].placed
        stays.append(stay if told else _perhaps_without_hospital(stream, stay))
    return replace(episode, stays=tuple(stays))


def _is_plain(chapter: Chapter) -> bool:
    """Whether nothing that the measures look at hangs on how the episode is filed."""
    stays = chapter.episode.stays
    plain = chapter.follow_up is FollowUp.NOTHING and len(stays) == 1
    return plain and not stays[-1].infections and stays[-1].disposition == HOME


def _perhaps_withdrawn(stream: Stream, chapter: Chapter) -> Episode:
    """A few admissions never were: entered for the wrong person and taken back."""
    episode = chapter.episode
    if not stream.chance(rates.WITHDRAWN_STAY) or not _is_plain(chapter):
        return episode
    how = Withdrawal.DELETED if stream.chance(0.5) else Withdrawal.IN_ERROR
    day = episode.stays[-1].discharge_day + stream.between(1, 20)
    return replace(episode, withdrawal=how, withdrawn_day=day)


def _may_be_forgotten(chapter: Chapter, earlier: list[Episode]) -> bool:
    """Once in a life: two encounters open at once would be another story."""
    again = any(stay.forgotten for episode in earlier for stay in episode.stays)
    return _is_plain(chapter) and _is_one_encounter(chapter.episode.stays[0]) and not again


def _is_one_encounter(stay: Stay) -> bool:
    (first, *others) = stay.parts
    return not others and first.child_id is None and first.twin_id is None


def _never_closed(stay: Stay) -> Stay:
    return replace(stay, parts=(replace(stay.parts[0], forgotten=True),))


def _perhaps_without_hospital(stream: Stream, stay: Stay) -> Stay:
    """Admissions by transfer are told by the exchange, which often does not say where."""
    share = rates.WITHOUT_HOSPITAL * (8 if stay.transferred_in else 1)
    told = stream.chance(share) and _is_one_encounter(stay)
    return replace(stay, placed=not told or stay.hospital.zone.name != _DEFAULT_ZONE)
