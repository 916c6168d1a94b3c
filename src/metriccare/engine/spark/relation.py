"""A relation of the Spark engine, and rows between it and Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructField, StructType, _parse_datatype_string

from metriccare.engine.arrow_types import batch_of, without_zones
from metriccare.engine.protocol import Row
from metriccare.engine.spark.schema import let_go
from metriccare.tables import Column

if TYPE_CHECKING:
    import pyarrow as pa

# The session's time zone, which Arrow's instants name.
ZONE = "UTC"
_BATCH = 10_000


@dataclass(frozen=True)
class SparkRelation:
    """A frame, and the settled frame below it that goes when the relation is released."""

    frame: DataFrame
    settled: DataFrame | None = None

    def release(self) -> None:
        """Free what it holds, if it alone holds it; else Spark finds out when nothing reads it."""
        if self.settled is not None:
            let_go(self.settled)


def schema_of(columns: Sequence[Column]) -> StructType:
    """Return columns as a Spark schema, all nullable."""
    return StructType([StructField(c.name, _parse_datatype_string(c.type)) for c in columns])


def rows_of(frame: DataFrame) -> list[Row]:
    """Return a frame's rows, in order."""
    batches: list[pa.RecordBatch] = frame._collect_as_arrow()
    return [row for batch in batches for row in without_zones(batch).to_pylist()]


def frame_of(
    spark: SparkSession, columns: Sequence[Column], rows: Iterable[Sequence[Any]]
) -> DataFrame:
    """Return rows as a frame; Spark sees that one without rows is empty."""
    names = [column.name for column in columns]
    left, batches = iter(rows), []
    while some := list(islice(left, _BATCH)):
        values = dict(zip(names, zip(*some, strict=True), strict=True))
        batches.append(batch_of(columns, values, ZONE))
    if not batches:
        return spark.createDataFrame([], schema_of(columns)).where("false")
    return _frame_of_batches(spark, schema_of(columns), batches)


def _frame_of_batches(
    spark: SparkSession, schema: StructType, batches: Sequence[pa.RecordBatch]
) -> DataFrame:
    """Hand batches over to the JVM, as pyspark does with the batches it makes of pandas."""
    from pyspark.sql.pandas.serializers import ArrowStreamSerializer

    jvm: Any = spark._jvm
    context: Any = spark.sparkContext
    received = context._serialize_to_jvm(
        batches,
        ArrowStreamSerializer(),
        jvm.PythonSQLUtils.readArrowStreamFromFile,
        jvm.ArrowIteratorServer,
    )
    made = jvm.PythonSQLUtils.toDataFrame(received, schema.json(), spark._jsparkSession)
    return DataFrame(made, spark)
