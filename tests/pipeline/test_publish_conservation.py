"""Records and resources that a run has lost are found."""

from __future__ import annotations

import pytest

from metriccare.engine.duckdb.engine import DuckDbEngine
from metriccare.pipeline.publish.conservation import Conserved, conserved
from metriccare.quality.measured import Counted, Subject
from metriccare.quality.rules import RULES
from metriccare.settings import Lake
from metriccare.tracking.states import FileRecord
from tests.pipeline.stored_rows import AT, RUN, context_of, engine_of, remove, store

BEFORE = "run-000001-20240501T000000Z"
OLD_FILE = FileRecord("old", "north", "old.ndjson", "/raw/old", 9, AT, replays=1)


@pytest.fixture
def engine(lake: Lake) -> DuckDbEngine:
    engine = engine_of(lake)
    received(engine, "old", ["Patient/p0", "Patient/p1"], BEFORE)
    received(engine, "new", ["Patient/p1", "Patient/p2", "Encounter/e1", "Basic/b1"], RUN)
    kept(engine, "Patient/p0", "Patient/p1", "Patient/p2", "Encounter/e1")
    return engine


def received(engine: DuckDbEngine, file_id: str, names: list[str], run_id: str) -> None:
    rows = [
        {"file_id": file_id, "source_line": line, "resource_type": kind, "resource_id": id_}
        for line, (kind, id_) in enumerate(name.split("/") for name in names)
    ]
    store(engine, "bronze.resource", rows, run_id)


def rejected(engine: DuckDbEngine, line: int, rule_id: str, **more: object) -> None:
    row = {"file_id": "new", "source_line": line, "rule_id": rule_id, **more}
    store(engine, "bronze.quarantine", [row])


def kept(engine: DuckDbEngine, *names: str) -> None:
    for kind in sorted({name.split("/")[0] for name in names}):
        ids = [name.split("/")[1] for name in names if name.startswith(f"{kind}/")]
        store(engine, f"silver.{kind.lower()}", [{"id": id_, "deleted": False} for id_ in ids])


def found(engine: DuckDbEngine, lake: Lake, **more: object) -> Conserved:
    return conserved(engine, context_of(lake, **more))


def test_nothing_is_missing_of_a_run_that_kept_everything(engine: DuckDbEngine, lake: Lake):
    files, missing = found(engine, lake)
    assert files == {Subject("north", "new"): Counted(0, 4)}
    assert missing == {}


def test_each_lost_resource_of_the_run_is_counted_by_type(engine: DuckDbEngine, lake: Lake):
    remove(engine, "silver.patient", "id <> 'p9'")
    remove(engine, "silver.encounter", "id = 'e1'")
    assert found(engine, lake).resources == {
        Subject("north", "Patient"): Counted(2, 0),
        Subject("north", "Encounter"): Counted(1, 0),
    }


def test_resources_of_the_same_name_elsewhere_do_not_hide_a_lost_one(
    engine: DuckDbEngine, lake: Lake
):
    remove(engine, "silver.patient", "id = 'p1'")
    store(engine, "silver.patient", [{"tenant": "south", "id": "p1", "deleted": False}])
    kept(engine, "Encounter/p1", "Patient/p3")
    assert found(engine, lake).resources == {Subject("north", "Patient"): Counted(1, 0)}


def test_a_rejected_resource_is_kept_until_it_is_redriven(engine: DuckDbEngine, lake: Lake):
    remove(engine, "silver.encounter", "id = 'e1'")
    names = {"resource_type": "Encounter", "resource_id": "e1"}
    rejected(engine, 2, "encounter_status", **names)
    assert found(engine, lake).resources == {}
    rejected(engine, 2, "encounter_status", **names, redriven_run_id=RUN)
    assert found(engine, lake).resources == {Subject("north", "Encounter"): Counted(1, 0)}


def test_of_rejects_those_count_as_records_that_bronze_does_not_hold(
    engine: DuckDbEngine, lake: Lake
):
    rejected(engine, 8, "bad_json")
    rejected(engine, 9, "bad_json", redriven_run_id=RUN)
    # A row rule: the record is in bronze too.
    rejected(engine, 2, RULES[0].id)
    assert found(engine, lake).files == {Subject("north", "new"): Counted(0, 5)}


def test_files_that_are_processed_again_are_counted_too(engine: DuckDbEngine, lake: Lake):
    remove(engine, "silver.patient", "id = 'p0'")
    files, missing = found(engine, lake, taken_again=(OLD_FILE,))
    assert files[Subject("north", "old")] == Counted(0, 2)
    assert missing == {Subject("north", "Patient"): Counted(1, 0)}


def test_of_a_tenant_that_is_published_nothing_is_counted(engine: DuckDbEngine, lake: Lake):
    remove(engine, "silver.patient", "id = 'p1'")
    assert found(engine, lake, pending_runs={RUN: frozenset({"south"})}) == ({}, {})
    assert found(engine, lake, pending_runs={}) == ({}, {})
