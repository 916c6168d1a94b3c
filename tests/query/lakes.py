"""The published lake the tests of queries, report and Trino read: written once a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from metriccare.settings import Lake
from tests.query import published_rows as rows
from tests.query.written_lake import create_empty, write_rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

HOSPITALS, YEARS = 4, 3
EMPTY_TABLES = ("gold.stay", "gold.episode", "silver.encounter_detail")
_written: list[Lake] = []


@pytest.fixture(scope="session")
def published_lake(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Return a lake with published results and a few empty tables; tests must not change it."""
    if not _written:
        lake = Lake(str(tmp_path_factory.mktemp("published") / "a lake's folder"))
        write_published(spark, lake, HOSPITALS, YEARS)
        _written.append(lake)
    return _written[0]


@pytest.fixture(scope="session")
def wide_lake(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Return the published results of 20 hospitals and 5 years."""
    lake = Lake(str(tmp_path_factory.mktemp("wide") / "lake"))
    write_published(spark, lake, hospitals=20, years=5)
    return lake


def write_published(spark: SparkSession, lake: Lake, hospitals: int, years: int) -> None:
    """Write every publish table; measures in two commits, so that old files lie beside new."""
    measures = rows.measure_rows(hospitals, years)
    stale = [{**row, "numerator": 999_999, "ordering": 0} for row in measures[:50]]
    write_rows(spark, lake, "publish.measure", stale, run="run-1")
    write_rows(spark, lake, "publish.measure", measures, run="run-2")
    write_rows(spark, lake, "publish.infection_code", rows.infection_code_rows())
    write_rows(spark, lake, "publish.data_quality", rows.data_quality_rows())
    write_rows(spark, lake, "publish.freshness", rows.freshness_rows())
    create_empty(spark, lake, EMPTY_TABLES)
