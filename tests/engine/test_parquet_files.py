"""Rows written as Parquet for readers outside: the same on every engine, and by what Spark uses."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from metriccare.engine.arrow_files import write_rows
from metriccare.engine.duckdb.engine import DuckDbEngine
from metriccare.engine.protocol import Engine
from metriccare.local.folder_store import FolderStore
from metriccare.query.published.marts import marts
from metriccare.settings import Lake
from metriccare.tables import Column

COLUMNS = (
    Column("name", "string", ""),
    Column("day", "date", ""),
    Column("at", "timestamp", ""),
    Column("amount", "decimal(38,2)", ""),
    Column("rate", "decimal(38,6)", ""),
    Column("value", "double", ""),
    Column("count", "bigint", ""),
    Column("version", "int", ""),
    Column("hidden", "boolean", ""),
)
INSTANT = dt.datetime(2024, 3, 10, 2, 30, 0, 123_000, dt.UTC).replace(tzinfo=None)
ROWS = [
    [
        "b",
        dt.date(2024, 2, 29),
        INSTANT,
        Decimal("-0.01"),
        Decimal("0.141000"),
        0.1,
        2**40,
        1,
        True,
    ],
    ["Sankt-Örsola '", None, None, None, None, None, None, None, None],
    ["a", dt.date(1, 1, 1), INSTANT, Decimal("12345678901234567890.12"), None, -1.5, 0, 2, False],
]


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def engine(request: pytest.FixtureRequest, lake: Lake) -> Engine[Any]:
    if request.param == "duckdb":
        return DuckDbEngine(FolderStore(lake.folder), lambda: None)
    from metriccare.engine.spark.engine import SparkEngine

    return SparkEngine(request.getfixturevalue("spark"), lake, lambda: None)


def by_engine(engine: Engine[Any], rows: list[list[Any]], file: Path) -> int:
    return engine.write_parquet(engine.from_rows(COLUMNS, rows), COLUMNS, file)


def by_arrow(rows: list[list[Any]], file: Path) -> None:
    names = [column.name for column in COLUMNS]
    write_rows(COLUMNS, [dict(zip(names, row, strict=True)) for row in rows], file)


def test_rows_come_back_in_order_with_their_types(engine: Engine[Any], tmp_path: Path):
    file = tmp_path / "rows.parquet"
    assert by_engine(engine, ROWS, file) == len(ROWS)
    found = pq.read_table(file)
    expected = [[*row[:2], row[2] and row[2].replace(tzinfo=dt.UTC), *row[3:]] for row in ROWS]
    assert [list(row.values()) for row in found.to_pylist()] == expected
    types = [str(field.type) for field in found.schema]
    assert types == [
        "string",
        "date32[day]",
        "timestamp[us, tz=UTC]",
        "decimal128(38, 2)",
        "decimal128(38, 6)",
        "double",
        "int64",
        "int32",
        "bool",
    ]


def test_what_spark_writes_with_reads_equal_to_what_duckdb_writes(lake: Lake, tmp_path: Path):
    duckdb = DuckDbEngine(FolderStore(lake.folder), lambda: None)
    by_engine(duckdb, ROWS, tmp_path / "one.parquet")
    by_arrow(ROWS, tmp_path / "other.parquet")
    one, other = (pq.read_table(tmp_path / f"{name}.parquet") for name in ("one", "other"))
    assert one.schema.equals(other.schema)
    assert one.to_pylist() == other.to_pylist()


@pytest.mark.parametrize("rows", [ROWS, []], ids=["rows", "none"])
def test_equal_rows_make_equal_bytes(engine: Engine[Any], rows: list[list[Any]], tmp_path: Path):
    for name in ("one", "other"):
        by_engine(engine, rows, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_every_mart_has_types_that_files_can_hold(tmp_path: Path):
    for mart in marts():
        write_rows(mart.columns, [], tmp_path / "empty.parquet")
        assert pq.read_schema(tmp_path / "empty.parquet").names == [c.name for c in mart.columns]
