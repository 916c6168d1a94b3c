"""What real feeds do to stays: classes that lie, hospitals nobody names, records nobody closes."""

from __future__ import annotations

from datetime import date

import pytest

from metriccare.marts.stays import flags
from metriccare.marts.stays.history import ClaimDiagnosis, Coding, Codings, EncounterDiagnosis
from tests.marts.measures.people import (
    ICD,
    SNOMED,
    claim,
    days,
    diagnosis,
    encounter,
    icd,
    infection,
    judged,
    lay,
    outcomes,
    principal,
    results,
    stays,
)

READMISSION, RATE = "readmission_30d", "infection_hospital_acquired"
YEAR_END = date(2024, 12, 31)
INDEX = encounter("a", "2024-03-01", "2024-03-05")


def typed(*snomed: str) -> Codings:
    return tuple(Coding(SNOMED, code) for code in snomed)


def flags_of(*encounters, **more):  # type: ignore[no-untyped-def]
    return {s.stay_id: set(s.dq_flags) for s in stays(*encounters, **more)}


# Emergency and observation types


@pytest.mark.parametrize("code", ["4525004", "50849002", "182813001", "448951000124107"])
@pytest.mark.parametrize("class_code", ["IMP", "ACUTE", "NONAC"])
def test_an_emergency_or_observation_visit_of_inpatient_class_opens_no_stay(
    code: str, class_code: str
) -> None:
    visit = encounter("b", "2024-03-05T18:00:00-05:00", "2024-03-05T22:00:00-05:00",
                      types=typed(code), class_code=class_code)  # fmt: skip
    assert [s.stay_id for s in stays(INDEX, visit)] == ["a"]
    assert outcomes(READMISSION, INDEX, visit) == {"a": 0}


@pytest.mark.parametrize(
    "types",
    [
        (Coding(None, None, "Emergency department patient visit (procedure)"),),
        (Coding("urn:local", "ED", "Emergency room admission"),),
        (Coding("urn:local", "OBS", "Admission to observation unit"),),
    ],
)
def test_the_type_may_be_given_by_its_text(types: Codings) -> None:
    assert stays(encounter("b", "2024-03-12", "2024-03-12", types=types)) == ()


@pytest.mark.parametrize("code", ["32485007", "183452005", "8715000", "185347001"])
def test_a_hospital_admission_by_any_type_is_a_stay(code: str) -> None:
    again = encounter("b", "2024-03-12", "2024-03-14", types=typed(code))
    assert outcomes(READMISSION, INDEX, again) == {"a": 1, "b": 0}
    both = encounter("b", "2024-03-12", "2024-03-14", types=typed("4525004", code))
    assert len(stays(INDEX, both)) == (1 if code == "185347001" else 2)


def test_a_service_type_rules_out_as_a_type_does() -> None:
    visit = encounter("b", "2024-03-12", "2024-03-13", service_types=typed("4525004"))
    assert stays(visit) == ()


def test_an_emergency_visit_that_overlaps_an_admission_is_no_second_feed_of_it() -> None:
    visit = encounter("b", "2024-03-01T08:00:00-05:00", "2024-03-01T14:00:00-05:00",
                      types=typed("4525004"), to=())  # fmt: skip
    stay = encounter("a", "2024-03-01T12:00:00-05:00", "2024-03-05T12:00:00-05:00")
    (found,) = stays(stay, visit)
    assert (found.encounter_ids, found.admit_at.hour) == (("a",), 17)


def test_hours_of_an_emergency_visit_of_inpatient_class_do_not_count_as_hospital_days() -> None:
    stay = encounter("a", "2024-03-01T20:00:00-05:00", "2024-03-08T12:00:00-05:00")
    inside = encounter("b", "2024-03-01T20:00:00-05:00", "2024-03-02T01:00:00-05:00",
                       types=typed("4525004"), part_of_id="a")  # fmt: skip
    found = stays(stay, inside)
    assert [(s.encounter_ids, s.arrival_date) for s in found] == [(("a",), date(2024, 3, 2))]


# Unknown hospitals


def unplaced(id: str, start: str, end: str | None, **more):  # type: ignore[no-untyped-def]
    return encounter(id, start, end, hospital=None, **more)


@pytest.mark.parametrize(
    ("start", "expected", "is_flagged"),
    [
        ("2024-03-05", {"a": ["transferred_out"], "b": 0}, True),
        ("2024-03-06", {"a": ["transferred_out"], "b": 0}, True),
        ("2024-03-07", {"a": 1, "b": 0}, False),
    ],
)
@pytest.mark.parametrize("first", ["H1", None])
def test_a_transfer_is_assumed_where_the_hospital_is_unknown(
    start: str, expected: dict[str, object], is_flagged: bool, first: str | None
) -> None:
    before = encounter("a", "2024-03-01", "2024-03-05", first, why="J44.1")
    after = unplaced("b", start, "2024-03-12", why="I50.9")
    assert outcomes(READMISSION, before, after) == expected
    assert all(
        (flags.episode.TRANSFER_ASSUMED in found) == is_flagged
        for found in flags_of(before, after).values()
    )
    assert len(results(before, after).record.episodes) == (1 if is_flagged else 2)


def test_a_stay_of_unknown_hospital_hands_over_to_a_known_one() -> None:
    before, after = unplaced("a", "2024-03-01", "2024-03-05"), encounter("b", "2024-03-06", None)
    assert outcomes("mortality_in_hospital", before, after)["a"] == ["transferred_out"]


def test_two_stays_of_one_known_hospital_are_no_transfer() -> None:
    again = encounter("b", "2024-03-06", "2024-03-09")
    assert outcomes(READMISSION, INDEX, again) == {"a": 1, "b": 0}
    assert "transfer_assumed" not in flags_of(INDEX, again)["a"]


def test_a_stay_that_is_not_acute_receives_no_transfer() -> None:
    nursing = unplaced("b", "2024-03-05", "2024-03-30", types=typed("449411000124106"))
    assert outcomes(READMISSION, INDEX, nursing)["a"] == 0


def test_a_stay_without_hospital_has_the_tenants_zone_whatever_other_places_have() -> None:
    from metriccare.marts.stays.facility import Facilities, LocationFacts

    far = LocationFacts("L9", time_zone="Asia/Tokyo")
    (found,) = stays(unplaced("a", "2024-03-01T23:00:00-05:00", "2024-03-03"),
                     facilities=Facilities(locations={"L9": far}))  # fmt: skip
    assert (found.zone.key, found.admit_date) == ("America/New_York", date(2024, 3, 1))


# Several principal diagnoses


def ranked(*marked: EncounterDiagnosis):  # type: ignore[no-untyped-def]
    return encounter("a", "2024-03-01", "2024-03-05", why=None, diagnoses=marked)


def chosen(*encounters, **more):  # type: ignore[no-untyped-def]
    (stay,) = stays(*encounters, **more)
    code = stay.principal.coding.code if stay.principal else None
    return code, "principal_ambiguous" in stay.dq_flags


def test_of_several_diagnoses_of_rank_1_the_first_of_the_list_is_principal() -> None:
    marked = (principal("J44.1"), principal("I50.9"), principal("A41.9"))
    assert chosen(ranked(*marked)) == ("J44.1", True)
    assert chosen(ranked(*marked[::-1])) == ("A41.9", True)


def test_one_diagnosis_listed_twice_is_not_ambiguous() -> None:
    assert chosen(ranked(principal("J44.1"), principal("j441"))) == ("J44.1", False)
    assert chosen(ranked(principal("J44.1"), diagnosis("unknown", rank=1))) == ("J44.1", False)
    assert chosen(INDEX) == ("J44.1", False)


def test_of_several_principal_diagnoses_of_a_claim_the_lowest_sequence_is_taken() -> None:
    def line(sequence: int | None, code: str) -> ClaimDiagnosis:
        return ClaimDiagnosis(sequence, icd(code), types=("principal",))

    lines = (line(3, "J44.1"), line(1, "I50.9"), line(2, "A41.9"))
    bill = claim(*lines, encounter_ids=("a",))
    assert chosen(ranked(), claims=(bill,)) == ("I50.9", True)
    unnumbered = claim(line(None, "J44.1"), line(None, "I50.9"), encounter_ids=("a",))
    assert chosen(ranked(), claims=(unnumbered,)) == ("J44.1", True)


def test_another_kind_of_mark_is_no_rival() -> None:
    discharge = EncounterDiagnosis(codings=icd("I50.9"), uses=("DD",), rank=1)
    assert chosen(ranked(discharge, principal("J44.1"))) == ("J44.1", False)


def test_two_feeds_that_mark_one_diagnosis_each_are_not_ambiguous() -> None:
    twin = encounter("b", "2024-03-01", "2024-03-05", why="I50.9")
    assert chosen(INDEX, twin)[1] is False


# Conditions without an encounter


def test_a_condition_that_names_no_encounter_belongs_to_no_stay_by_its_date() -> None:
    apart = infection("c1", "2024-03-04", encounter_id=None)
    assert outcomes(RATE, INDEX, conditions=(apart,)) == {"a": 0}
    assert results(INDEX, conditions=(apart,)).record.events == ()


def test_it_belongs_to_the_stay_whose_encounter_names_it() -> None:
    naming = encounter("a", "2024-03-01", "2024-03-05", why=None,
                       diagnoses=(principal("J44.1"), diagnosis("c1")))  # fmt: skip
    apart = infection("c1", "2024-03-04", encounter_id=None)
    assert outcomes(RATE, naming, conditions=(apart,)) == {"a": 1}


def test_of_two_stays_that_name_it_the_one_with_its_date_has_it() -> None:
    named = (principal("J44.1"), diagnosis("c1"))
    first = encounter("a", "2024-03-01", "2024-03-05", why=None, diagnoses=named)
    second = encounter("b", "2024-04-01", "2024-04-09", why=None, diagnoses=named)
    other = encounter("c", "2024-05-01", "2024-05-09")
    apart = infection("c1", "2024-04-04", encounter_id=None)
    assert outcomes(RATE, first, second, conditions=(apart,)) == {"a": 0, "b": 1}
    later = infection("c1", "2024-05-04", encounter_id=None)
    assert outcomes(RATE, first, second, other, conditions=(later,))["c"] == 0


def test_a_condition_of_an_outpatient_encounter_still_goes_by_its_date() -> None:
    seen = infection("c1", "2024-03-06", encounter_id="clinic")
    assert outcomes(RATE, INDEX, conditions=(seen,)) == {"a": 1}


# Open stays


@pytest.mark.parametrize(
    ("as_of", "patient_days"),
    [
        (date(2024, 12, 31), 366),
        (date(2025, 1, 1), 0),
    ],
)
def test_an_encounter_open_for_more_than_365_days_leaves_patient_days(
    as_of: date, patient_days: int
) -> None:
    forgotten = encounter("a", "2024-01-01", None)
    found = results(forgotten, as_of=as_of)
    assert sum(d.patient_days for d in found.days) == patient_days
    assert ("open_stay_too_long" in flags_of(forgotten, as_of=as_of)["a"]) == (patient_days == 0)


def test_its_events_leave_the_rates_too_and_it_says_why() -> None:
    forgotten = encounter("e1", "2022-01-01", None)
    event = infection(onset="2022-01-05")
    found = outcomes(RATE, forgotten, conditions=(event,), as_of=YEAR_END)
    assert found == {"e1": ["open_stay_too_long"]}
    assert outcomes("alos", forgotten, as_of=YEAR_END) == {"e1": ["open_stay"]}


def test_a_finished_stay_of_two_years_keeps_its_patient_days() -> None:
    long = encounter("a", "2022-03-01", "2024-03-01")
    assert sum(days(long).values()) == 731
    assert "open_stay_too_long" not in flags_of(long)["a"]


def test_an_unfinished_encounter_with_an_end_after_two_years_is_as_long() -> None:
    odd = encounter("a", "2022-03-01", "2024-03-01", status="in-progress")
    assert days(odd) == {}
    assert "open_stay_too_long" in flags_of(odd)["a"]


def test_a_forgotten_encounter_is_still_the_readmission_it_was() -> None:
    index = encounter("a", "2022-03-01", "2022-03-05")
    forgotten = encounter("b", "2022-03-20", None, why="I50.9")
    assert outcomes(READMISSION, index, forgotten, as_of=YEAR_END)["a"] == 1


def test_a_night_in_two_stays_of_one_hospital_counts_once() -> None:
    forgotten = encounter("a", "2024-05-01", None, locations=(lay("w1"),))
    again = encounter("b", "2024-05-11", "2024-05-14", locations=(lay("w2"),), why="I50.9")
    found = days(forgotten, again, as_of=date(2024, 5, 31))
    assert found == {("w1", "2024-05"): 28, ("w2", "2024-05"): 3}


def test_a_day_case_during_an_open_stay_keeps_its_day() -> None:
    forgotten = encounter("a", "2024-05-01", None, locations=(lay("w1"),))
    case = encounter("b", "2024-05-11", "2024-05-11", locations=(lay("w2"),), why="I50.9")
    found = days(forgotten, case, as_of=date(2024, 5, 31))
    assert found == {("w1", "2024-05"): 30, ("w2", "2024-05"): 1}


def test_two_open_stays_of_one_hospital_count_each_night_once() -> None:
    first = encounter("a", "2024-05-01", None, locations=(lay("w1"),))
    second = encounter("b", "2024-07-30", None, locations=(lay("w2"),), why="I50.9")
    found = days(first, second, as_of=date(2024, 7, 31))
    assert found == {
        ("w1", "2024-05"): 31,
        ("w1", "2024-06"): 30,
        ("w1", "2024-07"): 29,
        ("w2", "2024-07"): 2,
    }
    soon = encounter("b", "2024-05-04", None)
    assert sum(days(first, soon, as_of=date(2024, 5, 31)).values()) == 31


def test_an_encounter_forgotten_for_years_does_not_swallow_the_stay_of_today() -> None:
    forgotten = encounter("a", "2015-05-01", None)
    today = encounter("b", "2024-05-29", None, why="I50.9")
    assert sum(days(forgotten, today, as_of=date(2024, 5, 31)).values()) == 3
    assert [s.stay_id for s in stays(forgotten, today, as_of=YEAR_END)] == ["a", "b"]


def test_two_feeds_of_one_open_stay_are_one_stay() -> None:
    twins = (encounter("a", "2024-05-01", None), encounter("b", "2024-05-03", None))
    assert len(stays(*twins, as_of=date(2024, 5, 31))) == 1


def test_nights_at_two_hospitals_count_at_both() -> None:
    forgotten = encounter("a", "2024-05-01", None)
    elsewhere = encounter("b", "2024-05-11", "2024-05-14", "H2")
    assert sum(days(forgotten, elsewhere, as_of=date(2024, 5, 31)).values()) == 34


def test_a_day_case_before_an_admission_of_the_same_date_keeps_its_day() -> None:
    case = encounter("a", "2024-05-11T08:00:00-04:00", "2024-05-11T10:00:00-04:00")
    again = encounter("b", "2024-05-11T15:00:00-04:00", "2024-05-13T10:00:00-04:00", why="I50.9")
    assert sum(days(case, again).values()) == 3


# Ages


@pytest.mark.parametrize(
    ("born", "age", "flagged"),
    [
        ("1894-03-01", 130, False),
        ("1893-03-01", None, True),
        ("1893-03-02", 130, False),
        ("1880-01-01", None, True),
        ("0001-01-01", None, True),
        ("1893", None, False),
        (None, None, False),
    ],
)
def test_an_age_above_130_at_admission_is_unknown(
    born: str | None, age: int | None, flagged: bool
) -> None:
    (stay,) = stays(INDEX, born=born)
    assert stay.age == age
    assert ("age_implausible" in stay.dq_flags) == flagged
    assert ("unknown_age" in stay.dq_flags) == (stay.ages is None)


def test_a_stay_of_implausible_age_is_in_no_measure_of_adults_and_in_those_of_all_ages() -> None:
    assert outcomes(READMISSION, INDEX, born="1880-01-01") == {"a": ["age_indeterminate"]}
    assert outcomes("alos", INDEX, born="1880-01-01") == {"a": 4}


# Words


def test_every_flag_has_a_sentence() -> None:
    flags_by_stay = flags_of(
        unplaced("a", "2024-03-01", "2024-03-05", to=(), why=None),
        unplaced("b", "2024-03-06", None),
        encounter("c", "2015-03-06", None),
        encounter("d", None, "2024-04-01", to=(Coding("urn:x", "?"),)),
        ranked(principal("J44.1"), principal(ICD)),
        born="1700-01-01",
        died="2010-01-01",
        as_of=YEAR_END,
    )
    found = set().union(*flags_by_stay.values())
    assert found <= set(flags.MEANING)
    assert len(found) >= 9
    assert all(text.endswith(".") for text in flags.MEANING.values())


def test_a_reason_is_given_for_every_stay_left_out() -> None:
    forgotten = encounter("a", "2015-05-01", None)
    for measure in ("infection_cdiff_labid", "infection_mrsa_labid", RATE):
        (evidence,) = judged(measure, forgotten, as_of=YEAR_END).values()
        assert evidence.exclusion_reasons == ("open_stay_too_long",)
