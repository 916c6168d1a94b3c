"""A large job keeps its materialized rows in the lake's bucket, for as long as it runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import boto3
import pytest
from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from metriccare.engine.spark.checkpoints import LARGE_BYTES, checkpoints_in
from metriccare.engine.spark.engine import SparkEngine
from metriccare.engine.spark.relation import SparkRelation
from metriccare.naming import CHECKPOINTS_FOLDER
from metriccare.settings import Lake
from tests.aws.buckets import put, versioned_bucket
from tests.spark.s3_session import point_at_server

pytestmark = pytest.mark.spark

BUCKET = "lake-of-large-jobs"
LAKE = Lake(f"s3://{BUCKET}")
# About 16 KB, so that limits on both sides of it are easy to name.
ROWS = "SELECT id, repeat('x', 100) AS text FROM range(0, 100, 1, 2)"
SMALL_ROWS = "SELECT 1 AS id"


def engine_with(spark: SparkSession, lake: Lake, materialize: Callable) -> SparkEngine:
    return SparkEngine(spark, lake, lambda: None, materialize)


def relation(spark: SparkSession, query: str) -> SparkRelation:
    return SparkRelation(spark.sql(query))


def lose_executors(spark: SparkSession) -> None:
    """Drop every row that executors keep, as the loss of all of them would."""
    for rows in spark.sparkContext._jsc.getPersistentRDDs().values():
        rows.unpersist(True)


def kept(lake: Lake) -> set[str]:
    """Return the folders with rows that a lake on this machine has for jobs."""
    return {path.parent.name for path in lake.folder.glob(f"{CHECKPOINTS_FOLDER}/*/*/part-*")}


def keys() -> list[str]:
    found = boto3.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=CHECKPOINTS_FOLDER)
    return [each["Key"] for each in found.get("Contents", [])]


def test_large_relations_outlive_the_executors_and_not_the_job(spark, aws: str):
    versioned_bucket(BUCKET)
    point_at_server(spark, aws)
    put(BUCKET, f"{CHECKPOINTS_FOLDER}/killed-job/rdd-1/part-00000", b"of a person")
    with checkpoints_in(spark, LAKE, 0, large_bytes=1000) as checkpoints:
        assert keys() == []
        engine = engine_with(spark, LAKE, checkpoints.materialize)
        large = engine.materialize(relation(spark, ROWS))
        # It is small, and losing it would fail the job all the same.
        small = engine.materialize(relation(spark, SMALL_ROWS))
        assert len([key for key in keys() if "/part-0" in key]) == 3
        lose_executors(spark)
        assert len(engine.rows(large)) == 100
        assert engine.rows(small) == [{"id": 1}]
        engine.release(large)
        assert len([key for key in keys() if "/part-0" in key]) == 1
    assert keys() == []


def test_a_job_that_fails_leaves_no_rows(spark, tmp_path: Path):
    lake = Lake(str(tmp_path))

    def fail() -> None:
        with checkpoints_in(spark, lake, LARGE_BYTES) as checkpoints:
            checkpoints.materialize(spark.sql(SMALL_ROWS))
            assert len(kept(lake)) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert kept(lake) == set()


@pytest.mark.parametrize(
    ("input_bytes", "large_bytes", "queries", "written"),
    [
        (0, 10**6, [ROWS, ROWS], 0),
        (0, 1000, [SMALL_ROWS, SMALL_ROWS], 0),
        (0, 1000, [SMALL_ROWS, ROWS, SMALL_ROWS], 2),
        (10**6, 10**6, [SMALL_ROWS], 1),
    ],
)
def test_a_job_is_large_by_its_input_or_from_its_first_large_relation_on(
    spark, tmp_path: Path, input_bytes: int, large_bytes: int, queries: list[str], written: int
):
    lake = Lake(str(tmp_path))
    with checkpoints_in(spark, lake, input_bytes, large_bytes) as checkpoints:
        for query in queries:
            checkpoints.materialize(spark.sql(query))
        assert len(kept(lake)) == written


def test_without_it_lost_rows_are_not_there_again(spark, tmp_path: Path):
    engine = SparkEngine(spark, Lake(str(tmp_path)), lambda: None)
    rows = engine.materialize(relation(spark, ROWS))
    lose_executors(spark)
    with pytest.raises(Py4JJavaError, match="Checkpoint block"):
        engine.rows(rows)


def test_rows_are_computed_once_and_stay_what_they_are(spark, tmp_path: Path):
    query = """
        SELECT id, null AS nothing, X'00ff' AS bytes, 1.50BD AS money, array(id, null) AS list,
               map('a', id) AS map, struct(date'0001-01-01' AS day, double('NaN') AS number) AS s,
               timestamp'2024-03-10 02:30:00.000001' AS time
        FROM range(0, 10, 1, 3) ORDER BY id DESC
    """
    computed = spark.sparkContext.accumulator(0)

    def count(batches):
        for batch in batches:
            computed.add(batch.num_rows)
            yield batch

    with checkpoints_in(spark, Lake(str(tmp_path)), LARGE_BYTES) as checkpoints:
        engine = engine_with(spark, Lake(str(tmp_path)), checkpoints.materialize)
        wanted = relation(spark, query)
        assert repr(engine.rows(engine.materialize(wanted))) == repr(engine.rows(wanted))
        ids = spark.range(10).mapInArrow(count, "id bigint")
        assert len(engine.rows(engine.materialize(SparkRelation(ids)))) == 10
    assert computed.value == 10
