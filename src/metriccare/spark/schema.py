"""Spark schemas of the declared tables, and the check that a frame keeps to them."""

from __future__ import annotations

from functools import cache

from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - the name the field uses
from pyspark.sql.types import DataType, StructType, _parse_datatype_string

from metriccare.errors import SchemaMismatch
from metriccare.tables import Table

DELETE_MARKER = "_hoodie_is_deleted"


@cache
def schema_of(table: Table) -> StructType:
    """Return the table's Spark schema, every column nullable; needs an active session."""
    ddl = ", ".join(f"`{column.name}` {column.type}" for column in table.columns)
    schema: StructType = _parse_datatype_string(ddl)  # type: ignore[assignment]
    return schema


def empty(spark: SparkSession, table: Table) -> DataFrame:
    """Return a frame of the table's columns without rows."""
    return spark.createDataFrame([], schema_of(table))


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
    return frame.select(*[_nullable(field.name, field.dataType) for field in schema_of(table)])


def _same_type(wanted: DataType, found: DataType) -> bool:
    """Compare types without nullability, which a literal or a higher-order function changes."""
    return wanted.simpleString() == found.simpleString()


def _nullable(name: str, data_type: DataType) -> SparkColumn:
    """Return the column made nullable: a declared column is always optional on disk."""
    column = F.col(f"`{name}`").cast(data_type)
    return F.when(F.lit(True), column).alias(name)


def settled(frame: DataFrame) -> DataFrame:
    """Return the frame computed once, its plan cut off.

    A frame that is merely kept carries its whole history into every plan built on it, and Spark
    spends more time on planning and printing those than on small data.
    """
    return frame.localCheckpoint()


def adapt(frame: DataFrame, table: Table) -> DataFrame:
    """Return rows written by an earlier declaration: columns it lacked read as null."""
    return frame.select(
        *[
            F.col(f"`{field.name}`")
            if field.name in frame.columns
            else F.lit(None).cast(field.dataType).alias(field.name)
            for field in schema_of(table)
        ]
    )
