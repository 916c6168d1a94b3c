"""A relation of the Spark engine, and rows between it and Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructField, StructType

from metriccare.engine.arrow_types import batch_of, without_zones
from metriccare.engine.protocol import Row
from metriccare.engine.spark import internals
from metriccare.tables import Column

# The session's time zone, which Arrow's instants name.
ZONE = "UTC"
# 10,000 rows: enough to make the cost of a batch small, and few megabytes even of wide rows.
_BATCH = 10_000


@dataclass(frozen=True)
class SparkRelation:
    """A frame, and the materialized frame below it that is freed with the relation."""

    frame: DataFrame
    materialized: DataFrame | None = None

    def release(self) -> None:
        """Free the materialized frame; Spark frees others when nothing reads them any more."""
        if self.materialized is not None:
            internals.free(self.materialized)


def schema_of(columns: Sequence[Column]) -> StructType:
    """Return columns as a Spark schema, all nullable."""
    return StructType([StructField(c.name, internals.type_from_ddl(c.type)) for c in columns])


def rows_of(frame: DataFrame) -> list[Row]:
    """Return a frame's rows, in order."""
    batches = internals.collect_arrow(frame)
    return [row for batch in batches for row in without_zones(batch).to_pylist()]


def frame_of(
    spark: SparkSession, columns: Sequence[Column], rows: Iterable[Sequence[Any]]
) -> DataFrame:
    """Return rows as a frame; Spark sees that one without rows is empty."""
    names = [column.name for column in columns]
    remaining, batches = iter(rows), []
    while batch := list(islice(remaining, _BATCH)):
        values = dict(zip(names, zip(*batch, strict=True), strict=True))
        batches.append(batch_of(columns, values, ZONE))
    if not batches:
        return spark.createDataFrame([], schema_of(columns)).where("false")
    return internals.frame_of_batches(spark, schema_of(columns), batches)
