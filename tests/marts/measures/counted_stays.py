"""Groups of like persons, judged by the rules, as the counts of every registered measure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

from metriccare.marts.measures import BY_ID, MEASURES
from metriccare.marts.measures.compute import PersonResult
from metriccare.marts.measures.definition import MEAN, RATE, Evidence
from metriccare.marts.measures.results import Count
from metriccare.marts.stays.facility import Facilities, LocationFacts, OrganizationFacts
from metriccare.marts.stays.history import EncounterLocation, Patient
from metriccare.marts.stays.partial_date import partial_date
from metriccare.marts.stays.stay import Stay
from tests.marts.measures.people import encounter, infection, nubc, results

MONTHS = (date(2023, 12, 1), date(2024, 1, 1), date(2024, 2, 1))
WARDS = {"w1": "h1", "w2": "h1", "w3": "h2"}
# Where a person is handed on to: always another hospital.
_NEXT_WARD = {"w1": "w3", "w2": "w3", "w3": "w1"}
# How the stays of a group went; a child is discharged home, and so are persons with an infection.
COURSES = ("home", "died", "handed_on", "readmitted", "child", "cdi", "ssi")
_INFECTIONS = {"cdi": "A04.72", "ssi": "T81.41XA"}
_FACILITIES = Facilities(
    {h: OrganizationFacts(h) for h in set(WARDS.values())},
    {ward: LocationFacts(ward, organization_id=h) for ward, h in WARDS.items()},
)
# Month, ward, sex, course, and how many persons.
LikeStays = tuple[date, str, str, str, int]


@cache
def judged(month: date, ward: str, sex: str, course: str) -> PersonResult:
    """One person of a group: four nights, and what follows them."""
    ends = {"died": nubc("20"), "handed_on": nubc("02")}
    stays = [_stay("e1", month, (2, 6), ward, to=ends.get(course, nubc("01")))]
    if course == "handed_on":
        stays.append(_stay("e2", month, (6, 9), _NEXT_WARD[ward]))
    if course == "readmitted":
        stays.append(_stay("e2", month, (16, 20), ward))
    infections = [infection("c1", f"{month:%Y-%m}-05", _INFECTIONS[course])] if (
        course in _INFECTIONS) else []  # fmt: skip
    died = partial_date(f"{month:%Y-%m}-06") if course == "died" else None
    born = partial_date("2015-01-01" if course == "child" else "1960-06-15")
    return results(
        *stays,
        facilities=_FACILITIES,
        patients=(Patient("p1", born, died, None, sex),),
        conditions=tuple(infections),
    )


def _stay(id_: str, month: date, days: tuple[int, int], ward: str, **more):  # type: ignore[no-untyped-def]
    first, last = (f"{month:%Y-%m}-{day:02}" for day in days)
    lay = (EncounterLocation(ward, partial_date(first), partial_date(last), "completed"),)
    return encounter(id_, first, last, WARDS[ward], locations=lay, **more)


def counts_of(groups: list[LikeStays]) -> Iterator[Count]:
    """The counts of every measure by month, overall, hospital, department and sex."""
    for *one, persons in groups:
        result = judged(*one)
        by_id = {stay.stay_id: stay for stay in result.record.stays}
        for id_, evidence in result.evidence:
            yield from _verdict(id_, evidence, by_id[evidence.stay_id], persons)
        yield from _events(result, persons)
        yield from _days(result, persons)


def _strata(stay: Stay, ward: str | None = None) -> tuple[tuple[str, str], ...]:
    department = str(ward or stay.department)
    hospital = str(stay.hospital_id)
    whole = ("overall", "all")
    return whole, ("hospital", hospital), ("department", department), ("sex", stay.sex)


def _verdict(id_: str, evidence: Evidence, stay: Stay, persons: int) -> Iterator[Count]:
    shape = BY_ID[id_].shape
    counts = evidence.in_denominator and shape != RATE
    value = evidence.numerator or 0 if counts else 0
    for stratum in _strata(stay):
        yield Count(
            id_,
            _month(evidence.period_date),
            *stratum,
            amount=value if counts and shape == MEAN else None,
            numerator=value * persons,
            denominator=persons * counts,
            excluded=persons * (not evidence.in_denominator),
        )


def _events(result: PersonResult, persons: int) -> Iterator[Count]:
    """Events of rates by their own month; of shares only the type, by that of the discharge."""
    for event in result.record.events:
        for measure in (BY_ID[id_] for id_ in result.counted_by(event)):
            is_rate = measure.shape == RATE
            day = event.period_date if is_rate else event.stay.discharge_date
            strata = _strata(event.stay) if is_rate else ()
            types = (("infection_type", event.infection_type),) if measure.has_types else ()
            for stratum in (*strata, *types):
                yield Count(measure.id, _month(day), *stratum, None, persons, 0, 0)


def _days(result: PersonResult, persons: int) -> Iterator[Count]:
    stays = {stay.stay_id: stay for stay in result.record.stays}
    for days in result.days:
        for measure in MEASURES:
            if measure.shape == RATE:
                for stratum in _strata(stays[days.stay_id], days.department):
                    count = days.patient_days * persons
                    yield Count(measure.id, days.month, *stratum, None, 0, count, 0)


def _month(day: date | None) -> date | None:
    return day.replace(day=1) if day else None
