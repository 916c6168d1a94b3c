"""Procedure: operations, and the devices that make infections possible."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from data_generator.facts.infections import Device
from data_generator.fhir.chart import Chart, meta
from data_generator.fhir.codes import ICD10_PCS, SNOMED, Resource, coding, reference
from data_generator.fhir.conditions import principal_id
from data_generator.ids import Kind
from data_generator.story import Stay


class Performed(NamedTuple):
    """A procedure by SNOMED CT and ICD-10-PCS code."""

    snomed: str
    pcs: str
    label: str


_DEVICES = {
    Device.CENTRAL_LINE: Performed("233527006", "02HV33Z", "Central venous cannula insertion"),
    Device.URINARY_CATHETER: Performed(
        "410024004", "0T9B70Z", "Catheterization of urinary bladder"
    ),
    Device.VENTILATOR: Performed("40617009", "5A1945Z", "Artificial respiration"),
}
# Minutes from admission and from reaching the ward to the first procedure, and its length; assumed.
_MINUTES_TO_PROCEDURE, _MINUTES_ON_THE_WARD = 150, 30
_MINUTES = 90


def procedures(chart: Chart) -> Iterator[Resource]:
    """Yield every Procedure performed by now."""
    for stay in chart.stays():
        for index, start, what in performed(stay):
            if chart.known(start + _MINUTES):
                yield _procedure(chart, stay, index, (start, what))


def performed(stay: Stay) -> Iterator[tuple[int, int, Performed]]:
    """Yield the procedures of a stay: number, local minute, procedure."""
    done = [_DEVICES[device] for device in stay.devices if device in _DEVICES]
    if stay.operation is not None:
        done.append(Performed(stay.operation.snomed, stay.operation.pcs, stay.operation.label))
    begin = max(stay.admit + _MINUTES_TO_PROCEDURE, stay.ward_minute + _MINUTES_ON_THE_WARD)
    for index, what in enumerate(done):
        start = begin + 40 * index
        if start + _MINUTES <= stay.discharge:
            yield index, start, what


def _procedure(chart: Chart, stay: Stay, index: int, done: tuple[int, Performed]) -> Resource:
    (start, what), hospital = done, stay.hospital
    codings = [coding(SNOMED, what.snomed, what.label), coding(ICD10_PCS, what.pcs, what.label)]
    return {
        "resourceType": "Procedure",
        "id": chart.id(Kind.PROCEDURE, stay.number, index),
        "meta": meta(hospital, start + _MINUTES + 5),
        "status": "completed",
        "code": {"coding": codings, "text": what.label},
        "subject": chart.subject,
        "encounter": reference("Encounter", stay.parts[0].encounter_id),
        "performedPeriod": {"start": hospital.time(start), "end": hospital.time(start + _MINUTES)},
        "performer": [{"actor": reference("Practitioner", stay.attending)}],
        "reasonReference": [reference("Condition", principal_id(chart, stay.number))],
    }
