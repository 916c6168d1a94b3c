"""30-day unplanned readmission: who is an index, what is a readmission."""

from __future__ import annotations

from datetime import date

import pytest

from metriccare.marts.stays.history import Coding, Procedure
from tests.marts.measures.people import SNOMED, elective, encounter, hl7, nubc, outcomes

M = "readmission_30d"


@pytest.mark.parametrize(("day", "expected"), [("2024-01-31", 1), ("2024-02-01", 0)])
def test_the_window_ends_30_dates_after_discharge(day: str, expected: int) -> None:
    found = outcomes(M, encounter("e1", "2023-12-28", "2024-01-01"), encounter("e2", day, day))
    assert found["e1"] == expected


def test_days_are_counted_by_dates_across_the_change_of_clocks() -> None:
    index = encounter("e1", "2024-03-05T10:00:00-05:00", "2024-03-08T00:10:00-05:00")
    back = encounter("e2", "2024-04-07T23:50:00-04:00", "2024-04-09T08:00:00-04:00")
    assert outcomes(M, index, back)["e1"] == 1


def test_a_transfer_is_no_readmission_and_the_last_hospital_is_the_index() -> None:
    found = outcomes(
        M,
        encounter("e1", "2024-05-07", "2024-05-10"),
        encounter("e2", "2024-05-11", "2024-05-15", "H2"),
    )
    assert found == {"e1": ["transferred_out"], "e2": 0}


def test_a_readmission_is_charged_to_the_last_hospital_of_the_chain() -> None:
    found = outcomes(
        M,
        encounter("e1", "2024-05-07", "2024-05-10"),
        encounter("e2", "2024-05-10", "2024-05-15", "H2"),
        encounter("e3", "2024-06-12", "2024-06-14", "H3"),
    )
    assert found == {"e1": ["transferred_out"], "e2": 1, "e3": 0}


def test_a_planned_first_admission_hides_a_later_unplanned_one() -> None:
    found = outcomes(
        M,
        encounter("e1", "2024-04-28", "2024-05-01"),
        encounter("e2", "2024-05-10", "2024-05-13", why="M17.11", priorities=elective()),
        encounter("e3", "2024-05-20", "2024-05-25", why="A41.9"),
    )
    assert found == {"e1": 0, "e2": 1, "e3": 0}


@pytest.mark.parametrize(
    "ignored",
    [
        encounter("e2", "2024-01-05", "2024-01-06", class_code="OBSENC"),
        encounter("e2", "2024-01-05", "2024-01-05", class_code="EMER"),
        encounter("e2", "2024-01-05", "2024-01-09", class_code="NONAC"),
        encounter("e2", "2024-01-05", "2024-01-09", status="entered-in-error"),
        encounter("e2", "2024-01-05", "2024-01-09", status="planned"),
    ],
    ids=["observation", "emergency", "non-acute", "in error", "planned"],
)
def test_only_acute_admissions_that_happened_are_readmissions(ignored) -> None:  # type: ignore[no-untyped-def]
    found = outcomes(
        M,
        encounter("e1", "2023-12-28", "2024-01-01"),
        ignored,
        encounter("e3", "2024-02-10", "2024-02-12"),
    )
    assert found["e1"] == 0


def test_a_discharge_without_30_days_seen_is_censored() -> None:
    found = outcomes(
        M,
        encounter("e1", "2024-05-28", "2024-05-31"),
        as_of=date(2024, 6, 30),
    ) | outcomes(M, encounter("e2", "2024-06-03", "2024-06-05"), as_of=date(2024, 6, 30))
    assert found == {"e1": 0, "e2": ["censored"]}


def test_returning_the_same_date_for_another_reason_is_a_readmission() -> None:
    found = outcomes(
        M,
        encounter("e1", "2024-01-01T08:00:00-05:00", "2024-01-03T08:00:00-05:00", why="J18.9"),
        encounter("e2", "2024-01-03T17:00:00-05:00", "2024-01-05T08:00:00-05:00", why="K92.2"),
    )
    assert found == {"e1": 1, "e2": 0}


def test_a_readmission_that_is_still_open_counts() -> None:
    found = outcomes(
        M,
        encounter("e1", "2024-01-01", "2024-01-03"),
        encounter("e2", "2024-01-20"),
        as_of=date(2024, 3, 1),
    )
    assert found == {"e1": 1, "e2": ["open_stay"]}


@pytest.mark.parametrize(
    ("stay", "reason"),
    [
        (encounter("e1", "2024-01-01", "2024-01-05", to=nubc("20")), "died"),
        (encounter("e1", "2024-01-01", "2024-01-05", to=nubc("41")), "died"),
        (encounter("e1", "2024-01-01", "2024-01-05", to=hl7("exp")), "died"),
        (encounter("e1", "2024-01-01", "2024-01-05", to=nubc("7")), "against_medical_advice"),
        (encounter("e1", "2024-01-01", "2024-01-05", to=hl7("aadvice")), "against_medical_advice"),
        (encounter("e1", "2024-01-01", "2024-01-05", why="F32.2"), "psychiatric"),
        (encounter("e1", "2024-01-01", "2024-01-05", why="Z51.89"), "rehabilitation"),
        (encounter("e1", "2024-01-01", "2024-01-05", why="C34.90"), "cancer_treatment"),
        (encounter("e1", "2024-01-01", "2024-01-05", why="Z51.11"), "cancer_treatment"),
        (encounter("e1", "2024-01-01", "2024-01-05", to=nubc("02")), "transferred_out"),
        (encounter("e1", "2024-01-01", "2024-01-05", to=nubc("82")), "transferred_out"),
        (encounter("e1", "2024-01-01", "2024-12-31"), "stay_too_long"),
        (encounter("e1", "2024-01-01", "2024-01-05", class_code="NONAC"), "not_acute"),
        (encounter("e1", "2024-01-05", "2024-01-01"), "invalid_dates"),
        (encounter("e1", "2024-01-05", status="finished"), "invalid_dates"),
        (encounter("e1", "2024-01-05"), "open_stay"),
    ],
)
def test_a_stay_is_no_index_when(stay, reason) -> None:  # type: ignore[no-untyped-def]
    assert outcomes(M, stay)["e1"] == [reason]


def test_364_nights_are_not_too_long() -> None:
    assert outcomes(M, encounter("e1", "2023-01-01", "2023-12-31"))["e1"] == 0


@pytest.mark.parametrize("code", ["F05", "F10.229"])
def test_delirium_and_intoxication_are_not_psychiatric(code: str) -> None:
    assert outcomes(M, encounter("e1", "2024-01-01", "2024-01-05", why=code))["e1"] == 0


def test_cancer_with_a_major_operation_is_an_index() -> None:
    operation = Procedure("x", (Coding(SNOMED, "23968004"),), "e1")
    stay = encounter("e1", "2024-01-01", "2024-01-05", why="C18.9")
    assert outcomes(M, stay, procedures=(operation,))["e1"] == 0


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        ("2006-01-02", ["under_age"]),
        ("2006-01-01", 0),
        ("2006", ["age_indeterminate"]),
        ("2005", 0),
        (None, ["age_indeterminate"]),
    ],
)
def test_age_is_that_on_the_day_of_admission(born: str | None, expected: object) -> None:
    found = outcomes(M, encounter("e1", "2024-01-01", "2024-01-05"), born=born)
    assert found["e1"] == expected


def test_without_a_disposition_the_person_left_alive_unless_the_death_is_during_the_stay() -> None:
    stay = encounter("e1", "2024-01-01", "2024-01-05", to=())
    assert outcomes(M, stay)["e1"] == 0
    assert outcomes(M, stay, died="2024-01-04")["e1"] == ["died"]
    assert outcomes(M, stay, died="2024-01-09")["e1"] == 0
