"""Silver alone, run after run on bronze rows of the test: nothing is written for nothing, and a
run that is killed, or processes files again, ends with the tables of a clean one.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from metriccare.incremental.context import RunContext
from metriccare.pipeline.silver import stage
from metriccare.tracking.states import FileRecord
from tests.pipeline.resources import OLD, bundle_deleting, encounter, female, male, patient
from tests.pipeline.silver_lake import STARTED, SilverLake

NEW, NEWEST = "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"


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


class Killed(Exception):
    """Raised in place of the end of a process."""


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
    """Return True if a run that is killed after some commits does not finish."""
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
