"""The canary's tenant goes through every stage and is in no published table."""

from __future__ import annotations

from pathlib import Path

from metriccare.naming import CANARY_TENANT
from metriccare.tables import BY_NAME
from tests.pipeline.gold_lake import GoldLake, infection, organization, patient, stay

PUBLISHED = [name for name, table in BY_NAME.items() if table.layer == "publish"]


def world(tenant: str) -> list:
    rows = [
        organization("H1"),
        patient("p1"),
        stay("e1", "p1", "2024-01-01", "2024-01-05"),
        infection("c1", "p1", "e1", "2024-01-03"),
    ]
    return [(name, {**row, "tenant": tenant}) for name, row in rows]


def test_no_published_row_is_of_the_canary(tmp_path: Path):
    hospital = GoldLake(tmp_path)
    hospital.run(world("north"), world(CANARY_TENANT))
    assert hospital.content("gold.measure_result", CANARY_TENANT), "it is computed"
    for table in PUBLISHED:
        assert not hospital.content(table, CANARY_TENANT), table
    assert hospital.content("publish.measure", "north")


def test_a_run_of_the_canary_alone_changes_nothing_that_is_published(tmp_path: Path):
    hospital = GoldLake(tmp_path)
    hospital.run(world("north"))
    before = {table: hospital.content(table) for table in PUBLISHED}
    hospital.run(world(CANARY_TENANT))
    assert {table: hospital.content(table) for table in PUBLISHED} == before
