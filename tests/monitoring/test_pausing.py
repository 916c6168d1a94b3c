"""`metriccare pause` and `resume` on a lake in a folder."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from metriccare.cli import app
from metriccare.errors import UsageError
from metriccare.tracking.states import FileRecord
from metriccare.wiring.local import local_lake


@pytest.fixture
def lake(tmp_path: Path) -> str:
    store = local_lake(str(tmp_path), None).store()
    at = datetime(2024, 5, 1, tzinfo=UTC)
    store.register(FileRecord("a", "north", "a.ndjson", str(tmp_path / "a"), 10, at))
    store.close()
    return str(tmp_path)


def call(*words: str) -> tuple[str, BaseException | None]:
    result = CliRunner().invoke(app, words)
    return result.output, result.exception


def test_a_paused_lake_refuses_a_run_says_why_and_shows_it_in_its_status(lake: str):
    assert "Not paused" in call("pause", "--lake", lake)[0]
    assert "Paused: new disk" in call("pause", "--reason", "new disk", "--lake", lake)[0]
    _, error = call("run", "--lake", lake)
    assert isinstance(error, UsageError)
    assert "This lake is paused: new disk. `metriccare resume`" in str(error)
    shown = CliRunner().invoke(app, ["status", "--format", "json", "--lake", lake]).stdout
    assert json.loads(shown)["paused"] == "new disk"
    assert "Paused: new disk" in call("pause", "--lake", lake)[0]


def test_after_resume_the_lake_is_as_before(lake: str):
    call("pause", "--reason", "new disk", "--lake", lake)
    assert "Runs may begin again" in call("resume", "--lake", lake)[0]
    shown = CliRunner().invoke(app, ["status", "--format", "json", "--lake", lake]).stdout
    assert json.loads(shown)["paused"] is None
