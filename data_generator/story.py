"""The decisions of the simulation: people, stays, episodes, infections, visits, deaths.

Everything else is derived from them: the FHIR resources by ``fhir``, the answer key by ``truth``.
Times are local minutes of the facility (see ``clock``), amounts are US cents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from data_generator.bill import Bill
from data_generator.clock import Zone, day_number, day_of, first_day_of_month, month_index
from data_generator.facts.diagnoses import ChronicCondition, Diagnosis, Operation
from data_generator.facts.hospitals import HospitalFacts, WardKind
from data_generator.facts.infections import Device, InfectionKind
from data_generator.facts.people import PLACEHOLDER_BIRTH, BirthPrecision, Payer, Town
from data_generator.revenue.account import Account


@dataclass(frozen=True, slots=True)
class Hospital:
    """A facility with its zone, wards (Location ids by kind) and staff (Practitioner ids)."""

    facts: HospitalFacts
    zone: Zone
    organization_id: str
    location_id: str
    wards: dict[WardKind, str]
    staff: tuple[str, ...]

    def time(self, minute: int) -> str:
        """Return a FHIR dateTime as this facility's feed writes it."""
        if self.facts.feed.utc_instants:
            return self.zone.utc_instant(minute)
        return self.zone.instant(minute)


@dataclass(frozen=True, slots=True)
class PayerPeriod:
    """One coverage of a person from ``first`` through ``last``; None is open-ended."""

    payer: Payer
    first: int
    last: int | None
    member: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person, with what all records of the region share."""

    number: int
    key: str
    sex: str
    birth_day: int
    family: str
    given: str
    line: str
    phone: str
    town: Town
    home: Hospital
    payers: tuple[PayerPeriod, ...]
    chronic: tuple[ChronicCondition, ...]
    risk: float
    moved_day: int  # the day the record gets the new address; often far in the future
    new_line: str
    race: tuple[str, str]  # OMB category: code, label
    ethnicity: tuple[str, str]
    birth_precision: BirthPrecision

    @property
    def born_between(self) -> tuple[int, int]:
        """Return the first and last day of birth that the recorded date allows."""
        month = month_index(self.birth_day)
        match self.birth_precision:
            case BirthPrecision.DAY:
                return self.birth_day, self.birth_day
            case BirthPrecision.MONTH:
                return first_day_of_month(month), first_day_of_month(month + 1) - 1
            case BirthPrecision.PLACEHOLDER:
                day = day_number(PLACEHOLDER_BIRTH)
                return day, day
            case BirthPrecision.YEAR:
                january = month - month % 12
                return first_day_of_month(january), first_day_of_month(january + 12) - 1

    def payer_on(self, day: int) -> PayerPeriod:
        """Return the coverage in force on a day."""
        return next(p for p in reversed(self.payers) if p.first <= day or p is self.payers[0])


class Precision(StrEnum):
    """How exactly a death is recorded."""

    INSTANT = "instant"
    DAY = "day"
    MONTH = "month"
    YES = "yes"  # deceasedBoolean: dead, no date
    ABSENT = "absent"  # known only from the discharge disposition


@dataclass(frozen=True, slots=True)
class Death:
    """A death at a local minute of ``zone``."""

    minute: int
    zone: Zone
    precision: Precision

    @property
    def day(self) -> int:
        """Return the local day of death."""
        return day_of(self.minute)


class Origin(StrEnum):
    """The origin of an infection."""

    HOSPITAL = "hospital_acquired"
    COMMUNITY = "community"
    PRESENT = "present_on_admission"
    UNKNOWN = "unknown"


class Mention(StrEnum):
    """Why a condition that looks like an infection event is recorded."""

    EVENT = "event"
    REFUTED = "refuted"  # looked like one and was ruled out
    REPEAT = "repeat"  # the same infection again within 14 days
    PROBLEM_LIST = "problem-list"  # the same infection, on the problem list as well
    CLAIM = "claim"  # on the bill only: coders noticed it, nobody else
    ELSEWHERE = "elsewhere"  # a note that no encounter is linked to


class Test(StrEnum):
    """The laboratory result about an infection."""

    POSITIVE = "positive"
    NEGATIVE = "negative"


_MINUTES_TO_REPORT = 660  # 11 hours, so that many reports come the next day; assumed


@dataclass(frozen=True, slots=True)
class Infection:
    """One mention of an infection in a stay; ``onset_minute`` is the true onset."""

    kind: InfectionKind
    mention: Mention
    origin: Origin
    onset_minute: int
    onset_precision: Precision
    code: str | None  # the ICD-10-CM code chosen for it
    recorded_minute: int
    test: Test | None = None  # of a specimen taken on the day of onset
    refuted_minute: int | None = None  # confirmed at first, ruled out later

    @property
    def onset_day(self) -> int:
        """Return the local day of onset: the event date."""
        return day_of(self.onset_minute)

    @property
    def reported_minute(self) -> int:
        """Return the local minute of the laboratory report, often on the next day."""
        return self.onset_minute + _MINUTES_TO_REPORT

    def refuted(self, as_of: int) -> bool:
        """Return True if it has been ruled out by the end of a day."""
        late = self.refuted_minute is not None and day_of(self.refuted_minute) <= as_of
        return late or self.mention is Mention.REFUTED


_OUTSIDE = WardKind.EMERGENCY


@dataclass(frozen=True, slots=True)
class WardStay:
    """A stay on one ward."""

    ward: WardKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Part:
    """One inpatient encounter; a continuous stay has two after a same-day return."""

    encounter_id: str
    ward_stays: tuple[WardStay, ...]
    disposition: str | None  # NUBC
    child_id: str | None = None  # the intensive-care encounter inside it
    twin_id: str | None = None  # the same encounter from a second feed
    first_disposition: str | None = None  # the disposition before its correction
    corrected_day: int = 0
    forgotten: bool = False  # the person left, but the encounter was never closed

    @property
    def start(self) -> int:
        """Return the minute of admission."""
        return self.ward_stays[0].start

    @property
    def end(self) -> int:
        """Return the minute of discharge."""
        return self.ward_stays[-1].end

    @property
    def twin_start(self) -> int:
        """Return the admission minute in the second feed: 9 minutes later, so that they differ."""
        return self.start + 9

    def disposition_on(self, day: int) -> str | None:
        """Return the disposition as recorded by the end of a day."""
        corrected = self.first_disposition is None or self.corrected_day <= day
        return self.disposition if corrected else self.first_disposition


@dataclass(frozen=True, slots=True)
class Stay:
    """One continuous inpatient stay at one facility."""

    number: int
    hospital: Hospital
    acute: bool
    encounter_class: str
    parts: tuple[Part, ...]
    diagnosis: Diagnosis
    priority: str  # EM, UR, EL
    planned: bool
    died: bool
    from_hospice: bool = False
    transferred_in: bool = False
    devices: tuple[Device, ...] = ()
    operation: Operation | None = None
    infections: tuple[Infection, ...] = ()
    attending: str = ""
    hospital_known: bool = True  # the record names the hospital

    @property
    def admit(self) -> int:
        """Return the minute of admission."""
        return self.parts[0].start

    @property
    def discharge(self) -> int:
        """Return the minute of discharge, which may be after the day of interest."""
        return self.parts[-1].end

    @property
    def admit_day(self) -> int:
        """Return the local day of admission."""
        return day_of(self.parts[0].start)

    @property
    def ward_minute(self) -> int:
        """Return the minute the person reached a ward; the emergency department is not one."""
        return next(s.start for s in self.parts[0].ward_stays if s.ward is not _OUTSIDE)

    @property
    def first_day(self) -> int:
        """Return hospital day 1: the local day the person reached a ward."""
        return day_of(self.ward_minute)

    @property
    def discharge_day(self) -> int:
        """Return the local day of discharge."""
        return day_of(self.parts[-1].end)

    @property
    def forgotten(self) -> bool:
        """Return True if the person left but the encounter was never closed."""
        return self.parts[-1].forgotten

    @property
    def disposition(self) -> str | None:
        """Return the NUBC code of the last encounter."""
        return self.parts[-1].disposition


class Withdrawal(StrEnum):
    """How an encounter that never happened is withdrawn."""

    DELETED = "deleted"
    IN_ERROR = "entered-in-error"


@dataclass(frozen=True, slots=True)
class Episode:
    """Stays joined by transfers; an episode may be withdrawn as entered in error."""

    stays: tuple[Stay, ...]
    withdrawal: Withdrawal | None = None
    withdrawn_day: int = 0

    def withdrawn(self, day: int) -> bool:
        """Return True if it has been withdrawn by the end of a day."""
        return self.withdrawal is not None and self.withdrawn_day <= day


@dataclass(frozen=True, slots=True)
class Visit:
    """Care without a bed: office, emergency, observation, virtual."""

    number: int
    encounter_id: str
    encounter_class: str
    hospital: Hospital
    start: int
    end: int
    diagnosis: Diagnosis | None
    attending: str
    arrives: int  # the day its records reach the sender's export; some are late
    withdrawn_day: int | None = None  # entered in error and deleted

    def on_record(self, day: int) -> bool:
        """Return True if it is on record at the end of a day."""
        gone = self.withdrawn_day is not None and self.withdrawn_day <= day
        return self.arrives <= day and not gone


@dataclass(frozen=True, slots=True)
class Alias:
    """A second registration of a person, used for one episode until the records are merged."""

    episode: int
    merged_day: int


@dataclass(frozen=True, slots=True)
class Story:
    """One person's care; ``record`` is 1 for the part under an alias.

    ``bills`` holds the bills of all the person's records by the number of their stay or visit;
    ``accounts`` the same in detail, None in a run without.
    """

    person: Person
    episodes: tuple[Episode, ...]
    nonacute: tuple[Stay, ...]
    visits: tuple[Visit, ...]
    bills: Mapping[int, Bill]
    death: Death | None
    alias: Alias | None = None
    record: int = 0
    accounts: Mapping[int, tuple[Account, ...]] | None = None
    every_round: bool = True  # vital signs at each round of a stay, not only on arrival

    def by_record(self) -> tuple[Story, ...]:
        """Return the story by patient record: the person's own, and the alias if there is one."""
        if self.alias is None:
            return (self,)
        index = self.alias.episode
        own = self.episodes[:index] + self.episodes[index + 1 :]
        unknown = replace(self.person, chronic=())
        other = replace(
            self,
            person=unknown,
            episodes=(self.episodes[index],),
            nonacute=(),
            visits=(),
            death=None,
            record=1,
        )
        return (replace(self, episodes=own), other)

    def by_person(self, day: int) -> tuple[Story, ...]:
        """Return the story by person as a reader sees it: two people until the merge is sent."""
        if self.alias is None or self.alias.merged_day <= day:
            return (self,)
        return self.by_record()
