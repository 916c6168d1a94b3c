"""A writer killed between any two of its steps leaves the table as before or as after, whole."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from metriccare.settings import Lake
from tests.engine.killed_write import KILLED, ROWS
from tests.engine.lakes import (
    EVERY_TYPE,
    NativeTable,
    Row,
    SparkTable,
    expected,
    hudi_rs_rows,
    row,
    todays_rows,
)

BEFORE = [row("k1", 41), row("k2"), row("k1", tenant="b")]
AFTER = [*ROWS[:1], row("k2"), row("k1", tenant="b"), *ROWS[1:]]
NEXT = [row("k2", 10_000, big=2), row("next", tenant="b")]


@pytest.fixture(scope="module")
def old_lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Return a lake whose next write also cleans a file version and trims the timeline."""
    lake = Lake(str(tmp_path_factory.mktemp("old") / "lake"))
    native = NativeTable(lake)
    native.insert([row("k1"), row("k2"), row("k1", tenant="b")], "run-0")
    for number in range(1, 41):
        native.upsert([row("k1", 1 + number)], f"run-{number}")
    return lake


@pytest.fixture(scope="module")
def steps(old_lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> int:
    """Return how many steps the write takes when it is not killed."""
    lake = copy_of(old_lake, tmp_path_factory.mktemp("whole"))
    done = killed_write(lake, 1_000)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def copy_of(lake: Lake, folder: Path) -> Lake:
    shutil.copytree(lake.folder, folder / "lake")
    return Lake(str(folder / "lake"))


def killed_write(lake: Lake, step: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.engine.killed_write", lake.root, str(step)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def after_next(rows: list[Row]) -> list[Row]:
    replaced = {(each["tenant"], each["record_key"]): each for each in [*rows, *NEXT]}
    return expected(replaced.values())


def test_the_table_is_as_before_or_as_after_and_the_next_write_succeeds(
    old_lake: Lake, steps: int, tmp_path: Path
):
    assert steps > 12
    outcomes = []
    for step in range(steps):
        lake = copy_of(old_lake, tmp_path / str(step))
        assert killed_write(lake, step).returncode == KILLED
        native = NativeTable(lake)
        found = native.rows()
        outcomes.append(found == expected(AFTER))
        rows = AFTER if outcomes[-1] else BEFORE
        assert found == expected(rows)
        assert todays_rows(lake) == hudi_rs_rows(lake) == found
        native.upsert(NEXT, "next-run")
        assert native.rows() == hudi_rs_rows(lake) == after_next(rows)
        check_nothing_is_left(lake)
    assert outcomes == sorted(outcomes), "once it is there, a commit stays"
    assert set(outcomes) == {False, True}


def check_nothing_is_left(lake: Lake) -> None:
    snapshot = NativeTable(lake).files.snapshot()
    assert not snapshot.pending()
    assert set(snapshot.files) == set(snapshot.committed)
    names = [path.name for path in lake.folder.rglob("*")]
    assert not [name for name in names if "unfinished" in name or "MARKERS" in name]
    versions = [file for file in snapshot.files if file.partition == "tenant=a"]
    assert len(versions) == 11


@pytest.mark.spark
def test_spark_continues_after_a_kill(spark, old_lake: Lake, steps: int, tmp_path: Path):
    """Spark rolls the pending instant back by its markers; no file of it counts later."""
    for step in range(steps):
        lake = copy_of(old_lake, tmp_path / str(step))
        assert killed_write(lake, step).returncode == KILLED
        rows = AFTER if NativeTable(lake).rows() == expected(AFTER) else BEFORE
        table = SparkTable(spark, lake)
        table.upsert(NEXT, "next-run")
        assert table.rows() == NativeTable(lake).rows() == hudi_rs_rows(lake) == after_next(rows)
        snapshot = NativeTable(lake).files.snapshot()
        assert not snapshot.pending()
        assert set(snapshot.files) == set(snapshot.committed)


def test_a_table_killed_while_it_is_created_is_created_by_the_next(tmp_path: Path):
    for step in range(9):
        lake = Lake(str(tmp_path / str(step)))
        assert killed_write(lake, step).returncode == KILLED
        native = NativeTable(lake)
        found = native.rows()
        assert found in ([], expected(ROWS))
        native.upsert(NEXT, "next-run")
        assert native.rows() == hudi_rs_rows(lake) == expected([*(ROWS if found else []), *NEXT])


def test_what_a_killed_writer_left_never_counts_however_old_the_timeline_grows(
    old_lake: Lake, tmp_path: Path
):
    lake = copy_of(old_lake, tmp_path)
    killed_write(lake, 8)
    left = {file.path for file in NativeTable(lake).files.snapshot().files}
    native = NativeTable(lake)
    for number in range(32):
        native.upsert([row("k2", 2 + number)], f"later-{number}")
    assert native.rows() == hudi_rs_rows(lake) == expected([BEFORE[0], row("k2", 33), BEFORE[2]])
    assert not any(
        (lake.folder / EVERY_TYPE.path / path).exists() for path in left if "=c/" in path
    )
