"""The declared Spark types in the words of every other engine that reads the tables."""

from __future__ import annotations

from functools import cache

from metriccare.tables.declaration import Column, Table


def hive_type(spark_type: str) -> str:
    """Return the type as the Glue catalog and a Hive metastore spell it: `array<string>`."""
    return _sqlglot_type(spark_type, "hive").lower().replace(", ", ",").replace(": ", ":")


def trino_type(spark_type: str) -> str:
    """Return the type as Athena and Trino spell it in a cast: `array(varchar)`.

    Timestamps have milliseconds there: Athena's views and result files carry no more.
    """
    return _sqlglot_type(spark_type, "trino").lower().replace("timestamp", "timestamp(3)")


def duckdb_type(spark_type: str) -> str:
    """Return the type as DuckDB spells it; instants are UTC without a zone, as in Athena."""
    return _sqlglot_type(spark_type, "duckdb")


def sqlglot_schema(table: Table) -> dict[str, str]:
    """Return column name -> Trino type, which is what annotating a query's types needs."""
    return {column.name: trino_type(column.type) for column in table.columns}


def duckdb_cast(column: Column, expression: str) -> str:
    """Return the select item that gives the column its declared name and type."""
    return f'CAST({expression} AS {duckdb_type(column.type)}) AS "{column.name}"'


@cache
def _sqlglot_type(spark_type: str, dialect: str) -> str:
    from sqlglot import exp  # an eighth of a second, and not every reader needs it

    # Spark's `timestamp` is an instant; every other engine here reads it as UTC without a zone.
    zoneless = spark_type.replace("timestamp", "timestamp_ntz")
    spelled: str = exp.DataType.build(zoneless, dialect="spark").sql(dialect=dialect)
    return spelled.replace("TIMESTAMP_NTZ", "TIMESTAMP")
