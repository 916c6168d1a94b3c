"""Both lists of published files give a tenant's own files, of pointers or of timelines."""

from __future__ import annotations

from pathlib import Path

import pytest

from metriccare.query.duckdb.lake_files import FolderFiles
from metriccare.query.duckdb.timeline_files import TimelineFiles
from metriccare.query.published.engine import PublishedEngine
from metriccare.query.published.file_list import FileList
from metriccare.query.published.store import PublishedStore
from tests.publishing.mart_lake import MartLake, measure, of, scope

RESULTS = of("measure_results")


@pytest.fixture
def lake(tmp_path: Path) -> MartLake:
    lake = MartLake(tmp_path)
    lake.write("publish.measure", measure("a"), measure("b", numerator=77))
    lake.write("publish.measure", measure("a", numerator=41))
    lake.publish()
    return lake


@pytest.fixture(params=["pointers", "timelines"])
def files(request: pytest.FixtureRequest, lake: MartLake) -> FileList:
    if request.param == "pointers":
        return lake.files()
    return TimelineFiles(FolderFiles(lake.folder), lake.objects)


def test_tenants_with_something_published_are_named(files: FileList):
    assert files.tenants() == ("a", "b")


def test_the_id_is_that_of_the_publication(files: FileList):
    for tenant in ("a", "b"):
        found = files.current(tenant)
        assert found is not None
        assert found.tenant == tenant
        assert files.current_id(tenant) == found.id
    assert files.current_id("a") != files.current_id("b")


def test_nothing_is_published_of_a_stranger(files: FileList):
    assert files.current("ab") is None
    assert files.current_id("ab") is None
    assert files.kept("a", "0" * 16) is None


def test_rows_are_the_newest_of_the_tenant(files: FileList):
    engine = PublishedEngine(PublishedStore(files, ["measure"]))
    for tenant, numerator in (("a", 41), ("b", 77)):
        answer = engine.rows(scope(tenant), RESULTS)
        assert [row[answer.columns.index("numerator")] for row in answer.rows] == [numerator]
