"""What an erasure does in S3 besides the tables: uploads, old versions, query results."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import boto3
import pytest

from metriccare import naming
from metriccare.aws.erasure import S3Copies
from metriccare.aws.events import uploads
from metriccare.aws.raw_files import S3RawFiles
from metriccare.errors import UnreadableFile
from metriccare.settings import Lake
from metriccare.sources.fhir.exchange import file_records
from metriccare.sources.fhir.raw_files import open_raw
from metriccare.tracking.states import FileRecord, RunRecord, RunState
from metriccare.upkeep.erasure_plan import Blanks
from tests.aws.buckets import every_version, put, versioned_bucket

RAW, LAKE, RESULTS = "raw-zone", "lake-zone", "results-zone"
NOW = datetime(2024, 5, 1, tzinfo=UTC)
LINES = b"".join(
    json.dumps({"resourceType": "Patient", "id": f"p{number}"}).encode() + b"\n"
    for number in (1, 2, 3)
)


@pytest.fixture
def copies(aws: str) -> S3Copies:
    for bucket in (RAW, LAKE, RESULTS):
        versioned_bucket(bucket)
    return S3Copies(boto3.client("s3"), Lake(f"s3://{LAKE}"), f"s3://{RESULTS}/operators/")


def upload(key: str, content: bytes) -> FileRecord:
    return FileRecord(f"id of {key}", "north", key, put(RAW, f"north/{key}", content), 1, NOW)


def ids(file: FileRecord) -> dict[int, str | None]:
    """Return the ids that readers of an upload find, by line."""
    with open_raw(S3RawFiles(), file.location) as stream:
        return {record.line: record.record_id for record in file_records(stream)}


@pytest.mark.parametrize("sent", [LINES, gzip.compress(LINES)], ids=["plain", "packed"])
def test_a_blanked_upload_keeps_its_other_lines_and_no_version_holds_the_person(copies, sent):
    file = upload("a.ndjson", sent)
    assert copies.blank([file], Blanks({file.file_id: {(2, "0")}})) == 1
    assert ids(file) == {1: "p1", 3: "p3"}
    (held,) = every_version(RAW).values()
    (left,) = held
    assert b"p2" not in (gzip.decompress(left) if sent != LINES else left)


def test_a_second_erasure_blanks_the_copy_of_the_first(copies):
    file = upload("a.ndjson", LINES)
    for line in (2, 3):
        assert copies.blank([file], Blanks({file.file_id: {(line, "0")}})) == 1
    assert ids(file) == {1: "p1"}
    (held,) = every_version(RAW).values()
    assert len(held) == 1


def test_an_erasure_that_failed_between_copy_and_removal_is_finished(copies):
    file = upload("a.ndjson", LINES)
    copy = naming.cleared_location(file.location).removeprefix(f"s3://{RAW}/")
    put(RAW, copy, b"half done")
    assert copies.blank([file], Blanks({file.file_id: {(2, "0")}})) == 1
    assert ids(file) == {1: "p1", 3: "p3"}
    assert list(every_version(RAW)) == [copy]


def test_files_without_the_person_and_later_uploads_of_the_same_name_stay(copies):
    first, other = upload("a.ndjson", LINES), upload("b.ndjson", LINES)
    later = upload("a.ndjson", LINES)
    assert (
        copies.blank([first, other], Blanks({first.file_id: {(1, "0"), (2, "0"), (3, "0")}})) == 1
    )
    assert ids(first) == {}
    assert ids(other) == ids(later) == {1: "p1", 2: "p2", 3: "p3"}


def test_an_upload_without_a_recorded_version_is_removed_for_good(copies):
    file = upload("a.ndjson", LINES)
    bare = FileRecord("bare", "north", "a", file.location.partition("?")[0], 1, NOW)
    assert copies.blank([bare], Blanks({"bare": {(2, "0")}})) == 1
    assert ids(bare) == {1: "p1", 3: "p3"}
    assert not any(b"p2" in one for held in every_version(RAW).values() for one in held)


def test_an_upload_that_is_gone_is_no_fault_of_an_erasure_and_unreadable_to_a_run(copies):
    file = upload("a.ndjson", LINES)
    version = file.location.partition("?versionId=")[2]
    boto3.client("s3").delete_object(Bucket=RAW, Key="north/a.ndjson", VersionId=version)
    assert copies.blank([file], Blanks({file.file_id: {(2, "0")}})) == 0
    with pytest.raises(UnreadableFile, match="gone"), open_raw(S3RawFiles(), file.location):
        pass


def test_a_blanked_copy_is_no_upload(copies):
    location = naming.cleared_location(f"s3://{RAW}/north/a.ndjson?versionId=v1")
    key = location.removeprefix(f"s3://{RAW}/")
    record = {
        "s3": {"bucket": {"name": RAW}, "object": {"key": key, "size": 1, "versionId": "v2"}},
    }
    found = uploads(json.dumps({"Records": [record]}), NOW)
    assert (found.files, found.foreign) == ((), (key,))


def test_old_versions_and_operators_results_go_and_current_objects_stay(copies):
    for content in (b"old", b"new"):
        put(LAKE, "bronze/resource/f.parquet", content)
    put(LAKE, "gold/stay/removed.parquet", b"old")
    boto3.client("s3").delete_object(Bucket=LAKE, Key="gold/stay/removed.parquet")
    for key in ("operators/q.csv", "bi/q.csv"):
        put(RESULTS, key, b"rows")
    assert copies.drop_old() == 3
    assert every_version(LAKE) == {"bronze/resource/f.parquet": [b"new"]}
    assert every_version(RESULTS) == {"bi/q.csv": [b"rows"]}
    assert copies.drop_old() == 0


def test_the_receipt_says_until_when_backups_hold_what(copies):
    run = RunRecord("run-1", 1, RunState.RUNNING, NOW, "")
    assert any("point-in-time" in w and "2024-06-05" in w for w in copies.not_reached(run))
