"""Procedure: operations and the devices that open the way for infections."""

from __future__ import annotations

from collections.abc import Iterator

from data_generator.facts.infections import Device
from data_generator.fhir.chart import Chart, meta
from data_generator.fhir.codes import SNOMED, Resource, concept, reference
from data_generator.fhir.conditions import principal_id
from data_generator.ids import Kind
from data_generator.story import Stay

_DEVICES = {
    Device.CENTRAL_LINE: ("233527006", "Central venous cannula insertion"),
    Device.URINARY_CATHETER: ("410024004", "Catheterization of urinary bladder"),
    Device.VENTILATOR: ("40617009", "Artificial respiration"),
}
_MINUTES_TO_PROCEDURE = 150


def procedures(chart: Chart) -> Iterator[Resource]:
    """Every Procedure performed by now."""
    for stay in chart.stays():
        for place, (code, label) in enumerate(_performed(stay)):
            start = stay.admit + _MINUTES_TO_PROCEDURE + 40 * place
            if chart.known(start + 90) and start + 90 <= stay.discharge:
                yield _procedure(chart, stay, place, (code, label))


def _performed(stay: Stay) -> list[tuple[str, str]]:
    done = [_DEVICES[device] for device in stay.devices if device in _DEVICES]
    if stay.operation is not None:
        done.append((stay.operation.snomed, stay.operation.label))
    return done


def _procedure(chart: Chart, stay: Stay, place: int, what: tuple[str, str]) -> Resource:
    start = stay.admit + _MINUTES_TO_PROCEDURE + 40 * place
    hospital = stay.hospital
    return {
        "resourceType": "Procedure",
        "id": chart.id(Kind.PROCEDURE, stay.number, place),
        "meta": meta(hospital, start + 95),
        "status": "completed",
        "code": concept(SNOMED, *what),
        "subject": chart.subject,
        "encounter": reference("Encounter", stay.parts[0].encounter_id),
        "performedPeriod": {"start": hospital.time(start), "end": hospital.time(start + 90)},
        "performer": [{"actor": reference("Practitioner", stay.attending)}],
        "reasonReference": [reference("Condition", principal_id(chart, stay.number))],
    }
