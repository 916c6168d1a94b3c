"""The hours in the emergency department that open an emergency admission.

Feeds tell them in one of two ways: as an encounter of its own that ends where the inpatient one
begins, or as the first location of the inpatient encounter.  Hospital day 1 is the day the person
reaches a ward, either way.
"""

from __future__ import annotations

from data_generator.arrivals import Arrival
from data_generator.clock import at
from data_generator.facts.hospitals import WardKind
from data_generator.ids import Kind, resource_id
from data_generator.story import Person, Stay, Visit, WardSpell
from data_generator.streams import Stream

# Longer than the hour that a clock skips in spring: no time there ends before it begins.
_SHORTEST, _LONGEST = 65, 540
_LONGEST_OF_A_DAY_CASE = 180
# See nursing.FIRST_NUMBER.
_FIRST_NUMBER = 0x20000


def ward_minute(person: Person, arrival: Arrival, number: int, nights: int) -> int:
    """When the person reaches a ward: later than the arrival where the encounter opens before.

    ``number`` is the stay's.  Only who stays two nights may lie there over midnight.
    """
    has_own_encounters = arrival.hospital.facts.feed.emergency_encounters
    if has_own_encounters or arrival.priority != "EM" or arrival.transferred_in:
        return arrival.minute
    minutes = Stream(person.key, "emergency", number).bell(_SHORTEST, _LONGEST)
    if nights == 0:
        minutes = min(minutes, _LONGEST_OF_A_DAY_CASE)
    reached = arrival.minute + minutes
    return reached if nights > 1 else min(reached, at(arrival.day, 23, 59))


def emergency_spell(arrival: Arrival, reached: int) -> tuple[WardSpell, ...]:
    """The time there as a ward's, none where the encounter begins on a ward."""
    if reached == arrival.minute:
        return ()
    return (WardSpell(WardKind.EMERGENCY, arrival.minute, reached),)


def emergency_visits(person: Person, stays: list[Stay]) -> list[Visit]:
    """The encounters before an admission, where feeds tell them apart."""
    visits = []
    for before, stay in zip([None, *stays], stays, strict=False):
        rested = before is None or before.discharge_day < stay.admit_day - 1
        separate = stay.hospital.facts.feed.emergency_encounters
        if separate and rested and stay.priority == "EM" and not stay.transferred_in:
            visits.append(_emergency_visit(person, stay))
    return visits


def _emergency_visit(person: Person, stay: Stay) -> Visit:
    return Visit(
        number=_FIRST_NUMBER + stay.number,
        encounter_id=resource_id(person.key, Kind.EMERGENCY, stay.number),
        encounter_class="EMER",
        hospital=stay.hospital,
        start=stay.admit - 150 - stay.admit % 97,
        end=stay.admit,
        diagnosis=None,
        attending=stay.attending,
        arrives=stay.admit_day,
    )
