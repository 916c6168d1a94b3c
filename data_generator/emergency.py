"""The hours in the emergency department before an emergency admission.

A feed sends them in one of two ways: as a separate encounter that ends when the inpatient one
begins, or as the first location of the inpatient encounter. Either way, hospital day 1 is the day
the person reaches a ward.
"""

from __future__ import annotations

from data_generator.arrivals import Arrival
from data_generator.clock import at
from data_generator.facts.hospitals import WardKind
from data_generator.ids import Kind, resource_id
from data_generator.story import Person, Stay, Visit, WardStay
from data_generator.streams import Stream

# Minutes. At least 65: longer than the hour skipped in spring, so that no wait ends before it
# begins. At most 9 hours, 3 for people who leave the same day (assumed).
_SHORTEST, _LONGEST = 65, 540
_LONGEST_OF_A_DAY_CASE = 180
# See nursing.FIRST_NUMBER.
_FIRST_NUMBER = 0x20000


def ward_minute(person: Person, arrival: Arrival, number: int, nights: int) -> int:
    """Return when the person reaches a ward, in local minutes.

    That is later than the arrival where the encounter opens in the emergency department. ``number``
    is the stay's. Only a person who stays two nights may wait past midnight.
    """
    has_own_encounters = arrival.hospital.facts.feed.emergency_encounters
    if has_own_encounters or arrival.priority != "EM" or arrival.transferred_in:
        return arrival.minute
    minutes = Stream(person.key, "emergency", number).bell(_SHORTEST, _LONGEST)
    if nights == 0:
        minutes = min(minutes, _LONGEST_OF_A_DAY_CASE)
    ward_arrival = arrival.minute + minutes
    return ward_arrival if nights > 1 else min(ward_arrival, at(arrival.day, 23, 59))


def emergency_ward_stays(arrival: Arrival, ward_arrival: int) -> tuple[WardStay, ...]:
    """Return the time in the department as a ward stay; none if the encounter begins on a ward."""
    if ward_arrival == arrival.minute:
        return ()
    return (WardStay(WardKind.EMERGENCY, arrival.minute, ward_arrival),)


def emergency_visits(person: Person, stays: list[Stay]) -> list[Visit]:
    """Return the emergency encounters before admissions, for feeds that send them separately."""
    visits = []
    for before, stay in zip([None, *stays], stays, strict=False):
        first_of_episode = before is None or before.discharge_day < stay.admit_day - 1
        separate = stay.hospital.facts.feed.emergency_encounters
        if separate and first_of_episode and stay.priority == "EM" and not stay.transferred_in:
            visits.append(_emergency_visit(person, stay))
    return visits


def _emergency_visit(person: Person, stay: Stay) -> Visit:
    return Visit(
        number=_FIRST_NUMBER + stay.number,
        encounter_id=resource_id(person.key, Kind.EMERGENCY, stay.number),
        encounter_class="EMER",
        hospital=stay.hospital,
        # 150 to 246 minutes in the department; assumed.
        start=stay.admit - 150 - stay.admit % 97,
        end=stay.admit,
        diagnosis=None,
        attending=stay.attending,
        arrives=stay.admit_day,
    )
