"""Stays: one continuous inpatient presence at one hospital, with all that measures ask of it.

Source: measure specification, section 2. Measures read stays, never encounters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from metriccare.marts.stays import disposition as words
from metriccare.marts.stays import person, planned
from metriccare.marts.stays.arrival import arrival_date
from metriccare.marts.stays.codesets import CodeSets
from metriccare.marts.stays.death import Death, death_of
from metriccare.marts.stays.diagnosis import Claims, Diagnosis, principal_of, sorted_claims
from metriccare.marts.stays.encounter_merging import (
    AFTER_AS_OF,
    MergedEncounters,
    class_group,
    fold,
    is_open_too_long,
    join_feeds,
    join_same_day,
)
from metriccare.marts.stays.facility import ACUTE
from metriccare.marts.stays.history import Claim, Codings, Condition, Encounter, PersonHistory
from metriccare.marts.stays.planned import Admission, PlannedTables
from metriccare.marts.stays.ward_stays import WardStay, department_of, ward_stays_of

NON_ACUTE = "non_acute"
HOSPICE_SOURCE = "hospice"
DERIVED = "derived"
MISSING_DISPOSITION = "missing_disposition"
UNMAPPED_DISPOSITION = "unmapped_disposition"
HOSPICE_DEATH = "hospice_death"
DEATH_BEFORE_ADMISSION = "death_before_admission"
GUESSED_PRINCIPAL = "guessed_principal_diagnosis"
AMBIGUOUS_PRINCIPAL = "principal_ambiguous"
NO_PRINCIPAL = "no_principal_diagnosis"
UNKNOWN_HOSPITAL = "unknown_hospital"
UNKNOWN_AGE = "unknown_age"
IMPLAUSIBLE_AGE = "age_implausible"
OPEN_TOO_LONG = "open_stay_too_long"


@dataclass(frozen=True)
class Stay:
    """One stay. Dates are calendar dates in the facility's zone; `ages` are least and greatest."""

    stay_id: str
    person_id: str
    hospital_id: str | None
    hospital_name: str | None
    department: str | None
    encounter_ids: tuple[str, ...]
    class_code: str | None
    admit_at: datetime | None
    discharge_at: datetime | None
    admit_date: date | None
    discharge_date: date | None
    arrival_date: date | None
    ages: tuple[int, int] | None
    sex: str
    payer: str
    principal: Diagnosis | None
    exclusion_group: str | None
    has_major_procedure: bool
    disposition: str
    died_in_hospital: bool
    from_hospice: bool
    planned: bool
    planned_method: str
    is_open: bool
    is_valid: bool
    facility_type: str
    zone: ZoneInfo
    ward_stays: tuple[WardStay, ...]
    claims: tuple[Claim, ...]
    # Conditions its encounters name, and what the encounter says of their presence on admission.
    diagnosis_ids: frozenset[str]
    indicators: tuple[tuple[str, str], ...]
    dq_flags: frozenset[str]
    source_file: str | None
    source_line: int | None

    @property
    def is_acute(self) -> bool:
        """Return True if class and facility are acute."""
        return self.facility_type == ACUTE

    @property
    def is_counted(self) -> bool:
        """Return True if the stay had begun by as_of: others change no measure."""
        return AFTER_AS_OF not in self.dq_flags

    @property
    def is_usable(self) -> bool:
        """Return True if the stay can take part in chains: begun, with dates in order."""
        return self.is_valid and self.is_counted and self.admit_date is not None

    @property
    def is_open_too_long(self) -> bool:
        """Return True if nobody closed the stay for so long that it cannot be believed."""
        return OPEN_TOO_LONG in self.dq_flags

    @property
    def los_midnights(self) -> int | None:
        """Return discharge date - admit date; None while open or with impossible dates."""
        if self.is_open or not self.is_valid or not self.admit_date or not self.discharge_date:
            return None
        return (self.discharge_date - self.admit_date).days

    @property
    def los_days(self) -> int | None:
        """Return the midnights, at least 1."""
        return None if self.los_midnights is None else max(1, self.los_midnights)

    @property
    def age(self) -> int | None:
        """Return the age in whole years where it is certain."""
        return self.ages[0] if self.ages and self.ages[0] == self.ages[1] else None

    @cached_property
    def order(self) -> tuple[object, ...]:
        """Return what sorts usable stays in time."""
        last = self.discharge_date or date.max
        return (self.admit_date, self.admit_at, last, self.stay_id)


@dataclass(frozen=True)
class PatientChart:
    """One person's history with the code sets it is read by."""

    history: PersonHistory
    codes: CodeSets
    tables: PlannedTables | None = None

    @cached_property
    def conditions(self) -> dict[str, Condition]:
        """Return the conditions by id."""
        return {c.id: c for c in self.history.conditions}

    @cached_property
    def death(self) -> Death:
        """Return what is known of the person's death."""
        return death_of(self.history)

    @cached_property
    def _claims(self) -> Claims:
        return sorted_claims(self.history.claims)

    def claims(self, merged: MergedEncounters) -> tuple[Claim, ...]:
        """Return the claims of a presence."""
        return self._claims.of(merged)

    def principal(self, merged: MergedEncounters) -> Diagnosis | None:
        """Return the principal diagnosis of a presence."""
        return principal_of(merged, self.conditions, self.claims(merged))


def stays_of(chart: PatientChart) -> tuple[Stay, ...]:
    """Return the person's stays, in time; those begun after as_of last."""
    folded = fold(chart.history, chart.codes)
    later = [p for p in folded if AFTER_AS_OF in p.flags]
    begun = [p for p in folded if AFTER_AS_OF not in p.flags]
    joined = join_same_day(join_feeds(begun), lambda a, b: _is_same_reason(chart, a, b))
    return tuple(_stay(chart, merged) for merged in (*joined, *later))


def _is_same_reason(chart: PatientChart, before: MergedEncounters, after: MergedEncounters) -> bool:
    one, other = chart.principal(before), chart.principal(after)
    if one is None or other is None or not one.is_same(other):
        return False
    return _facility_type(chart, before) == _facility_type(chart, after)


def _stay(chart: PatientChart, merged: MergedEncounters) -> Stay:
    history, codes = chart.history, chart.codes
    ids = tuple(sorted({e.id for e in merged.by_priority}))
    named = min(merged.by_priority, key=lambda e: e.id)
    principal = chart.principal(merged)
    admission = _admission(chart, merged, principal)
    is_planned, method = planned.judge(admission, codes, chart.tables)
    coded = _first_coded(merged.closers)
    word = words.disposition_word(coded, codes)
    derived = word == words.UNKNOWN and _died_inside(chart.death, merged)
    recorded = _ages(history, merged)
    ages = recorded if recorded is None or person.is_plausible(recorded) else None
    named_diagnoses = [d for e in merged.by_priority for d in e.diagnoses]
    died = word == words.DIED or derived
    flags = merged.flags | _flags(chart, merged, principal, coded, word, derived)
    flags |= _age_flags(recorded, ages)
    return Stay(
        stay_id=ids[0],
        person_id=history.person_id,
        hospital_id=merged.hospital_id,
        hospital_name=history.facilities.name(merged.hospital_id),
        department=department_of(merged),
        encounter_ids=ids,
        class_code=next((e.class_code for e in merged.by_priority), None),
        admit_at=merged.start.instant_in(merged.zone) if merged.start else None,
        discharge_at=merged.end.instant_in(merged.zone) if merged.end else None,
        admit_date=merged.admit_date,
        discharge_date=merged.discharge_date,
        arrival_date=arrival_date(merged, history, codes),
        ages=ages,
        sex=person.sex_of(history),
        payer=_payer(chart, merged),
        principal=principal,
        exclusion_group=_exclusion_group(principal, codes),
        has_major_procedure=any(
            codes["procedures"].value(p) is not None for p in admission.procedures
        ),
        disposition=word,
        died_in_hospital=died and merged.finished,
        from_hospice=_is_from_hospice(merged, codes),
        planned=is_planned,
        planned_method=method,
        is_open=not merged.finished,
        is_valid=merged.is_valid,
        facility_type=_facility_type(chart, merged),
        zone=merged.zone,
        ward_stays=ward_stays_of(merged),
        claims=chart.claims(merged),
        diagnosis_ids=frozenset(d.condition_id for d in named_diagnoses if d.condition_id),
        indicators=tuple(
            (d.condition_id, d.on_admission)
            for d in named_diagnoses
            if d.condition_id and d.on_admission
        ),
        dq_flags=flags,
        source_file=named.source_file,
        source_line=named.source_line,
    )


def _facility_type(chart: PatientChart, merged: MergedEncounters) -> str:
    """Return acute, or what rules the stay out: encounter type, class, organisation, location."""
    types = chart.codes["facility_types"]
    for root in merged.roots:
        kind = types.value((*root.types, *root.service_types))
        if kind not in (None, ACUTE, "department"):
            return str(kind)
    facility = chart.history.facilities.kind(merged.hospital_id, merged.location_id)
    if facility != ACUTE:
        return facility
    group = class_group(merged.by_priority[0], chart.codes)
    return ACUTE if group == "acute" else NON_ACUTE


def _admission(
    chart: PatientChart, merged: MergedEncounters, principal: Diagnosis | None
) -> Admission:
    ids = {e.id for e in merged.by_priority}
    done = (p.codings for p in chart.history.procedures if p.encounter_id in ids)
    # Feeds put the admission type into `priority` or among the types.
    priorities = tuple(c for e in merged.by_priority for c in (*e.priorities, *e.types))
    return Admission(principal, priorities, tuple(done))


def _first_coded(encounters: Iterable[Encounter]) -> Codings:
    return next((e.dispositions for e in encounters if e.dispositions), ())


def _died_inside(death: Death, merged: MergedEncounters) -> bool:
    """Return True if the death certainly lies inside the stay: by instants, else by dates."""
    if death.recorded is None or not merged.is_valid or merged.end is None:
        return False
    start, end, died = merged.start, merged.end, death.recorded
    if start and start.instant and end.instant and died.instant:
        return start.instant <= died.instant <= end.instant
    first, last = died.bounds_in(merged.zone)
    admitted, discharged = merged.admit_date, merged.discharge_date
    if admitted is None or discharged is None:
        return False
    return admitted <= first and last <= discharged


def _died_before(death: Death, merged: MergedEncounters) -> bool:
    """Return True if the death certainly lies before the admission, which cannot be right."""
    if death.recorded is None or merged.admit_date is None:
        return False
    return death.recorded.bounds_in(merged.zone)[1] < merged.admit_date


def _ages(history: PersonHistory, merged: MergedEncounters) -> tuple[int, int] | None:
    if merged.admit_date is None:
        return None
    return person.ages_on(history, merged.admit_date, merged.zone)


def _age_flags(
    recorded: tuple[int, int] | None, believed: tuple[int, int] | None
) -> frozenset[str]:
    if believed is not None:
        return frozenset()
    return frozenset({UNKNOWN_AGE} if recorded is None else {UNKNOWN_AGE, IMPLAUSIBLE_AGE})


def _payer(chart: PatientChart, merged: MergedEncounters) -> str:
    if merged.admit_date is None:
        return person.UNKNOWN
    return person.payer_on(chart.history.coverages, merged.admit_date, merged.zone, chart.codes)


def _exclusion_group(principal: Diagnosis | None, codes: CodeSets) -> str | None:
    return codes["index_exclusions"].value(principal.codings) if principal else None


def _is_from_hospice(merged: MergedEncounters, codes: CodeSets) -> bool:
    sources = (c for e in merged.by_priority for c in e.admit_sources)
    return HOSPICE_SOURCE in codes["admission"].values(sources)


def _flags(
    chart: PatientChart,
    merged: MergedEncounters,
    principal: Diagnosis | None,
    coded: Codings,
    word: str,
    derived: bool,
) -> frozenset[str]:
    conditions = {
        # A death without a date takes the date of the discharge.
        DERIVED: derived or (word in words.DEATHS and not chart.death.is_recorded),
        MISSING_DISPOSITION: merged.finished and not coded,
        UNMAPPED_DISPOSITION: bool(coded) and word == words.UNKNOWN,
        HOSPICE_DEATH: word == words.DIED_HOSPICE,
        DEATH_BEFORE_ADMISSION: _died_before(chart.death, merged),
        GUESSED_PRINCIPAL: principal is not None and principal.guessed,
        AMBIGUOUS_PRINCIPAL: principal is not None and principal.ambiguous,
        NO_PRINCIPAL: principal is None,
        UNKNOWN_HOSPITAL: merged.hospital_id is None,
        OPEN_TOO_LONG: is_open_too_long(merged, chart.history.as_of),
    }
    return frozenset(name for name, found in conditions.items() if found) | frozenset(
        chart.history.flags
    )
