"""A folder and a bucket keep one contract, and a table is written and read in both alike."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import boto3
import pytest

from metriccare.aws.object_store import S3Store
from metriccare.engine.duckdb.sole_writer import SoleWriterStore
from metriccare.engine.object_store import AlreadyThere, FolderStore, ObjectStore
from metriccare.settings import Lake
from tests.engine.lakes import EVERY_TYPE, FULL, NativeTable, SparkTable, expected, row
from tests.spark.s3_session import point_at_server

BUCKET = "native-lake"


def s3_store(scratch: Path, root: str = f"s3://{BUCKET}/some/lake") -> S3Store:
    return S3Store(boto3.client("s3"), Lake(root), scratch)


@pytest.fixture(params=["folder", "bucket", "sole writer"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "folder":
        return FolderStore(tmp_path)
    if request.param == "sole writer":
        return SoleWriterStore(FolderStore(tmp_path))
    request.getfixturevalue("aws")
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    return s3_store(tmp_path)


def test_an_object_is_created_once_and_read_whole(store: ObjectStore):
    store.put_new("t/.hoodie/x.commit", b"first")
    with pytest.raises(AlreadyThere):
        store.put_new("t/.hoodie/x.commit", b"second")
    assert store.read("t/.hoodie/x.commit") == b"first"
    with pytest.raises(FileNotFoundError):
        store.read("t/.hoodie/y.commit")


def test_objects_are_listed_with_their_sizes_the_timeline_first(store: ObjectStore):
    assert store.sizes("t") == {}
    store.put_new("t/tenant=a/f.parquet", b"12")
    store.put_new("t/.hoodie/x.commit", b"123")
    store.put_new("t/.hoodie/.temp/x/MARKERS0", b"")
    store.put_new("t-other/f", b"1")
    assert dict(store.sizes("t")) == {
        ".hoodie/x.commit": 3,
        ".hoodie/.temp/x/MARKERS0": 0,
        "tenant=a/f.parquet": 2,
    }
    assert list(store.sizes("t"))[-1] == "tenant=a/f.parquet"


def test_deleting_what_is_not_there_is_no_error(store: ObjectStore):
    store.put_new("t/f", b"1")
    store.delete("t/f")
    store.delete("t/f")
    assert store.sizes("t") == {}


def test_a_written_file_becomes_an_object_that_can_be_had_as_a_file(store: ObjectStore):
    with store.writing("t/tenant=a/f.parquet") as place:
        place.write_bytes(b"rows")
    store.finish_writing()
    assert store.local_file("t/tenant=a/f.parquet").read_bytes() == b"rows"
    assert dict(store.sizes("t")) == {"tenant=a/f.parquet": 4}


def test_a_table_is_written_continued_and_read(store: ObjectStore, tmp_path: Path):
    lake = Lake(str(tmp_path))
    native = NativeTable(lake, store=store)
    native.insert([row("k1", **FULL), row("k2", tenant="b")], "run-1")
    native.upsert([row("k1", 2), row("k3")], "run-2")
    native.delete([row("k2", tenant="b")], "run-3")
    assert native.rows() == expected([row("k1", 2), row("k3")])


def test_of_two_writers_at_one_moment_one_commits(store: ObjectStore, tmp_path: Path):
    """Instants are created on condition: a writer that comes second fails and changes nothing."""
    lake, moment = Lake(str(tmp_path)), dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
    begun = f"{EVERY_TYPE.path}/.hoodie/20240601000000000.commit.requested"

    def another_writer_begins() -> None:
        store.put_new(begun, b"")

    native = NativeTable(lake, store=store, now=lambda: moment, check_lease=another_writer_begins)
    with pytest.raises(AlreadyThere, match="Another writer"):
        native.insert([row("k2")], "run-1")
    assert native.rows() == []


@pytest.mark.spark
def test_spark_goes_on_with_a_native_table_in_a_bucket(spark, aws: str, tmp_path: Path):
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    point_at_server(spark, aws)
    lake = Lake(f"s3://{BUCKET}/lake")
    native = NativeTable(lake, store=S3Store(boto3.client("s3"), lake, tmp_path))
    by_spark = SparkTable(spark, lake, EVERY_TYPE)
    native.insert([row("k1", **FULL), row("k2", tenant="b")], "run-1")
    by_spark.upsert([row("k1", 2), row("k3", **FULL)], "run-2")
    native.upsert([row("k3", 3)], "run-3")
    wanted = expected([row("k1", 2), row("k2", tenant="b"), row("k3", 3)])
    assert native.rows() == by_spark.rows() == wanted
