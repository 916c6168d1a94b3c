"""Work killed by the kernel, at commits and between them, ends in the tables of a clean load."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from metriccare.settings import DUCKDB, SPARK
from tests.faults.conftest import Clean
from tests.faults.ended_run import ENTER, LEAVE
from tests.faults.lakes import KILLED, RUN, Processes, differences

pytestmark = pytest.mark.timeout(3 * 3600)

MOST_KILLS = 200
PERSON = "p2"


# A log of the patients that runs had look at again: a replay or a rebuild adds to it.
LOG = "silver.released_patient"


def ends_as_clean(lake: Processes, clean: Clean, *, apart_from: str = "") -> None:
    lake.run()
    wanted = {name: rows for name, rows in clean.wanted.items() if name != apart_from}
    assert differences(lake.content(), wanted) == {}


def replay() -> tuple[str, ...]:
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    return ("replay", "--since", "2020-01-01", "--until", today, *RUN[1:])


def erasure(lake: Processes) -> tuple[str, ...]:
    """Return the words of an erasure, which takes its engine from the settings."""
    config = lake.folder.with_suffix(".toml")
    config.write_text(f'[run]\nengine = "{SPARK if lake.is_on_spark() else DUCKDB}"\n')
    return ("erase", PERSON, "--reason", "asked for", "--yes", "--config", str(config))


def rollback(lake: Processes) -> tuple[str, ...]:
    return ("rollback", lake.newest_run())


def killed_ever_later(lake: Processes, *arguments: str) -> int:
    """Work again and again, killed as each commit is entered, then left, each time a later one."""
    kills = 0
    for place in count(1):
        for moment in (ENTER, LEAVE):
            if lake.killed_at(moment, place, *arguments) != KILLED:
                return kills
            kills += 1
            assert kills < MOST_KILLS
    raise AssertionError


def test_three_runs_killed_on_the_way(clean: Clean, tmp_path: Path):
    """After bronze's rows and before its rejects; within silver; between gold's tables."""
    lake = clean.with_a_day_waiting(tmp_path / "lake")
    for moment, commit in ((LEAVE, 1), (LEAVE, 3), (ENTER, 9)):
        assert lake.killed_at(moment, commit) == KILLED
    ends_as_clean(lake, clean)


def test_a_first_run_killed_again_and_again(clean: Clean, tmp_path: Path):
    lake = clean.untouched(tmp_path / "lake")
    for moment, commit in ((ENTER, 1), (LEAVE, 1), (ENTER, 3), (LEAVE, 5), (ENTER, 10)):
        assert lake.killed_at(moment, commit) == KILLED
    lake.run()
    assert differences(lake.content(), clean.after_first) == {}


def test_a_killed_replay_is_continued_by_the_next_run(clean: Clean, tmp_path: Path):
    lake = clean.after_both(tmp_path / "lake")
    assert lake.killed_at(ENTER, 1, *replay()) == KILLED
    assert lake.killed_at(LEAVE, 1) == KILLED
    ends_as_clean(lake, clean, apart_from=LOG)


def test_a_killed_rebuild_is_continued_by_the_next_run(clean: Clean, tmp_path: Path):
    lake = clean.after_both(tmp_path / "lake")
    assert lake.killed_at(LEAVE, 2, "rebuild", *RUN[1:]) == KILLED
    ends_as_clean(lake, clean)


def test_a_killed_erasure_is_finished_by_the_next_one(clean: Clean, tmp_path: Path):
    lake = run_once(clean, tmp_path / "lake")
    for moment, commit in ((ENTER, 2), (LEAVE, 6)):
        assert lake.killed_at(moment, commit, *erasure(lake)) == KILLED
    lake.call(*erasure(lake))
    assert nobody_is_left(lake)


def test_the_run_after_a_killed_rollback_ends_as_if_there_was_none(clean: Clean, tmp_path: Path):
    """The run counts as rolled back before its first commit goes: docs/adr/0031-rollback.md."""
    lake = clean.after_both(tmp_path / "lake")
    assert lake.killed_at(LEAVE, 2, *rollback(lake)) == KILLED
    ends_as_clean(lake, clean, apart_from=LOG)


def run_once(clean: Clean, folder: Path) -> Processes:
    """Return a lake with its own uploads, because an erasure changes them."""
    lake = clean.untouched(folder)
    lake.run()
    return lake


def nobody_is_left(lake: Processes) -> bool:
    """Return True if no table names the erased person."""
    rows = (row for rows in lake.content().values() for row in rows)
    return not any(f"'{PERSON}'" in row or f"'{PERSON}-" in row for row in rows)


@pytest.mark.slow
def test_every_piece_of_work_killed_at_ever_later_commits(clean: Clean, tmp_path: Path):
    first = clean.untouched(tmp_path / "first")
    assert killed_ever_later(first) > 10
    assert differences(first.content(), clean.after_first) == {}
    for name, words in (("run", RUN), ("replay", replay()), ("rebuild", ("rebuild", *RUN[1:]))):
        is_run = name == "run"
        lake = (clean.with_a_day_waiting if is_run else clean.after_both)(tmp_path / name)
        assert killed_ever_later(lake, *words) > 4, name
        ends_as_clean(lake, clean, apart_from="" if is_run else LOG)
    erased = run_once(clean, tmp_path / "erased")
    assert killed_ever_later(erased, *erasure(erased)) > 4
    assert nobody_is_left(erased)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_one_kill_at_a_commit_drawn_by_lot(clean: Clean, tmp_path: Path, seed: int):
    lot = random.Random(seed)
    lake = clean.with_a_day_waiting(tmp_path / "lake")
    lake.killed_at(lot.choice([ENTER, LEAVE]), lot.randint(1, 24))
    ends_as_clean(lake, clean)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_kills_at_times_drawn_by_lot(clean: Clean, tmp_path: Path, seed: int):
    lot = random.Random(100 + seed)
    lake = clean.with_a_day_waiting(tmp_path / "lake")
    longest = 70 if lake.is_on_spark() else 5
    for _ in range(4):
        lake.run_killed_after(lot.uniform(0.5, longest), with_java=lot.random() < 0.5)
    ends_as_clean(lake, clean)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_kills_during_the_very_first_run(clean: Clean, tmp_path: Path, seed: int):
    lot = random.Random(200 + seed)
    lake = clean.untouched(tmp_path / "lake")
    longest = 80 if lake.is_on_spark() else 5
    for _ in range(3):
        lake.killed_at(lot.choice([ENTER, LEAVE]), lot.randint(1, 8))
        lake.run_killed_after(lot.uniform(0.5, longest), with_java=lot.random() < 0.5)
    lake.ingest(clean.second)
    # Two uploads processed together give the same tables.
    ends_as_clean(lake, clean)


@pytest.mark.spark
@pytest.mark.parametrize(("killed", "next_one"), [(SPARK, DUCKDB), (DUCKDB, SPARK)])
def test_a_run_killed_on_one_engine_is_continued_by_the_other(
    clean: Clean, tmp_path: Path, killed: str, next_one: str
):
    lake = clean.with_a_day_waiting(tmp_path / "lake")
    for moment, commit in ((LEAVE, 1), (ENTER, 4)):
        assert lake.killed_at(moment, commit, engine=killed) == KILLED
    lake.run(engine=next_one)
    assert differences(lake.content(), clean.wanted) == {}
