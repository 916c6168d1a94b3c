"""Observation: vital signs and laboratory results of stays and visits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from data_generator.clock import at
from data_generator.facts.observations import (
    BEDSIDE,
    BLOOD_PRESSURE,
    DAILY_LABS,
    OFFICE,
    WEIGHT,
    ObservationKind,
)
from data_generator.fhir.chart import Chart, meta
from data_generator.fhir.codes import LOINC, UCUM, Resource, concept, reference, term
from data_generator.ids import Kind
from data_generator.story import Hospital, Stay, Visit
from data_generator.streams import Stream

_EVENING = BEDSIDE[:2]
# What is recorded on arrival in a world without rounds.
_ARRIVAL = (BLOOD_PRESSURE,)
_LABS_DAYS = 3  # laboratory results every third day; assumed
_ROUND = 16  # ids reserved for one round, more than it has observations


def observations(chart: Chart) -> Iterator[Resource]:
    """Yield every Observation made by now."""
    for stay in chart.stays():
        if stay.acute:
            yield from _of_stay(chart, stay)
    for visit in chart.visits():
        yield from _of_visit(chart, visit)


def _of_stay(chart: Chart, stay: Stay) -> Iterator[Resource]:
    stream = Stream(chart.person.key, "observations", stay.number)
    encounter = reference("Encounter", stay.parts[0].encounter_id)
    last = min(stay.discharge, at(chart.as_of + 1, 0) - 1)
    every_round = chart.story.every_round
    if chart.known(stay.admit + 20):
        kinds = BEDSIDE if every_round else _ARRIVAL
        yield from _round(chart, stream, stay, encounter, (stay.admit + 20, 0, kinds))
    if not every_round:
        return
    for day in range(stay.admit_day, min(stay.discharge_day, chart.as_of) + 1):
        index = 1 + 2 * (day - stay.admit_day)
        labs = DAILY_LABS if (day - stay.admit_day) % _LABS_DAYS == 0 else ()
        for minute, kinds in ((at(day, 7, 10), (*BEDSIDE, *labs)), (at(day, 19, 5), _EVENING)):
            if stay.admit + 60 < minute < last:
                yield from _round(chart, stream, stay, encounter, (minute, index, kinds))
            index += 1


def _round(
    chart: Chart,
    stream: Stream,
    where: Stay | Visit,
    encounter: Resource,
    when: tuple[int, int, Sequence[ObservationKind]],
) -> Iterator[Resource]:
    minute, index, kinds = when
    hospital: Hospital = where.hospital
    time, updated = hospital.time(minute), meta(hospital, minute + 4)
    for number, kind in enumerate(kinds):
        yield {
            "resourceType": "Observation",
            "id": chart.id(Kind.OBSERVATION, where.number, index * _ROUND + number),
            "meta": updated,
            "status": "final",
            "category": _category(kind.category),
            "code": _code(kind),
            "subject": chart.subject,
            "encounter": encounter,
            "effectiveDateTime": time,
            **_result(stream, kind),
        }


def _result(stream: Stream, kind: ObservationKind) -> Resource:
    if not kind.parts:
        return {"valueQuantity": _quantity(stream, kind)}
    parts = kind.parts
    return {"component": [{"code": _code(p), "valueQuantity": _quantity(stream, p)} for p in parts]}


def _quantity(stream: Stream, kind: ObservationKind) -> Resource:
    span = kind.high - kind.low + 1
    value = kind.low + int((stream.random() + stream.random()) / 2 * span)
    return {
        "value": value / 10 if kind.decimals else value,
        "unit": kind.unit,
        "system": UCUM,
        "code": kind.unit,
    }


@cache
def _code(kind: ObservationKind) -> Resource:
    return concept(LOINC, kind.loinc, kind.label)


@cache
def _category(name: str) -> list[Resource]:
    return [term("observation-category", name)]


def _of_visit(chart: Chart, visit: Visit) -> Iterator[Resource]:
    if visit.encounter_class == "VR":
        return
    stream = Stream(chart.person.key, "observations", visit.number)
    encounter = reference("Encounter", visit.encounter_id)
    kinds: Sequence[ObservationKind] = _ARRIVAL
    if chart.story.every_round:
        kinds = (*OFFICE, WEIGHT) if visit.encounter_class == "AMB" else BEDSIDE
    yield from _round(chart, stream, visit, encounter, (visit.start + 6, 0, kinds))
