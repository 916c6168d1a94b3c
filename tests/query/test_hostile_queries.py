"""Queries that other engines answer differently: Trino's value or an error that names it."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from metriccare.query.duckdb.engine import DuckDbEngine
from metriccare.query.duckdb.lake_files import FolderFiles
from metriccare.query.translate.refusals import Refused

_FILE = Path(__file__).with_name("hostile_queries.tsv")


def _lines() -> list[tuple[str, str]]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [(sql, expected) for sql, expected in (row for row in rows if len(row) == 2)]


def _words(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} {value.tzinfo}"
    if isinstance(value, date):
        return value.isoformat()
    return "NaN" if value != value else str(value)


@pytest.fixture
def engine(tmp_path: Path) -> DuckDbEngine:
    return DuckDbEngine(FolderFiles(tmp_path))


@pytest.mark.parametrize(("sql", "expected"), _lines(), ids=[sql for sql, _ in _lines()])
def test_a_query_has_trinos_value_or_is_refused(
    engine: DuckDbEngine, sql: str, expected: str
) -> None:
    try:
        found = engine.query(sql).rows
    except Refused:
        assert "or an error" in expected
        return
    assert [_words(value) for (value,) in found] == [expected.partition(",")[0].partition(" (")[0]]


def test_the_file_holds_every_query() -> None:
    assert len(_lines()) == 12
