"""Infections of a stay: present on arrival, acquired there, ruled out, or recorded twice."""

from __future__ import annotations

from dataclasses import dataclass, replace

from data_generator.arrivals import Arrival
from data_generator.clock import at
from data_generator.facts.hospitals import PresentOnAdmissionStyle
from data_generator.facts.infections import INFECTION_KINDS, Device, InfectionKind
from data_generator.story import Infection, Mention, Origin, Precision, Test
from data_generator.streams import Stream, Weighted

# The shares below are assumed: enough of each case for every rule to be tested.
_ONSET = Weighted.of({Precision.INSTANT: 75, Precision.DAY: 25})
_RULED_OUT = 0.003
_NOTED_ELSEWHERE = 0.004
_NO_ONSET = 0.04
_TWICE = 0.15
_REVISED = 0.05
_CODERS_ONLY = 0.05
_TESTED = 0.9
_PRESENT = 0.3  # of those from outside: documented late, but present on admission
_REPEAT = 0.3
_SAME_INFECTION_DAYS = 14  # the measure specification's window of one event
_UNCLEAR_DAYS = 45  # after a mention that may not count: about three windows, assumed
_AFTER_DISCHARGE = 0.15


@dataclass(frozen=True, slots=True)
class Exposure:
    """The exposure of a person to infections during a stay."""

    arrival: Arrival
    first_day: int  # hospital day 1: on a ward, not in the emergency department
    last_day: int  # of discharge, before an infection prolongs the stay
    devices: tuple[Device, ...]
    leaves_alive: bool

    @property
    def nights(self) -> int:
        """Return the nights on a ward."""
        return self.last_day - self.first_day


def simulate_infections(stream: Stream, exposure: Exposure) -> tuple[tuple[Infection, ...], int]:
    """Return the infections of a stay, and the nights they add to it.

    There is at most one kind per stay, so that no two kinds share the same days.
    """
    earlier_mentions = _community_infection(stream, exposure) or _repeat(stream, exposure)
    if earlier_mentions:
        return earlier_mentions, 0
    for kind in INFECTION_KINDS:
        draw = stream.random()
        exposed = exposure.nights - 1 if kind.needs is None or kind.needs in exposure.devices else 0
        if draw < kind.daily * max(0, exposed) and not _too_close(kind, exposure.arrival):
            return _acquired_infection(stream, exposure, kind)
    return _ruled_out_infection(stream, exposure), 0


def _too_close(kind: InfectionKind, arrival: Arrival) -> bool:
    """Return True if a new event could be mistaken for an earlier one."""
    return any(
        arrival.day - earlier.onset_day < _clear_after(earlier)
        for earlier in arrival.earlier
        if earlier.kind is kind
    )


def _clear_after(earlier: Infection) -> int:
    plain = earlier.origin is Origin.HOSPITAL and earlier.refuted_minute is None
    unclear = (Mention.REFUTED, Mention.CLAIM, Mention.ELSEWHERE)
    plain = plain and earlier.mention not in unclear
    return _SAME_INFECTION_DAYS if plain else _UNCLEAR_DAYS


def _acquired_infection(
    stream: Stream, exposure: Exposure, kind: InfectionKind
) -> tuple[tuple[Infection, ...], int]:
    after = kind.needs is Device.INCISION and exposure.leaves_alive
    after = stream.chance(_AFTER_DISCHARGE) and after
    more = 0 if after else stream.between(0, 5)
    day = exposure.last_day + 1 if after else _some_day(stream, exposure)
    style = exposure.arrival.hospital.facts.feed.present_on_admission
    coders = kind.coder_finds and style is not PresentOnAdmissionStyle.NONE
    if stream.chance(_CODERS_ONLY) and coders:
        # Without an onset the event belongs to the day of discharge.
        mention = _mention(stream, kind, Origin.HOSPITAL, exposure.last_day)
        return (replace(mention, mention=Mention.CLAIM, code=kind.icd10[0], test=None),), 0
    if stream.chance(_NO_ONSET):
        vague = Precision.MONTH if stream.chance(0.5) else Precision.ABSENT
        return (_mention(stream, kind, Origin.UNKNOWN, day, precision=vague),), more
    event = _mention(stream, kind, Origin.HOSPITAL, day)
    if not stream.chance(_TWICE):
        refuted = event.recorded_minute + stream.between(1440, 2880)
        return (replace(event, refuted_minute=refuted if stream.chance(_REVISED) else None),), more
    if stream.chance(0.5):
        return (event, replace(event, mention=Mention.PROBLEM_LIST, test=None)), more
    again = _mention(stream, kind, Origin.HOSPITAL, day + stream.below(more + 1))
    return (event, _repeated(again, event)), more


def _repeated(again: Infection, first: Infection) -> Infection:
    """Return a repeat with the test of the first; a first positive test would be a new event."""
    return replace(again, mention=Mention.REPEAT, code=first.code, test=first.test)


def _some_day(stream: Stream, exposure: Exposure) -> int:
    """Return a random day from hospital day 3 on."""
    return stream.between(exposure.first_day + 2, exposure.last_day)


def _community_infection(stream: Stream, exposure: Exposure) -> tuple[Infection, ...]:
    arrival = exposure.arrival
    kinds = [kind for kind in INFECTION_KINDS if kind.community]
    draws = [stream.random() for _ in kinds]
    for kind, draw in zip(kinds, draws, strict=True):
        if draw < kind.community and not any(e.kind is kind for e in arrival.earlier):
            return (_community_mention(stream, exposure, kind),)
    return ()


def _community_mention(stream: Stream, exposure: Exposure, kind: InfectionKind) -> Infection:
    arrival = exposure.arrival
    style = arrival.hospital.facts.feed.present_on_admission
    late = stream.chance(_PRESENT) and style is not PresentOnAdmissionStyle.NONE
    if late and exposure.nights >= 2:
        return _mention(stream, kind, Origin.PRESENT, _some_day(stream, exposure))
    day = stream.between(arrival.day, min(exposure.first_day + 1, exposure.last_day))
    mention = _mention(stream, kind, Origin.COMMUNITY, day)
    minute = max(mention.onset_minute, arrival.minute)
    return replace(
        mention, onset_minute=minute, recorded_minute=max(mention.recorded_minute, minute)
    )


def _repeat(stream: Stream, exposure: Exposure) -> tuple[Infection, ...]:
    """Return the infection of an earlier stay, recorded again within its 14 days."""
    for earlier in exposure.arrival.earlier:
        first = exposure.first_day + 2
        latest = min(earlier.onset_day + _SAME_INFECTION_DAYS - 1, exposure.last_day)
        acquired = earlier.mention is Mention.EVENT and earlier.origin is Origin.HOSPITAL
        acquired = acquired and earlier.refuted_minute is None
        if acquired and first <= latest and stream.chance(_REPEAT):
            again = _mention(stream, earlier.kind, Origin.HOSPITAL, stream.between(first, latest))
            return (_repeated(again, earlier),)
    return ()


def _ruled_out_infection(stream: Stream, exposure: Exposure) -> tuple[Infection, ...]:
    if not stream.chance(_RULED_OUT) or exposure.nights < 3:
        return ()
    kind = stream.one_of(INFECTION_KINDS)
    looked_like = _mention(stream, kind, Origin.HOSPITAL, _some_day(stream, exposure))
    test = Test.NEGATIVE if looked_like.test else None
    return (replace(looked_like, mention=Mention.REFUTED, test=test),)


def outside_notes(stream: Stream, exposure: Exposure) -> tuple[Infection, ...]:
    """Return a note from outside the hospital, dated within the stay but not linked to it."""
    if not stream.chance(_NOTED_ELSEWHERE) or exposure.nights < 3:
        return ()
    kind = stream.one_of(INFECTION_KINDS)
    if any(earlier.kind is kind for earlier in exposure.arrival.earlier):
        return ()
    noted = _mention(stream, kind, Origin.UNKNOWN, _some_day(stream, exposure))
    return (replace(noted, mention=Mention.ELSEWHERE, test=None),)


def _mention(
    stream: Stream,
    kind: InfectionKind,
    origin: Origin,
    day: int,
    precision: Precision | None = None,
) -> Infection:
    drawn = stream.pick(_ONSET)
    minute = at(day, stream.below(24), stream.below(60))
    code = stream.one_of(kind.icd10) if kind.icd10 else None
    recorded = min(minute + 90, at(day, 23, 59))
    tested = stream.chance(_TESTED) and code in kind.tested_codes
    return Infection(
        kind,
        Mention.EVENT,
        origin,
        minute,
        precision or drawn,
        code,
        recorded,
        Test.POSITIVE if tested else None,
    )
