"""`metriccare query`: refusals, `--anyway` and its warning, JSON that any parser reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from metriccare.cli import app
from metriccare.query.translate.refusals import Refused


@pytest.fixture
def lake(tmp_path: Path) -> str:
    (tmp_path / "tracking.db").touch()
    (tmp_path / "gold").mkdir()
    return str(tmp_path)


def _query(lake: str, sql: str, *options: str) -> tuple[str, str]:
    done = CliRunner().invoke(app, ["query", sql, "--lake", lake, *options])
    if done.exception is not None:
        raise done.exception
    return done.stdout, done.stderr


def test_what_is_refused_runs_anyway_with_a_warning(lake: str) -> None:
    sql = "select format('%s', 5) as a"
    with pytest.raises(Refused, match="--anyway"):
        _query(lake, sql)
    out, err = _query(lake, sql, "--anyway", "--format", "json")
    assert len(json.loads(out)) == 1
    assert "Warning" in err


def test_an_answer_that_is_athenas_needs_no_warning(lake: str) -> None:
    out, err = _query(lake, "select 0e0 / 0e0 as a, from_unixtime(0) as b", "--format", "json")
    assert json.loads(out) == [{"a": None, "b": "1970-01-01T00:00:00Z"}]
    assert err == ""


def test_columns_of_one_name_are_printed(lake: str) -> None:
    out, _ = _query(lake, "select 1 as a, 2 as a", "--format", "json")
    assert json.loads(out) == [{"a": 1, "a_2": 2}]
