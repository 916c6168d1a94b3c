"""The write client of Hudi 0.15: what the Spark datasource does not offer goes through it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pyspark.sql import SparkSession

from metriccare.settings import Lake
from metriccare.tables import Table


@contextmanager
def write_client(
    spark: SparkSession, lake: Lake, table: Table, options: Mapping[str, str]
) -> Iterator[Any]:
    """Open the client of a table, with every option it needs, and close it afterwards."""
    jvm: Any = spark._jvm
    properties = jvm.org.apache.hudi.common.config.TypedProperties()
    for name, value in options.items():
        properties.setProperty(name, value)
    builder = jvm.org.apache.hudi.config.HoodieWriteConfig.newBuilder()
    config = builder.withPath(lake.path(table.path)).forTable(table.name)
    context = jvm.org.apache.hudi.client.common.HoodieSparkEngineContext(spark._jsc)
    client = jvm.org.apache.hudi.client.SparkRDDWriteClient(
        context, config.withProperties(properties).build()
    )
    try:
        yield client
    finally:
        client.close()


def roll_back(
    spark: SparkSession, lake: Lake, table: Table, instant: str, options: Mapping[str, str]
) -> None:
    """Remove a table's newest commit and the files it wrote."""
    with write_client(spark, lake, table, options) as client:
        if not client.rollback(instant):
            raise RuntimeError(f"Hudi did not roll back {instant}.")
