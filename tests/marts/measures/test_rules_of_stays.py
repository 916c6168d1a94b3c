"""Rules of stays and ground rules that no other test names: each test says its rule."""

from __future__ import annotations

from datetime import date

import pytest

from metriccare.marts.stays.facility import Facilities, OrganizationFacts
from metriccare.marts.stays.history import Procedure
from metriccare.marts.stays.identity import survivors
from tests.marts.measures.people import (
    claim,
    coded,
    elective,
    encounter,
    hl7,
    icd,
    lay,
    nubc,
    outcomes,
    results,
    stays,
)

READMISSION = "readmission_30d"


@pytest.mark.parametrize("status", ["finished", "completed", "discharged"])
def test_r4_and_r5_words_for_finished_close_a_stay(status: str) -> None:
    (stay,) = stays(encounter("e1", "2024-01-01", "2024-01-05", status=status))
    assert (stay.is_open, stay.los_days) == (False, 4)


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "planned"])
def test_an_encounter_that_did_not_happen_is_no_candidate(status: str) -> None:
    assert stays(encounter("e1", "2024-01-01", "2024-01-05", status=status)) == ()


@pytest.mark.parametrize("kind", ["OBSENC", "SS", "EMER", "AMB", "VR", "HH", "FLD", "PRENC"])
def test_these_classes_are_not_inpatient(kind: str) -> None:
    assert stays(encounter("e1", "2024-01-01", "2024-01-05", class_code=kind)) == ()


@pytest.mark.parametrize(("kind", "acute"), [("IMP", True), ("ACUTE", True), ("NONAC", False)])
def test_inpatient_is_acute_by_class(kind: str, acute: bool) -> None:
    (stay,) = stays(encounter("e1", "2024-01-01", "2024-01-05", class_code=kind))
    assert stay.is_acute is acute


@pytest.mark.parametrize(
    ("first_end", "second_start", "count"),
    [
        # Instants of one date decide by the minute ...
        ("2024-01-05T10:00:00-05:00", "2024-01-05T09:00:00-05:00", 1),
        ("2024-01-05T09:00:00-05:00", "2024-01-05T09:00:00-05:00", 2),
        ("2024-01-05T09:00:00-05:00", "2024-01-05T10:00:00-05:00", 2),
        # ... in any time zone ...
        ("2024-01-05T10:00:00-05:00", "2024-01-05T14:30:00Z", 1),
        ("2024-01-05T09:00:00-05:00", "2024-01-05T14:30:00Z", 2),
        # ... and where one side is a bare date, ends that touch do not overlap.
        ("2024-01-05", "2024-01-05T00:10:00-05:00", 2),
        ("2024-01-05T23:50:00-05:00", "2024-01-05", 2),
        ("2024-01-06", "2024-01-05", 1),
    ],
)
def test_overlapping_feeds_are_judged_on_instants(
    first_end: str, second_start: str, count: int
) -> None:
    first = encounter("e1", "2024-01-01", first_end, why="J18.9")
    second = encounter("e2", second_start, "2024-01-08", why="I50.9")
    assert len(stays(first, second)) == count


def test_an_open_and_a_closed_feed_of_one_admission_around_midnight_are_one_stay() -> None:
    still = encounter("e1", "2024-01-01T23:55:00-05:00")
    closed = encounter("e2", "2024-01-02T00:05:00-05:00", "2024-01-05T10:00:00-05:00")
    (stay,) = stays(still, closed)
    assert (stay.is_open, stay.admit_date, stay.los_days) == (False, date(2024, 1, 1), 4)


def test_an_encounter_never_closed_is_flagged_when_the_person_returns() -> None:
    still, later = stays(encounter("e1", "2024-01-01"), encounter("e2", "2024-03-05", "2024-03-08"))
    assert "overlaps_open_stay" in still.dq_flags
    assert "overlaps_open_stay" not in later.dq_flags


def test_three_feeds_that_overlap_in_a_chain_are_one_stay() -> None:
    found = stays(
        encounter("e1", "2024-01-01", "2024-01-04"),
        encounter("e2", "2024-01-06", "2024-01-09"),
        encounter("e3", "2024-01-03", "2024-01-07"),
    )
    assert [(s.encounter_ids, s.los_days) for s in found] == [(("e1", "e2", "e3"), 8)]


@pytest.mark.parametrize(("admitted", "episodes"), [("05", 1), ("06", 1), ("07", 2)])
@pytest.mark.parametrize("to", [nubc("01"), nubc("02"), nubc("20"), ()])
def test_admission_elsewhere_the_same_or_next_date_is_a_transfer_whatever_is_said(
    admitted: str,
    episodes: int,
    to,  # type: ignore[no-untyped-def]
) -> None:
    found = results(
        encounter("e1", "2024-01-01", "2024-01-05", to=to),
        encounter("e2", f"2024-01-{admitted}", "2024-01-09", "H2"),
    )
    assert len(found.record.episodes) == episodes


def test_each_hospitals_dates_are_its_own_zones() -> None:
    places = Facilities(
        {
            "H1": OrganizationFacts("H1", time_zone="America/New_York"),
            "H2": OrganizationFacts("H2", time_zone="America/Los_Angeles"),
        }
    )
    # Jan 6 04:00Z is Jan 5 at both; Jan 7 07:00Z is Jan 7 in New York, Jan 6 in Los Angeles.
    found = results(
        encounter("e1", "2024-01-01T12:00:00Z", "2024-01-06T04:00:00Z"),
        encounter("e2", "2024-01-07T07:00:00Z", "2024-01-09T12:00:00Z", "H2"),
        facilities=places,
    )
    assert [len(e.stays) for e in found.record.episodes] == [2]


def test_the_encounter_that_ended_last_gives_class_and_department() -> None:
    parent = encounter("e1", "2024-01-01", "2024-01-03", locations=(lay("w1"),))
    child = encounter(
        "e2",
        "2024-01-03",
        "2024-01-06",
        class_code="ACUTE",
        part_of_id="e1",
        locations=(lay("w2"),),
    )
    (stay,) = stays(parent, child)
    assert (stay.class_code, stay.department) == ("ACUTE", "w2")


@pytest.mark.parametrize("code", range(81, 96))
def test_nubc_81_to_95_say_what_their_mirror_says(code: int) -> None:
    mirror = {81: 1, 82: 2, 83: 3, 84: 4, 85: 5, 86: 6, 87: 21, 88: 43, 89: 61, 90: 62}
    mirror |= {91: 63, 92: 64, 93: 65, 94: 66, 95: 70}

    def word(number: int) -> str:
        (stay,) = stays(encounter("e1", "2024-01-01", "2024-01-05", to=nubc(f"{number:02}")))
        return str(stay.disposition)

    assert word(code) == word(mirror[code]) != "unknown"


@pytest.mark.parametrize("code", ["40", "41", "42"])
def test_a_hospice_death_is_flagged_and_neither_alive_nor_a_death_in_hospital(code: str) -> None:
    stay = encounter("e1", "2024-01-01", "2024-01-05", to=nubc(code))
    (found,) = stays(stay)
    assert "hospice_death" in found.dq_flags
    assert outcomes(READMISSION, stay)["e1"] == ["died"]
    assert outcomes("mortality_in_hospital", stay)["e1"] == 0


@pytest.mark.parametrize("to", [nubc("02"), nubc("82")])
def test_a_transfer_whose_partner_is_missing_is_left_out_of_both_measures(to) -> None:  # type: ignore[no-untyped-def]
    stay = encounter("e1", "2024-01-01", "2024-01-05", to=to)
    assert outcomes(READMISSION, stay)["e1"] == ["transferred_out"]
    assert outcomes("mortality_in_hospital", stay)["e1"] == ["transferred_out"]


def test_a_stay_without_a_disposition_is_an_index_and_flagged() -> None:
    stay = encounter("e1", "2024-01-01", "2024-01-05", to=())
    assert outcomes(READMISSION, stay)["e1"] == 0
    assert outcomes("mortality_in_hospital", stay)["e1"] == ["unknown_disposition"]
    assert "missing_disposition" in stays(stay)[0].dq_flags


def test_replaced_records_are_followed_to_the_survivor_and_circles_end() -> None:
    assert survivors([("a", "b"), ("b", "c")]) == {"a": "c", "b": "c"}
    assert survivors([("a", "b"), ("b", "a")]) == {"a": "a", "b": "a"}
    assert survivors([("x", "a"), ("a", "b"), ("b", "a")])["x"] == "a"


def test_a_readmission_can_be_an_index_and_each_index_counts_once() -> None:
    found = outcomes(
        READMISSION,
        encounter("e1", "2024-01-01", "2024-01-05"),
        encounter("e2", "2024-01-10", "2024-01-12"),
        encounter("e3", "2024-01-20", "2024-01-22"),
    )
    assert found == {"e1": 1, "e2": 1, "e3": 0}


def test_a_stay_that_began_elsewhere_before_the_discharge_is_no_readmission() -> None:
    found = outcomes(
        READMISSION,
        encounter("e1", "2024-01-01", "2024-01-10"),
        encounter("e2", "2024-01-08", "2024-01-15", "H2"),
    )
    assert found["e1"] == 0


def test_a_claim_made_after_as_of_changes_nothing() -> None:
    from dataclasses import replace

    from metriccare.marts.stays.partial_date import partial_date

    stay = encounter("e1", "2024-01-01", "2024-01-05", why=None)
    late = replace(claim(coded("F32.2", types=("principal",))), created=partial_date("2024-03-01"))
    reasons = outcomes(READMISSION, stay, claims=(late,), as_of=date(2024, 3, 1))
    assert reasons["e1"] == ["psychiatric"]
    assert outcomes(READMISSION, stay, claims=(late,), as_of=date(2024, 2, 29))["e1"] == 0


def test_a_procedure_done_after_as_of_changes_nothing() -> None:
    from metriccare.marts.stays.history import Coding
    from metriccare.marts.stays.partial_date import partial_date

    pcs = (Coding("http://www.cms.gov/Medicare/Coding/ICD10", "0FY00Z0"),)
    transplant = Procedure("x1", pcs, "e1", partial_date("2024-01-03"))
    stay = encounter("e1", "2024-01-01")
    assert stays(stay, procedures=(transplant,), as_of=date(2024, 1, 3))[0].planned
    assert not stays(stay, procedures=(transplant,), as_of=date(2024, 1, 2))[0].planned


@pytest.mark.parametrize(
    "stay",
    [encounter("e1", "2024-01-05", "2024-01-01"), encounter("e1", "2024-01-05", status="finished")],
)
def test_impossible_dates_are_flagged_and_have_no_length_or_days(stay) -> None:  # type: ignore[no-untyped-def]
    found = results(stay)
    assert found.record.stays[0].dq_flags & {"end_before_start", "missing_end"}
    assert outcomes("alos", stay)["e1"] == ["invalid_dates"]
    assert found.days == ()


def test_a_length_belongs_to_the_month_of_discharge() -> None:
    stay = encounter("e1", "2024-01-30", "2024-02-02")
    (found,) = [e for id_, e in results(stay).evidence if id_ == "alos"]
    assert (found.period_date, found.numerator) == (date(2024, 2, 2), 3)


def test_a_planned_readmission_is_an_index_of_its_own() -> None:
    knee = encounter("e2", "2024-01-10", "2024-01-13", why="M17.11", priorities=elective())
    found = outcomes(
        READMISSION,
        encounter("e1", "2024-01-01", "2024-01-05"),
        knee,
        encounter("e3", "2024-01-20", "2024-01-22", why="A41.9"),
    )
    assert found["e1"] == 0
    assert found["e2"] == 1


@pytest.mark.parametrize("to", [hl7("exp"), nubc("20"), nubc("42")])
def test_a_death_dated_by_the_discharge_is_flagged_derived(to) -> None:  # type: ignore[no-untyped-def]
    stay = encounter("e1", "2024-01-01", "2024-01-05", to=to)
    assert "derived" in stays(stay)[0].dq_flags
    assert "derived" not in stays(stay, died="2024-01-05")[0].dq_flags


def test_words_of_a_principal_diagnosis_never_matter_only_codes() -> None:
    (stay,) = stays(encounter("e1", "2024-01-01", "2024-01-05", why="j18.9"))
    assert stay.principal.codings == icd("j18.9")
    returned = encounter("e2", "2024-01-05", "2024-01-06", why="J189")
    assert len(stays(encounter("e1", "2024-01-01", "2024-01-05", why="J18.9"), returned)) == 1
