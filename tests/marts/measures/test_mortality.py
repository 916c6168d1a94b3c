"""In-hospital and 30-day mortality."""

from __future__ import annotations

from datetime import date
from hashlib import sha256

import pytest

from metriccare.marts.stays.history import Coding
from tests.marts.measures.people import encounter, hl7, judged, nubc, outcomes, stays

IN, THIRTY = "mortality_in_hospital", "mortality_30d"
ORIGIN = "https://www.nubc.org/CodeSystem/PointOfOrigin"


@pytest.mark.parametrize("to", [hl7("hosp"), hl7("other-hcf"), nubc("40")])
def test_hospice_and_other_facilities_are_no_death_in_hospital(to) -> None:  # type: ignore[no-untyped-def]
    assert outcomes(IN, encounter("e1", "2024-01-01", "2024-01-05", to=to))["e1"] == 0


def test_a_death_hours_after_discharge_home_counts_only_in_30_days() -> None:
    stay = encounter("e1", "2024-01-01T08:00:00-05:00", "2024-01-05T10:00:00-05:00")
    died = "2024-01-05T13:00:00-05:00"
    assert outcomes(IN, stay, died=died)["e1"] == 0
    assert outcomes(THIRTY, stay, died=died)["e1"] == 1


@pytest.mark.parametrize(("died", "expected"), [("2024-03-31", 1), ("2024-04-01", 0)])
def test_30_days_are_counted_from_admission(died: str, expected: int) -> None:
    assert (
        outcomes(THIRTY, encounter("e1", "2024-03-01", "2024-03-05"), died=died)["e1"] == expected
    )


def test_a_death_after_transfer_is_charged_once_to_each_measures_hospital() -> None:
    chain = (
        encounter("e1", "2024-03-01", "2024-03-03", to=nubc("02")),
        encounter("e2", "2024-03-03", "2024-03-10", "H2", to=nubc("20")),
    )
    assert outcomes(IN, *chain) == {"e1": ["transferred_out"], "e2": 1}
    assert outcomes(THIRTY, *chain, died="2024-03-10") == {"e1": 1, "e2": ["not_first_in_episode"]}


def test_without_a_disposition_a_death_inside_the_stay_counts_and_is_flagged() -> None:
    stay = encounter("e1", "2024-01-01", "2024-01-05", to=())
    assert outcomes(IN, stay, died="2024-01-05")["e1"] == 1
    assert "derived" in stays(stay, died="2024-01-05")[0].dq_flags
    assert outcomes(IN, stay)["e1"] == ["unknown_disposition"]
    assert outcomes(IN, stay, died="2024-01")["e1"] == ["unknown_disposition"]


def test_admission_from_hospice_is_left_out() -> None:
    stay = encounter("e1", "2024-01-01", "2024-01-05", admit_sources=(Coding(ORIGIN, "F"),))
    assert outcomes(IN, stay)["e1"] == ["from_hospice"]


def test_died_by_disposition_without_a_date_died_at_discharge() -> None:
    stay = encounter("e1", "2024-01-01", "2024-01-05", to=nubc("20"))
    assert judged(THIRTY, stay)["e1"].outcome_date == date(2024, 1, 5)
    assert judged(THIRTY, stay, deceased=True)["e1"].numerator == 1


@pytest.mark.parametrize(
    ("more", "reasons"),
    [
        ({"deceased": True}, ["vital_status_unknown"]),
        ({"died": "2023-12-30"}, ["death_before_admission"]),
        ({"as_of": date(2024, 1, 30)}, ["censored"]),
        ({"as_of": date(2024, 1, 30), "died": "2024-01-20"}, 1),
        ({"as_of": date(2024, 1, 31)}, 0),
        ({"died": "2024-01"}, 1),
        ({"died": "2024"}, ["indeterminate_death_date"]),
        ({"died": "2025"}, 0),
        ({"died": "2024-02-20", "as_of": date(2024, 2, 10)}, 0),
    ],
)
def test_what_is_known_of_the_death_decides(more, reasons) -> None:  # type: ignore[no-untyped-def]
    stay = encounter("e1", "2024-01-01", "2024-01-05")
    assert outcomes(THIRTY, stay, **more)["e1"] == reasons


def test_a_vague_death_is_after_the_last_discharge_alive() -> None:
    first = encounter("e1", "2024-01-03", "2024-01-05")
    later = encounter("e2", "2024-02-01", "2024-02-10")
    assert outcomes(THIRTY, first, died="2024-02")["e1"] == ["indeterminate_death_date"]
    found = outcomes(THIRTY, first, later, died="2024-02")
    assert found["e1"] in (0, ["not_sampled"])


def test_one_episode_per_person_and_year_is_chosen_by_the_smallest_hash() -> None:
    ids = ["e1", "e2", "e3"]
    year = [encounter(id, f"2024-0{n}-01", f"2024-0{n}-04") for n, id in enumerate(ids, 1)]
    found = outcomes(THIRTY, *year, encounter("e4", "2025-01-01", "2025-01-02"))
    chosen = min(ids, key=lambda id: sha256(id.encode()).hexdigest())
    assert {id for id in ids if found[id] == 0} == {chosen}
    assert all(found[id] == ["not_sampled"] for id in ids if id != chosen)
    assert found["e4"] == 0
