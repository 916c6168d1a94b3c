"""Short words for people's histories, so that a test shows only what it is about."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from metriccare.marts.measures.compute import PersonResult, compute
from metriccare.marts.measures.definition import Evidence
from metriccare.marts.measures.infection_event import InfectionEvent
from metriccare.marts.stays.codesets import CodeSets, load_code_sets
from metriccare.marts.stays.facility import Facilities, OrganizationFacts
from metriccare.marts.stays.history import (
    Claim,
    ClaimDiagnosis,
    Coding,
    Codings,
    Condition,
    Encounter,
    EncounterDiagnosis,
    EncounterLocation,
    LabResult,
    Patient,
    PersonHistory,
)
from metriccare.marts.stays.partial_date import partial_date

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
NUBC = "https://www.nubc.org/CodeSystem/PatDischargeStatus"
HL7 = "http://terminology.hl7.org/CodeSystem/discharge-disposition"
PRIORITY = "http://terminology.hl7.org/CodeSystem/v3-ActPriority"
FAR = date(2026, 12, 31)
HOSPITALS = {h: OrganizationFacts(h, f"Hospital {h}") for h in ("H1", "H2", "H3")}


@cache
def codes() -> CodeSets:
    return load_code_sets()


def nubc(code: str) -> Codings:
    return (Coding(NUBC, code),)


def hl7(code: str) -> Codings:
    return (Coding(HL7, code),)


def icd(code: str) -> Codings:
    return (Coding(ICD, code),)


def encounter(
    id: str,
    start: str | None,
    end: str | None = None,
    hospital: str | None = "H1",
    *,
    why: str | None = "J44.1",
    to: Codings = nubc("01"),
    updated: str = "2024-01-01T00:00:00+00:00",
    **more: Any,
) -> Encounter:
    """An acute inpatient encounter, finished when it has an end, discharged home."""
    fields: dict[str, Any] = {
        "status": "finished" if end else "in-progress",
        "class_code": "IMP",
        "dispositions": to if end else (),
        "diagnoses": (principal(why),) if why else (),
        "last_updated": datetime.fromisoformat(updated).astimezone(UTC),
        "source_file": "Encounter.ndjson",
        "source_line": 1,
    } | more
    return Encounter(
        id=id, start=partial_date(start), end=partial_date(end), hospital_id=hospital, **fields
    )


def principal(code: str) -> EncounterDiagnosis:
    return EncounterDiagnosis(codings=icd(code), uses=("billing",), rank=1)


def diagnosis(condition_id: str, on_admission: str | None = None, rank: int = 2) -> Any:
    return EncounterDiagnosis(
        condition_id=condition_id, uses=("billing",), rank=rank, on_admission=on_admission
    )


def elective() -> Codings:
    return (Coding(PRIORITY, "EL"),)


def lay(location: str, start: str | None = None, end: str | None = None) -> EncounterLocation:
    return EncounterLocation(location, partial_date(start), partial_date(end), "completed")


def infection(
    id: str = "c1",
    onset: str | None = None,
    code: str = "T83.511A",
    encounter_id: str | None = "e1",
    verification: str | None = "confirmed",
) -> Condition:
    return Condition(id, icd(code), encounter_id, partial_date(onset), verification)


def specimen(id: str, collected: str, code: str = "54067-4", value: str = "10828004") -> LabResult:
    return LabResult(
        id,
        (Coding(LOINC, code),),
        collected=partial_date(collected),
        values=(Coding(SNOMED, value),),
    )


def claim(*diagnoses: ClaimDiagnosis, encounter_ids: tuple[str, ...] = ("e1",)) -> Claim:
    return Claim(
        "claim-1",
        encounter_ids=encounter_ids,
        has_indicator=any(d.on_admission for d in diagnoses),
        diagnoses=diagnoses,
    )


def coded(code: str, on_admission: str | None = None, **more: Any) -> ClaimDiagnosis:
    return ClaimDiagnosis(codings=icd(code), on_admission=on_admission, **more)


def person(
    *encounters: Encounter,
    as_of: date = FAR,
    born: str | None = "1960-06-15",
    died: str | None = None,
    deceased: bool | None = None,
    **more: Any,
) -> PersonHistory:
    """A person of 63 with these encounters; hospitals H1, H2, H3 in New York's zone."""
    patient = Patient("p1", partial_date(born), partial_date(died), deceased, "female")
    return PersonHistory(
        person_id="p1",
        as_of=as_of,
        facilities=more.pop("facilities", Facilities(HOSPITALS)),
        patients=more.pop("patients", (patient,)),
        encounters=encounters,
        **more,
    )


def results(*encounters: Encounter, **more: Any) -> PersonResult:
    return compute(person(*encounters, **more), codes())


def stays(*encounters: Encounter, **more: Any) -> Any:
    return results(*encounters, **more).record.stays


def judged(measure: str, *encounters: Encounter, **more: Any) -> dict[str, Evidence]:
    """The evidence of one measure by stay id."""
    found = results(*encounters, **more).evidence
    return {e.stay_id: e for id, e in found if id == measure}


def outcomes(measure: str, *encounters: Encounter, **more: Any) -> dict[str, Any]:
    """The numerator by stay id, or the reasons why the stay does not count."""
    return {
        id: list(e.exclusion_reasons) or e.numerator
        for id, e in judged(measure, *encounters, **more).items()
    }


def events(*encounters: Encounter, **more: Any) -> tuple[InfectionEvent, ...]:
    return results(*encounters, **more).record.events


def days(*encounters: Encounter, **more: Any) -> dict[tuple[str, str], int]:
    """Patient days by department and month."""
    found: dict[tuple[str, str], int] = {}
    for d in results(*encounters, **more).days:
        key = (d.department, d.month.isoformat()[:7])
        found[key] = found.get(key, 0) + d.patient_days
    return found
