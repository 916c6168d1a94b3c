"""Gold alone on silver rows of the test: runs without news, refused tenants, crashes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from metriccare.errors import Refusal
from metriccare.pipeline.gold.outcome import Outcome
from tests.pipeline.gold_lake import (
    TABLES,
    GoldLake,
    Killed,
    infection,
    organization,
    patient,
    released,
    stay,
)

WORLD = [organization("H1"), organization("H2"), patient("p1"), patient("p2"), patient("p3")]
STEPS = [
    [
        *WORLD,
        stay("e1", "p1", "2024-01-01", "2024-01-05"),
        stay("e2", "p2", "2024-01-20", "2024-01-22"),
        stay("e3", "p3", "2024-02-01", "2024-02-04"),
    ],
    # A merge: the second stay is now the same person's, and a readmission. A late infection.
    [patient("p2", into="p1"), infection("c1", "p3", "e3", "2024-02-03")],
    # The merge undone; a stay moved to another person; a stay that turns out to be no stay.
    [
        patient("p2"),
        stay("e3", "p1", "2024-01-08", "2024-01-10"),
        released("p3"),
        stay("e4", "p2", "2024-03-01", "2024-03-02"),
    ],
]


@pytest.fixture
def hospital(tmp_path: Path) -> GoldLake:
    return GoldLake(tmp_path / "one")


def contents(lake: GoldLake, *, stamped: bool = False) -> dict[str, list[str]]:
    return {table: lake.content(table, stamped=stamped) for table in TABLES}


def loaded_at_once(folder: Path, *steps: list) -> dict[str, list[str]]:
    """Return the tables of a lake that takes all steps in one run."""
    whole = GoldLake(folder)
    whole.run(*steps)
    return contents(whole)


def test_a_run_without_news_writes_nothing_and_judges_the_stored_results(hospital: GoldLake):
    hospital.run(STEPS[0])
    before, commits = contents(hospital, stamped=True), hospital.commits()
    judged: list[Outcome] = []
    hospital.run(gates=lambda outcome: judged.append(outcome) or ())
    hospital.run([patient("p9")])
    assert contents(hospital, stamped=True) == before
    gold = {name for name in commits if name.startswith("gold.")}
    assert {n: hospital.commits()[n] for n in gold} == {n: commits[n] for n in gold}
    (outcome,) = judged
    assert outcome.results == outcome.before
    assert len(outcome.results) == len(before["gold.measure_result"])
    assert not outcome.tables


def test_a_refused_tenant_keeps_what_it_had_until_it_passes(hospital: GoldLake, tmp_path: Path):
    def of(tenant: str, batch: list) -> list:
        return [(name, {**row, "tenant": tenant}) for name, row in batch]

    first = of("default", STEPS[0]) + of("north", STEPS[0])
    second = of("default", STEPS[1]) + of("north", STEPS[1])
    hospital.run(first)
    before = {table: hospital.content(table, "north") for table in TABLES}
    refusal = Refusal(tenant="north", gate="share_dropped", sentence="no")
    published = hospital.run(second, gates=lambda _: [refusal])
    assert published.tenants == {"north"}
    assert {table: hospital.content(table, "north") for table in TABLES} == before
    whole = loaded_at_once(tmp_path / "two", first, second)
    assert hospital.content("gold.stay", "default") == [
        row for row in whole["gold.stay"] if row.startswith("('default'")
    ]
    # Nothing new arrives: the tenant's pending rows are computed again.
    hospital.run()
    assert contents(hospital) == whole


def test_whenever_a_run_is_killed_the_next_one_ends_where_a_clean_one_does(tmp_path: Path):
    whole = loaded_at_once(tmp_path / "whole", *STEPS)
    before = tmp_path / "before"
    GoldLake(before).run(STEPS[0])
    # Every commit checks the lease twice; more of them than there are end no run.
    for leases in (1, 4, 7, 10, 13, 99):
        folder = tmp_path / f"killed-{leases}"
        shutil.copytree(before, folder)
        hospital = GoldLake(folder, number=1)
        hospital.die_at = leases
        try:
            hospital.run(STEPS[1], STEPS[2])
            assert leases == 99
        except Killed:
            hospital.revived()
            hospital.run([patient("p9")])
        assert contents(hospital) == whole, leases
