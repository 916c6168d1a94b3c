"""What `status` says of tenants a gate holds back and of persons the rules fail on."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from metriccare.commands.printing.status import write_status
from metriccare.errors import Refusal
from metriccare.local.sqlite_tracking import SqliteTracking
from metriccare.report.status import LakeStatus, status_of
from metriccare.settings import Lake
from metriccare.tracking.states import RunRecord, RunState
from metriccare.wiring.queries import open_engine

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
REFUSAL = Refusal("north", "share_dropped", "candidates of alos: wanted at least 80, found 3.")


def run(epoch: int, state: RunState, *refused: Refusal) -> RunRecord:
    return RunRecord(f"run-{epoch}", epoch, state, NOW, "", ended_at=NOW, refused=refused)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "lake"


def status(folder: Path, *runs: RunRecord) -> LakeStatus:
    store = SqliteTracking(folder / "tracking.db")
    for one in runs:
        store.put_run(one)
    return status_of(store, open_engine(Lake(str(folder))), None, NOW)


def test_a_refused_tenant_is_named_until_a_run_publishes_it(folder, capsys):
    partly = run(1, RunState.PARTLY_REFUSED, REFUSAL)
    found = status(folder, partly, run(2, RunState.FAILED))
    assert found.refused_tenants == ({**REFUSAL._asdict(), "run_id": "run-1"},)
    assert found.published_at == NOW
    write_status(found, "table")
    said = capsys.readouterr().err
    assert "Tenant north refused by gate share_dropped in run-1: candidates of alos" in said
    assert "metriccare run --accept run-1" in said
    assert status(folder, run(3, RunState.SUCCEEDED)).refused_tenants == ()


def test_json_has_the_refusals_and_the_persons_by_name(folder, capsys):
    write_status(status(folder, run(1, RunState.PARTLY_REFUSED, REFUSAL)), "json")
    said = json.loads(capsys.readouterr().out)
    assert said["refused_tenants"][0]["sentence"] == REFUSAL.sentence
    assert said["runs"][0]["refused"] == [REFUSAL._asdict()]
    assert said["persons_not_computed"] == []


def test_persons_not_computed_are_named_by_key_error_and_place(folder, capsys):
    person = {"tenant": "north", "person_id": "p1", "error": "KeyError"}
    person |= {"place": "marts/stays/stay.py:7", "since_run": "run-1"}
    found = status(folder, run(1, RunState.SUCCEEDED))
    write_status(LakeStatus(**{**vars(found), "persons_not_computed": (person,) * 21}), "table")
    said = capsys.readouterr().err
    assert "Persons not computed: 21;" in said
    assert "p1 of tenant north: KeyError at marts/stays/stay.py:7, since run-1" in said
    assert "and 1 more" in said


def test_a_tracking_database_of_an_earlier_version_is_read(folder, capsys):
    folder.mkdir()
    with sqlite3.connect(folder / "tracking.db") as old:
        old.execute(
            "CREATE TABLE run (run_id TEXT PRIMARY KEY, epoch INTEGER NOT NULL, state TEXT NOT"
            " NULL, started_at TEXT NOT NULL, as_of TEXT NOT NULL, stage TEXT NOT NULL, ended_at"
            " TEXT, files INTEGER NOT NULL, rows_in INTEGER NOT NULL, rows_loaded INTEGER NOT"
            " NULL, rows_quarantined INTEGER NOT NULL, message TEXT)"
        )
        values = ("run-1", 1, "refused", NOW.isoformat(), "", "silver", NOW.isoformat())
        old.execute("INSERT INTO run VALUES (?,?,?,?,?,?,?,0,0,0,0,'why')", values)
    found = status(folder)
    assert [(one.state, one.refused) for one in found.runs] == [(RunState.REFUSED, ())]
    assert found.refused_tenants == ()
    write_status(found, "table")
    assert "Last run refused: why" in capsys.readouterr().err
    assert len(status(folder, run(2, RunState.PARTLY_REFUSED, REFUSAL)).refused_tenants) == 1
