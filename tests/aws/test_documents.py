"""Documents of a lake behave alike in a folder and in S3; what is removed is gone for good."""

from __future__ import annotations

import boto3
import pytest
from botocore.exceptions import ClientError

from metriccare import naming
from metriccare.settings import Lake
from metriccare.tracking.documents import (
    document_names,
    read_document,
    remove_document,
    write_document,
)
from metriccare.tracking.erased import load_erased, save_erased
from tests.aws.buckets import every_version, versioned_bucket

BUCKET = "lake-of-documents"


@pytest.fixture(params=["folder", "bucket", "below a prefix"])
def any_lake(request: pytest.FixtureRequest, lake: Lake) -> Lake:
    if request.param == "folder":
        return lake
    request.getfixturevalue("aws")
    versioned_bucket(BUCKET)
    return Lake(f"s3://{BUCKET}" + ("/deep/lake" if "prefix" in request.param else ""))


def test_a_document_is_read_as_it_was_last_written(any_lake: Lake):
    assert read_document(any_lake, "erasures/a.json") is None
    write_document(any_lake, "erasures/a.json", "one")
    write_document(any_lake, "erasures/a.json", "zwei: ä")
    assert read_document(any_lake, "erasures/a.json") == "zwei: ä"


def test_names_are_those_of_one_folder(any_lake: Lake):
    assert document_names(any_lake, "erasures") == set()
    for name in ("erasures/a.json", "erasures/requests/b.json", "other/c.json"):
        write_document(any_lake, name, "{}")
    assert document_names(any_lake, "erasures") == {"erasures/a.json"}


def test_what_is_removed_is_gone_and_its_neighbour_is_not(any_lake: Lake):
    for name in ("erasures/a.json", "erasures/a.json.json"):
        write_document(any_lake, name, "{}")
    remove_document(any_lake, "erasures/a.json")
    remove_document(any_lake, "erasures/a.json")
    assert read_document(any_lake, "erasures/a.json") is None
    assert read_document(any_lake, "erasures/a.json.json") == "{}"


def test_no_version_of_a_removed_document_is_left(aws: str):
    versioned_bucket(BUCKET)
    lake = Lake(f"s3://{BUCKET}")
    for text in ("names p1", "names p1 again"):
        write_document(lake, naming.ERASURE_JOURNAL, text)
    assert len(every_version(BUCKET)[naming.ERASURE_JOURNAL]) == 2
    remove_document(lake, naming.ERASURE_JOURNAL)
    assert every_version(BUCKET) == {}


def test_the_list_of_erased_names_lives_with_the_lake(any_lake: Lake):
    assert load_erased(any_lake).marks == frozenset()
    save_erased(any_lake, load_erased(any_lake).with_names("north", {"Patient/p1"}))
    known = load_erased(any_lake)
    assert known.hold("north", {"Patient/p1"})
    assert not known.hold("south", {"Patient/p1"})
    assert "p1" not in (read_document(any_lake, naming.ERASED_FILE) or "")


def test_a_lake_that_cannot_be_read_is_not_one_where_nobody_was_erased(aws: str):
    with pytest.raises(ClientError, match="NoSuchBucket"):
        load_erased(Lake("s3://no-such-lake"))
    assert boto3.client("s3").list_buckets()["Buckets"] == []
