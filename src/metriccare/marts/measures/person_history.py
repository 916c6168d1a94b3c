"""From the row of a person to the plain records that the measures work on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from metriccare.marts.stays.facility import Facilities
from metriccare.marts.stays.history import (
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
from metriccare.marts.stays.partial_date import instant_of, partial_date

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
        r["payer"],
    )
