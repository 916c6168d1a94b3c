"""Commits rolled back without Spark: files and rows are as before, after any history."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from metriccare import naming
from metriccare.engine.duckdb.engine import DuckDbEngine
from metriccare.engine.duckdb.row_inserter import DuckDbRelation
from metriccare.errors import LeaseLost, UsageError
from metriccare.local.folder_store import FolderStore
from metriccare.settings import Lake
from metriccare.tables import BY_NAME
from metriccare.upkeep.rollback import commits_of, roll_back_all
from tests.engine.lakes import (
    EVERY_TYPE,
    FULL,
    NativeTable,
    expected,
    hudi_rs_rows,
    note,
    row,
    todays_rows,
)
from tests.pipeline.stored_rows import engine_of, store

GONE = {"_hoodie_is_deleted": True}
# Every kind of commit; the last one goes into a tenant that is new.
WRITES: list[Callable[[NativeTable, str], None]] = [
    lambda table, run: table.insert([row("k1", **FULL), row("k2"), row("k3")], run),
    lambda table, run: table.insert([row("k4")], run),
    lambda table, run: table.upsert([row("k2", 2, big=5), row("k5", 2)], run),
    lambda table, run: table.upsert([row("k1", 3, **GONE), row("k3", 3, small=1)], run),
    lambda table, run: table.delete([row("k4")], run),
    lambda table, run: table.writer.create(note(run)),
    lambda table, run: table.insert([row("k1", tenant="b")], run),
]


def files_of(lake: Lake) -> dict[str, bytes]:
    """Return what the table's folder holds, apart from what only names a partition."""
    folder = lake.folder / EVERY_TYPE.path
    files = (path for path in folder.rglob("*") if path.is_file())
    found = {str(path.relative_to(folder)): path.read_bytes() for path in files}
    return {name: bytes_ for name, bytes_ in found.items() if not name.endswith("_metadata")}


def written(lake: Lake) -> Iterator[tuple[dict[str, bytes], list[object]]]:
    """Write the table commit by commit; give files and rows before each."""
    table = NativeTable(lake)
    for number, write in enumerate(WRITES):
        yield files_of(lake), list(table.rows())
        write(table, f"run-{number}")


def test_each_commit_that_is_taken_back_leaves_the_files_and_rows_from_before(lake: Lake):
    before = list(written(lake))
    engine = engine_of(lake)
    # Creating a table that has rows commits nothing.
    before.pop(5)
    history = engine.history(EVERY_TYPE)
    assert len(history) == len(before)
    for commit, (files, rows) in zip(history, reversed(before), strict=True):
        assert engine.can_roll_back([commit])
        engine.roll_back(commit)
        left = files_of(lake)
        left.pop(".hoodie/hoodie.properties")
        files.pop(".hoodie/hoodie.properties", None)
        assert left == files
        assert NativeTable(lake).rows() == rows
        if rows:
            assert hudi_rs_rows(lake) == rows
            assert todays_rows(lake) == rows
    assert engine.history(EVERY_TYPE) == []


class Killed(Exception):
    """Raised in place of the end of a killed process."""


class DyingStore(FolderStore):
    """A folder whose writer is killed before one of its changes."""

    def __init__(self, root: Path, steps: int) -> None:
        super().__init__(root)
        self._steps = itertools.count(steps, -1)

    def _step(self) -> None:
        if next(self._steps) == 0:
            raise Killed

    def put_new(self, path: str, content: bytes) -> None:
        self._step()
        super().put_new(path, content)

    def delete(self, path: str) -> None:
        self._step()
        super().delete(path)


@pytest.mark.parametrize("steps", range(10))
def test_a_rollback_killed_at_any_point_shows_one_state_or_the_other(lake: Lake, steps: int):
    table = NativeTable(lake)
    table.insert([row("k1"), row("k2")], "run-1")
    table.upsert([row("k2", 2, big=5), row("k3", 2)], "run-2")
    table.insert([row("k1", tenant="b")], "run-3")
    after = [row("k1"), row("k2", 2, big=5), row("k3", 2)]
    before, killed = expected([*after]), False
    dying = DuckDbEngine(DyingStore(lake.folder, steps), lambda: None)
    try:
        dying.roll_back(dying.history(EVERY_TYPE)[0])
    except Killed:
        killed = True
    states = (before, expected([*after, row("k1", tenant="b")]))
    for rows in (NativeTable(lake).rows(), hudi_rs_rows(lake), todays_rows(lake)):
        assert rows in states
    # Two markers are put; the commit, the file, the markers, and three states are deleted.
    assert killed is (steps < 9)
    engine = engine_of(lake)
    for commit in engine.history(EVERY_TYPE):
        if commit.metadata[naming.COMMIT_RUN_ID] == "run-3":
            engine.roll_back(commit)
    NativeTable(lake).upsert([row("k9")], "run-4")
    assert NativeTable(lake).rows() == expected([*after, row("k9")])
    assert hudi_rs_rows(lake) == todays_rows(lake) == NativeTable(lake).rows()


def test_only_the_newest_commit_of_a_table_can_be_taken_back(lake: Lake):
    table = NativeTable(lake)
    table.insert([row("k1")], "run-1")
    table.insert([row("k2")], "run-2")
    engine = engine_of(lake)
    with pytest.raises(UsageError, match="not the newest commit"):
        engine.roll_back(engine.history(EVERY_TYPE)[1])
    assert len(table.rows()) == 2


def test_what_cleaning_removed_cannot_be_taken_back(lake: Lake):
    table = NativeTable(lake)
    for number in range(13):
        table.upsert([row("k1", number)], f"run-{number}")
    engine = engine_of(lake)
    history = engine.history(EVERY_TYPE)
    assert engine.can_roll_back(history[:10])
    assert not engine.can_roll_back(history[:12])


def test_the_last_instant_stays_where_files_are_from_before_the_timeline(lake: Lake):
    table = NativeTable(lake, largest_file=1)
    for number in range(31):
        table.insert([row(f"k{number}")], f"run-{number}")
    engine = engine_of(lake)
    history = engine.history(EVERY_TYPE)
    assert engine.can_roll_back(history[:-1])
    assert not engine.can_roll_back(history)


def test_a_lost_lease_takes_nothing_back(lake: Lake):
    def check_lease() -> None:
        raise LeaseLost("taken over")

    table = NativeTable(lake)
    table.insert([row("k1")], "run-1")
    engine = DuckDbEngine(FolderStore(lake.folder), check_lease)
    with pytest.raises(LeaseLost):
        engine.roll_back(engine.history(EVERY_TYPE)[0])
    with pytest.raises(LeaseLost):
        engine.remove_old_files(EVERY_TYPE)
    assert len(table.rows()) == 1


def test_a_run_is_taken_back_in_the_reverse_order_of_writing_and_bronze_stays(lake: Lake):
    engine = engine_of(lake)
    for number in (1, 2):
        run, id_ = f"run-{number}", f"p{number}"
        store(engine, "bronze.resource", [{"file_id": id_, "source_line": 1}], run)
        store(engine, "silver.patient", [{"id": id_, "deleted": False}], run)
        store(engine, "gold.stay", [{"stay_id": id_}], run)
    commits = commits_of(engine, "run-2")
    assert [commit.table.full_name for commit in commits] == ["gold.stay", "silver.patient"]
    roll_back_all(engine, commits)
    left = {name: [r["run_id"] for r in engine.rows(rows)] for name, rows in tables(engine)}
    assert left == {
        "bronze.resource": ["run-1", "run-2"],
        "silver.patient": ["run-1"],
        "gold.stay": ["run-1"],
    }
    assert commits_of(engine, "run-2") == []


def test_a_run_whose_files_are_cleaned_away_is_refused_before_anything_is_changed(lake: Lake):
    engine = engine_of(lake)
    for number in (1, 2):
        store(engine, "silver.patient", [{"id": "p1", "deleted": False}], f"run-{number}")
    store(engine, "gold.stay", [{"stay_id": "s"}], "run-2")
    assert sum(engine.remove_old_files(each.table) for each in commits_of(engine, "run-2")) == 1
    with pytest.raises(UsageError, match=r"silver\.patient from before run-2 were cleaned away"):
        commits_of(engine, "run-2")
    assert [r["run_id"] for _, rows in tables(engine) for r in engine.rows(rows)] == ["run-2"] * 2


def tables(engine: DuckDbEngine) -> Iterator[tuple[str, DuckDbRelation]]:
    """Give the runs of each table's rows."""
    for name in ("bronze.resource", "silver.patient", "gold.stay"):
        table = BY_NAME[name]
        model = "select run_id from stored order by run_id"
        if engine.commits(table):
            yield name, engine.sql(model, stored=engine.read(table))
