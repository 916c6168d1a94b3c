"""The published lake the tests of queries, report and Trino read: written once a process."""

from __future__ import annotations

import pytest

from metriccare.settings import Lake
from tests.query import published_rows as rows
from tests.query.revenue_rows import revenue_rows
from tests.query.written_lake import create_empty, write_rows

HOSPITALS, YEARS = 4, 3
EMPTY_TABLES = ("gold.stay", "gold.episode", "silver.encounter_detail")
_written: list[Lake] = []


@pytest.fixture(scope="session")
def published_lake(engine_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Return a lake with published results and a few empty tables; tests must not change it."""
    if not _written:
        lake = Lake(str(tmp_path_factory.mktemp("published") / "a lake's folder"))
        write_published(lake, HOSPITALS, YEARS, engine_kind)
        _written.append(lake)
    return _written[0]


@pytest.fixture(scope="session")
def wide_lake(engine_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Return the published results of 20 hospitals and 5 years."""
    lake = Lake(str(tmp_path_factory.mktemp("wide") / "lake"))
    write_published(lake, hospitals=20, years=5, kind=engine_kind)
    return lake


def write_published(lake: Lake, hospitals: int, years: int, kind: str) -> None:
    """Write every publish table; measures in two commits, so that there are old and new files."""
    measures = rows.measure_rows(hospitals, years)
    stale = [{**row, "numerator": 999_999, "ordering": 0} for row in measures[:50]]
    write_rows(lake, "publish.measure", stale, run="run-1", kind=kind)
    write_rows(lake, "publish.measure", measures, run="run-2", kind=kind)
    write_rows(lake, "publish.infection_code", rows.infection_code_rows(), kind=kind)
    write_rows(lake, "publish.data_quality", rows.data_quality_rows(), kind=kind)
    write_rows(lake, "publish.freshness", rows.freshness_rows(), kind=kind)
    write_rows(lake, "publish.data_quality_score", rows.score_rows(), kind=kind)
    for name, of_table in revenue_rows().items():
        write_rows(lake, name, of_table, kind=kind)
    create_empty(lake, EMPTY_TABLES, kind)
