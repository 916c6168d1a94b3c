"""Stays at the skilled nursing facility: some have an inpatient class, none is acute."""

from __future__ import annotations

from data_generator.clock import at, day_of
from data_generator.facts import dispositions as codes
from data_generator.facts.diagnoses import REHABILITATION_STAY
from data_generator.facts.hospitals import WardKind
from data_generator.ids import Kind, resource_id
from data_generator.story import Part, Person, Stay, WardStay
from data_generator.streams import Stream
from data_generator.world import World

# Acute stays, nursing stays and visits of a person share one number range, so that ids are unique.
FIRST_NUMBER = 0x8000
_INPATIENT_BY_CLASS = 0.7  # the share is assumed; Synthea also sends inpatient classes


def nursing_stay(
    world: World, person: Person, stream: Stream, after: Stay, until: int | None, index: int
) -> Stay:
    """Return the stay that follows an acute one; it ends before the day ``until``, if any."""
    facility = world.nursing
    left = after.hospital.zone.utc(after.discharge)
    start = facility.zone.local(left + stream.between(40, 120))
    # 6 to 40 days; assumed.
    end = at(day_of(start) + stream.bell(6, 40), stream.between(9, 16), stream.below(60))
    if until is not None and until <= day_of(end):
        end = max(start + 30, at(until - 1, 23))
    ward_stay = WardStay(WardKind.LONG_TERM, start, end)
    return Stay(
        number=FIRST_NUMBER + index,
        hospital=facility,
        acute=False,
        encounter_class="IMP" if stream.chance(_INPATIENT_BY_CLASS) else "NONAC",
        parts=(Part(resource_id(person.key, Kind.NURSING, index), (ward_stay,), codes.HOME),),
        diagnosis=REHABILITATION_STAY,
        priority="UR",
        planned=False,
        died=False,
        attending=stream.one_of(facility.staff),
    )
