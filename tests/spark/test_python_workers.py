"""Spark's Python workers read pyspark from the installed packages, not from Spark's archives."""

from __future__ import annotations

import pyspark
import pytest
from pyspark.sql import SparkSession

from metriccare.engine.spark.python_daemon import without_archives


def test_only_sparks_own_archives_leave_the_path():
    kept = ["/usr/lib/python311.zip", "/venv/site-packages", "/opt/metriccare.zip"]
    archives = ["/s/python/lib/pyspark.zip", "/s/lib/py4j-0.10.9.7-src.zip"]
    jar = "/s/jars/spark-core_2.12-3.5.4.jar"
    assert without_archives([*archives, kept[0], jar, *kept[1:]]) == kept


@pytest.mark.spark
def test_workers_import_the_installed_pyspark(spark: SparkSession):
    def place(_: int) -> str:
        import pyspark

        return str(pyspark.__file__)

    assert spark.sparkContext.parallelize([0], 1).map(place).collect() == [pyspark.__file__]
