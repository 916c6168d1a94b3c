"""Documents of a lake behave alike in a folder and in S3; what is removed is gone for good."""

from __future__ import annotations

import boto3
import pytest
from botocore.exceptions import ClientError

from metriccare import naming
from metriccare.object_store import ObjectStore
from metriccare.settings import Lake
from metriccare.tracking.documents import (
    document_names,
    read_document,
    remove_document,
    write_document,
)
from metriccare.tracking.erased import load_erased, save_erased
from metriccare.wiring.storage import storage_of
from tests.aws.buckets import every_version, versioned_bucket

BUCKET = "lake-of-documents"


@pytest.fixture(params=["folder", "bucket", "below a prefix"])
def objects(request: pytest.FixtureRequest, lake: Lake) -> ObjectStore:
    if request.param == "folder":
        return storage_of(lake).objects
    request.getfixturevalue("aws")
    versioned_bucket(BUCKET)
    root = f"s3://{BUCKET}" + ("/deep/lake" if "prefix" in request.param else "")
    return storage_of(Lake(root)).objects


def test_the_last_written_document_is_read(objects: ObjectStore):
    assert read_document(objects, "erasures/a.json") is None
    write_document(objects, "erasures/a.json", "one")
    write_document(objects, "erasures/a.json", "zwei: ä")
    assert read_document(objects, "erasures/a.json") == "zwei: ä"


def test_names_are_those_of_one_folder(objects: ObjectStore):
    assert document_names(objects, "erasures") == set()
    for name in ("erasures/a.json", "erasures/requests/b.json", "other/c.json"):
        write_document(objects, name, "{}")
    assert document_names(objects, "erasures") == {"erasures/a.json"}


def test_what_is_removed_is_gone_and_its_neighbour_is_not(objects: ObjectStore):
    for name in ("erasures/a.json", "erasures/a.json.json"):
        write_document(objects, name, "{}")
    remove_document(objects, "erasures/a.json")
    remove_document(objects, "erasures/a.json")
    assert read_document(objects, "erasures/a.json") is None
    assert read_document(objects, "erasures/a.json.json") == "{}"


def test_no_version_of_a_removed_document_is_left(aws: str):
    versioned_bucket(BUCKET)
    objects = storage_of(Lake(f"s3://{BUCKET}")).objects
    for text in ("names p1", "names p1 again"):
        write_document(objects, naming.ERASURE_JOURNAL, text)
    assert len(every_version(BUCKET)[naming.ERASURE_JOURNAL]) == 2
    remove_document(objects, naming.ERASURE_JOURNAL)
    assert every_version(BUCKET) == {}


def test_the_list_of_erased_names_is_stored_in_the_lake(objects: ObjectStore):
    assert load_erased(objects).marks == frozenset()
    save_erased(objects, load_erased(objects).with_names("north", {"Patient/p1"}))
    known = load_erased(objects)
    assert known.hold("north", {"Patient/p1"})
    assert not known.hold("south", {"Patient/p1"})
    assert "p1" not in (read_document(objects, naming.ERASED_FILE) or "")


def test_a_lake_that_cannot_be_read_is_not_one_where_nobody_was_erased(aws: str):
    with pytest.raises(ClientError, match="NoSuchBucket"):
        load_erased(storage_of(Lake("s3://no-such-lake")).objects)
    assert boto3.client("s3").list_buckets()["Buckets"] == []
