"""Spark schemas of the declared tables, and the check that a frame keeps to them."""

from __future__ import annotations

from functools import cache

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import DataType, StructType

from metriccare.engine.spark import internals
from metriccare.engine.spark.internals import JavaObject, with_new_column_ids
from metriccare.errors import SchemaMismatch
from metriccare.tables import Table


@cache
def schema_of(table: Table) -> StructType:
    """Return the table's Spark schema, every column nullable; needs an active session."""
    ddl = ", ".join(f"`{column.name}` {column.type}" for column in table.columns)
    schema: StructType = internals.type_from_ddl(ddl)  # type: ignore[assignment]
    return schema


def empty(spark: SparkSession, table: Table) -> DataFrame:
    """Return a frame of the table's columns without rows."""
    # With this condition the optimizer sees that there are none, and drops unions and joins.
    return spark.createDataFrame([], schema_of(table)).where("false")


def conform(frame: DataFrame, table: Table) -> DataFrame:
    """Return the frame projected to the declared columns in declared order.

    Raises SchemaMismatch if a column is missing or has another type: Hudi would change the table's
    type silently.
    """
    actual = {field.name: field.dataType for field in frame.schema}
    wrong = [
        f"{field.name}: wanted {field.dataType.simpleString()},"
        f" found {actual[field.name].simpleString() if field.name in actual else 'nothing'}"
        for field in schema_of(table)
        if field.name not in actual or not _same_type(field.dataType, actual[field.name])
    ]
    if wrong:
        raise SchemaMismatch(f"{table.full_name} does not fit its declaration: {'; '.join(wrong)}")
    return _projected(frame, table, _NULLABLE)


def _same_type(declared: DataType, actual: DataType) -> bool:
    """Compare types without nullability, which a literal or a higher-order function changes."""
    return declared.simpleString() == actual.simpleString()


def materialize(frame: DataFrame) -> DataFrame:
    """Return the frame computed once, without its plan.

    A frame that is only cached brings its whole plan into every plan built on it. Spark then spends
    more time on planning than on small data. The columns get ids of their own, so that the frame
    can be joined with the frames it was made from.
    """
    return with_new_column_ids(frame.localCheckpoint())


def select_declared(frame: DataFrame, table: Table) -> DataFrame:
    """Return the declared columns under column ids of their own.

    A frame that is read twice and joined with itself would have every column twice under one id.
    """
    return _projected(frame, table, _AS_IT_IS)


# A declared column is always optional on disk, whatever the expression behind it.
_NULLABLE = "if(true, cast(`{0.name}` as {0.type}), null) as `{0.name}`"
_AS_IT_IS = "`{0.name}` as `{0.name}`"
_PROJECTIONS: dict[tuple[int, Table, str], JavaObject] = {}


def _projected(frame: DataFrame, table: Table, column: str) -> DataFrame:
    """Return the declared columns, each by an expression; Java keeps these between calls."""
    spark = frame.sparkSession
    key = (id(spark), table, column)
    if key not in _PROJECTIONS:
        texts = [column.format(declared) for declared in table.columns]
        _PROJECTIONS[key] = internals.java_texts(spark, texts)
    return internals.select_expressions(frame, _PROJECTIONS[key])
