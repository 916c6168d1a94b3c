"""Runs killed by the kernel, at commits and between them, end in the tables of a clean load."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.faults.conftest import Clean
from tests.faults.lakes import KILLED, Processes, differences

pytestmark = [pytest.mark.spark, pytest.mark.timeout(3 * 3600)]

MOST_COMMITS = 60


def ends_as_clean(lake: Processes, clean: Clean) -> None:
    lake.run()
    assert differences(lake.content(), clean.wanted) == {}


def test_three_runs_killed_on_the_way(clean: Clean, tmp_path: Path):
    """After bronze's rows and before its rejects; within silver; between gold's tables."""
    lake = clean.with_a_day_waiting(tmp_path / "lake")
    for moment, commit in (("leave", 1), ("leave", 3), ("enter", 9)):
        assert lake.run_killed_at(moment, commit) == KILLED
    ends_as_clean(lake, clean)


@pytest.mark.slow
def test_runs_killed_after_every_single_commit(clean: Clean, tmp_path: Path):
    """However soon runs die, each leaves the next less to do."""
    lake = clean.with_a_day_waiting(tmp_path / "lake")
    kills = 0
    while differences(lake.content(), clean.wanted):
        assert lake.run_killed_at("leave", 1) == KILLED
        kills += 1
        assert kills < MOST_COMMITS
    assert kills > 10
    ends_as_clean(lake, clean)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_one_kill_at_a_commit_drawn_by_lot(clean: Clean, tmp_path: Path, seed: int):
    lot = random.Random(seed)
    lake = clean.with_a_day_waiting(tmp_path / "lake")
    lake.run_killed_at(lot.choice(["enter", "leave"]), lot.randint(1, 24))
    ends_as_clean(lake, clean)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_kills_at_times_drawn_by_lot(clean: Clean, tmp_path: Path, seed: int):
    lot = random.Random(100 + seed)
    lake = clean.with_a_day_waiting(tmp_path / "lake")
    for _ in range(4):
        lake.run_killed_after(lot.uniform(4, 70), with_java=lot.random() < 0.5)
    ends_as_clean(lake, clean)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_kills_during_the_very_first_run(clean: Clean, tmp_path: Path, seed: int):
    lot = random.Random(200 + seed)
    lake = clean.untouched(tmp_path / "lake")
    for _ in range(3):
        lake.run_killed_at(lot.choice(["enter", "leave"]), lot.randint(1, 8))
        lake.run_killed_after(lot.uniform(10, 80), with_java=lot.random() < 0.5)
    lake.ingest(clean.second)
    # What was received in two uploads, taken up together: the same tables.
    ends_as_clean(lake, clean)
