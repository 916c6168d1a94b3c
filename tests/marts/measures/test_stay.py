"""How encounters become stays and episodes."""

from __future__ import annotations

from datetime import date

import pytest

from metriccare.marts.stays.facility import Facilities, LocationFacts, OrganizationFacts
from metriccare.marts.stays.history import Coding, EncounterDiagnosis
from tests.marts.measures.people import (
    HOSPITALS,
    SNOMED,
    claim,
    coded,
    encounter,
    hl7,
    icd,
    lay,
    nubc,
    results,
    stays,
)


def ids(found) -> list[str]:  # type: ignore[no-untyped-def]
    return [stay.stay_id for stay in found]


def test_a_return_on_the_same_date_for_the_same_reason_is_one_stay() -> None:
    (stay,) = stays(
        encounter("e1", "2024-01-01T08:00:00-05:00", "2024-01-03T08:00:00-05:00", why="J18.9"),
        encounter("e2", "2024-01-03T17:00:00-05:00", "2024-01-06T08:00:00-05:00", why="J18.9"),
    )
    assert (stay.encounter_ids, stay.los_midnights) == (("e1", "e2"), 5)


def test_a_return_on_the_same_date_for_another_reason_is_two_stays() -> None:
    assert ids(
        stays(
            encounter("e1", "2024-01-01", "2024-01-03", why="J18.9"),
            encounter("e2", "2024-01-03", "2024-01-06", why="I50.9"),
        )
    ) == ["e1", "e2"]


def test_the_same_stay_from_two_feeds_is_one_and_the_newer_feed_gives_the_values() -> None:
    (stay,) = stays(
        encounter("b", "2024-01-01", "2024-01-05", to=nubc("03"), updated="2024-02-01T00:00:00Z"),
        encounter("a", "2024-01-02", "2024-01-05", to=nubc("01"), updated="2024-01-09T00:00:00Z"),
    )
    assert (stay.stay_id, stay.disposition) == ("a", "skilled_nursing")
    assert stay.admit_date == date(2024, 1, 1)


def test_the_newer_feed_without_a_value_leaves_that_of_the_older() -> None:
    (stay,) = stays(
        encounter("a", "2024-01-01", "2024-01-05", to=nubc("03"), updated="2024-01-09T00:00:00Z"),
        encounter("b", "2024-01-01", "2024-01-05", to=(), updated="2024-02-01T00:00:00Z"),
    )
    assert stay.disposition == "skilled_nursing"


def test_bare_dates_that_touch_are_two_stays() -> None:
    first = encounter("e1", "2024-01-01", "2024-01-05", why="J18.9")
    second = encounter("e2", "2024-01-05", "2024-01-08", why="I50.9")
    assert ids(stays(first, second)) == ["e1", "e2"]


def test_an_encounter_never_closed_does_not_absorb_later_stays() -> None:
    found = stays(encounter("e1", "2024-01-01"), encounter("e2", "2024-03-05", "2024-03-08"))
    assert ids(found) == ["e1", "e2"]


def test_overlap_at_two_hospitals_is_flagged_and_never_joined() -> None:
    found = stays(
        encounter("e1", "2024-01-01", "2024-01-10"),
        encounter("e2", "2024-01-04", "2024-01-06", "H2"),
    )
    assert ids(found) == ["e1", "e2"]
    assert all("overlaps_other_hospital" in s.dq_flags for s in found)


def test_children_fold_into_their_parent_and_widen_its_dates() -> None:
    parent = encounter("p", "2024-01-02", "2024-01-05", to=nubc("06"))
    child = encounter("c", "2024-01-01", "2024-01-03", part_of_id="p", to=())
    grandchild = encounter("g", "2024-01-02", "2024-01-03", part_of_id="c", to=())
    (stay,) = stays(parent, child, grandchild)
    assert (stay.stay_id, stay.encounter_ids) == ("c", ("c", "g", "p"))
    assert (stay.admit_date, stay.disposition) == (date(2024, 1, 1), "home_health")


def test_only_the_encounter_that_ended_last_says_where_the_person_went() -> None:
    (joined,) = stays(
        encounter("e1", "2024-01-01", "2024-01-03", why="J18.9"),
        encounter("e2", "2024-01-03", "2024-01-06", why="J18.9", to=()),
    )
    parent = encounter("p", "2024-01-02", "2024-01-05", to=())
    child = encounter("c", "2024-01-01", "2024-01-03", part_of_id="p", to=nubc("02"))
    (folded,) = stays(parent, child)
    assert (joined.disposition, folded.disposition) == ("unknown", "unknown")


def test_encounters_that_are_part_of_each_other_end_in_one_stay() -> None:
    found = stays(
        encounter("a", "2024-01-01", "2024-01-05", part_of_id="b"),
        encounter("b", "2024-01-01", "2024-01-05", part_of_id="a"),
    )
    assert ids(found) == ["a"]


def test_a_child_of_a_cancelled_parent_is_a_stay_by_itself() -> None:
    found = stays(
        encounter("p", "2024-01-01", "2024-01-05", status="cancelled"),
        encounter("c", "2024-01-02", "2024-01-03", part_of_id="p"),
    )
    assert ids(found) == ["c"]


def test_transfers_chain_to_one_episode_and_back() -> None:
    record = results(
        encounter("e1", "2024-01-01", "2024-01-03"),
        encounter("e2", "2024-01-04", "2024-01-06", "H2"),
        encounter("e3", "2024-01-06", "2024-01-09"),
        encounter("e4", "2024-01-11", "2024-01-12", "H2"),
    ).record
    assert [ids(e.stays) for e in record.episodes] == [["e1", "e2", "e3"], ["e4"]]


def test_a_non_acute_hospital_is_no_part_of_an_episode() -> None:
    record = results(
        encounter("e1", "2024-01-01", "2024-01-03"),
        encounter("e2", "2024-01-03", "2024-01-20", "H2", class_code="NONAC"),
    ).record
    assert [e.id for e in record.episodes] == ["e1", "e2"]


@pytest.mark.parametrize(
    ("system", "code", "display"),
    [
        (SNOMED, "449411000124106", None),
        (SNOMED, "0", "Admission to skilled nursing facility (procedure)"),
    ],
)
def test_skilled_nursing_with_class_inpatient_is_not_acute(
    system: str, code: str, display: str | None
) -> None:
    typed = (Coding(system, code, display),)
    (stay,) = stays(encounter("e1", "2024-01-01", "2024-01-20", types=typed))
    assert (stay.facility_type, stay.is_acute) == ("skilled_nursing", False)


def test_the_kind_of_organisation_or_location_rules_a_stay_out() -> None:
    organisation = Facilities({"H1": OrganizationFacts("H1", kind="psychiatric")})
    ward = Facilities(HOSPITALS, {"w": LocationFacts("w", kind="rehabilitation")})
    (one,) = stays(encounter("e1", "2024-01-01", "2024-01-20"), facilities=organisation)
    (other,) = stays(
        encounter("e1", "2024-01-01", "2024-01-20", locations=(lay("w"),)), facilities=ward
    )
    assert (one.facility_type, other.facility_type) == ("psychiatric", "rehabilitation")


def test_dates_are_those_of_the_facilitys_zone() -> None:
    (stay,) = stays(encounter("e1", "2024-03-02T03:00:00Z", "2024-03-05T15:00:00Z"))
    assert (stay.admit_date, stay.los_days) == (date(2024, 3, 1), 4)


def test_a_time_zone_is_looked_for_in_settings_location_organisation_tenant() -> None:
    organisation = {"H1": OrganizationFacts("H1", time_zone="America/Denver")}
    location = {"w": LocationFacts("w", time_zone="America/Chicago")}
    facilities = [
        Facilities(organisation, location, {"H1": "America/Los_Angeles"}),
        Facilities(organisation, location),
        Facilities(organisation),
        Facilities({}, {}, {}, "America/Phoenix"),
    ]
    placed = encounter("e1", "2024-03-02T03:00:00Z", locations=(lay("w"),))
    assert [str(stays(placed, facilities=f)[0].zone) for f in facilities] == [
        "America/Los_Angeles",
        "America/Chicago",
        "America/Denver",
        "America/Phoenix",
    ]


@pytest.mark.parametrize(
    ("codings", "word"),
    [
        (nubc("1"), "home"),
        (nubc(" 03 "), "skilled_nursing"),
        (nubc("82"), "transfer_acute"),
        (nubc("81"), "home"),
        (nubc("90"), "rehabilitation"),
        (nubc("42"), "died_hospice"),
        (hl7("hosp"), "hospice"),
        (hl7("other-hcf"), "other"),
        ((Coding(SNOMED, "371828006"),), "died"),
        ((Coding(None, "20"),), "died"),
        ((Coding("http://local", "gone"),), "unknown"),
        ((Coding("http://local", "gone"), *nubc("06")), "home_health"),
        ((), "unknown"),
    ],
)
def test_dispositions_become_one_word(codings, word: str) -> None:  # type: ignore[no-untyped-def]
    (stay,) = stays(encounter("e1", "2024-01-01", "2024-01-05", to=codings))
    assert stay.disposition == word


def test_the_principal_diagnosis_has_four_sources() -> None:
    other = EncounterDiagnosis(codings=icd("I10"), uses=("CM",), rank=2)
    discharge = EncounterDiagnosis(codings=icd("I50.9"), uses=("DD",), rank=1)
    billing = EncounterDiagnosis(codings=icd("J18.9"), uses=("billing",), rank=1)
    claimed = claim(coded("A41.9", types=("principal",)))

    def found(*diagnoses: EncounterDiagnosis, claims=()):  # type: ignore[no-untyped-def]
        (stay,) = stays(
            encounter("e1", "2024-01-01", "2024-01-05", diagnoses=diagnoses), claims=claims
        )
        flagged = "guessed_principal_diagnosis" in stay.dq_flags
        return (stay.principal.coding.code, flagged) if stay.principal else None

    assert found(other, discharge, billing, claims=(claimed,)) == ("J18.9", False)
    assert found(other, discharge, claims=(claimed,)) == ("I50.9", False)
    assert found(other, claims=(claimed,)) == ("A41.9", False)
    assert found(other) == ("I10", True)
    assert found() is None


def test_what_happens_after_as_of_is_not_known_yet() -> None:
    (stay,) = stays(encounter("e1", "2024-06-28", "2024-07-03"), as_of=date(2024, 6, 30))
    assert (stay.is_open, stay.discharge_date, stay.disposition) == (True, None, "unknown")
    assert "discharge_after_as_of" in stay.dq_flags


def test_a_stay_begun_after_as_of_is_flagged_and_changes_no_measure() -> None:
    found = results(encounter("e1", "2024-07-01", "2024-07-03"), as_of=date(2024, 6, 30))
    assert "after_as_of" in found.record.stays[0].dq_flags
    assert (found.evidence, found.days) == ((), ())
