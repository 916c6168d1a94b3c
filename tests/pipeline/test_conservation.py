"""Resources that are neither in silver nor rejected are found, in small loads and in large ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from pyspark.sql import functions as F  # noqa: N812

from metriccare.incremental.context import RunContext
from metriccare.jobs.conservation import Conserved, conserved
from metriccare.quality.gates import Counted, Subject
from metriccare.spark import hudi
from metriccare.spark.timeline import CommitNote
from metriccare.tables import BY_NAME
from tests.loader import Loader, encounter, patient

FEW, MANY = 1, 10**9
NEW = "2024-03-01T00:00:00Z"
FIRST = [patient("p1"), patient("p2"), encounter("e1"), encounter("e2")]
# A correction, a rejected resource, and one more of a type that stands already.
SECOND = [patient("p2", NEW), encounter("e3", **{"class": {"code": "BED"}}), patient("p3")]


def found(loader: Loader, run_id: str, taken_up: int) -> Conserved:
    context = RunContext(run_id, loader.lake, datetime.now(UTC), date(2024, 6, 1))
    context = replace(context, pending_runs={run_id: None})
    return conserved(loader.spark, context, taken_up)


def lose(loader: Loader, table: str, id_: str) -> None:
    rows = hudi.read(loader.spark, loader.lake, BY_NAME[table]).where(F.col("id") == id_)
    hudi.remove(rows, loader.lake, BY_NAME[table], CommitNote("run-lost", id_))


@pytest.mark.parametrize("taken_up", [FEW, MANY])
@pytest.mark.parametrize("second", [False, True])
def test_nothing_is_missing_after_a_load(loader: Loader, taken_up: int, second: bool):
    run = loader.load(*([FIRST, SECOND] if second else [FIRST]))
    counted = found(loader, run.record.run_id, taken_up)
    assert counted.resources == {}
    assert [count.found for count in counted.files.values()] == [3 if second else 4]


@pytest.mark.parametrize("taken_up", [FEW, MANY])
def test_each_lost_resource_is_counted(loader: Loader, taken_up: int):
    run = loader.load(FIRST, SECOND)
    lose(loader, "silver.patient", "p3")
    lose(loader, "silver.patient", "p2")
    missing = found(loader, run.record.run_id, taken_up).resources
    assert missing == {Subject("default", "Patient"): Counted(2, 0)}


@pytest.mark.parametrize("taken_up", [FEW, MANY])
def test_another_resource_in_its_place_does_not_hide_a_lost_one(loader: Loader, taken_up: int):
    loader.load([patient("p0")])
    run = loader.load(FIRST)
    lose(loader, "silver.patient", "p1")
    missing = found(loader, run.record.run_id, taken_up).resources
    assert missing == {Subject("default", "Patient"): Counted(1, 0)}
