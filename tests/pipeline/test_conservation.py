"""Resources of a load that are neither in silver nor rejected are found."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from metriccare.incremental.context import RunContext
from metriccare.local.folder_store import LocalRawFiles
from metriccare.pipeline.publish.conservation import Conserved, conserved
from metriccare.quality.measured import Counted, Subject
from metriccare.settings import Lake
from tests.loader import Loader, encounter, patient

NEW = "2024-03-01T00:00:00Z"
FIRST = [patient("p1"), patient("p2"), encounter("e1"), encounter("e2")]
# A correction, a rejected resource, and one more of a type that is loaded already.
SECOND = [patient("p2", NEW), encounter("e3", **{"class": {"code": "BED"}}), patient("p3")]


@pytest.fixture(scope="module")
def runs(engine_kind: str, tmp_path_factory) -> tuple[Loader, str, str]:
    """Return a lake and the ids of its two runs; the tests build on each other."""
    folder = tmp_path_factory.mktemp("conservation")
    loader = Loader(engine_kind, Lake(str(folder / "lake")), folder)
    return loader, loader.load(FIRST).record.run_id, loader.load(SECOND).record.run_id


def found(loader: Loader, run_id: str) -> Conserved:
    context = RunContext(
        run_id,
        loader.lake,
        datetime.now(UTC),
        date(2024, 6, 1),
        LocalRawFiles(),
        pending_runs={run_id: None},
    )
    with loader.engine() as engine:
        return conserved(engine, context)


def test_nothing_is_missing_after_a_load(runs: tuple[Loader, str, str]):
    loader, *ids = runs
    counted = [found(loader, run_id) for run_id in ids]
    assert [each.resources for each in counted] == [{}, {}]
    assert [[count.found for count in each.files.values()] for each in counted] == [[4], [3]]


def test_another_resource_in_its_place_does_not_hide_a_lost_one(runs: tuple[Loader, str, str]):
    loader, first, _ = runs
    loader.remove("silver.patient", "id = 'p1'")
    missing = found(loader, first).resources
    assert missing == {Subject("default", "Patient"): Counted(1, 0)}


def test_each_lost_resource_is_counted(runs: tuple[Loader, str, str]):
    loader, _, second = runs
    loader.remove("silver.patient", "id in ('p2', 'p3')")
    missing = found(loader, second).resources
    assert missing == {Subject("default", "Patient"): Counted(2, 0)}
