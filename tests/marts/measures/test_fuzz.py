"""Gold computes a person whatever the person's rows contain.

The tests take a whole person from silver. They set each field in turn to null, blank, another form
or an extreme date, and then several fields at once, chosen by a fixed seed.
"""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from metriccare.marts.measures.compute import compute
from metriccare.marts.measures.person_history import history_of
from metriccare.marts.measures.person_rows import rows_of
from metriccare.marts.stays.facility import LocationFacts, OrganizationFacts, facilities
from tests.marts.measures.people import HL7, ICD, LOINC, NUBC, PRIORITY, SNOMED, codes

Path = tuple[str | int, ...]

# What a text may hold where a date is meant, and where none is.
DATES = (
    None,
    "",
    "9999-12-31T23:59:59-05:00",
    "9999-12-31T23:59:59.999999+14:00",
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00-12:00",
    "9999-12-31",
    "0001-01-01",
    "1899-12-30",
    "9999",
    "0001-02",
    "2024-02-30",
    "2024-03-10T02:30:00-05:00",
    "2024-03-02T24:00:00Z",
    "2024-03-01T10:00:60Z",
    "2024-03-01T10:00:00",
    "2024-03-01",
    "0000-00-00",
)
TEXTS = (None, "", " ", "x" * 2000, "\x00", "نص", "e1", "p1", "IMP", "20")
NUMBERS = (None, 0, -1, 1, 2**31 - 1, 2**63 - 1, -(2**63))
FLAGS = (None, True, False)
AS_OF = date(2024, 6, 1)
ODD_AS_OF = (date.min, date(1900, 1, 1), date(2999, 12, 31))
DATE_FIELDS = (
    *("birth_date", "deceased_date", "period_start", "period_end", "start", "end", "onset"),
    *("performed_start", "billable_start", "billable_end", "created", "collected"),
)
ZONES = ("America/New_York", "Pacific/Kiritimati", "Pacific/Apia", "Etc/GMT+12", "UTC")


def coding(system: str, code: str) -> dict[str, Any]:
    return {"system": system, "code": code, "display": "words"}


def encounter(id_: str, start: str, end: str | None, **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "status": "finished" if end else "in-progress",
        "class_code": "IMP",
        "period_start": start,
        "period_end": end,
        "service_provider_id": "H1",
        "part_of_id": None,
        "type_codings": [coding(SNOMED, "183452005")],
        "service_type_codings": [coding(SNOMED, "394609007")],
        "priority_codings": [coding(PRIORITY, "EL")],
        "admit_source_codings": [coding(HL7, "hosp-trans")],
        "discharge_disposition_codings": [coding(NUBC, "01")],
        "diagnoses": [
            {
                "condition_id": "c1",
                "codings": [coding(ICD, "J44.1")],
                "use_codes": ["billing"],
                "rank": 1,
                "on_admission": "N",
            }
        ],
        "locations": [
            {"location_id": "w1", "start": start, "end": "2024-03-03", "status": "completed"},
            {"location_id": "w2", "start": "2024-03-03", "end": end, "status": "active"},
        ],
        "last_updated": 1_709_251_200_000_000,
        "source_file": "Encounter.ndjson",
        "source_line": 1,
        **more,
    }


def person() -> dict[str, Any]:
    """Return a person with something in every part: two stays, an infection, a death."""
    return {
        "tenant": "north",
        "person_id": "p1",
        "patients": [patient("p1"), patient("p0")],
        "encounters": [
            encounter("e1", "2024-03-01T08:00:00-05:00", "2024-03-09T10:00:00-05:00"),
            encounter("e2", "2024-03-20", "2024-03-22", service_provider_id="H2"),
            encounter("e3", "2024-03-02", "2024-03-04", part_of_id="e1"),
            encounter(
                "e4", "2024-03-01T05:00:00-05:00", "2024-03-01T08:00:00-05:00", class_code="EMER"
            ),
            encounter("e5", "2024-05-15", None),
        ],
        "conditions": [
            condition("c1", "T83.511A", "2024-03-05T08:00:00-05:00", encounter_id="e1"),
            condition("c2", "A04.72", "2024-03-21", verification_status=None),
        ],
        "procedures": [
            {
                "id": "r1",
                "code_codings": [coding(ICD.replace("cm", "pcs"), "02100Z8")],
                "encounter_id": "e1",
                "performed_start": "2024-03-02T08:00:00-05:00",
            }
        ],
        "claims": [
            claim("k1", "H1", "2024-03-01", "2024-03-09", **_WITH_DIAGNOSIS),
            claim("k2", "H2", "2024-03-20", "2024-03-22"),
        ],
        "results": [
            result("o0", "2024-03-06T08:00:00-05:00"),
            result("o1", "2024-03-21"),
        ],
        "coverages": [
            {
                "id": "v1",
                "type_codings": [coding("https://nahdo.org/sopt", "1")],
                "words": "Medicare",
                "period_start": "2020-01-01",
                "period_end": "2024-12-31",
                "rank": 1,
                "payer": None,
            }
        ],
    }


def patient(id_: str) -> dict[str, Any]:
    return {
        "id": id_,
        "birth_date": "1950-03-01",
        "deceased_date": "2024-05-20",
        "deceased": True,
        "sex": "female",
    }


def condition(id_: str, code: str, onset: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "code_codings": [coding(ICD, code)],
        "encounter_id": None,
        "onset": onset,
        "verification_status": "confirmed",
        **more,
    }


def claim(id_: str, provider: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "encounter_ids": [],
        "type_code": "institutional",
        "provider_id": provider,
        "billable_start": start,
        "billable_end": end,
        "created": None,
        "has_indicator": False,
        "diagnoses": [],
        **more,
    }


_WITH_DIAGNOSIS = {
    "encounter_ids": ["e1"],
    "created": "2024-03-12",
    "has_indicator": True,
    "diagnoses": [
        {
            "sequence": 1,
            "codings": [coding(ICD, "T80.211A")],
            "condition_id": "c1",
            "on_admission": "N",
            "type_codes": ["principal"],
        }
    ],
}


def result(id_: str, collected: str) -> dict[str, Any]:
    return {
        "id": id_,
        "code_codings": [coding(LOINC, "54067-4")],
        "encounter_id": "e1",
        "collected": collected,
        "value_codings": [coding(SNOMED, "10828004")],
        "value_text": "positive",
        "interpretation_codings": [coding(HL7, "POS")],
    }


def places(zone: str) -> Any:
    organizations = [OrganizationFacts(h, h, time_zone=zone) for h in ("H1", "H2")]
    locations = [LocationFacts(w, w, organization_id="H1") for w in ("w1", "w2")]
    return facilities(organizations, locations, {}, "America/New_York")


PLACES = tuple(places(zone) for zone in ZONES)


def paths(value: Any, before: Path = ()) -> Iterator[Path]:
    """Yield the place of every value in a person's rows, those that hold others included."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield (*before, key)
        if isinstance(inner, dict | list):
            yield from paths(inner, (*before, key))


def odd_values(value: Any, field: str | int) -> tuple[Any, ...]:
    """Return what may stand in place of a field's value: other values of its type."""
    if isinstance(value, list):
        return (None, [], [None], [None, *value], [*value, *value])
    if isinstance(value, dict):
        return (None,)
    if isinstance(value, bool):
        return FLAGS
    if isinstance(value, int):
        return NUMBERS
    return DATES if field in DATE_FIELDS else TEXTS


def at(row: Any, path: Path) -> Any:
    for key in path:
        row = row[key]
    return row


def changed(row: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    found = copy.deepcopy(row)
    at(found, path[:-1])[path[-1]] = copy.deepcopy(value)
    return found


# Spark groups by these two, and gathers no nulls and no null list.
WHOLE = person()
FIELDS = [
    path for path in paths(WHOLE) if path not in (("tenant",), ("person_id",)) and len(path) > 1
]


def single() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every field with every odd value."""
    for path in FIELDS:
        for value in odd_values(at(WHOLE, path), path[-1]):
            yield f"{'.'.join(map(str, path))} = {value!r:.40}", changed(WHOLE, path, value)


def several(draw: random.Random, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield persons with 2 to 12 odd values at once, most of them dates."""
    dates = [path for path in FIELDS if path[-1] in DATE_FIELDS]
    for number in range(count):
        row = copy.deepcopy(WHOLE)
        for _ in range(draw.randrange(2, 13)):
            path = draw.choice(dates if draw.random() < 0.6 else FIELDS)
            value = draw.choice(odd_values(at(WHOLE, path), path[-1]))
            try:
                at(row, path[:-1])[path[-1]] = copy.deepcopy(value)
            except (IndexError, TypeError):
                continue  # An earlier value has taken the place away.
        yield f"draw {number}", row


def failures(cases: Iterator[tuple[str, dict[str, Any]]], draw: random.Random) -> list[str]:
    """Return the cases that raise, each with the error."""
    found = []
    for name, row in cases:
        # A far as_of gives an open stay ten thousand months: few cases can afford it.
        as_of = draw.choice(ODD_AS_OF) if draw.random() < 0.03 else AS_OF
        facility = draw.choice(PLACES)
        try:
            rows_of(compute(history_of(row, as_of, facility), codes()))
        except Exception as error:
            found.append(f"{name}: {type(error).__name__}: {error}")
    return found


def test_the_person_as_such_has_something_in_every_table():
    rows = rows_of(compute(history_of(WHOLE, AS_OF, PLACES[0]), codes()))
    assert all(rows.values()), {name: len(found) for name, found in rows.items()}


def test_no_single_odd_value_stops_the_computation():
    began = time.process_time()
    assert failures(single(), random.Random(1)) == []
    assert time.process_time() - began < 120


def test_no_mixture_of_odd_values_stops_the_computation():
    assert failures(several(random.Random(2), 1_000), random.Random(3)) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_many_more_mixtures_stop_nothing_either(seed):
    draw = random.Random(seed)
    assert failures(several(draw, 2_000), draw) == []
