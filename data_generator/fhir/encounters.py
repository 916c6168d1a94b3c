"""Encounter: inpatient stays with their wards and diagnoses, and visits."""

from __future__ import annotations

from collections.abc import Iterator

from data_generator.clock import at
from data_generator.facts.dispositions import HL7_CODES
from data_generator.facts.hospitals import DispositionStyle, PresentOnAdmissionStyle, WardKind
from data_generator.fhir.chart import Chart, meta
from data_generator.fhir.codes import (
    ACT_CODE,
    CMS_POA,
    EXCHANGE,
    NUBC_DISPOSITION,
    NUBC_DISPOSITION_OLD,
    NUBC_ORIGIN,
    POA_EXTENSION,
    SNOMED,
    TERMINOLOGY,
    Resource,
    coding,
    concept,
    reference,
    term,
)
from data_generator.fhir.conditions import (
    chronic_id,
    infection_id,
    is_listed,
    principal_id,
    written,
)
from data_generator.ids import Kind
from data_generator.story import Hospital, Mention, Origin, Part, Stay, Visit, WardStay

_PERFORMER = [term("v3-ParticipationType", "ATND", "attender")]
_TYPES = {
    "EM": concept(SNOMED, "183452005", "Emergency hospital admission"),
    "UR": concept(SNOMED, "32485007", "Hospital admission"),
    "EL": concept(SNOMED, "8715000", "Hospital admission, elective"),
    "nursing": concept(SNOMED, "449411000124106", "Admission to skilled nursing facility"),
    "AMB": concept(SNOMED, "185349003", "Encounter for check up"),
    "VR": concept(SNOMED, "185317003", "Telephone encounter"),
    "EMER": concept(SNOMED, "50849002", "Emergency room admission"),
    "OBSENC": concept(SNOMED, "448951000124107", "Admission to observation unit"),
}
# Visits that some feeds send with an inpatient class: only the type distinguishes them.
_BY_TYPE = {
    "EMER": concept(SNOMED, "4525004", "Emergency department patient visit"),
    "OBSENC": _TYPES["OBSENC"],
}
_PRIORITIES = {code: term("v3-ActPriority", code) for code in ("EM", "UR", "EL")}
_CLASSES = {
    code: coding(ACT_CODE, code)
    for code in ("IMP", "ACUTE", "NONAC", "AMB", "VR", "EMER", "OBSENC")
}
_BILLING = term("diagnosis-role", "billing", "Billing")
_COMORBID = term("diagnosis-role", "CM", "Comorbidity diagnosis")


def stay_encounters(chart: Chart) -> Iterator[Resource]:
    """Yield every inpatient encounter, including intensive care as a child encounter."""
    for stay in chart.stays():
        for part in chart.parts(stay):
            yield _stay_encounter(chart, stay, part)
            if part.twin_id is not None and chart.known(part.twin_start):
                yield _twin_encounter(chart, stay, part, part.twin_id)
            if part.child_id is not None:
                yield _ward_encounter(chart, stay, part, part.child_id)


def _stay_encounter(chart: Chart, stay: Stay, part: Part) -> Resource:
    over = chart.over(part)
    hospital = stay.hospital
    resource = _encounter(part.encounter_id, stay.encounter_class, over)
    resource["meta"] = meta(hospital, _last_change(chart, stay, part))
    in_error = chart.in_error_since(stay)
    if in_error is not None:
        resource["status"] = "entered-in-error"
        resource["meta"] = meta(hospital, at(in_error, 11))
    resource["type"] = [_TYPES[stay.priority if stay.acute else "nursing"]]
    resource["priority"] = _PRIORITIES[stay.priority]
    resource["subject"] = chart.subject
    resource["participant"] = [_attending(stay.attending)]
    resource["period"] = _period(hospital, part.start, part.end if over else None)
    resource["diagnosis"] = _diagnoses(chart, stay)
    resource["hospitalization"] = _hospitalization(chart, stay, part)
    if stay.hospital_known:
        ward_stays = [ward_stay for ward_stay in part.ward_stays if chart.known(ward_stay.start)]
        resource["location"] = [
            _location(chart, hospital, s, over or s.end < part.end) for s in ward_stays
        ]
        resource["serviceProvider"] = reference("Organization", hospital.organization_id)
    return resource


def _last_change(chart: Chart, stay: Stay, part: Part) -> int:
    """Return the local minute of the latest change to the encounter."""
    if part.first_disposition is not None and part.corrected_day <= chart.as_of:
        return at(part.corrected_day, 15)
    if chart.over(part):
        return part.end + 60
    moves = [ward_stay.start for ward_stay in part.ward_stays if chart.known(ward_stay.start)]
    findings = [i.recorded_minute for i in stay.infections if chart.known(i.recorded_minute)]
    return max([*moves, *findings])


def _encounter(id_: str, class_: str, over: bool) -> Resource:
    return {
        "resourceType": "Encounter",
        "id": id_,
        "status": "finished" if over else "in-progress",
        "class": _CLASSES[class_],
    }


def _attending(practitioner: str) -> Resource:
    return {"type": _PERFORMER, "individual": reference("Practitioner", practitioner)}


def _period(hospital: Hospital, start: int, end: int | None) -> Resource:
    if end is None:
        return {"start": hospital.time(start)}
    return {"start": hospital.time(start), "end": hospital.time(end)}


def _location(chart: Chart, hospital: Hospital, ward_stay: WardStay, left: bool = True) -> Resource:
    over = chart.known(ward_stay.end) and left
    return {
        "location": reference("Location", hospital.wards[ward_stay.ward]),
        "status": "completed" if over else "active",
        "period": _period(hospital, ward_stay.start, ward_stay.end if over else None),
    }


def _diagnoses(chart: Chart, stay: Stay) -> list[Resource]:
    principal = reference("Condition", principal_id(chart, stay.number))
    entries: list[Resource] = [{"condition": principal, "use": _BILLING, "rank": 1}]
    style = stay.hospital.facts.feed.present_on_admission
    explicit = style is PresentOnAdmissionStyle.ENCOUNTER and stay.acute
    if explicit:
        entries[0]["extension"] = [_present_on_admission("Y")]
    for index in range(len(chart.person.chronic)):
        comorbid = {"condition": reference("Condition", chronic_id(chart, index))}
        ranked = stay.hospital.facts.feed.ranks_comorbidities
        entries.append(comorbid | ({"use": _BILLING, "rank": 1} if ranked else {"use": _COMORBID}))
    for index, infection in enumerate(stay.infections):
        if written(chart, infection) and is_listed(stay, infection):
            entry = {
                "condition": reference("Condition", infection_id(chart, stay, index)),
                "use": _BILLING,
                "rank": len(entries) + 1,
            }
            letter = _LETTERS.get(infection.origin)
            if explicit and letter and infection.mention is Mention.EVENT:
                entry["extension"] = [_present_on_admission(letter)]
            entries.append(entry)
    return entries


_LETTERS = {Origin.HOSPITAL: "N", Origin.PRESENT: "Y"}


def _present_on_admission(letter: str) -> Resource:
    return {"url": POA_EXTENSION, "valueCodeableConcept": concept(CMS_POA, letter)}


def _hospitalization(chart: Chart, stay: Stay, part: Part) -> Resource:
    resource: Resource = {"admitSource": _admit_source(stay)}
    code = part.disposition_on(chart.as_of)
    if chart.over(part) and code is not None:
        resource["dischargeDisposition"] = _disposition(code, stay.hospital.facts.feed.disposition)
    return resource


def _admit_source(stay: Stay) -> Resource:
    if stay.from_hospice:
        return concept(NUBC_ORIGIN, "F", "Transfer from hospice")
    if stay.transferred_in or not stay.acute:
        return term("admit-source", "hosp-trans", "Transferred from other hospital")
    if stay.priority == "EM":
        return term("admit-source", "emd", "From accident/emergency department")
    return term("admit-source", "gp", "General Practitioner referral")


def _disposition(code: str, style: DispositionStyle) -> Resource:
    if style is DispositionStyle.HL7:
        return concept(f"{TERMINOLOGY}/discharge-disposition", HL7_CODES[code])
    if style is DispositionStyle.NUBC_UNPADDED:
        return concept(NUBC_DISPOSITION_OLD, code.lstrip("0"))
    return concept(NUBC_DISPOSITION, code)


def _twin_encounter(chart: Chart, stay: Stay, part: Part, twin_id: str) -> Resource:
    """Return the exchange's copy of an encounter: other id, other minutes, less detail."""
    over, hospital = chart.known(part.end), stay.hospital
    resource = _encounter(twin_id, stay.encounter_class, over)
    resource["meta"] = meta(hospital, part.end + 20 if over else part.twin_start + 5, EXCHANGE)
    in_error = chart.in_error_since(stay)
    if in_error is not None:
        resource["status"] = "entered-in-error"
        resource["meta"] = meta(hospital, at(in_error, 11, 5), EXCHANGE)
    resource["priority"] = _PRIORITIES[stay.priority]
    resource["subject"] = chart.subject
    resource["period"] = _period(hospital, part.twin_start, part.end - 7 if over else None)
    principal = reference("Condition", principal_id(chart, stay.number))
    resource["diagnosis"] = [{"condition": principal, "use": _BILLING, "rank": 1}]
    resource["serviceProvider"] = reference("Organization", hospital.organization_id)
    return resource


def _ward_encounter(chart: Chart, stay: Stay, part: Part, child_id: str) -> Resource:
    ward_stay = next(s for s in part.ward_stays if s.ward is WardKind.INTENSIVE_CARE)
    over = chart.known(ward_stay.end)
    resource = _encounter(child_id, stay.encounter_class, over)
    resource["meta"] = meta(stay.hospital, ward_stay.end + 5 if over else ward_stay.start + 5)
    in_error = chart.in_error_since(stay)
    if in_error is not None:
        resource["status"] = "entered-in-error"
        resource["meta"] = meta(stay.hospital, at(in_error, 11, 10))
    resource["subject"] = chart.subject
    resource["period"] = _period(stay.hospital, ward_stay.start, ward_stay.end if over else None)
    resource["location"] = [_location(chart, stay.hospital, ward_stay)]
    resource["serviceProvider"] = reference("Organization", stay.hospital.organization_id)
    resource["partOf"] = reference("Encounter", part.encounter_id)
    return resource


def visit_encounters(chart: Chart) -> Iterator[Resource]:
    """Yield office, emergency, observation and virtual encounters."""
    for visit in chart.visits():
        yield _visit_encounter(chart, visit)


def _visit_encounter(chart: Chart, visit: Visit) -> Resource:
    feed, known_by_type = visit.hospital.facts.feed, visit.encounter_class in _BY_TYPE
    class_ = feed.visit_class if feed.visit_class and known_by_type else visit.encounter_class
    resource = _encounter(visit.encounter_id, class_, over=True)
    resource["meta"] = meta(visit.hospital, visit.end + 30)
    resource["type"] = [
        (_TYPES if class_ == visit.encounter_class else _BY_TYPE)[visit.encounter_class]
    ]
    resource["subject"] = chart.subject
    resource["participant"] = [_attending(visit.attending)]
    resource["period"] = _period(visit.hospital, visit.start, visit.end)
    if visit.diagnosis is not None:
        condition = reference("Condition", chart.id(Kind.DIAGNOSIS, visit.number))
        resource["diagnosis"] = [{"condition": condition, "use": _BILLING, "rank": 1}]
    if visit.encounter_class == "EMER":
        department = reference("Location", visit.hospital.wards[WardKind.EMERGENCY])
        resource["location"] = [{"location": department, "status": "completed"}]
    resource["serviceProvider"] = reference("Organization", visit.hospital.organization_id)
    return resource
