"""Several processes read files: in order, with little memory, and what stops them is said."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from metriccare.engine.duckdb import arrow_batches, file_reading, json_batches, worker_processes
from metriccare.engine.duckdb.engine import DuckDbEngine
from metriccare.engine.protocol import Emit
from metriccare.errors import EngineFailed
from metriccare.local.folder_store import FolderStore
from metriccare.tables import Column
from tests.engine.lakes import EVERY_TYPE, FULL, expected, plain, row

COLUMNS = [Column("n", "bigint", ""), Column("text", "string", "")]


@dataclass(frozen=True)
class Numbers:
    first: int
    size: int = 1


@pytest.fixture(autouse=True)
def two_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_reading, "_WORTH_PROCESSES", 1)
    monkeypatch.setattr(file_reading, "_SHARE_BYTES", 1)
    monkeypatch.setattr(worker_processes, "processors", lambda: 2)


@pytest.fixture
def engine(tmp_path: Path) -> DuckDbEngine:
    return DuckDbEngine(FolderStore(tmp_path), lambda: None)


def numbers(part: Numbers, emit: Emit) -> int:
    print("printed by whoever reads")
    time.sleep(0.02)
    emit({"n": [part.first, part.first + 1], "text": [b"Zo\xc3\xab\x00", None]})
    return os.getpid()


def every_type(part: Numbers, emit: Emit, rows: list[dict[str, Any]]) -> None:
    emit({c: [each.get(c) for each in rows] for c in EVERY_TYPE.column_names})


def failing(part: Numbers, emit: Emit) -> None:
    time.sleep(0.02)
    emit({"n": [1], "text": ["x"]})
    if part.first == 5:
        error = ValueError("what is wrong")
        error.add_note("where")
        raise error


def dying(part: Numbers, emit: Emit, parent: int) -> None:
    time.sleep(0.02)
    if os.getpid() != parent:
        os._exit(9)


def test_rows_and_outcomes_of_several_processes_are_in_order(engine: DuckDbEngine):
    parts = [Numbers(n * 2) for n in range(40)]
    relation, outcomes = engine.read_files(parts, numbers, COLUMNS)
    rows = engine.rows(relation)
    assert [each["n"] for each in rows] == list(range(80))
    assert {each["text"] for each in rows} == {"Zoë\x00", None}
    assert len(outcomes) == 40
    assert len(set(outcomes)) == 2


def test_values_of_every_type_survive(engine: DuckDbEngine):
    rows = [row("full", **FULL), row("empty"), row("lists", words=[], codes=[])]
    read = partial(every_type, rows=rows)
    relation, _ = engine.read_files([Numbers(1)], read, EVERY_TYPE.columns)
    assert plain(engine.rows(relation), EVERY_TYPE) == expected(rows)


def test_no_part_and_no_row_make_an_empty_relation(engine: DuckDbEngine):
    relation, outcomes = engine.read_files([], numbers, COLUMNS)
    assert (engine.rows(relation), outcomes) == ([], [])


def test_what_the_function_raises_is_raised_as_it_is(engine: DuckDbEngine):
    with pytest.raises(ValueError, match="what is wrong") as stopped:
        engine.read_files([Numbers(n) for n in range(9)], failing, COLUMNS)
    assert stopped.value.__notes__ == ["where"]
    assert stopped.traceback[-1].name == "failing"


def test_a_process_that_exits_fails_the_reading(engine: DuckDbEngine):
    read = partial(dying, parent=os.getpid())
    with pytest.raises(EngineFailed, match="memory ran out"):
        engine.read_files([Numbers(n) for n in range(20)], read, COLUMNS)


def test_what_is_released_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    engine = DuckDbEngine(FolderStore(tmp_path), lambda: None)
    relation, _ = engine.read_files([Numbers(n) for n in range(4)], numbers, COLUMNS)
    (folder,) = tmp_path.glob("metriccare-*")
    assert folder.stat().st_mode & 0o077 == 0
    assert len(list(folder.rglob("*.parquet"))) == 4
    engine.release(relation)
    assert list(folder.rglob("*.parquet")) == []


def test_many_rows_are_handed_over_in_pieces(engine: DuckDbEngine, monkeypatch):
    monkeypatch.setattr(arrow_batches, "_MANY_ROWS", 3)
    monkeypatch.setattr(json_batches, "_MANY_ROWS", 3)
    monkeypatch.setattr(file_reading, "_SHARE_BYTES", 1_000_000)
    for worth in (1, 1_000_000):
        monkeypatch.setattr(file_reading, "_WORTH_PROCESSES", worth)
        relation, _ = engine.read_files([Numbers(n * 2) for n in range(4)], numbers, COLUMNS)
        assert [each["n"] for each in engine.rows(relation)] == list(range(8))
