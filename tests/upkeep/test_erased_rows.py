"""A person is found under every name, and no row or file of any table is left of the person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import duckdb
import pytest

from metriccare.engine.duckdb.engine import DuckDbEngine
from metriccare.errors import UsageError
from metriccare.settings import Lake
from metriccare.tables import TABLES
from metriccare.upkeep.erasure_plan import Holdings
from metriccare.upkeep.person_search import holdings
from metriccare.upkeep.row_erasure import erase_rows, remove_every_old_file
from tests.pipeline.stored_rows import context_of, engine_of, store

# One person under two patient records: p5 was merged into p1.
NAMES = ("p1", "p5", "mrn-1")
OF_P1 = {"subject": {"reference": "https://example.org/Patient/p1"}}
BY_IDENTIFIER = {"subject": {"identifier": {"system": "urn:mrn", "value": "mrn-1"}}}
RESOURCES: dict[str, Mapping[str, Any]] = {
    "Patient/p1": {"identifier": [{"system": "urn:mrn", "value": "mrn-1"}]},
    "Patient/p2": {"identifier": [{"system": "urn:mrn", "value": "mrn-2"}]},
    "Patient/p5": {},
    "Encounter/e1": OF_P1,
    "Encounter/e2": {"subject": {"reference": "Patient/p2"}},
    "Condition/c1": BY_IDENTIFIER,
    # Of a type without a silver table.
    "CarePlan/a1": OF_P1,
    # These name no patient: they refer to a stay of the person, to that record, and to many.
    "Provenance/a2": {"target": [{"reference": "Encounter/e1"}]},
    "AuditEvent/a3": {"entity": [{"what": {"reference": "Provenance/a2"}}]},
    "List/l1": {"entry": [{"item": {"reference": "Encounter/e1"}}]},
    "Basic/a4": {"subject": {"reference": "List/l1"}},
}


BROKEN = '{"resourceType": "Observation", "subject": {"reference": "Patient/%s"'
LINK = {"patient_id": "p1", "reference": "Patient/p1", "type": "replaced-by"}
SEARCH = "Patient?identifier=urn:mrn|mrn-1"
# By table: some of its columns, and the values of its rows. e1 and c1 are the person's.
SMALL_TABLES: dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]] = {
    "silver.encounter": (
        ("id", "patient_id", "deleted"),
        [("e1", "p1", False), ("e2", "p2", False)],
    ),
    "silver.condition": (
        ("id", "patient_id", "deleted"),
        [("c1", "p1", False), ("c2", "p2", False)],
    ),
    "silver.encounter_detail": (
        ("encounter_id", "patient_id"),
        [("e1", None), ("e2", "p2"), ("e3", "p1")],
    ),
    "silver.unresolved_reference": (
        ("table_name", "id", "reference"),
        [
            ("condition", "c1", "Encounter/unknown"),
            ("encounter", "e2", "Patient/p5"),
            ("encounter", "e2", "Location/unknown"),
        ],
    ),
    "silver.resolved_name": (("name", "target_id"), [(SEARCH, "p1"), ("Location?", "p1")]),
    "gold.stay": (
        ("stay_id", "person_id", "encounter_ids"),
        [("e1", "p1", ["e1"]), ("e2", "p2", ["e2"])],
    ),
}


def fill(engine: DuckDbEngine, tenant: str) -> None:
    store(engine, "bronze.resource", bronze_rows(tenant))
    store(engine, "bronze.quarantine", rejected_rows(tenant))
    store(engine, "silver.patient", [patient_row(tenant, id_) for id_ in ("p1", "p2", "p5")])
    for table, (names, rows) in SMALL_TABLES.items():
        values = (dict(zip(names, row, strict=True)) for row in rows)
        store(engine, table, [{"tenant": tenant, **row} for row in values])


def bronze_rows(tenant: str) -> list[dict[str, Any]]:
    rows = [
        bronze_row(tenant, line, name, content)
        for line, (name, content) in enumerate(RESOURCES.items())
    ]
    # A stay that was the person's by mistake, and was corrected since.
    return [*rows, bronze_row(tenant, 90, "Encounter/e2", OF_P1)]


def bronze_row(tenant: str, line: int, name: str, content: Mapping[str, Any]) -> dict[str, Any]:
    type_, id_ = name.split("/")
    raw = json.dumps({"resourceType": type_, "id": id_, **content})
    header = {"resource_type": type_, "resource_id": id_, "raw": raw, "deleted": False}
    return {"tenant": tenant, "file_id": "f", "source_line": line, **header}


def rejected_rows(tenant: str) -> list[dict[str, Any]]:
    rejected = {"tenant": tenant, "file_id": "f", "rule_id": "bad_json"}
    # A record that a row rule rejects is a row of bronze too: line 3.
    texts = {91: BROKEN % "p5", 92: BROKEN % "p2", 3: "{}"}
    return [{**rejected, "source_line": line, "raw": raw} for line, raw in texts.items()]


def patient_row(tenant: str, id_: str) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "id": id_,
        "deleted": False,
        "links": [LINK] if id_ == "p5" else None,
        "identifiers": [{"system": "urn:mrn", "value": f"mrn-{id_[1:]}"}],
    }


@pytest.fixture
def engine(lake: Lake) -> DuckDbEngine:
    engine = engine_of(lake)
    fill(engine, "north")
    return engine


@pytest.mark.parametrize("patient_id", ["p1", "p5"])
def test_all_that_is_a_persons_is_found_under_either_record(engine: DuckDbEngine, patient_id: str):
    held = holdings(engine, "north", patient_id)
    assert held.person.patient_ids == ("p1", "p5")
    assert {"Patient/p5", "Patient?identifier=urn:mrn|mrn-1"} <= set(held.person.names)
    assert {f"{kind}/{id_}" for kind, id_ in held.resources} == {
        "Patient/p1",
        "Patient/p5",
        "Encounter/e1",
        "Condition/c1",
        "CarePlan/a1",
        "Provenance/a2",
        "AuditEvent/a3",
        "List/l1",
    }
    # Of the corrected stay only the version that names the person.
    lines = {int(key.split("|")[2]) for key in held.bronze}
    assert lines == {0, 2, 3, 5, 6, 7, 8, 9, 90}
    assert held.quarantine == ("north|f|3|bad_json", "north|f|91|bad_json")


def test_nobody_is_found_who_is_not_there(engine: DuckDbEngine):
    with pytest.raises(UsageError, match="no such patient"):
        holdings(engine, "north", "p7")
    with pytest.raises(UsageError, match="no such patient"):
        holdings(engine, "south", "p1")


def test_an_identifier_that_two_persons_have_names_neither(engine: DuckDbEngine):
    shared = [{"system": "urn:mrn", "value": "mrn-1"}]
    store(engine, "silver.patient", [{"id": "p3", "deleted": False, "identifiers": shared}])
    held = holdings(engine, "north", "p1")
    assert not [name for name in held.person.names if "mrn-1" in name]
    assert ("Condition", "c1") in held.resources  # by its current row


def erase(engine: DuckDbEngine, lake: Lake) -> tuple[Holdings, dict[str, int]]:
    held = holdings(engine, "north", "p1")
    context = context_of(lake, "run-000009-20240701T000000Z")
    return held, erase_rows(engine, context, held)


def test_no_file_of_a_table_holds_the_person_and_the_others_stay(engine: DuckDbEngine, lake: Lake):
    fill(engine, "south")
    _, removed = erase(engine, lake)
    assert remove_every_old_file(engine) > 0
    assert removed == {
        "bronze.resource": 9,
        "bronze.quarantine": 2,
        "silver.patient": 2,
        "silver.encounter": 1,
        "silver.condition": 1,
        "silver.encounter_detail": 2,
        "silver.unresolved_reference": 2,
        "silver.resolved_name": 1,
        "silver.released_patient": 2,
        "gold.stay": 1,
    }
    texts = {path: said(path) for path in lake.folder.rglob("tenant=north/*.parquet")}
    assert [
        (path.name, name) for path, text in texts.items() for name in NAMES if name in text
    ] == []
    for table in (each for each in TABLES if each.layer in ("bronze", "silver")):
        kept = {row["tenant"] for row in engine.rows(engine.read(table))}
        filled = table.full_name in removed and table.name != "released_patient"
        assert not filled or kept == {"north", "south"}, table.full_name


def said(path: Any) -> str:
    """Return all that a file of rows says, but of the name of a place with the id of the person."""
    read = "SELECT to_json(t)::VARCHAR FROM read_parquet(?, hive_partitioning = false) t"
    rows = [row for (row,) in duckdb.execute(read, [str(path)]).fetchall()]
    return "\n".join(row for row in rows if '"Location?"' not in row)


def test_an_erasure_that_broke_off_is_finished_by_another(engine: DuckDbEngine, lake: Lake):
    held = holdings(engine, "north", "p1")
    erase(engine, lake)
    context = context_of(lake, "run-000010-20240702T000000Z")
    assert erase_rows(engine, context, held) == {"silver.released_patient": 2}
