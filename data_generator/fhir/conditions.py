"""Condition: principal diagnoses, the problem list, infections."""

from __future__ import annotations

from collections.abc import Iterator

from data_generator.clock import at, day_of, day_text, day_to_date
from data_generator.facts.diagnoses import Diagnosis, Group
from data_generator.fhir.chart import Chart, meta
from data_generator.fhir.codes import Resource, clinical, reference, term
from data_generator.ids import Kind
from data_generator.story import Infection, Mention, Precision, Stay, Visit

_ENCOUNTER_DIAGNOSIS = [term("condition-category", "encounter-diagnosis")]
_PROBLEM = [term("condition-category", "problem-list-item")]
_ACTIVE = term("condition-clinical", "active")
_RESOLVED = term("condition-clinical", "resolved")
# The other groups are still active when the person leaves.
_CURED_BY_DISCHARGE = (Group.ACUTE, Group.OTHER, Group.DELIVERY)
_CONFIRMED = term("condition-ver-status", "confirmed")
_REFUTED = term("condition-ver-status", "refuted")


def principal_id(chart: Chart, number: int) -> str:
    """Return the id of the Condition that led to a stay or visit."""
    return chart.id(Kind.DIAGNOSIS, number)


def chronic_id(chart: Chart, index: int) -> str:
    """Return the id of an item of the problem list."""
    return chart.id(Kind.CHRONIC, index)


def infection_id(chart: Chart, stay: Stay, index: int) -> str:
    """Return the id of a mention of an infection in a stay."""
    return chart.id(Kind.INFECTION, stay.number, index)


def written(chart: Chart, infection: Infection) -> bool:
    """Return True if the mention is on record by now."""
    return chart.known(infection.recorded_minute)


_LISTED = (Mention.EVENT, Mention.REPEAT)


def is_listed(stay: Stay, infection: Infection) -> bool:
    """Return True if ``Encounter.diagnosis`` names the mention."""
    return infection.mention in _LISTED and infection.onset_day <= stay.discharge_day


def conditions(chart: Chart, registered_day: int) -> Iterator[Resource]:
    """Yield every Condition known by now."""
    yield from _problem_list(chart, registered_day)
    for stay in chart.stays():
        yield _principal(chart, stay)
        for index, infection in enumerate(stay.infections):
            if written(chart, infection) and infection.mention is not Mention.CLAIM:
                yield _infection(chart, stay, index, infection)
    for visit in chart.visits():
        if visit.diagnosis is not None:
            yield _complaint(chart, visit, visit.diagnosis)


def _problem_list(chart: Chart, registered_day: int) -> Iterator[Resource]:
    person = chart.person
    for index, condition in enumerate(person.chronic):
        since = registered_day - 365 * (index + 1) - person.number % 365
        yield {
            "resourceType": "Condition",
            "id": chronic_id(chart, index),
            "meta": meta(person.home, at(registered_day, 6, 10)),
            "clinicalStatus": _ACTIVE,
            "verificationStatus": _CONFIRMED,
            "category": _PROBLEM,
            "code": clinical(condition.icd10, condition.snomed, condition.label),
            "subject": chart.subject,
            "onsetDateTime": day_text(max(since, person.birth_day)),
            "recordedDate": day_text(max(since, person.birth_day)),
        }


def _principal(chart: Chart, stay: Stay) -> Resource:
    hospital, first = stay.hospital, stay.parts[0]
    over = chart.over(stay.parts[-1]) and not stay.died
    cured = over and stay.diagnosis.group in _CURED_BY_DISCHARGE
    resource: Resource = {
        "resourceType": "Condition",
        "id": principal_id(chart, stay.number),
        "meta": meta(hospital, stay.discharge if cured else stay.admit),
        "clinicalStatus": _RESOLVED if cured else _ACTIVE,
        "verificationStatus": _CONFIRMED,
        "category": _ENCOUNTER_DIAGNOSIS,
        "code": clinical(stay.diagnosis.icd10, stay.diagnosis.snomed, stay.diagnosis.label),
        "subject": chart.subject,
        "encounter": reference("Encounter", first.encounter_id),
        "onsetDateTime": day_text(stay.admit_day),
        "recordedDate": hospital.time(stay.admit),
    }
    if cured:
        resource["abatementDateTime"] = day_text(stay.discharge_day)
    return resource


def _infection(chart: Chart, stay: Stay, index: int, infection: Infection) -> Resource:
    hospital, kind = stay.hospital, infection.kind
    outside_encounter = infection.mention in (Mention.PROBLEM_LIST, Mention.ELSEWHERE)
    resource: Resource = {
        "resourceType": "Condition",
        "id": infection_id(chart, stay, index),
        "meta": meta(hospital, _infection_changed(chart, infection)),
        "clinicalStatus": _ACTIVE,
        "verificationStatus": _REFUTED if infection.refuted(chart.as_of) else _CONFIRMED,
        "category": _PROBLEM if outside_encounter else _ENCOUNTER_DIAGNOSIS,
        "code": clinical(infection.code, kind.snomed, kind.label),
        "subject": chart.subject,
    }
    named = hospital.facts.feed.conditions_name_encounters or not is_listed(stay, infection)
    if named and not outside_encounter:
        resource["encounter"] = reference("Encounter", stay.parts[0].encounter_id)
    onset = _onset_text(stay, infection)
    if onset is not None:
        resource["onsetDateTime"] = onset
    resource["recordedDate"] = hospital.time(infection.recorded_minute)
    return resource


def _infection_changed(chart: Chart, infection: Infection) -> int:
    ruled_out = infection.refuted_minute
    if ruled_out is not None and chart.known(ruled_out):
        return ruled_out
    return infection.recorded_minute


def _onset_text(stay: Stay, infection: Infection) -> str | None:
    match infection.onset_precision:
        case Precision.INSTANT:
            return stay.hospital.time(infection.onset_minute)
        case Precision.DAY:
            return day_text(infection.onset_day)
        case Precision.MONTH:
            return day_to_date(infection.onset_day).strftime("%Y-%m")
        case _:
            return None


def _complaint(chart: Chart, visit: Visit, diagnosis: Diagnosis) -> Resource:
    return {
        "resourceType": "Condition",
        "id": principal_id(chart, visit.number),
        "meta": meta(visit.hospital, visit.end + 30),
        "clinicalStatus": _RESOLVED,
        "verificationStatus": _CONFIRMED,
        "category": _ENCOUNTER_DIAGNOSIS,
        "code": clinical(diagnosis.icd10, diagnosis.snomed, diagnosis.label),
        "subject": chart.subject,
        "encounter": reference("Encounter", visit.encounter_id),
        "onsetDateTime": day_text(day_of(visit.start)),
        "abatementDateTime": day_text(day_of(visit.end)),
        "recordedDate": visit.hospital.time(visit.end),
    }
