"""Fields no declaration reads are found by path, counted, and dated by their first arrival."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from metriccare.sources.fhir.drift import (
    Path,
    Seen,
    drift_of,
    is_unread,
    known_fields,
    unread,
    unread_at_top,
)

EARLY, LATE = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC)


def person(**more: object) -> str:
    return json.dumps({"resourceType": "Patient", "id": "p1", **more})


def test_declared_fields_are_no_drift():
    read = person(birthDate="1950", name=[{"family": "F"}], meta={"lastUpdated": "2024"})
    assert unread("Patient", read) == set()


def test_unread_fields_are_found_at_the_top_and_inside_whether_single_or_repeated():
    sent = person(
        petName="x",
        name=[{"family": "F"}, {"nickname": "N"}],
        meta={"source": "s"},
        gender={"a": 1},
    )
    assert unread("Patient", sent) == {"petName", "name.nickname", "meta.source"}


def test_a_type_without_a_declaration_is_unread_as_a_whole():
    assert unread("CarePlan", '{"resourceType": "CarePlan"}') == {"*"}


def test_a_path_counts_once_per_version_and_keeps_its_first_arrival():
    twice = person(name=[{"nickname": "a"}, {"nickname": "b"}])
    found = drift_of([("north", "Patient", LATE, twice), ("north", "Patient", EARLY, twice)])
    assert found == {Path("north", "Patient", "name.nickname"): Seen(EARLY, 2)}


def test_what_is_known_follows_the_declaration():
    known = known_fields("Encounter")
    assert {"status", "class", "period", "identifier", "meta"} <= known.keys()
    assert known["period"] == {"start", "end"}
    assert known["location"] == {"location", "status", "period"}


def test_a_run_counts_the_resources_own_elements_only():
    assert unread_at_top("Patient", ("resourceType", "id", "petName", "name")) == ["petName"]
    assert unread_at_top("CarePlan", ("resourceType", "id")) == ["*"]


def test_what_a_declaration_came_to_read_is_no_drift_any_more():
    assert is_unread("Patient", "petName")
    assert not is_unread("Patient", "birthDate")
    assert is_unread("CarePlan", "*")
    assert not is_unread("Patient", "*")
