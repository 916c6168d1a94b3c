"""Length of stay and patient days."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta

import pytest

from metriccare.marts.stays.patient_days import patient_days
from metriccare.marts.stays.ward_stays import UNKNOWN_DEPARTMENT, location_at_end_of
from tests.marts.measures.people import days, encounter, lay, outcomes, stays


def test_hours_do_not_matter_only_dates() -> None:
    (stay,) = stays(encounter("e1", "2024-03-01T08:00:00-05:00", "2024-03-04T10:00:00-05:00"))
    assert (stay.los_midnights, stay.los_days) == (3, 3)


def test_a_same_day_stay_has_no_midnight_one_day_and_one_patient_day() -> None:
    stay = encounter("e1", "2024-03-01", "2024-03-01")
    assert (stays(stay)[0].los_midnights, outcomes("alos", stay)["e1"]) == (0, 1)
    assert sum(days(stay).values()) == 1


def test_an_open_stay_has_patient_days_through_as_of_and_no_length() -> None:
    stay = encounter("e1", "2024-03-28")
    assert outcomes("alos", stay, as_of=date(2024, 4, 2))["e1"] == ["open_stay"]
    found = days(stay, as_of=date(2024, 4, 2))
    assert found == {("unknown", "2024-03"): 4, ("unknown", "2024-04"): 2}


def test_a_transfer_counts_at_both_hospitals_and_once_as_an_episode() -> None:
    chain = (
        encounter("e1", "2024-03-01", "2024-03-03"),
        encounter("e2", "2024-03-03", "2024-03-08", "H2"),
    )
    assert outcomes("alos", *chain) == {"e1": 2, "e2": 5}
    assert outcomes("alos_episode", *chain) == {"e1": ["transferred_out"], "e2": 7}
    assert sum(days(*chain).values()) == 7


def test_patient_days_belong_to_the_ward_at_the_end_of_the_date() -> None:
    stay = encounter(
        "e1",
        "2024-03-01T08:00:00-05:00",
        "2024-03-06T10:00:00-05:00",
        locations=(
            lay("icu", "2024-03-01T08:00:00-05:00", "2024-03-03T00:30:00-05:00"),
            lay("ward", "2024-03-03T00:30:00-05:00", "2024-03-06T10:00:00-05:00"),
        ),
    )
    assert days(stay) == {("icu", "2024-03"): 2, ("ward", "2024-03"): 3}
    assert stays(stay)[0].department == "ward"


def test_a_child_encounter_is_a_ward_of_its_own() -> None:
    parent = encounter("p", "2024-03-01", "2024-03-06", locations=(lay("ward"),))
    child = encounter("c", "2024-03-02", "2024-03-04", part_of_id="p", locations=(lay("icu"),))
    assert days(parent, child) == {("icu", "2024-03"): 2, ("ward", "2024-03"): 3}


@pytest.mark.parametrize("kind", ["NONAC", "OBSENC", "AMB"])
def test_only_acute_stays_have_patient_days(kind: str) -> None:
    assert days(encounter("e1", "2024-03-01", "2024-03-06", class_code=kind)) == {}


def test_children_count_too() -> None:
    assert outcomes("alos", encounter("e1", "2024-03-01", "2024-03-06"), born="2020-01-01") == {
        "e1": 5
    }


@pytest.mark.parametrize("seed", range(60))
def test_patient_days_are_those_of_looking_at_every_midnight(seed):
    """Places change at any time of day, overlap, and have bounds missing or without a time."""
    draw = random.Random(seed)

    def bound() -> str | None:
        day = date(2024, 3, 1) + timedelta(days=draw.randrange(20))
        spelled = (f"{day}", f"{day}T{draw.choice(('00:00', '04:59', '05:00', '23:59'))}:00Z")
        return draw.choice((None, *spelled))

    locations = tuple(lay(f"w{draw.randrange(3)}", bound(), bound()) for _ in range(4))
    (stay,) = stays(encounter("e1", "2024-03-02", "2024-03-18", locations=locations))
    nights = [date(2024, 3, 2) + timedelta(days=n) for n in range(16)]
    wanted = Counter(
        location_at_end_of(night, stay.ward_stays, stay.zone)
        or stay.department
        or UNKNOWN_DEPARTMENT
        for night in nights
    )
    found = patient_days([stay], date(2024, 6, 1))
    assert {day.department: day.patient_days for day in found} == wanted
