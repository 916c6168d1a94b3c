"""The published quality summary: small counts of people's rows are hidden, places' are not."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from pyspark.sql import SparkSession

from metriccare.incremental.context import RunContext
from metriccare.jobs.data_quality import described
from metriccare.settings import Lake

pytestmark = pytest.mark.spark

COUNTS = [
    ("bronze", "Encounter", "rows", 40),
    ("bronze", "Encounter", "bad_json", 3),
    ("silver", "encounter", "reference_not_found", 35),
    ("silver", "encounter", "date_without_offset", 20),
    ("bronze", "Patient", "rows", 7),
    ("bronze", "Organization", "rows", 4),
    ("gold", "stay", "derived", 2),
    ("gold", "stay", "missing_disposition", 12),
]


def test_small_counts_and_few_rows_beside_a_count_are_hidden(spark: SparkSession) -> None:
    context = RunContext("run-1", Lake("x"), datetime.now(UTC), date(2024, 12, 31))
    frame = spark.createDataFrame(
        [("default", *row) for row in COUNTS],
        "tenant string, layer string, table_name string, rule_id string, row_count bigint",
    )
    shown = {
        (row.table_name, row.rule_id): (row.row_count, row.suppressed)
        for row in described(frame, context).collect()
    }
    assert shown == {
        ("Encounter", "rows"): (40, False),
        ("Encounter", "bad_json"): (None, True),
        # 5 of the 40 rows do not trip the rule.
        ("encounter", "reference_not_found"): (None, True),
        ("encounter", "date_without_offset"): (20, False),
        ("Patient", "rows"): (None, True),
        ("Organization", "rows"): (4, False),
        ("stay", "derived"): (None, True),
        ("stay", "missing_disposition"): (12, False),
    }
