"""Types that no measure reads: orders, reports, documents, vaccinations, allergies, devices.

A lake keeps them in bronze. They are written only with ``--all-types``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from data_generator.clock import at, day_text, weekday
from data_generator.facts.infections import Device
from data_generator.facts.observations import DAILY_LABS
from data_generator.fhir.chart import Chart, meta
from data_generator.fhir.codes import LOINC, SNOMED, Resource, concept, reference, term
from data_generator.ids import Kind
from data_generator.story import Stay
from data_generator.streams import Stream

_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_CVX = "http://hl7.org/fhir/sid/cvx"
_DRUGS = (("161", "Acetaminophen"), ("5224", "Heparin"), ("2193", "Ceftriaxone"))
_ALLERGENS = (("91936005", "Allergy to penicillin"), ("91935009", "Allergy to peanut"))
# Assumed; no measure depends on them.
_ALLERGIC = 0.12
_VACCINATED = 0.4
_FLU_SEASON_DAY = 280  # days after the start: October when that is 1 January
_DEVICES = {
    Device.CENTRAL_LINE: ("52124006", "Central venous catheter"),
    Device.URINARY_CATHETER: ("20568009", "Urinary catheter"),
    Device.VENTILATOR: ("706172005", "Ventilator"),
}
_LABORATORY = [term("v2-0074", "LAB", "Laboratory")]
_PANEL = concept(LOINC, "11502-2", "Laboratory report")
_SUMMARY = concept(LOINC, "18842-5", "Discharge summary")


def other_resources(chart: Chart, registered_day: int) -> Iterator[Resource]:
    """Yield every resource of these types that exists by now."""
    yield from _allergies(chart, registered_day)
    yield from _immunizations(chart, registered_day)
    for stay in chart.stays():
        yield from _orders(chart, stay)
        yield from _reports(chart, stay)
        yield from _devices(chart, stay)
        if chart.over(stay.parts[-1]):
            yield _summary(chart, stay)


def _allergies(chart: Chart, registered_day: int) -> Iterator[Resource]:
    stream = Stream(chart.person.key, "allergy")
    if chart.story.record == 0 and stream.chance(_ALLERGIC):
        code, label = stream.one_of(_ALLERGENS)
        yield {
            "resourceType": "AllergyIntolerance",
            "id": chart.id(Kind.ALLERGY, 0),
            "meta": meta(chart.person.home, at(registered_day, 6, 20)),
            "clinicalStatus": term("allergyintolerance-clinical", "active"),
            "verificationStatus": term("allergyintolerance-verification", "confirmed"),
            "code": concept(SNOMED, code, label),
            "patient": chart.subject,
            "recordedDate": day_text(registered_day),
        }


def _immunizations(chart: Chart, registered_day: int) -> Iterator[Resource]:
    """Yield one influenza vaccination a year, for people who take it."""
    wants = Stream(chart.person.key, "immunization").chance(_VACCINATED)
    if chart.story.record > 0 or not wants:
        return
    for year in range((chart.as_of - registered_day) // 365 + 1):
        day = registered_day + 365 * year + _FLU_SEASON_DAY
        day += 7 - weekday(day) if weekday(day) >= 5 else 0
        if day <= chart.as_of:
            yield {
                "resourceType": "Immunization",
                "id": chart.id(Kind.IMMUNIZATION, year),
                "meta": meta(chart.person.home, at(day, 15)),
                "status": "completed",
                "vaccineCode": concept(_CVX, "140", "Influenza, seasonal, injectable"),
                "patient": chart.subject,
                "occurrenceDateTime": day_text(day),
            }


def _orders(chart: Chart, stay: Stay) -> Iterator[Resource]:
    stream = Stream(chart.person.key, "orders", stay.number)
    for index, (code, label) in enumerate(_DRUGS[: stream.between(1, len(_DRUGS))]):
        minute = stay.admit + 45 + 10 * index
        if chart.known(minute):
            yield {
                "resourceType": "MedicationRequest",
                "id": chart.id(Kind.MEDICATION, stay.number, index),
                "meta": meta(stay.hospital, minute),
                "status": "active",
                "intent": "order",
                "medicationCodeableConcept": _drug(code, label),
                "subject": chart.subject,
                "encounter": _encounter(stay),
                "authoredOn": stay.hospital.time(minute),
                "requester": reference("Practitioner", stay.attending),
            }


@cache
def _drug(code: str, label: str) -> Resource:
    return concept(_RXNORM, code, label)


def _encounter(stay: Stay) -> Resource:
    return reference("Encounter", stay.parts[0].encounter_id)


def _reports(chart: Chart, stay: Stay) -> Iterator[Resource]:
    """Yield the laboratory report of the first day."""
    minute = stay.admit + 300
    if stay.acute and chart.known(minute):
        yield {
            "resourceType": "DiagnosticReport",
            "id": chart.id(Kind.REPORT, stay.number),
            "meta": meta(stay.hospital, minute),
            "status": "final",
            "category": _LABORATORY,
            "code": _PANEL,
            "subject": chart.subject,
            "encounter": _encounter(stay),
            "effectiveDateTime": stay.hospital.time(minute),
            "conclusion": ", ".join(kind.label for kind in DAILY_LABS),
        }


def _devices(chart: Chart, stay: Stay) -> Iterator[Resource]:
    minute = stay.ward_minute + 40
    for index, device in enumerate(d for d in stay.devices if d in _DEVICES):
        if chart.known(minute):
            code, label = _DEVICES[device]
            yield {
                "resourceType": "Device",
                "id": chart.id(Kind.DEVICE, stay.number, index),
                "meta": meta(stay.hospital, minute),
                "status": "active",
                "type": concept(SNOMED, code, label),
                "patient": chart.subject,
            }


def _summary(chart: Chart, stay: Stay) -> Resource:
    minute = stay.discharge + 90
    return {
        "resourceType": "DocumentReference",
        "id": chart.id(Kind.DOCUMENT, stay.number),
        "meta": meta(stay.hospital, stay.discharge),
        "status": "current",
        "type": _SUMMARY,
        "subject": chart.subject,
        "date": stay.hospital.zone.utc_instant(minute),
        "content": [{"attachment": {"contentType": "text/plain", "title": "Discharge summary"}}],
        "context": {"encounter": [_encounter(stay)]},
    }
