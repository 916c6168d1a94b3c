"""The form of a worked example: a few stays of one person, which an analyst can judge by hand.

Each measure has its examples beside its definition; docs/measures.md shows them with what the
rules make of them. Hospitals H1 to H3 are acute and in New York's zone. Unless the example says
otherwise the person is 63, and the data is complete long after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from metriccare.marts.stays.codesets import ICD10, LOINC, SNOMED, system_names
from metriccare.marts.stays.facility import Facilities, OrganizationFacts
from metriccare.marts.stays.history import (
    Coding,
    Codings,
    Condition,
    Encounter,
    EncounterDiagnosis,
    LabResult,
    Patient,
    PersonHistory,
)
from metriccare.marts.stays.partial_date import partial_date

_LONG_AFTER = date(2025, 12, 31)
_HOSPITALS = {h: OrganizationFacts(h, f"Hospital {h}") for h in ("H1", "H2", "H3")}
_URIS = {name: uri for uri, name in system_names().items()}
_NUBC = "https://www.nubc.org/CodeSystem/PatDischargeStatus"
_PRIORITY = "http://terminology.hl7.org/CodeSystem/v3-ActPriority"


@dataclass(frozen=True)
class GivenStay:
    """One encounter as an example gives it; `to` is a NUBC code, `end` None while open.

    `why` are the diagnoses marked as principal, separated by commas; `type` is a SNOMED CT code.
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
    """One person's stays, what else is known, and the sentence that says what to see.

    `by_hand` are the numerator and denominator that an analyst finds by hand.
    """

    says: str
    stays: tuple[GivenStay, ...]
    by_hand: tuple[int, int]
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


EMERGENCY = "4525004"
_TYPE_WORDS = {EMERGENCY: "emergency department patient visit"}
# Five midnights, admitted on March 1.
ONE_WEEK = (GivenStay("A", "H1", "2024-03-01", "2024-03-06"),)
