"""Between the rows of a person and the plain records the measures work on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from metriccare.measures.compute import PersonResult
from metriccare.measures.definition import Evidence
from metriccare.measures.episode import Episode
from metriccare.measures.facility import Facilities
from metriccare.measures.history import (
    Claim,
    ClaimDiagnosis,
    Coding,
    Codings,
    Condition,
    Coverage,
    Encounter,
    EncounterDiagnosis,
    EncounterLocation,
    LabResult,
    Patient,
    PersonHistory,
    Procedure,
)
from metriccare.measures.infection_event import InfectionEvent
from metriccare.measures.partial_date import instant_of, partial_date
from metriccare.measures.patient_days import StayDays
from metriccare.measures.person import band
from metriccare.measures.stay import Stay

Row = Mapping[str, Any]


def _given(rows: Iterable[Row | None] | None) -> Iterator[Row]:
    """Yield the entries of an array: an absent one has none, and a null entry says nothing."""
    return (row for row in rows or () if row is not None)


def _resources(rows: Iterable[Row | None] | None) -> Iterator[Row]:
    """Yield resources; one without an id can be neither referred to nor counted once."""
    return (row for row in _given(rows) if row["id"])


def _codings(rows: Iterable[Row | None] | None) -> Codings:
    return tuple(Coding(r["system"], r["code"], r["display"]) for r in _given(rows))


def history_of(row: Row, as_of: Any, facilities: Facilities) -> PersonHistory:
    """Return a person's history from one row of nested arrays."""
    person_id = row["person_id"]
    patients = [_patient(r) for r in _resources(row["patients"])]
    return PersonHistory(
        person_id=person_id,
        as_of=as_of,
        facilities=facilities,
        # The surviving record first: it decides sex and dates of birth and death.
        patients=tuple(sorted(patients, key=lambda p: (p.id != person_id, p.id))),
        encounters=tuple(_encounter(r) for r in _resources(row["encounters"])),
        conditions=tuple(_condition(r) for r in _resources(row["conditions"])),
        procedures=tuple(_procedure(r) for r in _resources(row["procedures"])),
        claims=tuple(_claim(r, facilities) for r in _claims(row).values()),
        results=tuple(_result(r) for r in _resources(row["results"])),
        coverages=tuple(_coverage(r) for r in _resources(row["coverages"])),
    )


def _claims(row: Row) -> dict[str, Row]:
    """Return a person's claims by id: one that names two stays is among them twice."""
    return {claim["id"]: claim for claim in _resources(row["claims"])}


def _patient(r: Row) -> Patient:
    return Patient(
        r["id"],
        partial_date(r["birth_date"]),
        partial_date(r["deceased_date"]),
        r["deceased"],
        r["sex"],
    )


def _encounter(r: Row) -> Encounter:
    return Encounter(
        id=r["id"],
        status=r["status"],
        class_code=r["class_code"],
        start=partial_date(r["period_start"]),
        end=partial_date(r["period_end"]),
        hospital_id=r["service_provider_id"],
        part_of_id=r["part_of_id"],
        types=_codings(r["type_codings"]),
        service_types=_codings(r["service_type_codings"]),
        priorities=_codings(r["priority_codings"]),
        admit_sources=_codings(r["admit_source_codings"]),
        dispositions=_codings(r["discharge_disposition_codings"]),
        diagnoses=tuple(_diagnosis(d) for d in _given(r["diagnoses"])),
        locations=tuple(_location(p) for p in _given(r["locations"])),
        last_updated=_instant(r["last_updated"]),
        source_file=r["source_file"],
        source_line=r["source_line"],
    )


def _instant(micros: int | None) -> datetime | None:
    """Return a timestamp that travelled as microseconds, the cheaper form."""
    return None if micros is None else instant_of(micros)


def _diagnosis(d: Row) -> EncounterDiagnosis:
    uses = tuple(use for use in d["use_codes"] or () if use)
    return EncounterDiagnosis(
        d["condition_id"], _codings(d["codings"]), uses, d["rank"], d["on_admission"]
    )


def _location(p: Row) -> EncounterLocation:
    return EncounterLocation(
        p["location_id"], partial_date(p["start"]), partial_date(p["end"]), p["status"]
    )


def _condition(r: Row) -> Condition:
    return Condition(
        r["id"],
        _codings(r["code_codings"]),
        r["encounter_id"],
        partial_date(r["onset"]),
        r["verification_status"],
    )


def _procedure(r: Row) -> Procedure:
    start = partial_date(r["performed_start"])
    return Procedure(r["id"], _codings(r["code_codings"]), r["encounter_id"], start)


def _claim(r: Row, facilities: Facilities) -> Claim:
    diagnoses = tuple(
        ClaimDiagnosis(
            d["sequence"],
            _codings(d["codings"]),
            d["condition_id"],
            d["on_admission"],
            tuple(t for t in d["type_codes"] or () if t),
        )
        for d in _given(r["diagnoses"])
    )
    return Claim(
        id=r["id"],
        encounter_ids=tuple(e for e in r["encounter_ids"] or () if e),
        institutional=r["type_code"] == "institutional",
        hospital_id=facilities.hospital_id(r["provider_id"], None),
        start=partial_date(r["billable_start"]),
        end=partial_date(r["billable_end"]),
        created=partial_date(r["created"]),
        has_indicator=bool(r["has_indicator"]),
        diagnoses=diagnoses,
    )


def _result(r: Row) -> LabResult:
    return LabResult(
        r["id"],
        _codings(r["code_codings"]),
        r["encounter_id"],
        partial_date(r["collected"]),
        _codings(r["value_codings"]),
        r["value_text"],
        _codings(r["interpretation_codings"]),
    )


def _coverage(r: Row) -> Coverage:
    return Coverage(
        r["id"],
        _codings(r["type_codings"]),
        r["words"],
        partial_date(r["period_start"]),
        partial_date(r["period_end"]),
        int(r["rank"]) if r["rank"] else None,
    )


def rows_of(result: PersonResult) -> dict[str, list[dict[str, Any]]]:
    """Return what gold holds of a person, by table, without the columns a run stamps."""
    record = result.record
    episode_ids = {s.stay_id: e.id for e in record.episodes for s in e.stays}
    strata = {s.stay_id: _strata(s) for s in record.stays}
    common = {"person_id": record.person_id, "as_of": record.as_of}
    return {
        "stay": [_stay_row(s, episode_ids[s.stay_id]) for s in record.stays],
        "episode": [{**_episode_row(e), **common} for e in record.episodes],
        "measure_stay": [
            {**_evidence_row(m, e), **strata[e.stay_id], **common} for m, e in result.evidence
        ],
        "infection_event": [
            {**_event_row(e, result), **strata[e.stay.stay_id], **common} for e in record.events
        ],
        "stay_day": [{**strata[d.stay_id], **_days_row(d), **common} for d in result.days],
    }


def _strata(stay: Stay) -> dict[str, Any]:
    """Return what a stay counts under."""
    return {
        "department": stay.department,
        "age_band": band(stay.ages),
        "sex": stay.sex,
        "payer": stay.payer,
    }


def _stay_row(stay: Stay, episode_id: str | None) -> dict[str, Any]:
    principal = stay.principal.coding if stay.principal else None
    return {
        "stay_id": stay.stay_id,
        "episode_id": episode_id,
        "person_id": stay.person_id,
        "hospital_id": stay.hospital_id,
        "hospital_name": stay.hospital_name,
        "encounter_ids": list(stay.encounter_ids),
        "class": stay.class_code,
        "admit_at": stay.admit_at,
        "discharge_at": stay.discharge_at,
        "admit_date": stay.admit_date,
        "discharge_date": stay.discharge_date,
        "los_midnights": stay.los_midnights,
        "los_days": stay.los_days,
        "age_at_admission": stay.age,
        **_strata(stay),
        "principal_diagnosis_system": principal.system if principal else None,
        "principal_diagnosis_code": principal.code if principal else None,
        "principal_diagnosis_display": principal.display if principal else None,
        "disposition": stay.disposition,
        "died_in_hospital": stay.died_in_hospital,
        "planned": stay.planned,
        "planned_method": stay.planned_method,
        "is_open": stay.is_open,
        "dq_flags": sorted(stay.dq_flags),
        "source_file": stay.source_file,
        "source_line": stay.source_line,
        "facility_type": stay.facility_type,
        "time_zone": stay.zone.key,
    }


def _episode_row(episode: Episode) -> dict[str, Any]:
    hospitals = [stay.hospital_id for stay in episode.stays if stay.hospital_id]
    return {
        "episode_id": episode.id,
        "stay_ids": [stay.stay_id for stay in episode.stays],
        "first_stay_id": episode.first.stay_id,
        "last_stay_id": episode.last.stay_id,
        "hospital_ids": hospitals,
        "admit_date": episode.admit_date,
        "discharge_date": episode.discharge_date,
        "los_midnights": episode.los_midnights,
        "los_days": episode.los_days,
    }


def _evidence_row(measure_id: str, evidence: Evidence) -> dict[str, Any]:
    return {
        "measure_id": measure_id,
        "stay_id": evidence.stay_id,
        "hospital_id": evidence.hospital_id,
        "period_date": evidence.period_date,
        "in_denominator": evidence.in_denominator,
        "numerator": evidence.numerator,
        "exclusion_reasons": list(evidence.exclusion_reasons),
        "outcome_stay_id": evidence.outcome_stay_id,
        "outcome_date": evidence.outcome_date,
        "method": evidence.method,
    }


def _event_row(event: InfectionEvent, result: PersonResult) -> dict[str, Any]:
    return {
        "event_id": event.event_id,
        "stay_id": event.stay.stay_id,
        "hospital_id": event.stay.hospital_id,
        "infection_type": event.infection_type,
        "code_system": event.coding.system,
        "code": event.coding.code,
        "display": event.coding.display,
        "event_date": event.event_date,
        "hospital_day": event.hospital_day,
        "origin": event.origin,
        "method": event.method,
        "condition_ids": list(event.condition_ids),
        "measure_ids": sorted(result.counted_by(event)),
        "period_date": event.period_date,
        "discharge_date": event.stay.discharge_date,
    }


def _days_row(days: StayDays) -> dict[str, Any]:
    return {
        "stay_id": days.stay_id,
        "hospital_id": days.hospital_id,
        "department": days.department,
        "month": days.month,
        "patient_days": days.patient_days,
    }
