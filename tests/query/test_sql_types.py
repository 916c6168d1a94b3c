"""Declared Spark types in the words of other engines."""

import pytest

from metriccare.tables import TABLES
from metriccare.tables.types import duckdb_type, hive_type, trino_type

NESTED = "array<struct<code:string,rank:int,seen:timestamp>>"


@pytest.mark.parametrize(
    ("spark", "hive", "trino", "duckdb"),
    [
        ("string", "string", "varchar", "TEXT"),
        ("bigint", "bigint", "bigint", "BIGINT"),
        ("decimal(38,12)", "decimal(38,12)", "decimal(38, 12)", "DECIMAL(38, 12)"),
        ("timestamp", "timestamp", "timestamp(3)", "TIMESTAMP"),
        ("array<string>", "array<string>", "array(varchar)", "TEXT[]"),
        (
            NESTED,
            NESTED,
            "array(row(code varchar, rank integer, seen timestamp(3)))",
            "STRUCT(code TEXT, rank INT, seen TIMESTAMP)[]",
        ),
    ],
)
def test_a_type_is_spelled_for_every_engine(spark: str, hive: str, trino: str, duckdb: str) -> None:
    assert (hive_type(spark), trino_type(spark), duckdb_type(spark)) == (hive, trino, duckdb)


def test_every_declared_type_is_a_valid_hive_type_too() -> None:
    types = {column.type for table in TABLES for column in table.columns}
    assert {hive_type(one) for one in types} == types
