"""Worked examples: a few stays of one person each, which an analyst can judge by hand.

docs/measures.md shows them with what the rules make of them. Hospitals H1 to H3 are acute and in
New York's zone; unless told otherwise the person is 63, and the data complete long after.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from metriccare.measures.codesets import ICD10, LOINC, SNOMED, system_names
from metriccare.measures.facility import Facilities, OrganizationFacts
from metriccare.measures.history import (
    Coding,
    Codings,
    Condition,
    Encounter,
    EncounterDiagnosis,
    LabResult,
    Patient,
    PersonHistory,
)
from metriccare.measures.partial_date import partial_date

_LONG_AFTER = date(2025, 12, 31)
_HOSPITALS = {h: OrganizationFacts(h, f"Hospital {h}") for h in ("H1", "H2", "H3")}
_URIS = {name: uri for uri, name in system_names().items()}
_NUBC = "https://www.nubc.org/CodeSystem/PatDischargeStatus"
_PRIORITY = "http://terminology.hl7.org/CodeSystem/v3-ActPriority"


@dataclass(frozen=True)
class GivenStay:
    """One encounter as an example gives it; `to` is a NUBC code, `end` None while open.

    `why` are the diagnoses marked as principal, parted by a comma; `type` is a SNOMED CT code.
    """

    id: str
    hospital: str | None
    start: str
    end: str | None
    to: str = "01"
    why: str = "J44.1"
    elective: bool = False
    type: str | None = None

    @property
    def type_word(self) -> str:
        """Return the type in words."""
        return f"type {self.type} ({_TYPE_WORDS[self.type or '']})"


@dataclass(frozen=True)
class Example:
    """One person's stays, what else is known, and the sentence that says what to see."""

    says: str
    stays: tuple[GivenStay, ...]
    died: str | None = None
    as_of: date = _LONG_AFTER
    # Onset of a catheter infection, or collection of a positive specimen (LOINC, value).
    onset: str | None = None
    specimen: tuple[str, str, str] | None = None
    # The infection's record names no encounter, and no encounter names it.
    apart: bool = False
    born: str = "1960-06-15"

    @property
    def history(self) -> PersonHistory:
        """Return what the rules are given."""
        return PersonHistory(
            person_id="p1",
            as_of=self.as_of,
            facilities=Facilities(_HOSPITALS),
            patients=(
                Patient("p1", partial_date(self.born), partial_date(self.died), None, "female"),
            ),
            encounters=tuple(_encounter(stay) for stay in self.stays),
            conditions=self._conditions(),
            results=self._results(),
        )

    def _conditions(self) -> tuple[Condition, ...]:
        codings = _coding(ICD10, "T83.511A")
        stay = None if self.apart else self.stays[0].id
        return (Condition("c1", codings, stay, partial_date(self.onset)),) if self.onset else ()

    def _results(self) -> tuple[LabResult, ...]:
        if self.specimen is None:
            return ()
        day, test, value = self.specimen
        found = LabResult(
            "r1", _coding(LOINC, test), collected=partial_date(day), values=_coding(SNOMED, value)
        )
        return (found,)


def _coding(system: str, code: str) -> Codings:
    return (Coding(_URIS[system], code),)


def _encounter(stay: GivenStay) -> Encounter:
    principal = tuple(
        EncounterDiagnosis(codings=_coding(ICD10, code), uses=("billing",), rank=1)
        for code in stay.why.split(", ")
    )
    return Encounter(
        id=stay.id,
        status="finished" if stay.end else "in-progress",
        class_code="IMP",
        start=partial_date(stay.start),
        end=partial_date(stay.end),
        hospital_id=stay.hospital,
        priorities=(Coding(_PRIORITY, "EL"),) if stay.elective else (),
        dispositions=(Coding(_NUBC, stay.to),) if stay.end else (),
        diagnoses=principal,
        types=_coding(SNOMED, stay.type) if stay.type else (),
    )


_EMERGENCY = "4525004"
_TYPE_WORDS = {_EMERGENCY: "emergency department patient visit"}
_ONE_WEEK = (GivenStay("A", "H1", "2024-03-01", "2024-03-06"),)

EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    "readmission_30d": (
        Example(
            "A transfer on the next date makes one episode; the readmission is charged to the"
            " hospital that ended it, and is an index of its own.",
            (
                GivenStay("A", "H1", "2024-05-06", "2024-05-10"),
                GivenStay("B", "H2", "2024-05-10", "2024-05-15"),
                GivenStay("C", "H3", "2024-06-12", "2024-06-16"),
            ),
        ),
        Example(
            "The first admission is planned, so the later unplanned one does not count for the"
            " first index; the planned stay is an index itself.",
            (
                GivenStay("A", "H1", "2024-04-26", "2024-05-01"),
                GivenStay("B", "H1", "2024-05-10", "2024-05-13", why="M17.11", elective=True),
                GivenStay("C", "H1", "2024-05-20", "2024-05-25", why="A41.9"),
            ),
        ),
        Example(
            "30 days must have been seen: with data up to June 30 a discharge of May 31 counts,"
            " one of June 5 is censored.",
            (
                GivenStay("A", "H1", "2024-05-28", "2024-05-31", why="K35.80"),
                GivenStay("B", "H1", "2024-06-03", "2024-06-05", why="I50.9"),
            ),
            as_of=date(2024, 6, 30),
        ),
        Example(
            "Dates decide, not hours: from March 8 to April 7 are 30 dates, though the clocks"
            " changed between them.",
            (
                GivenStay("A", "H1", "2024-03-04", "2024-03-08T00:10:00-05:00"),
                GivenStay("B", "H1", "2024-04-07T23:50:00-04:00", "2024-04-10"),
            ),
        ),
        Example(
            "Sent with the class of inpatients, yet its type says emergency department: no stay,"
            " so no readmission either.",
            (
                GivenStay("A", "H1", "2024-03-01", "2024-03-05"),
                GivenStay("B", "H1", "2024-03-12", "2024-03-12", type=_EMERGENCY),
            ),
        ),
        Example(
            "Nobody says where the second stay was. It begins the day after the first ends, so a"
            " transfer is assumed: one episode, no readmission.",
            (
                GivenStay("A", "H1", "2024-01-01", "2024-01-03"),
                GivenStay("B", None, "2024-01-04", "2024-01-08"),
            ),
        ),
        Example(
            "Two diagnoses are marked as principal: the first of the list is taken, and it is not"
            " the psychiatric one.",
            (GivenStay("A", "H1", "2024-03-01", "2024-03-05", why="J44.1, F32.9"),),
        ),
        Example(
            "Born in 1880 according to the record: the age is unknown, so the stay is in no"
            " measure of adults.",
            (GivenStay("A", "H1", "2024-03-01", "2024-03-05"),),
            born="1880-01-01",
        ),
    ),
    "mortality_in_hospital": (
        Example(
            "A death after a transfer belongs to the hospital where the person died; the one that"
            " handed over is left out.",
            (
                GivenStay("A", "H1", "2024-03-01", "2024-03-03"),
                GivenStay("B", "H2", "2024-03-03", "2024-03-10", to="20"),
            ),
        ),
        Example(
            "Discharged to hospice (NUBC 50) and dead three days later: alive as far as the"
            " hospital goes.",
            (GivenStay("A", "H1", "2024-03-01", "2024-03-05", to="50"),),
            died="2024-03-08",
        ),
    ),
    "mortality_30d": (
        Example(
            "The 30 dates begin with the admission: March 31 is the 30th after March 1.",
            (GivenStay("A", "H1", "2024-03-01", "2024-03-05"),),
            died="2024-03-31",
        ),
        Example(
            "April 1 is the 31st.",
            (GivenStay("A", "H1", "2024-03-01", "2024-03-05"),),
            died="2024-04-01",
        ),
        Example(
            "A death after a transfer is charged once, to the hospital where the episode began.",
            (
                GivenStay("A", "H1", "2024-03-01", "2024-03-03"),
                GivenStay("B", "H2", "2024-03-03", "2024-03-10", to="20"),
            ),
            died="2024-03-10",
        ),
    ),
    "infection_hospital_acquired": (
        Example(
            "Admission is day 1, so an onset on March 3 is on day 3; five midnights are five"
            " patient days.",
            _ONE_WEEK,
            onset="2024-03-03",
        ),
        Example("An onset on March 2 is on day 2: brought along.", _ONE_WEEK, onset="2024-03-02"),
        Example(
            "The record of the infection names no encounter, and none names it: its date alone"
            " ties it to no stay.",
            _ONE_WEEK,
            onset="2024-03-03",
            apart=True,
        ),
        Example(
            "Nobody closed the first stay. The nights of the second count there only: 31 days in"
            " all, not 34.",
            (
                GivenStay("A", "H1", "2024-03-01", None),
                GivenStay("B", "H1", "2024-03-11", "2024-03-14"),
            ),
            as_of=date(2024, 3, 31),
        ),
        Example(
            "Open for more than a year: it has no patient days any more.",
            (
                GivenStay("A", "H1", "2022-03-01", None),
                GivenStay("B", "H1", "2024-03-11", "2024-03-14"),
            ),
            as_of=date(2024, 3, 31),
        ),
    ),
    "infection_stay_share": (
        Example("One stay, and it has an event.", _ONE_WEEK, onset="2024-03-03"),
    ),
    "infection_cdiff_labid": (
        Example(
            "A specimen of March 4 is of day 4: hospital onset.",
            _ONE_WEEK,
            specimen=("2024-03-04", "54067-4", "10828004"),
        ),
        Example(
            "A specimen of March 3 is of day 3: from the community.",
            _ONE_WEEK,
            specimen=("2024-03-03", "54067-4", "10828004"),
        ),
    ),
    "infection_mrsa_labid": (
        Example(
            "A blood culture of March 5 that grew MRSA.",
            _ONE_WEEK,
            specimen=("2024-03-05", "600-7", "115329001"),
        ),
    ),
    "alos": (
        Example(
            "Each hospital has its own days, in the overall figure too.",
            (
                GivenStay("A", "H1", "2024-03-01", "2024-03-03"),
                GivenStay("B", "H2", "2024-03-03", "2024-03-08"),
            ),
        ),
        Example(
            "Dates in the facility's zone: these instants are March 1 and March 5 in New York, the"
            " UTC dates would give 3 days. A stay of one date has 1 day.",
            (
                GivenStay("A", "H1", "2024-03-02T03:00:00Z", "2024-03-05T15:00:00Z"),
                GivenStay(
                    "B", "H1", "2024-03-10T08:00:00-04:00", "2024-03-10T17:00:00-04:00"
                ),
            ),
        ),
    ),
    "alos_episode": (
        Example(
            "The same two stays, merged: one discharge after 7 days.",
            (
                GivenStay("A", "H1", "2024-03-01", "2024-03-03"),
                GivenStay("B", "H2", "2024-03-03", "2024-03-08"),
            ),
        ),
    ),
}  # fmt: skip
