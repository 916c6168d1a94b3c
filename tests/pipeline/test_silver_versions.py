"""Silver keeps the newest good version of each resource; each case is a tenant of one lake."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from metriccare.incremental.context import RunContext
from metriccare.pipeline.silver import stage
from metriccare.quality.rules import REJECT, RULES
from metriccare.tracking.states import FileRecord
from tests.pipeline.resources import encounter, patient
from tests.pipeline.rule_cases import GOOD, NO_DAY, TRIPPING
from tests.pipeline.silver_lake import STARTED, SilverLake

OLD, NEW, NEWEST = "2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"
FACTS = ("id", "sex", "deleted", "dq_flags")


def male(updated: str | None = OLD, id_: str = "p1") -> dict[str, Any]:
    return patient(id_, updated, gender="male")


def female(updated: str | None = OLD, id_: str = "p1") -> dict[str, Any]:
    return patient(id_, updated, gender="female")


def bundle_deleting(url: str, at: str) -> bytes:
    entry = {"request": {"method": "DELETE", "url": url}}
    return json.dumps({"resourceType": "Bundle", "timestamp": at, "entry": [entry]}).encode()


# What arrives in one run after the other, and the id, sex, tombstone and flags after the last.
HISTORIES: dict[str, tuple[list[Any], list[tuple[Any, ...]]]] = {
    "older-later": ([[female(NEW)], [male(OLD)]], [("p1", "female", False, [])]),
    "one-batch": (
        [[female(NEW, "a"), male(OLD, "a"), male(OLD, "b"), female(OLD, "b")]],
        [("a", "female", False, []), ("b", "female", False, [])],
    ),
    "known-content": (
        [[male()], [female()], [male(), patient("p2")]],
        [("p1", "female", False, []), ("p2", None, False, [])],
    ),
    "known-content-in-one-batch": ([[male(), female(), male()]], [("p1", "female", False, [])]),
    "without-time": (
        [[male(None)], [female(None)], [male(None)]],
        [("p1", "female", False, ["last_updated_missing"])],
    ),
    "tombstone": (
        [[male(OLD)], bundle_deleting("Patient/p1", NEW), [female("2024-01-15T00:00:00Z")]],
        [("p1", None, True, [])],
    ),
    "back-again": (
        [[male(OLD)], bundle_deleting("Patient/p1", NEW), [female(NEWEST)]],
        [("p1", "female", False, [])],
    ),
    "rejected-newer": (
        [[male(OLD)], [patient("p1", NEW, birthDate="yesterday")]],
        [("p1", "male", False, [])],
    ),
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory) -> SilverLake:
    """Return a lake after all runs of the histories."""
    made = SilverLake(tmp_path_factory.mktemp("versions") / "lake")
    for number in range(max(len(batches) for batches, _ in HISTORIES.values())):
        for name, (batches, _) in HISTORIES.items():
            if number < len(batches):
                made.receive(batches[number], name)
        made.run()
    return made


@pytest.mark.parametrize("name", HISTORIES)
def test_the_newest_version_stays(lake: SilverLake, name: str):
    assert lake.rows("silver.patient", *FACTS, tenant=name) == HISTORIES[name][1]


def numbered(row: dict[str, Any], number: int) -> dict[str, Any]:
    return {**row, "id": f"r{number}"}


@pytest.fixture(scope="module")
def judged(tmp_path_factory) -> SilverLake:
    """Return a lake with a row that trips each rule, and rows that trip none."""
    made = SilverLake(tmp_path_factory.mktemp("rules") / "lake")
    made.receive([numbered(row, n) for n, row in enumerate(TRIPPING.values())])
    made.receive([patient(), *GOOD[2:]], "good")
    made.run()
    return made


def test_every_rule_has_a_row_that_trips_it(judged: SilverLake):
    rejected = {
        id_: (rule, reason)
        for id_, rule, reason in judged.rows(
            "bronze.quarantine", "resource_id", "rule_id", "reason"
        )
    }
    for number, ((rule_id, kind), row) in enumerate(TRIPPING.items()):
        rule = next(r for r in RULES if (r.id, r.resource_type) == (rule_id, kind))
        if rule.severity == REJECT:
            assert rejected[f"r{number}"][0] == rule_id
            assert rejected[f"r{number}"][1].startswith(rule.sentence)
        else:
            flags = dict(judged.rows(table_of(row["resourceType"]), "id", "dq_flags"))
            assert rule_id in flags[f"r{number}"]


def table_of(kind: str) -> str:
    from metriccare.fhir.resources import BY_TYPE

    return f"silver.{BY_TYPE[kind].table}"


def test_good_rows_trip_nothing(judged: SilverLake):
    assert judged.rows("bronze.quarantine", "rule_id", tenant="good") == []
    for kind in {row["resourceType"] for row in GOOD}:
        for (flags,) in judged.rows(table_of(kind), "dq_flags", tenant="good"):
            assert set(flags) <= {"reference_dangling"}


def test_a_reason_names_the_dates_and_shows_none_of_them(judged: SilverLake):
    reasons = [
        reason
        for rule, kind, reason in judged.rows(
            "bronze.quarantine", "rule_id", "resource_type", "reason"
        )
        if (rule, kind) == ("date_invalid", "Patient")
    ]
    (reason,) = reasons
    assert reason.endswith("Found in: deceased_date.")
    assert NO_DAY not in reason


CONDITION = {
    "resourceType": "Condition",
    "id": "c1",
    "meta": {"lastUpdated": OLD},
    "code": {"coding": [{"system": "urn:icd", "code": "J18.9"}]},
    "subject": {"reference": "Patient/p1"},
    "encounter": {"reference": "Encounter/e1"},
    "onsetDateTime": "2024-01-01",
}
HOSPITAL = {"resourceType": "Organization", "id": "h1", "meta": {"lastUpdated": OLD}}
DETAIL = ("sex", "age", "service_provider_name", "conditions")


def detail(lake: SilverLake) -> list[tuple[Any, ...]]:
    return [
        (*rest, [condition["code"] for condition in conditions])
        for *rest, conditions in lake.rows("silver.encounter_detail", *DETAIL)
    ]


def test_encounter_detail_follows_each_of_its_sources(tmp_path: Path):
    lake = SilverLake(tmp_path / "lake")
    stay = encounter(serviceProvider={"reference": "Organization/h1"})
    lake.load([male(), stay, CONDITION])
    assert detail(lake) == [("male", 73, None, ["J18.9"])]
    lake.receive([female(NEW), {**HOSPITAL, "name": "Mercy"}])
    lake.load(bundle_deleting("Condition/c1", NEW))
    assert detail(lake) == [("female", 73, "Mercy", [])]
    before = lake.rows("silver.encounter_detail", "run_id")
    lake.load([male(), stay, CONDITION])
    assert lake.rows("silver.encounter_detail", "run_id") == before


def test_a_corrected_subject_releases_the_patient_it_named(tmp_path: Path):
    lake = SilverLake(tmp_path / "lake")
    lake.load([male(), male(id_="p2"), encounter()])
    moved = encounter(subject="Patient/p2", meta={"lastUpdated": NEW})
    lake.load([moved])
    released = ("patient_id", "run_id")
    assert lake.rows("silver.released_patient", *released) == [("p1", "run-2")]


class Killed(Exception):
    """Stands for the end of a process."""


def test_a_run_killed_after_any_commit_is_finished_by_the_next(tmp_path: Path):
    batches = [
        [male(), encounter(), encounter("e2", "Patient/p9"), CONDITION, patient("x", link="no")],
        [female(NEW), encounter(subject="Patient/p9", meta={"lastUpdated": NEW}), male(id_="p9")],
    ]
    whole = SilverLake(tmp_path / "whole")
    whole.load(*batches)
    before = SilverLake(tmp_path / "before")
    before.load(batches[0])
    before.receive(batches[1])
    crashed, finished = before.write_bronze(), before.write_bronze()
    both = {**crashed.pending_runs, **finished.pending_runs}
    commits = 1
    while True:
        lake = SilverLake(tmp_path / f"killed-{commits}")
        shutil.copytree(tmp_path / "before", tmp_path / f"killed-{commits}", dirs_exist_ok=True)
        if not is_killed(lake, crashed, commits):
            break
        stage.run(lake.engine, replace(finished, pending_runs=both))
        assert content(lake) == content(whole), commits
        commits += 1
    assert commits == 6


def is_killed(lake: SilverLake, context: RunContext, commits: int) -> bool:
    """Return True if a run that is killed after some commits does not come to its end."""
    commit, done = lake.engine.commit, [0]

    def counted(*arguments: Any) -> None:
        if done[0] == commits:
            raise Killed
        commit(*arguments)
        done[0] += 1

    lake.engine.commit = counted  # type: ignore[method-assign]
    try:
        stage.run(lake.engine, context)
    except Killed:
        return True
    finally:
        lake.engine.commit = commit  # type: ignore[method-assign]
    return False


TABLES = {
    "silver.patient": ("id", "sex", "dq_flags"),
    "silver.encounter": ("id", "patient_id", "dq_flags"),
    "silver.unresolved_reference": ("id", "reference"),
    "silver.released_patient": ("patient_id",),
    "silver.encounter_detail": ("encounter_id", "patient_id", "sex"),
    "bronze.quarantine": ("resource_id", "rule_id"),
}


def content(lake: SilverLake) -> dict[str, list[tuple[Any, ...]]]:
    return {table: lake.rows(table, *columns) for table, columns in TABLES.items()}


def test_what_a_file_gave_is_decided_again_from_every_version(tmp_path: Path):
    lake = SilverLake(tmp_path / "lake")
    first = [male(), encounter(), encounter("e2", "Patient/p9"), patient("x", link="no")]
    lake.load(first, [female(NEW)])
    before = content(lake)
    again = FileRecord("file-1", "default", "1.ndjson", "", 1, STARTED, sequence=1)
    stage.run(lake.engine, replace(lake.write_bronze(), taken_again=(again,)))
    released = {"silver.released_patient": [("p1",), ("p9",)]}
    assert content(lake) == before | released
    assert lake.rows("silver.patient", "run_id") == [("run-3",)]
    assert lake.rows("bronze.quarantine", "redriven_run_id") == [(None,)]


def test_a_run_without_new_rows_changes_no_table(tmp_path: Path):
    lake = SilverLake(tmp_path / "lake")
    lake.load([male(), encounter()])
    before = lake.rows("silver.encounter", "record_key", "run_id")
    assert lake.run() == stage.SilverCounts(0, ())
    lake.load([male(), encounter()])
    assert lake.rows("silver.encounter", "record_key", "run_id") == before


DATES = {
    "2024": ("year", "2024-01-01", "2024-12-31 23:59:59.999999"),
    "2024-02": ("month", "2024-02-01", "2024-02-29 23:59:59.999999"),
    "2024-02-29": ("day", "2024-02-29", "2024-02-29 23:59:59.999999"),
    "2024-03-08T00:10:00-05:00": ("instant", *["2024-03-08 05:10:00"] * 2),
    "2016-12-31T23:59:60Z": ("instant", *["2016-12-31 23:59:59"] * 2),
    "2024-03-08T00:10:00.123456789Z": ("instant", *["2024-03-08 00:10:00.123456"] * 2),
}


def test_dates_keep_text_bounds_and_precision(tmp_path: Path):
    lake = SilverLake(tmp_path / "lake")
    lake.load([patient(f"p{n}", deceasedDateTime=text) for n, text in enumerate(DATES)])
    name = "deceased_date"
    columns = (name, f"{name}_precision", f"{name}_lower", f"{name}_upper")
    assert {text: rest for text, *rest in lake.rows("silver.patient", *columns)} == {
        text: [kind, *map(dt.datetime.fromisoformat, bounds)]
        for text, (kind, *bounds) in DATES.items()
    }
