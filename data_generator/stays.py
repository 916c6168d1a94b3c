"""Simulates one stay: its length, wards, devices, operation, infections and end.

Shares and hours without a source are assumed; describe.TARGETS checks the lengths and infections.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from data_generator.arrivals import Arrival
from data_generator.clock import MINUTES_PER_DAY, at, day_of, years_between
from data_generator.emergency import emergency_ward_stays, ward_minute
from data_generator.endings import Outcome, Plan
from data_generator.facts import dispositions as codes
from data_generator.facts import rates
from data_generator.facts.diagnoses import Pace
from data_generator.facts.hospitals import WardKind
from data_generator.facts.infections import Device
from data_generator.ids import Kind, resource_id
from data_generator.infections import Exposure, outside_notes, simulate_infections
from data_generator.story import Infection, Part, Person, Stay, WardStay
from data_generator.streams import Stream


@dataclass(frozen=True, slots=True)
class Admission:
    """The input of one stay: person, arrival, planned end, and the stay's number for the person."""

    person: Person
    stream: Stream
    arrival: Arrival
    plan: Plan
    number: int


_UNIT = WardKind.INTENSIVE_CARE
# Diagnoses that often need intensive care: sepsis, infarction, stroke, pneumonia, hemorrhage.
_CRITICAL = ("A41.9", "I21.9", "I63.9", "J18.9", "K92.2")


def simulate_stay(admission: Admission) -> Stay:
    """Return the stay, with everything that happens in it."""
    stream, arrival, plan = admission.stream, admission.arrival, admission.plan
    nights = _nights(stream, arrival, plan)
    operation = arrival.diagnosis.operation if stream.chance(_operation_share(arrival)) else None
    devices = _devices(stream, arrival, operation is not None)
    ward_arrival = ward_minute(admission.person, arrival, admission.number, nights)
    returns = _returns_the_same_day(stream, arrival, nights) and plan.outcome is Outcome.ALIVE
    infections: tuple[Infection, ...] = ()
    if not returns:
        days = day_of(ward_arrival), arrival.day + nights
        exposure = Exposure(arrival, *days, devices, plan.outcome is Outcome.ALIVE)
        infections, more = simulate_infections(stream, exposure)
        nights += more
        note_stream = Stream(admission.person.key, "note", admission.number)
        infections = infections or outside_notes(note_stream, exposure)
    part = _part(admission, ward_arrival, nights, Device.VENTILATOR in devices)
    parts = _same_day_return(admission, part) if returns else (_as_recorded(admission, part),)
    return Stay(
        number=admission.number,
        hospital=arrival.hospital,
        acute=True,
        encounter_class=arrival.hospital.facts.feed.inpatient_class,
        parts=parts,
        diagnosis=arrival.diagnosis,
        priority=arrival.priority,
        planned=arrival.planned,
        died=plan.outcome is Outcome.DIED,
        from_hospice=stream.chance(rates.FROM_HOSPICE) and arrival.priority == "EM",
        transferred_in=arrival.transferred_in,
        devices=devices,
        operation=operation,
        infections=infections,
        attending=stream.one_of(arrival.hospital.staff),
    )


def _nights(stream: Stream, arrival: Arrival, plan: Plan) -> int:
    low, high = rates.NIGHT_SHARES[arrival.diagnosis.pace]
    nights = rates.NIGHTS.at(low + (high - low) * stream.random())
    spread = stream.random()
    if nights > 14:
        nights += int(spread * nights / 5)
    if plan.outcome is Outcome.TRANSFERRED:
        nights = min(nights, int(spread * 4))
    if plan.outcome is Outcome.LEFT:
        nights = min(nights, 1 + int(spread * 3))
    late = arrival.minute % MINUTES_PER_DAY > 14 * 60
    return 1 if nights == 0 and (late or arrival.transferred_in) else nights


def _devices(stream: Stream, arrival: Arrival, operated: bool) -> tuple[Device, ...]:
    device_factor = 2.0 if arrival.diagnosis.icd10 in _CRITICAL else 0.7
    if arrival.diagnosis.pace is Pace.SHORT:
        device_factor = 0.3
    chances = (
        (Device.CENTRAL_LINE, rates.CENTRAL_LINE * device_factor),
        (Device.URINARY_CATHETER, rates.URINARY_CATHETER * device_factor),
        (Device.VENTILATOR, rates.VENTILATOR * device_factor),
    )
    devices = tuple(device for device, chance in chances if stream.chance(chance))
    has_incision = operated and arrival.diagnosis.ward in (WardKind.SURGERY, WardKind.MATERNITY)
    return (*devices, Device.INCISION) if has_incision else devices


def _operation_share(arrival: Arrival) -> float:
    return 0.95 if arrival.diagnosis.ward is not WardKind.MEDICINE else 0.6


def _returns_the_same_day(stream: Stream, arrival: Arrival, nights: int) -> bool:
    chance = stream.chance(rates.SAME_DAY_RETURN)
    return chance and nights >= 1 and arrival.priority != "EL" and not arrival.transferred_in


def _needs_intensive_care(stream: Stream, arrival: Arrival, plan: Plan) -> bool:
    share = 0.25 if arrival.diagnosis.icd10 in _CRITICAL else 0.03
    return stream.chance(0.6 if plan.outcome is Outcome.DIED else share)


def _part(admission: Admission, ward_arrival: int, nights: int, ventilated: bool) -> Part:
    stream, arrival, plan = admission.stream, admission.arrival, admission.plan
    critical = _needs_intensive_care(stream, arrival, plan) or ventilated
    end = _end(stream, arrival, plan, nights)
    ward_stays = _ward_stays(admission, nights, critical, (ward_arrival, end))
    ward_stays = (*emergency_ward_stays(arrival, ward_arrival), *ward_stays)
    key, child = admission.person.key, None
    unit_left = any(s.ward is _UNIT and s.end < end for s in ward_stays)
    if unit_left and arrival.hospital.facts.feed.ward_encounters:
        child = resource_id(key, Kind.WARD_STAY, admission.number)
    encounter_id = resource_id(key, Kind.STAY, admission.number)
    return Part(encounter_id, ward_stays, plan.disposition, child)


def _as_recorded(admission: Admission, part: Part) -> Part:
    """Return the encounter with a copy from a second feed or a correction, where there is one."""
    stream = Stream(admission.person.key, "feed", admission.number)
    copied, corrected = stream.chance(rates.SECOND_FEED), stream.chance(rates.DISPOSITION_CORRECTED)
    if copied and admission.arrival.hospital.facts.feed.second_feed and part.child_id is None:
        twin = resource_id(admission.person.key, Kind.STAY, admission.number, 2)
        part = replace(part, twin_id=twin)
    if corrected and part.disposition == codes.HOME_HEALTH:
        day = day_of(part.end) + stream.between(1, 6)
        part = replace(part, first_disposition=codes.HOME, corrected_day=day)
    return part


def _end(stream: Stream, arrival: Arrival, plan: Plan, nights: int) -> int:
    hour, minute = stream.bell(9, 19), stream.below(60)
    if nights == 0:
        return arrival.minute + 200 + hour * 10 + minute
    if plan.outcome is Outcome.DIED:
        return at(arrival.day + nights, stream.below(24), minute)
    if plan.outcome is Outcome.TRANSFERRED and stream.chance(0.15):
        return at(arrival.day + nights, 22, minute)
    return at(arrival.day + nights, hour, minute)


def _ward_stays(
    admission: Admission, nights: int, critical: bool, span: tuple[int, int]
) -> tuple[WardStay, ...]:
    (start, end), stream, arrival = span, admission.stream, admission.arrival
    ward = _ward(admission.person, arrival)
    moves_ward = stream.chance(0.08)
    day = arrival.day + stream.between(1, max(1, min(4, nights - 1)))
    move = at(day, stream.between(10, 16), stream.below(60))
    if nights < 2 or not (critical or moves_ward):
        return (WardStay(ward, start, end),)
    first, second = ward, WardKind.MEDICINE if ward is not WardKind.MEDICINE else WardKind.SURGERY
    if critical:
        dies = admission.plan.outcome is Outcome.DIED
        first, second = (ward, _UNIT) if dies else (_UNIT, ward)
    return (WardStay(first, start, move), WardStay(second, move, end))


def _ward(person: Person, arrival: Arrival) -> WardKind:
    young = years_between(person.birth_day, arrival.day) < 18
    return WardKind.CHILDREN if young else arrival.diagnosis.ward


def _same_day_return(admission: Admission, first: Part) -> tuple[Part, ...]:
    """Return two encounters: home in the morning, back for the same reason on the same date."""
    stream, key, number = admission.stream, admission.person.key, admission.number
    day = day_of(first.end)
    left = at(day, 10, stream.below(60))
    ward_stays = (*first.ward_stays[:-1], _ending_at(first.ward_stays[-1], left))
    nights = stream.between(1, 5)
    again = WardStay(
        first.ward_stays[-1].ward,
        at(day, stream.between(15, 21), stream.below(60)),
        at(day + nights, stream.between(10, 17), stream.below(60)),
    )
    home = Part(first.encounter_id, ward_stays, codes.HOME, first.child_id)
    back = Part(resource_id(key, Kind.STAY, number, 1), (again,), admission.plan.disposition)
    return (home, back)


def _ending_at(ward_stay: WardStay, end: int) -> WardStay:
    return WardStay(ward_stay.ward, ward_stay.start, end)
