"""A folder and a bucket keep one contract, and a table is written and read in both alike."""

from __future__ import annotations

import datetime as dt
import pickle
from pathlib import Path

import boto3
import pytest

from metriccare import naming
from metriccare.aws.object_store import S3Store
from metriccare.aws.raw_files import S3RawFiles, object_of
from metriccare.engine.duckdb.sole_writer import SoleWriterStore
from metriccare.errors import UnreadableFile
from metriccare.local.folder_store import FolderStore, LocalRawFiles
from metriccare.object_store import AlreadyThere, ObjectStore, RawFiles
from metriccare.settings import Lake
from metriccare.wiring.storage import storage_of
from tests.aws.buckets import put, versioned_bucket
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


def test_an_object_can_be_replaced(store: ObjectStore):
    for content in (b"first", b"second"):
        store.put("erasures/a.json", content)
        assert store.read("erasures/a.json") == content
    assert dict(store.sizes("erasures")) == {"a.json": 6}


def test_an_erased_object_is_gone_and_its_neighbour_is_not(store: ObjectStore):
    for name in ("erasures/a.json", "erasures/a.json.json"):
        store.put(name, b"{}")
    for _ in range(2):
        store.erase("erasures/a.json")
    assert dict(store.sizes("erasures")) == {"a.json.json": 2}
    with pytest.raises(FileNotFoundError):
        store.read("erasures/a.json")


def test_a_lake_is_where_a_table_is(store: ObjectStore):
    assert not store.holds_lake()
    store.put("metriccare.toml", b"")
    store.put("raw/north/a.ndjson", b"")
    assert not store.holds_lake()
    store.put("gold/stay/.hoodie/hoodie.properties", b"")
    assert store.holds_lake()


def test_no_lake_is_in_a_bucket_that_is_not_there(aws: str, tmp_path: Path):
    assert not s3_store(tmp_path, "s3://no-such-lake").holds_lake()


def test_a_lake_that_waits_for_its_first_run_has_a_tracking_file(tmp_path: Path):
    (tmp_path / naming.TRACKING_FILE).touch()
    assert FolderStore(tmp_path).holds_lake()


def test_every_version_of_an_erased_object_is_gone(aws: str, tmp_path: Path):
    versioned_bucket(BUCKET)
    store = s3_store(tmp_path)
    for content in (b"names p1", b"names p1 again"):
        store.put("erasures/unfinished.json", content)
    store.delete("erasures/unfinished.json")
    store.erase("erasures/unfinished.json")
    listed = boto3.client("s3").list_object_versions(Bucket=BUCKET)
    assert not {"Versions", "DeleteMarkers"} & set(listed)


@pytest.fixture(params=["folder", "bucket"])
def raw_files(request: pytest.FixtureRequest) -> RawFiles:
    if request.param == "folder":
        return LocalRawFiles()
    request.getfixturevalue("aws")
    versioned_bucket(BUCKET)
    return S3RawFiles()


def send(raw_files: RawFiles, folder: Path, content: bytes) -> str:
    """Return the location of a raw file with this content."""
    if isinstance(raw_files, S3RawFiles):
        return put(BUCKET, "north/a.ndjson", content)
    path = folder / "a.ndjson"
    path.write_bytes(content)
    return str(path)


def remove(location: str) -> None:
    if not naming.is_in_bucket(location):
        return Path(location).unlink()
    bucket, key, version = object_of(location)
    boto3.client("s3").delete_object(Bucket=bucket, Key=key, VersionId=version)
    return None


def test_a_raw_file_is_seekable_wherever_it_is(raw_files: RawFiles, tmp_path: Path):
    location = send(raw_files, tmp_path, b"0123456789")
    with raw_files.open(location) as stream:
        assert stream.read() == b"0123456789"
        stream.seek(4)
        assert stream.read(2) == b"45"
    assert raw_files.is_kept(location)


def test_a_raw_file_that_is_gone_is_unreadable(raw_files: RawFiles, tmp_path: Path):
    location = send(raw_files, tmp_path, b"rows")
    remove(location)
    assert not raw_files.is_kept(location)
    with pytest.raises(UnreadableFile, match="is gone"), raw_files.open(location):
        pass


def test_raw_files_go_to_the_processes_that_read(raw_files: RawFiles, tmp_path: Path):
    location = send(raw_files, tmp_path, b"rows")
    with pickle.loads(pickle.dumps(raw_files)).open(location) as stream:
        assert stream.read() == b"rows"


def test_an_upload_is_read_by_its_version_and_then_from_its_blanked_copy(aws: str):
    versioned_bucket(BUCKET)
    first, raw_files = put(BUCKET, "north/a.ndjson", b"first"), S3RawFiles()
    put(BUCKET, "north/a.ndjson", b"second")
    with raw_files.open(first) as stream:
        assert stream.read() == b"first"
    copy = naming.cleared_location(first).removeprefix(f"s3://{BUCKET}/")
    put(BUCKET, copy, b"blank")
    remove(first)
    assert raw_files.is_kept(first)
    with raw_files.open(first) as stream:
        assert stream.read() == b"blank"


def test_wiring_takes_the_store_that_a_root_names(aws: str, tmp_path: Path):
    assert isinstance(storage_of(Lake(str(tmp_path))).objects, FolderStore)
    assert isinstance(storage_of(Lake(f"s3://{BUCKET}/some/lake")).objects, S3Store)


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


def test_a_written_file_becomes_an_object_that_can_be_fetched_as_a_file(store: ObjectStore):
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
def test_spark_continues_a_native_table_in_a_bucket(spark, aws: str, tmp_path: Path):
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
