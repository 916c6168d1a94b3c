"""Which results are instants in UTC, and that they say so when they are printed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from metriccare.query.duckdb.engine import DuckDbEngine
from metriccare.query.duckdb.lake_files import FolderFiles
from metriccare.query.duckdb.result_values import with_utc
from metriccare.query.engine import Rows
from metriccare.query.translate.trino_types import Type, array_of

NOON = datetime(2024, 6, 1, 12)  # noqa: DTZ001
STORED = Type("timestamp", utc=True)


@pytest.fixture
def engine(tmp_path: Path) -> DuckDbEngine:
    return DuckDbEngine(FolderFiles(tmp_path))


@pytest.mark.parametrize(
    ("expression", "is_instant"),
    [
        ("admit_at", True),
        ("max(admit_at)", True),
        ("date_trunc('hour', admit_at)", True),
        ("admit_at + interval '1' day", True),
        ("coalesce(admit_at, discharge_at)", True),
        ("cast(admit_at AS timestamp(3))", True),
        ("cast(admit_at AT TIME ZONE 'America/New_York' AS timestamp)", False),
        ("coalesce(admit_at, timestamp '2024-01-01 00:00:00')", False),
        ("timestamp '2024-01-01 00:00:00'", False),
    ],
)
def test_a_timestamp_of_the_lake_stays_an_instant_until_it_is_shown_in_a_zone(
    engine: DuckDbEngine, expression: str, is_instant: bool
) -> None:
    inner = f"select {expression} as found from gold.stay"
    found = engine.query(f"with inner_one as ({inner}) select found from inner_one")
    assert [kind.utc for kind in found.types] == [is_instant]


def test_views_and_whole_rows_give_instants(engine: DuckDbEngine) -> None:
    found = engine.query("select * from data_freshness")
    instants = {name for name, kind in zip(found.columns, found.types, strict=True) if kind.utc}
    assert instants == {"last_updated", "last_ingested_at", "published_at"}


def test_instants_are_marked_wherever_they_are() -> None:
    row = Type("row", of=(STORED, Type("varchar")), fields=("at", "name"))
    kinds = (STORED, array_of(STORED), row, Type("timestamp", (3,)), STORED)
    rows = Rows(
        tuple("abcde"), ((NOON, [NOON, None], {"at": NOON, "name": "x"}, NOON, None),), kinds
    )
    noon = NOON.replace(tzinfo=UTC)
    assert with_utc(rows).rows == ((noon, [noon, None], {"at": noon, "name": "x"}, NOON, None),)


def test_a_stored_timestamp_is_not_text_without_a_precision(engine: DuckDbEngine) -> None:
    with pytest.raises(Exception, match=r"cast it to timestamp\(3\) first"):
        engine.query("select cast(admit_at as varchar) from gold.stay")
    found = engine.query("select cast(cast(admit_at as timestamp(3)) as varchar) from gold.stay")
    assert [kind.name for kind in found.types] == ["varchar"]
