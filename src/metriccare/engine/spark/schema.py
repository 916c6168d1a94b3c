"""Spark schemas of the declared tables, and the check that a frame keeps to them."""

from __future__ import annotations

from functools import cache
from typing import Any

from py4j.java_gateway import JavaObject
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import DataType, StructType, _parse_datatype_string

from metriccare.errors import SchemaMismatch
from metriccare.tables import Table


@cache
def schema_of(table: Table) -> StructType:
    """Return the table's Spark schema, every column nullable; needs an active session."""
    ddl = ", ".join(f"`{column.name}` {column.type}" for column in table.columns)
    schema: StructType = _parse_datatype_string(ddl)  # type: ignore[assignment]
    return schema


def empty(spark: SparkSession, table: Table) -> DataFrame:
    """Return a frame of the table's columns without rows."""
    # A condition is what lets the optimizer see that: unions and joins with the frame fall away.
    return spark.createDataFrame([], schema_of(table)).where("false")


def conform(frame: DataFrame, table: Table) -> DataFrame:
    """Return the frame projected to the declared columns in declared order.

    Raises SchemaMismatch when a column is missing or has another type: Hudi would change the
    table's type without a word.
    """
    found = {field.name: field.dataType for field in frame.schema}
    wrong = [
        f"{field.name}: wanted {field.dataType.simpleString()},"
        f" found {found[field.name].simpleString() if field.name in found else 'nothing'}"
        for field in schema_of(table)
        if field.name not in found or not _same_type(field.dataType, found[field.name])
    ]
    if wrong:
        raise SchemaMismatch(f"{table.full_name} does not fit its declaration: {'; '.join(wrong)}")
    return _projected(frame, table, _NULLABLE)


def _same_type(wanted: DataType, found: DataType) -> bool:
    """Compare types without nullability, which a literal or a higher-order function changes."""
    return wanted.simpleString() == found.simpleString()


def settled(frame: DataFrame) -> DataFrame:
    """Return the frame computed once, its plan cut off.

    A frame that is merely kept carries its whole history into every plan built on it, and Spark
    spends more time on planning and printing those than on small data. Its columns get attribute
    ids of their own, so that it can be joined with what it was made of.
    """
    return afresh(frame.localCheckpoint())


def let_go(frame: DataFrame) -> None:
    """Free what a settled frame holds; it cannot be read again.

    Spark would find out by itself, but not before the heap is full.
    """
    leaves: Any = frame._jdf.queryExecution().analyzed().collectLeaves()
    leaves.apply(0).rdd().unpersist(False)


def afresh(frame: DataFrame) -> DataFrame:
    """Return the frame under attribute ids of its own, to be joined with itself.

    Spark gives one side of such a join new ids by itself, but not below every plan.
    """
    return DataFrame(frame._jdf.toDF(frame._jdf.columns()), frame.sparkSession)


def renewed(frame: DataFrame, table: Table) -> DataFrame:
    """Return the declared columns under attribute ids of their own.

    One frame read twice and joined with itself would have every column twice under one id.
    """
    return _projected(frame, table, _AS_IT_IS)


# A declared column is always optional on disk, whatever the expression behind it.
_NULLABLE = "if(true, cast(`{0.name}` as {0.type}), null) as `{0.name}`"
_AS_IT_IS = "`{0.name}` as `{0.name}`"
_PROJECTIONS: dict[tuple[int, Table, str], JavaObject] = {}


def _projected(frame: DataFrame, table: Table, column: str) -> DataFrame:
    """Return the declared columns by an expression each, kept on Java's side between calls.

    Handing them over one by one would cost a call into Java for each column of each frame.
    """
    spark = frame.sparkSession
    key = (id(spark), table, column)
    if key not in _PROJECTIONS:
        jvm: Any = spark._jvm
        texts = [column.format(declared) for declared in table.columns]
        _PROJECTIONS[key] = jvm.PythonUtils.toSeq(texts)
    return DataFrame(frame._jdf.selectExpr(_PROJECTIONS[key]), spark)
