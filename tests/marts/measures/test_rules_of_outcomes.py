"""Rules of deaths, infections and patient days that no other test names."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from metriccare.marts.stays.facility import Facilities, LocationFacts
from metriccare.marts.stays.history import ClaimDiagnosis, EncounterDiagnosis, LabResult
from metriccare.marts.stays.partial_date import partial_date
from tests.marts.measures.people import (
    HOSPITALS,
    claim,
    coded,
    days,
    diagnosis,
    encounter,
    events,
    icd,
    infection,
    judged,
    lay,
    nubc,
    outcomes,
    principal,
    results,
    specimen,
)

RATE, SHARE = "infection_hospital_acquired", "infection_stay_share"
CDIFF, MRSA = "infection_cdiff_labid", "infection_mrsa_labid"
IN_HOSPITAL, THIRTY = "mortality_in_hospital", "mortality_30d"
STAY = encounter("e1", "2024-03-01", "2024-03-20")


# Deaths


def test_a_transfer_in_stays_in_the_rate_of_the_second_hospital() -> None:
    found = outcomes(
        IN_HOSPITAL,
        encounter("e1", "2024-03-01", "2024-03-03"),
        encounter("e2", "2024-03-03", "2024-03-10", "H2", to=nubc("20")),
    )
    assert found == {"e1": ["transferred_out"], "e2": 1}


def test_a_death_at_the_minute_of_discharge_is_during_the_stay_and_a_later_one_is_not() -> None:
    stay = encounter("e1", "2024-03-01T08:00:00-05:00", "2024-03-04T10:00:00-05:00", to=())
    assert outcomes(IN_HOSPITAL, stay, died="2024-03-04T10:00:00-05:00")["e1"] == 1
    assert outcomes(IN_HOSPITAL, stay, died="2024-03-04T10:01:00-05:00")["e1"] == [
        "unknown_disposition"
    ]


def test_a_known_disposition_is_not_overruled_by_a_death_inside_the_stay() -> None:
    stay = encounter("e1", "2024-03-01", "2024-03-04", to=nubc("01"))
    assert outcomes(IN_HOSPITAL, stay, died="2024-03-03")["e1"] == 0


def test_the_30_days_begin_with_the_first_stay_of_the_episode() -> None:
    found = judged(
        THIRTY,
        encounter("e1", "2024-03-01", "2024-03-20"),
        encounter("e2", "2024-03-20", "2024-04-10", "H2"),
        died="2024-04-01",
    )
    assert (found["e1"].numerator, found["e1"].hospital_id) == (0, "H1")
    assert found["e2"].exclusion_reasons == ("not_first_in_episode",)


def test_an_episode_left_against_advice_is_no_candidate_for_the_yearly_draw() -> None:
    left = encounter("e1", "2024-01-01", "2024-01-03", to=nubc("07"))
    kept = encounter("e2", "2024-06-01", "2024-06-03")
    assert outcomes(THIRTY, left, kept) == {"e1": ["against_medical_advice"], "e2": 0}


def test_the_draw_is_by_the_calendar_year_of_admission() -> None:
    found = outcomes(
        THIRTY,
        encounter("e1", "2023-12-30", "2024-01-03"),
        encounter("e2", "2024-01-20", "2024-01-23"),
    )
    assert found == {"e1": 0, "e2": 0}


def test_a_death_known_to_the_month_counts_where_both_ends_agree() -> None:
    inside = encounter("e1", "2024-03-01", "2024-03-05")
    assert outcomes(THIRTY, inside, died="2024-03")["e1"] == 1
    before = encounter("e1", "2024-02-25", "2024-02-28")
    assert outcomes(THIRTY, before, died="2024-03")["e1"] == ["indeterminate_death_date"]


def test_the_sharpest_of_several_records_dates_the_death() -> None:
    from metriccare.marts.stays.history import Patient

    records = (
        Patient("p1", partial_date("1960-06-15"), partial_date("2024"), True, "female"),
        Patient("p2", None, partial_date("2024-03-10"), True, None),
    )
    found = judged(THIRTY, encounter("e1", "2024-03-01", "2024-03-05"), patients=records)
    assert found["e1"].outcome_date == date(2024, 3, 10)


def test_an_admission_after_the_death_is_left_out_and_flagged() -> None:
    facts = {"died": "2024-02-20"}
    late = encounter("e1", "2024-03-01", "2024-03-05")
    assert outcomes(THIRTY, late, **facts)["e1"] == ["death_before_admission"]
    assert "death_before_admission" in results(late, **facts).record.stays[0].dq_flags


# Infections


def test_time_under_observation_does_not_count_as_hospital_days() -> None:
    watched = encounter(
        "o1", "2024-03-01T20:00:00-05:00", "2024-03-02T09:00:00-05:00", class_code="OBSENC"
    )
    stay = encounter("e1", "2024-03-01T20:00:00-05:00", "2024-03-08T12:00:00-05:00")
    (event,) = events(stay, watched, conditions=(infection(onset="2024-03-03"),))
    assert (event.hospital_day, event.origin) == (2, "community")


def test_an_emergency_visit_at_another_hospital_delays_nothing() -> None:
    visit = encounter(
        "ed", "2024-03-01T20:00:00-05:00", "2024-03-02T09:00:00-05:00", "H2", class_code="EMER"
    )
    stay = encounter("e1", "2024-03-01T20:00:00-05:00", "2024-03-08T12:00:00-05:00")
    (event,) = events(stay, visit, conditions=(infection(onset="2024-03-03"),))
    assert event.hospital_day == 3


def test_present_anywhere_beats_not_present_elsewhere() -> None:
    said = encounter(
        "e1", "2024-03-01", "2024-03-20", diagnoses=(principal("J44.1"), diagnosis("c1", "N"))
    )
    bill = claim(coded("J44.1", "Y", types=("principal",)), coded("T83.511A", "Y"))
    (event,) = events(said, conditions=(infection(onset="2024-03-10"),), claims=(bill,))
    assert event.origin == "present_on_admission"


@pytest.mark.parametrize("letter", ["1", "E"])
def test_a_diagnosis_exempt_from_the_indicator_says_nothing(letter: str) -> None:
    bill = claim(coded("J44.1", "Y", types=("principal",)), coded("T83.511A", letter))
    assert events(STAY, claims=(bill,)) == ()
    (event,) = events(STAY, conditions=(infection(onset="2024-03-02"),), claims=(bill,))
    assert event.origin == "community"


def test_a_blank_on_a_claim_with_indicators_outweighs_the_conditions_dates() -> None:
    bill = claim(coded("J44.1", "Y", types=("principal",)), coded("T83.511A"))
    (event,) = events(STAY, conditions=(infection(onset="2024-03-02"),), claims=(bill,))
    assert (event.origin, event.method) == ("hospital_acquired", "condition")


def test_a_billing_diagnosis_of_the_encounter_left_blank_beside_others_is_unknown() -> None:
    said = encounter(
        "e1",
        "2024-03-01",
        "2024-03-20",
        diagnoses=(
            EncounterDiagnosis("c0", icd("J44.1"), ("billing",), 1, "Y"),
            diagnosis("c1"),
        ),
    )
    (event,) = events(said, conditions=(infection(onset=None),))
    assert event.origin == "unknown"


def test_an_infection_known_only_from_a_claim_belongs_to_the_period_of_the_discharge() -> None:
    bill = claim(coded("J44.1", "Y", types=("principal",)), coded("T83.511A", "N"))
    (event,) = events(encounter("e1", "2024-02-20", "2024-03-02"), claims=(bill,))
    assert (event.event_date, event.period_date) == (None, date(2024, 3, 2))


def test_an_event_belongs_to_the_month_it_began_in() -> None:
    stay = encounter("e1", "2024-02-20", "2024-03-02")
    (event,) = events(stay, conditions=(infection(onset="2024-02-28"),))
    assert event.period_date == date(2024, 2, 28)


def test_the_principal_diagnosis_of_a_claim_is_never_hospital_acquired() -> None:
    stay = encounter("e1", "2024-03-01", "2024-03-20", why=None)
    bill = claim(coded("T83.511A", "N", types=("principal",)), coded("J44.1", "Y"))
    assert events(stay, claims=(bill,)) == ()
    found = events(stay, conditions=(infection(onset="2024-03-10"),), claims=(bill,))
    assert [e.origin for e in found] == ["community"]


def test_the_14_days_hold_across_conditions_and_claims_and_apart_from_the_laboratory() -> None:
    bill = claim(coded("J44.1", "Y", types=("principal",)), coded("A04.72", "N"))
    found = events(
        STAY,
        conditions=(infection(onset="2024-03-08", code="A04.72"),),
        claims=(bill,),
        results=(specimen("r1", "2024-03-09"),),
    )
    assert sorted(e.method for e in found) == ["condition", "labid"]
    counted = dict.fromkeys((RATE, SHARE, CDIFF, MRSA))
    for id_ in counted:
        counted[id_] = outcomes(
            id_,
            STAY,
            conditions=(infection(onset="2024-03-08", code="A04.72"),),
            results=(specimen("r1", "2024-03-09"),),
        )["e1"]
    assert counted == {RATE: 1, SHARE: 1, CDIFF: 1, MRSA: 0}


def test_the_laboratory_alone_feeds_no_measure_of_conditions() -> None:
    assert outcomes(RATE, STAY, results=(specimen("r1", "2024-03-09"),))["e1"] == 0
    assert outcomes(SHARE, STAY, results=(specimen("r1", "2024-03-09"),))["e1"] == 0


def test_a_specimen_before_the_admission_opens_the_14_days() -> None:
    found = events(STAY, results=(specimen("r0", "2024-02-27"), specimen("r1", "2024-03-08")))
    assert found == ()
    (event,) = events(STAY, results=(specimen("r0", "2024-02-20"), specimen("r1", "2024-03-08")))
    assert event.origin == "hospital_acquired"


def test_repeats_are_looked_for_in_all_stays_of_a_person() -> None:
    first = encounter("e1", "2024-03-01", "2024-03-06")
    second = encounter("e2", "2024-03-08", "2024-03-20", "H2")
    found = outcomes(
        CDIFF, first, second, results=(specimen("r1", "2024-03-05"), specimen("r2", "2024-03-12"))
    )
    assert found == {"e1": 1, "e2": 0}


def test_mrsa_needs_the_organism_and_other_organisms_say_nothing() -> None:
    def found(organism: str) -> object:
        return outcomes(MRSA, STAY, results=(specimen("r1", "2024-03-09", "600-7", organism),))[
            "e1"
        ]

    assert (found("115329001"), found("112283007")) == (1, 0)


def test_a_negative_word_outweighs_an_abnormal_flag() -> None:
    from metriccare.marts.stays.history import Coding

    flag = (Coding("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "A"),)
    test = (Coding("http://loinc.org", "54067-4"),)
    said = LabResult("r1", test, collected=partial_date("2024-03-09"), interpretations=flag)
    assert outcomes(CDIFF, STAY, results=(said,))["e1"] == 1
    denied = replace(said, value_text="Not detected")
    assert outcomes(CDIFF, STAY, results=(denied,))["e1"] == 0


def test_what_happens_after_as_of_is_no_event() -> None:
    stay = encounter("e1", "2024-03-01")
    facts = {
        "conditions": (infection(onset="2024-03-09"),),
        "results": (specimen("r", "2024-03-09"),),
    }
    assert events(stay, **facts, as_of=date(2024, 3, 8)) == ()
    assert len(events(stay, **facts, as_of=date(2024, 3, 9))) == 2


def test_a_claim_line_that_points_to_a_condition_with_a_letter_of_its_own_decides() -> None:
    line = ClaimDiagnosis(condition_id="c1", on_admission="Y")
    (event,) = events(STAY, conditions=(infection(onset="2024-03-10"),), claims=(claim(line),))
    assert event.origin == "present_on_admission"


# Patient days


def test_an_open_stay_is_clipped_to_its_months() -> None:
    assert days(encounter("e1", "2024-03-28"), as_of=date(2024, 4, 2)) == {
        ("unknown", "2024-03"): 4,
        ("unknown", "2024-04"): 2,
    }


def test_the_ward_at_the_end_of_the_date_has_the_day() -> None:
    moved = encounter(
        "e1",
        "2024-03-01T08:00:00-05:00",
        "2024-03-04T10:00:00-05:00",
        locations=(
            lay("w1", "2024-03-01T08:00:00-05:00", "2024-03-02T23:59:00-05:00"),
            lay("w2", "2024-03-02T23:59:00-05:00", "2024-03-04T10:00:00-05:00"),
        ),
    )
    assert days(moved) == {("w1", "2024-03"): 1, ("w2", "2024-03"): 2}


def test_a_night_without_a_ward_belongs_to_the_last_one() -> None:
    gap = encounter(
        "e1",
        "2024-03-01T08:00:00-05:00",
        "2024-03-05T10:00:00-05:00",
        locations=(
            lay("w1", "2024-03-01T08:00:00-05:00", "2024-03-02T10:00:00-05:00"),
            lay("w2", "2024-03-04T08:00:00-05:00", "2024-03-05T10:00:00-05:00"),
        ),
    )
    assert days(gap) == {("w1", "2024-03"): 1, ("w2", "2024-03"): 3}


def test_a_day_of_25_hours_is_one_day() -> None:
    # Clocks went back in New York on Nov 3.
    stay = encounter("e1", "2024-11-02T23:30:00-04:00", "2024-11-04T00:30:00-05:00")
    assert sum(days(stay).values()) == 2
    assert outcomes("alos", stay)["e1"] == 2


def test_days_in_the_emergency_department_before_the_ward_are_patient_days() -> None:
    places = Facilities(HOSPITALS, {"ed": LocationFacts("ed", care="emergency")})
    stay = encounter("e1", "2024-03-01", "2024-03-03", locations=(lay("ed"),))
    assert sum(days(stay, facilities=places).values()) == 2


def test_wards_months_and_hospitals_give_the_same_number_of_days() -> None:
    found = results(
        encounter("e1", "2024-01-20", "2024-02-10", locations=(lay("w1", None, "2024-01-25"),)),
        encounter("e2", "2024-02-10", "2024-03-05", "H2", locations=(lay("w2"),)),
    )
    by_stay = {s.stay_id: s.los_days for s in found.record.stays}
    assert sum(d.patient_days for d in found.days) == sum(by_stay.values())
