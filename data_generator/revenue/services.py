"""The charge lines of a stay or visit: the hospital's, and the fee of the attending clinician."""

from __future__ import annotations

from dataclasses import replace

from data_generator.anomalies import UPCODED_LEVEL, Pattern, pattern_of
from data_generator.bill import Bill
from data_generator.clock import day_of
from data_generator.facts import services as facts
from data_generator.facts.billing import USUAL_LEVEL, Service
from data_generator.facts.collections import POSTING_LAG
from data_generator.revenue.account import Care, ChargeLine, Form
from data_generator.story import Stay, Visit
from data_generator.streams import Stream

# A visit is billed apart from another service of the day; assumed share.
_SEPARATE = 0.10


def stay_care(stay: Stay, form: Form) -> Care:
    """Return the care that an account of a stay is about."""
    kind = facts.HOSPITAL_INPATIENT if stay.acute else facts.NURSING_INPATIENT
    drg = facts.DRG_BY_DIAGNOSIS.get(stay.diagnosis.icd10)
    if stay.operation is not None:
        drg = facts.DRG_BY_OPERATION.get(stay.operation, drg)
    hospital_claim = form is Form.INSTITUTIONAL
    return Care(
        stay.number,
        form,
        stay.hospital,
        stay.attending,
        tuple(part.encounter_id for part in stay.parts),
        stay.admit_day,
        stay.discharge_day,
        kind if hospital_claim else None,
        drg if hospital_claim and stay.acute else None,
        inpatient=True,
    )


def visit_care(visit: Visit, form: Form) -> Care:
    """Return the care that an account of a visit is about."""
    return Care(
        visit.number,
        form,
        visit.hospital,
        visit.attending,
        (visit.encounter_id,),
        day_of(visit.start),
        day_of(visit.end),
        facts.HOSPITAL_OUTPATIENT if form is Form.INSTITUTIONAL else None,
    )


def hospital_lines(stream: Stream, care: Care, bill: Bill) -> tuple[ChargeLine, ...]:
    """Return the lines of a bill with their days: rooms one after the other, all else one day."""
    lines: list[ChargeLine] = []
    day, last_room = care.first, None
    for line in bill.lines:
        first = last = min(day, care.last)
        if not care.inpatient:
            last = care.last
        elif line.service.revenue in _ROOMS:
            last = day = min(care.last, first + line.quantity)
            last_room = len(lines)
        posted = _posted(stream, first) if first == last else None
        shown = line.service.revenue, line.service.hcpcs, line.label
        lines.append(ChargeLine(*shown, line.quantity, line.charge, first, last, posted))
    if last_room is not None and lines[last_room].last < care.last:
        # A night in the emergency department is no room: the last room is kept to the discharge.
        lines[last_room] = replace(lines[last_room], last=care.last, posted=None)
    return tuple(lines)


_ROOMS = ("0120", "0191", "0200")


def fee_lines_of_stay(stream: Stream, stay: Stay, care: Care) -> tuple[ChargeLine, ...]:
    """Return the fee for a stay: first day, later days, operation, day of discharge."""
    fees = [(facts.INITIAL_DAY, 1, care.first, care.first)]
    days = care.last - care.first
    if days > 1:
        fees.append((facts.LATER_DAY, days - 1, care.first + 1, care.last - 1))
    if stay.operation is not None:
        fees.append((facts.OPERATIONS[stay.operation], 1, care.first, care.first))
    if days:
        fees.append((facts.DISCHARGE_DAY, 1, care.last, care.last))
    return tuple(_fee(stream, facts.INPATIENT, *fee) for fee in fees)


def fee_lines_of_visit(stream: Stream, visit: Visit, care: Care) -> tuple[ChargeLine, ...]:
    """Return the fee for a visit."""
    match visit.encounter_class:
        case "EMER":
            upcodes = pattern_of(visit.attending) is Pattern.UPCODING
            level = stream.pick(UPCODED_LEVEL if upcodes else USUAL_LEVEL)
            service, place = facts.EMERGENCY_CARE[level], facts.EMERGENCY_ROOM
        case "OBSENC":
            service, place = facts.OBSERVATION_CARE, facts.OUTPATIENT
        case "VR":
            service, place = facts.TELEHEALTH, facts.TELEHEALTH_HOME
        case _:
            service, place = facts.OFFICE_LEVELS[stream.pick(facts.OFFICE_LEVEL)], facts.OFFICE
    return (_fee(stream, place, service, 1, care.first, care.last),)


def _fee(
    stream: Stream, place: str, service: Service, units: int, first: int, last: int
) -> ChargeLine:
    posted = _posted(stream, first) if first == last else None
    visit = service not in facts.OPERATIONS.values()
    separate = place in (facts.OFFICE, facts.EMERGENCY_ROOM) and stream.chance(_SEPARATE)
    modifiers = (facts.SEPARATE_VISIT,) if visit and separate else ()
    charge = service.charge * units
    return ChargeLine(
        "", service.hcpcs, service.label, units, charge, first, last, posted, place, modifiers
    )


def _posted(stream: Stream, day: int) -> int:
    return day + stream.pick(POSTING_LAG)
