"""Infection events: timing, present-on-admission, repeats, laboratory."""

from __future__ import annotations

from datetime import date

import pytest

from metriccare.marts.stays.facility import Facilities, LocationFacts
from metriccare.marts.stays.history import ClaimDiagnosis, Coding, LabResult
from metriccare.marts.stays.partial_date import partial_date
from tests.marts.measures.people import (
    HOSPITALS,
    LOINC,
    SNOMED,
    claim,
    coded,
    diagnosis,
    encounter,
    events,
    infection,
    lay,
    outcomes,
    principal,
    specimen,
)

RATE, SHARE = "infection_hospital_acquired", "infection_stay_share"
STAY = encounter("e1", "2024-03-01T23:50:00-05:00", "2024-03-08T12:00:00-05:00")


def origin(*conditions, stay=STAY, **more):  # type: ignore[no-untyped-def]
    return [e.origin for e in events(stay, conditions=conditions, **more)]


@pytest.mark.parametrize(
    ("onset", "expected"),
    [
        ("2024-03-03T00:10:00-05:00", "hospital_acquired"),
        ("2024-03-02T23:59:00-05:00", "community"),
        ("2024-03-03", "hospital_acquired"),
        ("2024-03-09", "hospital_acquired"),
        ("2024-03-10", "community"),
        ("2024-03", "unknown"),
        (None, "unknown"),
    ],
)
def test_onset_on_day_3_to_the_day_after_discharge_is_hospital_acquired(
    onset: str | None, expected: str
) -> None:
    assert origin(infection(onset=onset)) == [expected]


@pytest.mark.parametrize(
    "status", ["refuted", "entered-in-error", "provisional", "differential", "unconfirmed"]
)
def test_what_is_not_confirmed_is_no_event(status: str) -> None:
    assert origin(infection(onset="2024-03-05", verification=status)) == []
    assert origin(infection(onset="2024-03-05", verification=None)) == ["hospital_acquired"]


@pytest.mark.parametrize(
    ("letter", "onset", "expected"),
    [
        ("Y", "2024-03-05", "present_on_admission"),
        ("w", "2024-03-05", "present_on_admission"),
        ("N", "2024-03-01", "hospital_acquired"),
        ("u", None, "hospital_acquired"),
        ("1", "2024-03-05", "hospital_acquired"),
        ("E", None, "unknown"),
    ],
)
def test_the_present_on_admission_indicator_beats_the_dates(
    letter: str, onset: str | None, expected: str
) -> None:
    said = encounter(
        "e1",
        "2024-03-01",
        "2024-03-08",
        diagnoses=(principal("J44.1"), diagnosis("c1", letter)),
    )
    assert origin(infection(onset=onset), stay=said) == [expected]


def test_a_blank_indicator_beside_others_counts_as_not_present() -> None:
    lines = (coded("J44.1", "Y", types=("principal",)), coded("T83.511A"))
    (event,) = events(STAY, claims=(claim(*lines),))
    assert (event.origin, event.method, event.event_date) == ("hospital_acquired", "claim", None)
    assert outcomes(RATE, STAY, claims=(claim(*lines),))["e1"] == 1


def test_a_claim_without_any_indicator_says_nothing() -> None:
    lines = (coded("J44.1", types=("principal",)), coded("T83.511A"))
    assert events(STAY, claims=(claim(*lines),)) == ()


def test_a_claim_line_that_only_points_to_a_condition_says_nothing() -> None:
    lines = (coded("J44.1", "Y"), ClaimDiagnosis(condition_id="c1"))
    found = origin(infection(onset="2024-03-02"), claims=(claim(*lines),))
    assert found == ["community"]


def test_the_principal_diagnosis_is_never_hospital_acquired() -> None:
    stay = encounter("e1", "2024-03-01", "2024-03-08", why="A04.72")
    assert origin(infection(onset="2024-03-05", code="A04.72"), stay=stay) == ["community"]


def test_one_infection_coded_three_times_is_one_event() -> None:
    problem = infection("c2", "2024-03-05", encounter_id=None)
    found = events(
        STAY,
        conditions=(infection(onset="2024-03-05"), problem),
        claims=(claim(coded("J44.1", "Y"), coded("T83.511A", "N")),),
    )
    assert [(e.method, e.condition_ids) for e in found] == [("condition", ("c1", "c2"))]


@pytest.mark.parametrize(("second", "count"), [("2024-03-18", 1), ("2024-03-19", 2)])
def test_the_same_type_within_14_days_is_one_event(second: str, count: int) -> None:
    stay = encounter("e1", "2024-03-01", "2024-03-25")
    conditions = (infection("c1", "2024-03-05"), infection("c2", second))
    assert outcomes(RATE, stay, conditions=conditions)["e1"] == count
    assert outcomes(SHARE, stay, conditions=conditions)["e1"] == 1


def test_types_are_counted_apart() -> None:
    conditions = (infection("c1", "2024-03-05"), infection("c2", "2024-03-05", "A04.72"))
    assert outcomes(RATE, STAY, conditions=conditions)["e1"] == 2


def test_an_infection_seen_before_the_admission_is_the_same_event() -> None:
    before = infection("c0", "2024-02-28", encounter_id="office")
    inside = infection("c1", "2024-03-05")
    assert origin(before, inside) == ["community"]


def test_time_in_the_emergency_department_does_not_count() -> None:
    places = Facilities(HOSPITALS, {"ed": LocationFacts("ed", care="emergency")})
    waited = encounter(
        "e1",
        "2024-03-01T20:00:00-05:00",
        "2024-03-08T12:00:00-05:00",
        locations=(
            lay("ed", "2024-03-01T20:00:00-05:00", "2024-03-02T03:00:00-05:00"),
            lay("w", "2024-03-02T03:00:00-05:00", "2024-03-08T12:00:00-05:00"),
        ),
    )
    assert origin(infection(onset="2024-03-03"), stay=waited, facilities=places) == ["community"]
    visit = encounter(
        "ed1", "2024-03-01T20:00:00-05:00", "2024-03-02T03:00:00-05:00", class_code="EMER"
    )
    plain = encounter("e1", "2024-03-01T20:00:00-05:00", "2024-03-08T12:00:00-05:00")
    (event,) = events(plain, visit, conditions=(infection(onset="2024-03-03"),))
    assert (event.origin, event.hospital_day) == ("community", 2)


@pytest.mark.parametrize(
    ("day", "expected"), [("2024-03-03", "community"), ("2024-03-04", "hospital_acquired")]
)
def test_a_specimen_of_day_4_is_hospital_onset(day: str, expected: str) -> None:
    (event,) = events(STAY, results=(specimen("o1", day),))
    assert (event.origin, event.method, event.infection_type) == (expected, "labid", "cdi")
    counted = outcomes("infection_cdiff_labid", STAY, results=(specimen("o1", day),))
    assert counted["e1"] == int(expected == "hospital_acquired")
    assert outcomes(RATE, STAY, results=(specimen("o1", day),))["e1"] == 0


def _result(**more):  # type: ignore[no-untyped-def]
    fields = {
        "codings": (Coding(LOINC, "54067-4"),),
        "collected": partial_date("2024-03-05"),
    } | more
    return LabResult("o1", **fields)


_INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"


@pytest.mark.parametrize(
    ("result", "count"),
    [
        (_result(values=(Coding(SNOMED, "260373001"),)), 1),
        (_result(value_text="Positive"), 1),
        (_result(value_text="DETECTED"), 1),
        (_result(value_text="Not detected"), 0),
        (_result(value_text="negative"), 0),
        (_result(interpretations=(Coding(_INTERPRETATION, "POS"),)), 1),
        (_result(interpretations=(Coding(_INTERPRETATION, "A"),)), 1),
        (_result(interpretations=(Coding(_INTERPRETATION, "NEG"),)), 0),
        (_result(), 0),
        (_result(codings=(Coding(LOINC, "600-7"),), values=(Coding(SNOMED, "115329001"),)), 1),
        (_result(codings=(Coding(LOINC, "600-7"),), values=(Coding(SNOMED, "10828004"),)), 0),
        (_result(codings=(Coding(LOINC, "1-1"),), values=(Coding(SNOMED, "10828004"),)), 0),
    ],
)
def test_a_result_is_positive_by_code_words_interpretation_or_organism(result, count) -> None:  # type: ignore[no-untyped-def]
    assert len(events(STAY, results=(result,))) == count


@pytest.mark.parametrize(("second", "count"), [("2024-03-18", 1), ("2024-03-19", 2)])
def test_a_positive_specimen_within_14_days_is_a_duplicate(second: str, count: int) -> None:
    stay = encounter("e1", "2024-03-01", "2024-03-25")
    tests = (specimen("o1", "2024-03-05"), specimen("o2", second))
    assert outcomes("infection_cdiff_labid", stay, results=tests)["e1"] == count


def test_an_open_stay_counts_events_but_no_share() -> None:
    stay = encounter("e1", "2024-03-01")
    conditions = (infection(onset="2024-03-05"),)
    more = {"conditions": conditions, "as_of": date(2024, 3, 31)}
    assert outcomes(RATE, stay, **more)["e1"] == 1
    assert outcomes(SHARE, stay, **more)["e1"] == ["open_stay"]
