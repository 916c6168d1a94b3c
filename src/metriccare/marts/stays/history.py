"""What is known of one person: the rows of silver that the measures are computed from.

Everything is frozen and plain, so that a rule can be tried on three lines of data.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import NamedTuple

from metriccare.marts.stays.facility import Facilities
from metriccare.marts.stays.partial_date import PartialDate


class Coding(NamedTuple):
    """One code of a code system."""

    system: str | None
    code: str | None
    display: str | None = None


Codings = tuple[Coding, ...]


@dataclass(frozen=True, slots=True)
class Patient:
    """One patient record; a person may have several."""

    id: str
    birth: PartialDate | None = None
    death: PartialDate | None = None
    deceased: bool | None = None
    sex: str | None = None


@dataclass(frozen=True, slots=True)
class EncounterDiagnosis:
    """An entry of `Encounter.diagnosis`."""

    condition_id: str | None = None
    codings: Codings = ()
    uses: tuple[str, ...] = ()
    rank: int | None = None
    on_admission: str | None = None


@dataclass(frozen=True, slots=True)
class EncounterLocation:
    """An entry of `Encounter.location`."""

    location_id: str | None
    start: PartialDate | None = None
    end: PartialDate | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Encounter:
    """One current, undeleted encounter."""

    id: str
    status: str | None = None
    class_code: str | None = None
    start: PartialDate | None = None
    end: PartialDate | None = None
    hospital_id: str | None = None
    part_of_id: str | None = None
    types: Codings = ()
    service_types: Codings = ()
    priorities: Codings = ()
    admit_sources: Codings = ()
    dispositions: Codings = ()
    diagnoses: tuple[EncounterDiagnosis, ...] = ()
    locations: tuple[EncounterLocation, ...] = ()
    last_updated: datetime | None = None
    source_file: str | None = None
    source_line: int | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A diagnosis or problem."""

    id: str
    codings: Codings = ()
    encounter_id: str | None = None
    onset: PartialDate | None = None
    verification: str | None = None


@dataclass(frozen=True, slots=True)
class Procedure:
    """Something done to the person."""

    id: str
    codings: Codings = ()
    encounter_id: str | None = None
    start: PartialDate | None = None


@dataclass(frozen=True, slots=True)
class ClaimDiagnosis:
    """A diagnosis of a claim: coded there, or pointing to a Condition."""

    sequence: int | None = None
    codings: Codings = ()
    condition_id: str | None = None
    on_admission: str | None = None
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim or an explanation of benefit."""

    id: str
    encounter_ids: tuple[str, ...] = ()
    institutional: bool = True
    hospital_id: str | None = None
    start: PartialDate | None = None
    end: PartialDate | None = None
    created: PartialDate | None = None
    # At least one of its diagnoses says whether it was present on admission.
    has_indicator: bool = False
    diagnoses: tuple[ClaimDiagnosis, ...] = ()


@dataclass(frozen=True, slots=True)
class LabResult:
    """A laboratory result of a test that the LabID events watch."""

    id: str
    codings: Codings = ()
    encounter_id: str | None = None
    collected: PartialDate | None = None
    values: Codings = ()
    value_text: str | None = None
    interpretations: Codings = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """Who pays, and when; `payer` is the payer's word where the source gives it."""

    id: str
    types: Codings = ()
    words: str | None = None
    start: PartialDate | None = None
    end: PartialDate | None = None
    rank: int | None = None
    payer: str | None = None


@dataclass(frozen=True, slots=True)
class PersonHistory:
    """All that is known of one person. `patients` begins with the surviving record."""

    person_id: str
    as_of: date
    facilities: Facilities
    patients: tuple[Patient, ...] = ()
    encounters: tuple[Encounter, ...] = ()
    conditions: tuple[Condition, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    claims: tuple[Claim, ...] = ()
    results: tuple[LabResult, ...] = ()
    coverages: tuple[Coverage, ...] = ()
    flags: tuple[str, ...] = field(default=())


def known_by_as_of(history: PersonHistory) -> PersonHistory:
    """Return the history without claims made and procedures done after as_of.

    Encounters, conditions, results and deaths after as_of are judged where they are used: what
    is left of them is counted by data quality. Source: measure specification, section 1, rule 3.
    """

    def is_known(known: PartialDate | None) -> bool:
        zone = history.facilities.zone_of(None, None)
        return known is None or known.date_in(zone) <= history.as_of

    return replace(
        history,
        claims=tuple(c for c in history.claims if is_known(c.created)),
        procedures=tuple(p for p in history.procedures if is_known(p.start)),
    )
