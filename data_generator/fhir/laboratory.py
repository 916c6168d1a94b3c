"""Microbiology: the tests of the LabID measures, with their specimens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from data_generator.clock import at
from data_generator.fhir.chart import Chart, meta
from data_generator.fhir.codes import (
    LOINC,
    SNOMED,
    TERMINOLOGY,
    Resource,
    coding,
    concept,
    reference,
    term,
)
from data_generator.ids import Kind
from data_generator.story import Stay, Test
from data_generator.streams import Stream

_LABORATORY = [term("observation-category", "laboratory")]
_STOOL = concept(SNOMED, "119339001", "Stool specimen")
_BLOOD = concept(SNOMED, "119297000", "Blood specimen")
_CDIFF = concept(LOINC, "54067-4", "Clostridioides difficile toxin genes in stool by PCR")
_CULTURE = concept(LOINC, "600-7", "Bacteria identified in blood by culture")
_DETECTED = concept(SNOMED, "260373001", "Detected")
_NOT_DETECTED = concept(SNOMED, "260415000", "Not detected")
_MRSA = concept(SNOMED, "115329001", "Methicillin resistant Staphylococcus aureus")
_COLI = concept(SNOMED, "112283007", "Escherichia coli")
_NO_GROWTH = concept(SNOMED, "264868006", "No growth")
_POSITIVE = [{"coding": [coding(f"{TERMINOLOGY}/v3-ObservationInterpretation", "POS")]}]
_ROUTINE_SHARES = (
    0.05,
    0.08,
)  # of acute stays: negative stool test, negative blood culture; assumed
_FIRST_ROUTINE = 8  # after the infections of any stay, so that ids never repeat


@dataclass(frozen=True, slots=True)
class _Sample:
    """One specimen: its number in the stay, the test and the result."""

    index: int
    test: Resource
    result: Resource
    positive: bool
    collected: int
    reported: int


def laboratory(chart: Chart) -> Iterator[Resource]:
    """Yield the specimens and microbiology results reported by now."""
    for stay in chart.stays():
        if stay.acute:
            for sample in (*_infection_samples(stay), *_routine(chart, stay)):
                if chart.known(sample.reported):
                    yield from _resources(chart, stay, sample)


def _infection_samples(stay: Stay) -> Iterator[_Sample]:
    for index, infection in enumerate(stay.infections):
        if infection.test is None:
            continue
        stool = infection.kind.word == "cdi"
        positive = infection.test is Test.POSITIVE
        result = (
            (_DETECTED if stool else _MRSA) if positive else (_NOT_DETECTED if stool else _COLI)
        )
        test = _CDIFF if stool else _CULTURE
        times = infection.onset_minute, infection.reported_minute
        yield _Sample(index, test, result, positive, *times)


def _routine(chart: Chart, stay: Stay) -> Iterator[_Sample]:
    """Yield the negative tests of a stay; results take 15 hours, assumed."""
    stream = Stream(chart.person.key, "laboratory", stay.number)
    tests = ((_CDIFF, _NOT_DETECTED), (_CULTURE, _NO_GROWTH))
    for index, (share, (test, result)) in enumerate(zip(_ROUTINE_SHARES, tests, strict=True)):
        drawn = stream.chance(share)
        day = stay.admit_day + stream.below(max(1, stay.discharge_day - stay.admit_day))
        collected = max(stay.admit + 30, at(day, 8, stream.below(60)))
        if drawn and collected < stay.discharge:
            yield _Sample(_FIRST_ROUTINE + index, test, result, False, collected, collected + 900)


def _resources(chart: Chart, stay: Stay, sample: _Sample) -> Iterator[Resource]:
    hospital = stay.hospital
    specimen_id = chart.id(Kind.SPECIMEN, stay.number, sample.index)
    has_specimen = hospital.facts.feed.specimens
    if has_specimen:
        yield {
            "resourceType": "Specimen",
            "id": specimen_id,
            "meta": meta(hospital, sample.reported),
            "status": "available",
            "type": _STOOL if sample.test is _CDIFF else _BLOOD,
            "subject": chart.subject,
            "collection": {"collectedDateTime": hospital.time(sample.collected)},
        }
    resource: Resource = {
        "resourceType": "Observation",
        "id": chart.id(Kind.TEST, stay.number, sample.index),
        "meta": meta(hospital, sample.reported),
        "status": "final",
        "category": _LABORATORY,
        "code": sample.test,
        "subject": chart.subject,
        "encounter": reference("Encounter", stay.parts[0].encounter_id),
        "effectiveDateTime": hospital.time(sample.reported if has_specimen else sample.collected),
        "valueCodeableConcept": sample.result,
    }
    if sample.positive:
        resource["interpretation"] = _POSITIVE
    if has_specimen:
        resource["specimen"] = reference("Specimen", specimen_id)
    yield resource
