"""Unread fields are counted per file, and counted again when its records change."""

from __future__ import annotations

from pathlib import Path

import pytest

from metriccare.pipeline.bronze import drift
from tests.pipeline.bronze_lake import FIRST, BronzeLake, ndjson, patient

WITH_PETS = [
    patient("p1", petName="a", hobby="b"),
    patient("p2", petName="c", name=[{"nickname": "n"}]),
    {"resourceType": "CarePlan", "id": "c1"},
]


@pytest.fixture
def lake(tmp_path: Path) -> BronzeLake:
    return BronzeLake(tmp_path)


def kept(lake: BronzeLake) -> list[tuple]:
    return lake.rows("bronze.drift", "file_id", "resource_type", "field_path", "row_count")


def test_a_run_keeps_what_it_found_and_a_later_one_adds_to_it(lake: BronzeLake):
    one, two = lake.file(WITH_PETS), lake.file([patient("p3", petName="d")])
    lake.run(one)
    lake.run(two)
    assert kept(lake) == [
        (one.file_id, "CarePlan", "*", 1),
        (one.file_id, "Patient", "hobby", 1),
        (one.file_id, "Patient", "petName", 2),
        (two.file_id, "Patient", "petName", 1),
    ]


def test_a_path_no_longer_in_records_is_removed_and_first_times_are_kept(lake: BronzeLake):
    file, other = lake.file(WITH_PETS), lake.file([patient("p3", petName="d")])
    lake.run(file, other)
    Path(file.location).write_bytes(ndjson(WITH_PETS[0], *[patient("p2", hobby="c")]))
    drift.recount(lake.engine, lake.context(), [file])
    assert kept(lake) == [
        (file.file_id, "Patient", "hobby", 2),
        (file.file_id, "Patient", "petName", 1),
        (other.file_id, "Patient", "petName", 1),
    ]
    assert {row[0] for row in lake.rows("bronze.drift", "first_seen")} == {
        FIRST.replace(tzinfo=None)
    }


def test_a_file_that_cannot_be_read_keeps_what_was_counted(lake: BronzeLake):
    file = lake.file(WITH_PETS)
    lake.run(file)
    before = kept(lake)
    Path(file.location).unlink()
    drift.recount(lake.engine, lake.context(), [file])
    assert kept(lake) == before
