"""The region: hospitals, wards, staff, payers and the names to draw from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from faker import Faker

from data_generator.clock import Zone, day_number, load_zone
from data_generator.config import GeneratorConfig
from data_generator.facts.hospitals import (
    ACUTE_HOSPITALS,
    ACUTE_WARDS,
    SKILLED_NURSING,
    HospitalFacts,
    WardKind,
)
from data_generator.facts.people import SPECIALTIES
from data_generator.facts.worlds import DENSITIES, Density
from data_generator.story import Hospital
from data_generator.streams import Stream, Weighted

_STAFF_PER_HOSPITAL = 14  # assumed; anomalies._PATTERNS relies on it for one per hospital


@dataclass(frozen=True, slots=True)
class Practitioner:
    """A clinician with a valid National Provider Identifier."""

    id: str
    npi: str
    family: str
    given: str
    sex: str
    specialty: str


@dataclass(frozen=True, slots=True)
class NamePools:
    """Names and streets, drawn once: Faker takes longer per person than the simulation."""

    female: tuple[str, ...]
    male: tuple[str, ...]
    family: tuple[str, ...]
    streets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class World:
    """What all people of a run share."""

    seed: int
    start_day: int
    hospitals: tuple[Hospital, ...]
    catchment: Weighted[Hospital]
    nursing: Hospital
    practitioners: tuple[Practitioner, ...]
    names: NamePools
    density: Density
    claims_detail: bool = True
    people: int = 0

    def hospital(self, key: str) -> Hospital:
        """Return a hospital by its key."""
        return next(h for h in self.hospitals if h.facts.key == key)

    @property
    def facilities(self) -> tuple[Hospital, ...]:
        """Return the acute hospitals, then the skilled nursing facility."""
        return (*self.hospitals, self.nursing)

    def staff(self, hospital: Hospital) -> Iterator[Practitioner]:
        """Yield the clinicians of a facility."""
        return (p for p in self.practitioners if p.id in hospital.staff)


def build_world(config: GeneratorConfig) -> World:
    """Return the region of a seed."""
    names = _draw_names(config.seed)
    facts = (*ACUTE_HOSPITALS, SKILLED_NURSING)
    practitioners = tuple(
        _hire(config.seed, names, number) for number in range(len(facts) * _STAFF_PER_HOSPITAL)
    )
    # Wider than the run: stays, claims and payments go on after its end.
    zones = {
        name: load_zone(name, config.start.year - 1, config.end.year + 4)
        for name in sorted({f.zone for f in facts})
    }
    facilities = [
        _open_hospital(f, zones[f.zone], practitioners[index * _STAFF_PER_HOSPITAL :])
        for index, f in enumerate(facts)
    ]
    return World(
        config.seed,
        day_number(config.start),
        tuple(facilities[:-1]),
        Weighted(tuple(facilities[:-1]), tuple(accumulate(f.share for f in ACUTE_HOSPITALS))),
        facilities[-1],
        practitioners,
        names,
        DENSITIES[config.world],
        config.claims_detail,
        config.patients,
    )


def _open_hospital(facts: HospitalFacts, zone: Zone, staff: tuple[Practitioner, ...]) -> Hospital:
    kinds = (WardKind.LONG_TERM,) if facts is SKILLED_NURSING else ACUTE_WARDS
    return Hospital(
        facts,
        zone,
        f"org-{facts.key}",
        f"site-{facts.key}",
        {kind: f"ward-{facts.key}-{kind}" for kind in kinds},
        tuple(p.id for p in staff[:_STAFF_PER_HOSPITAL]),
    )


def _draw_names(seed: int) -> NamePools:
    # Pools of a few hundred: repeated names are realistic, and the pools are fast to draw.
    fake = Faker("en_US")
    fake.seed_instance(seed)
    return NamePools(
        tuple(fake.first_name_female() for _ in range(300)),
        tuple(fake.first_name_male() for _ in range(300)),
        tuple(fake.last_name() for _ in range(600)),
        tuple(fake.street_name() for _ in range(400)),
    )


def _hire(seed: int, names: NamePools, number: int) -> Practitioner:
    stream = Stream(seed, "practitioner", number)
    sex = stream.pick(Weighted.of({"female": 1, "male": 1}))
    given = stream.one_of(names.female if sex == "female" else names.male)
    specialty = SPECIALTIES[number % len(SPECIALTIES)]
    return Practitioner(
        f"practitioner-{number:04d}",
        national_provider_identifier(number + 1),
        stream.one_of(names.family),
        given,
        sex,
        specialty,
    )


def national_provider_identifier(number: int) -> str:
    """Return a ten-digit NPI; its Luhn check digit includes the prefix 80840 (24)."""
    body = f"19{number:07d}"
    total = 24
    for index, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 if index % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return f"{body}{-total % 10}"
