"""A story at the end of one day: the stays, episodes and deaths that have happened."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import pairwise

from data_generator.bill import Bill
from data_generator.clock import day_of, years_between
from data_generator.facts import dispositions as codes
from data_generator.facts.hospitals import DispositionStyle
from data_generator.fhir.patients import vague_month
from data_generator.ids import Kind, resource_id
from data_generator.story import Death, Part, Person, Precision, Stay, Story
from data_generator.truth.ledger import OVERALL, Stratum

ADULT_AGE = 18
OLDEST_AGE = 130
LONGEST_OPEN_STAY = 365  # days
UNKNOWN = "unknown"


_BANDS = ((18, "0-17"), (45, "18-44"), (65, "45-64"), (75, "65-74"), (85, "75-84"))


def age_band(ages: tuple[int, int] | None) -> str:
    """Return the age band; unknown if the least and greatest age are in two bands."""
    if ages is None:
        return UNKNOWN
    low, high = (next((name for bound, name in _BANDS if a < bound), "85+") for a in ages)
    return low if low == high else UNKNOWN


@dataclass(frozen=True)
class StayView:
    """A stay at the end of ``as_of``: its later parts may not have happened yet."""

    stay: Stay
    person: Person
    as_of: int
    bill: Bill

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Return the encounters that have begun."""
        return tuple(p for p in self.stay.parts if day_of(p.start) <= self.as_of)

    @cached_property
    def is_open(self) -> bool:
        """Return True if the stay has no recorded end yet."""
        return self.parts[-1].forgotten or day_of(self.parts[-1].end) > self.as_of

    @property
    def open_too_long(self) -> bool:
        """Return True if the stay has been open for longer than is credible."""
        return self.is_open and self.as_of - self.admit_day > LONGEST_OPEN_STAY

    @property
    def admit_day(self) -> int:
        """Return the local day of admission."""
        return self.stay.admit_day

    @property
    def discharge_day(self) -> int:
        """Return the local day of discharge; only for closed stays."""
        return day_of(self.parts[-1].end)

    @property
    def disposition(self) -> str | None:
        """Return the NUBC code, None for an open stay or if the feed gives none."""
        return None if self.is_open else self.parts[-1].disposition_on(self.as_of)

    @cached_property
    def stay_id(self) -> str:
        """Return the lowest id of the stay's encounters."""
        return min(self.encounter_ids)

    @cached_property
    def encounter_ids(self) -> list[str]:
        """Return the ids of all encounters of the stay, sorted."""
        ids = [p.encounter_id for p in self.parts]
        ids += [p.child_id for p in self.parts if p.child_id]
        ids += [p.twin_id for p in self.parts if p.twin_id and day_of(p.twin_start) <= self.as_of]
        return sorted(ids)

    @cached_property
    def age(self) -> int:
        """Return the true age at admission in completed years."""
        return years_between(self.person.birth_day, self.admit_day)

    @cached_property
    def ages(self) -> tuple[int, int] | None:
        """Return the least and greatest age at admission that the recorded birth allows.

        None if nobody can be so old.
        """
        earliest, latest = self.person.born_between
        ages = years_between(latest, self.admit_day), years_between(earliest, self.admit_day)
        return None if ages[0] > OLDEST_AGE else (max(0, ages[0]), ages[1])

    @property
    def died(self) -> bool:
        """Return True if the stay ended in death."""
        return self.stay.died and not self.is_open

    @property
    def hospital_id(self) -> str | None:
        """Return the Organization id, None if the record has no hospital."""
        return self.stay.hospital.organization_id if self.stay.hospital_known else None

    @cached_property
    def department(self) -> str | None:
        """Return the Location id of the last ward, None if the record has no hospital."""
        if not self.stay.hospital_known:
            return None
        ward_stays = [s for s in self.parts[-1].ward_stays if day_of(s.start) <= self.as_of]
        return self.stay.hospital.wards[ward_stays[-1].ward]

    @property
    def payer(self) -> str:
        """Return the payer in force on the day of admission."""
        return str(self.person.payer_on(self.admit_day).payer.kind)

    @cached_property
    def strata(self) -> tuple[Stratum, ...]:
        """Return every stratum that the stay counts in."""
        return (*self.strata_but_department, ("department", self.department or UNKNOWN))

    @cached_property
    def strata_but_department(self) -> tuple[Stratum, ...]:
        """Return the strata without the department, which each patient day has itself."""
        return (
            OVERALL,
            ("hospital", self.hospital_id or UNKNOWN),
            ("age_band", age_band(self.ages)),
            ("sex", self.person.sex),
            ("payer", self.payer),
        )

    @property
    def los_days(self) -> int:
        """Return the nights; a same-day stay counts one."""
        return max(1, self.discharge_day - self.admit_day)

    def days_by_ward(self) -> list[tuple[int, str]]:
        """Return one (day, Location id) per patient day: the ward at the end of the day."""
        days = []
        ward_stays = [s for part in self.parts for s in part.ward_stays]
        for ward_stay in ward_stays:
            stayed = self.parts[-1].forgotten and ward_stay is ward_stays[-1]
            last = self.as_of + 1 if stayed else min(day_of(ward_stay.end), self.as_of + 1)
            ward = self.stay.hospital.wards[ward_stay.ward] if self.stay.hospital_known else UNKNOWN
            days += [(day, ward) for day in range(day_of(ward_stay.start), last)]
        return days or [(self.admit_day, self.department or UNKNOWN)]

    def says_transferred_out(self) -> bool:
        """Return True if the disposition says that the person moved to another acute hospital."""
        coded = self.stay.hospital.facts.feed.disposition is not DispositionStyle.HL7
        transfers = (codes.ACUTE_TRANSFER, codes.TRANSFER_RETURN_PLANNED)
        return coded and self.disposition in transfers


@dataclass(frozen=True)
class StoryView:
    """A story at the end of ``as_of``."""

    story: Story
    as_of: int

    @property
    def person_id(self) -> str:
        """Return the id of the Patient."""
        return resource_id(self.story.person.key, Kind.PATIENT, self.story.record)

    @cached_property
    def episodes(self) -> list[list[StayView]]:
        """Return the acute stays that have begun, by episode."""
        seen = [
            [self._view(stay) for stay in e.stays if stay.admit_day <= self.as_of]
            for e in self.story.episodes
            if not e.withdrawn(self.as_of)
        ]
        return _with_assumed_transfers([stays for stays in seen if stays])

    @cached_property
    def _hospital_days(self) -> list[tuple[StayView, list[tuple[int, str]]]]:
        stays = [stay for stays in self.episodes for stay in stays]
        return [(stay, stay.days_by_ward()) for stay in stays if not stay.open_too_long]

    def patient_days(self, stay: StayView) -> list[tuple[int, str]]:
        """Return the (day, Location id) that count for a stay.

        A stay that was never closed does not count days of later stays at its hospital.
        """
        own = next((days for other, days in self._hospital_days if other is stay), [])
        if not stay.stay.forgotten:
            return own
        later = {
            day
            for other, days in self._hospital_days
            if other.hospital_id == stay.hospital_id and other.admit_day > stay.admit_day
            for day, _ in days
        }
        return [(day, ward) for day, ward in own if day not in later]

    def flags(self, stay: StayView) -> list[str]:
        """Return the flags of a stay: what its record leaves out or contradicts."""
        conditions = {
            "age_implausible": stay.ages is None,
            "open_stay_too_long": stay.open_too_long,
            "principal_ambiguous": self._has_rivals(stay.stay),
            "transfer_assumed": any(stay is other for other in self._assumed),
            "unknown_hospital": stay.hospital_id is None,
        }
        return [flag for flag, holds in conditions.items() if holds]

    @cached_property
    def _assumed(self) -> list[StayView]:
        """Return the stays joined as a transfer although the hospital of one is unknown."""
        pairs = [pair for stays in self.episodes for pair in pairwise(stays)]
        return [
            stay
            for a, b in pairs
            if not (a.stay.hospital_known and b.stay.hospital_known)
            for stay in (a, b)
        ]

    def _has_rivals(self, stay: Stay) -> bool:
        """Return True if comorbidities are ranked like the principal one; aliases have none."""
        alias = self.story.alias
        merged = alias is not None and alias.merged_day <= self.as_of
        other = alias is not None and merged and stay in self.story.episodes[alias.episode].stays
        ranked = stay.hospital.facts.feed.ranks_comorbidities
        return ranked and bool(self.story.person.chronic) and not other

    @cached_property
    def nonacute(self) -> list[StayView]:
        """Return the inpatient stays that are not acute and have begun."""
        return [self._view(stay) for stay in self.story.nonacute if stay.admit_day <= self.as_of]

    def _view(self, stay: Stay) -> StayView:
        return StayView(stay, self.story.person, self.as_of, self.story.bills[stay.number])

    @cached_property
    def death(self) -> Death | None:
        """Return the death, once it has happened."""
        death = self.story.death
        return death if death is not None and death.day <= self.as_of else None

    def days_to_death(self, stay: StayView) -> tuple[int, int] | None:
        """Return the days from admission to death, the earliest and latest that are possible."""
        death = self.death
        if death is None or death.precision is Precision.YES:
            return None
        month = vague_month(death, self.as_of)
        if month is not None:
            stays = (*(s for e in self.episodes for s in e), *self.nonacute)
            first = max([month[0], *(s.discharge_day for s in stays if not s.is_open)])
            return first - stay.admit_day, month[1] - stay.admit_day
        day = death.day
        if death.precision is Precision.INSTANT:
            # An exact time of death is dated in the time zone of the measured hospital.
            day = day_of(stay.stay.hospital.zone.local(death.zone.utc(death.minute)))
        return day - stay.admit_day, day - stay.admit_day


def _with_assumed_transfers(episodes: list[list[StayView]]) -> list[list[StayView]]:
    """Return the episodes, joined where the gap fits a transfer and a hospital is unknown."""
    joined: list[list[StayView]] = []
    for stays in episodes:
        before = joined[-1][-1] if joined else None
        if before is not None and _may_be_a_transfer(before, stays[0]):
            joined[-1].extend(stays)
        else:
            joined.append(list(stays))
    return joined


def _may_be_a_transfer(before: StayView, after: StayView) -> bool:
    if before.is_open or (before.stay.hospital_known and after.stay.hospital_known):
        return False
    return after.admit_day - before.discharge_day in (0, 1)


def sampling_key(stay_id: str) -> str:
    """Return the hash that chooses one episode of a person and year."""
    return sha256(stay_id.encode()).hexdigest()
