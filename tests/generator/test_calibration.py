from __future__ import annotations

from pathlib import Path

import pytest

from data_generator import GeneratorConfig
from data_generator.care import simulate_care
from data_generator.clock import day_number
from data_generator.describe import TARGETS, Census, achieved, report
from data_generator.people import simulate_person
from data_generator.world import build_world

SEEDS = (1, 2, 3, 4, 5)
PEOPLE_PER_SEED = 2000


@pytest.fixture(scope="module")
def census() -> Census:
    total = Census()
    for seed in SEEDS:
        config = GeneratorConfig(Path("unused"), seed=seed)
        world, as_of = build_world(config), day_number(config.end)
        for number in range(PEOPLE_PER_SEED):
            total.add(
                simulate_care(world, simulate_person(world, number), as_of), world.start_day, as_of
            )
    return total


@pytest.mark.parametrize("place", range(len(TARGETS)), ids=[t.name for t in TARGETS])
def test_five_seeds_together_meet_the_target(census: Census, place: int) -> None:
    target = TARGETS[place]
    assert achieved(census)[place] == pytest.approx(target.value, abs=target.tolerance)


def test_infections_of_every_type_happen(census: Census) -> None:
    assert set(census.infections) == {"clabsi", "cauti", "ssi", "vap", "hap", "cdi", "mrsa"}


def test_the_report_names_every_target() -> None:
    lines = list(report(GeneratorConfig(Path("unused"), patients=30)))
    assert all(any(line.startswith(t.name) for line in lines) for t in TARGETS)
