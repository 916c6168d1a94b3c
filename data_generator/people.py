"""Simulates people: age, sex, home, chronic conditions and coverage."""

from __future__ import annotations

from datetime import date

from data_generator.clock import day_number, day_to_date, years_between
from data_generator.facts.diagnoses import CHRONIC_CONDITIONS, ChronicCondition
from data_generator.facts.people import (
    AGE_GROUPS,
    BIRTH_PRECISIONS,
    ETHNICITIES,
    PAYER_BY_AGE,
    PAYERS,
    RACES,
    SEXES,
    TOWNS,
    Payer,
    Town,
)
from data_generator.facts.rates import diagnosis_index
from data_generator.ids import person_key
from data_generator.story import PayerPeriod, Person
from data_generator.streams import Stream
from data_generator.world import World

_PAYER = {payer.key: payer for payer in PAYERS}
_TOWN_OF: dict[str, list[Town]] = {}
for _town in TOWNS:
    _TOWN_OF.setdefault(_town.hospital, []).append(_town)
_MEDICARE_AGE = 65
_DAYS_BETWEEN_MOVES = 9000  # about 25 years, so that few move within a run; assumed
_CHANGE_OF_PAYER = 0.12  # assumed


def simulate_person(world: World, number: int) -> Person:
    """Return the person with this number, who depends only on the seed and the number."""
    stream = Stream(world.seed, number, "person")
    sex = stream.pick(SEXES)
    birth_day = _birth_day(stream, world.start_day)
    home = stream.pick(world.catchment)
    age = years_between(birth_day, world.start_day)
    chronic = _chronic(stream, age)
    # 0.8 for people without chronic conditions; tuned with facts.rates.
    risk = 0.8
    for condition in chronic:
        risk *= condition.risk
    given = stream.one_of(world.names.male if sex == "male" else world.names.female)
    return Person(
        number=number,
        key=person_key(world.seed, number),
        sex=sex,
        birth_day=birth_day,
        family=stream.one_of(world.names.family),
        given=given,
        line=f"{stream.between(1, 9899)} {stream.one_of(world.names.streets)}",
        phone=f"555-{stream.between(100, 999)}-{stream.between(0, 9999):04d}",
        town=stream.one_of(_TOWN_OF[home.facts.key]),
        home=home,
        payers=_payers(stream, birth_day, world.start_day, number),
        chronic=chronic,
        risk=risk,
        moved_day=world.start_day + stream.between(30, _DAYS_BETWEEN_MOVES),
        race=stream.pick(RACES),
        ethnicity=stream.pick(ETHNICITIES),
        new_line=f"{stream.between(1, 9899)} {stream.one_of(world.names.streets)}",
        birth_precision=stream.pick(BIRTH_PRECISIONS),
    )


def _birth_day(stream: Stream, start_day: int) -> int:
    age_days = int((stream.pick(AGE_GROUPS) + 5 * stream.random()) * 365.25)
    day = start_day - 1 - age_days
    born = day_to_date(day)
    # Nobody is born on 29 February: libraries disagree about that birthday in other years.
    return day - 1 if (born.month, born.day) == (2, 29) else day


def _chronic(stream: Stream, age: int) -> tuple[ChronicCondition, ...]:
    group = diagnosis_index(age)
    return tuple(c for c in CHRONIC_CONDITIONS if stream.chance(c.shares[group]))


def _payers(stream: Stream, birth_day: int, start_day: int, number: int) -> tuple[PayerPeriod, ...]:
    age = years_between(birth_day, start_day)
    first = _PAYER[stream.pick(PAYER_BY_AGE[diagnosis_index(age)])]
    second = _PAYER[stream.pick(PAYER_BY_AGE[diagnosis_index(age)])]
    since = start_day - stream.between(30, 1500)
    change = start_day + stream.between(60, 900)
    medicare_day = _birthday(birth_day, _MEDICARE_AGE)
    if age < _MEDICARE_AGE and first.key in ("buckeye", "riverbank") and medicare_day < change:
        second, change = _PAYER["medicare"], medicare_day
    elif second is first or not stream.chance(_CHANGE_OF_PAYER):
        return (_cover(first, since, None, number),)
    return (_cover(first, since, change - 1, number), _cover(second, change, None, number))


def _cover(payer: Payer, first: int, last: int | None, number: int) -> PayerPeriod:
    return PayerPeriod(payer, first, last, f"{payer.key[:3].upper()}{number:08d}")


def _birthday(birth_day: int, age: int) -> int:
    born = day_to_date(birth_day)
    return day_number(date(born.year + age, born.month, born.day))
