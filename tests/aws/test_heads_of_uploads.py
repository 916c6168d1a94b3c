"""The beginnings of uploads are read without downloading them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import boto3
import pytest

from metriccare.aws.raw_files import S3RawFiles
from metriccare.errors import UnreadableFile
from metriccare.incremental.context import RunContext
from metriccare.pipeline.bronze.feed_files import sort_files
from metriccare.settings import Lake
from metriccare.tracking.states import FileRecord
from tests.aws.buckets import put, versioned_bucket

BUCKET = "raw"


@pytest.fixture
def bucket(aws: str) -> str:
    versioned_bucket(BUCKET)
    return BUCKET


def test_first_bytes_are_in_the_order_of_the_files_and_a_gone_one_is_named(bucket):
    files = [put(BUCKET, f"north/{name}.csv", name.encode() * 10) for name in ("ab", "cd")]
    empty = put(BUCKET, "north/empty.csv", b"")
    gone = f"s3://{BUCKET}/north/gone.csv"
    first, second, nothing, missing = S3RawFiles().heads([*files, empty, gone], 4)
    assert (first, second, nothing) == (b"abab", b"cdcd", b"")
    assert isinstance(missing, UnreadableFile)


def test_a_feed_that_was_uploaded_is_found(bucket):
    now = datetime.now(UTC)
    names = {"feeds/payers.csv": b"payer_id,name\nP1,Payer\n", "claims/a.ndjson": b'{"id":1}\n'}
    files = [
        FileRecord(name, "north", name, put(BUCKET, f"north/{name}", content), len(content), now)
        for name, content in names.items()
    ]
    context = RunContext("run-1", Lake("s3://lake"), now, date(2024, 6, 1), S3RawFiles())
    found = sort_files(context, files)
    assert [feed.layout.feed.name for feed in found.feeds] == ["payers"]
    assert list(found.unreadable) == ["claims/a.ndjson"]
    assert boto3.client("s3").list_objects_v2(Bucket=BUCKET)["KeyCount"] == len(files)
