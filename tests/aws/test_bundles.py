"""Bundles outlive the apply that replaces them, and do not pile up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.s3.models import s3_backends

from lambda_functions.keep_bundle.handler import handler
from metriccare.aws.bundles import keep_bundle

BUCKET = "metriccare-artifacts-123456789012-test"
START = datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket=BUCKET)
        yield client


def deploy(s3: Any, edition: str) -> str:
    """Put a bundle as an apply does, which removes the one before, and have it kept."""
    for each in s3.list_objects_v2(Bucket=BUCKET, Prefix="bundles/").get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=each["Key"])
    key = f"bundles/metriccare-{edition}.gluewheels.zip"
    s3.put_object(Bucket=BUCKET, Key=key, Body=edition.encode())
    return handler({"bucket": BUCKET, "key": key}, None)["key"]


def editions(s3: Any) -> set[str]:
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix="kept/")["Contents"]
    return {each["Key"].removeprefix("kept/metriccare-").partition(".")[0] for each in listed}


def test_a_bundle_is_there_after_the_next_ones_are_deployed(s3):
    first = deploy(s3, "1")
    deploy(s3, "2")
    assert s3.get_object(Bucket=BUCKET, Key=first)["Body"].read() == b"1"


def test_the_newest_five_are_kept_and_going_back_counts_as_new(s3):
    for hour, edition in enumerate("1234561"):
        key = deploy(s3, edition)
        # The double's clock cannot be set, so its objects are dated.
        objects = s3_backends["123456789012"]["aws"].buckets[BUCKET].keys
        objects[key].last_modified = START + timedelta(hours=hour)
    assert editions(s3) == {"1", "3", "4", "5", "6"}


def test_rights_that_are_seconds_old_are_waited_for(s3):
    s3.put_object(Bucket=BUCKET, Key="bundles/a.zip", Body=b"a")
    pauses: list[float] = []

    class Denied(s3.exceptions.ClientError):  # type: ignore[misc, name-defined]
        pass

    class NewRights:
        """The client, whose first two copies are denied."""

        def __getattr__(self, name: str) -> Any:
            return getattr(s3, name)

        def copy_object(self, **named: Any) -> Any:
            if len(pauses) < 2:
                raise Denied({"Error": {"Code": "AccessDenied"}}, "CopyObject")
            return s3.copy_object(**named)

    new: Any = NewRights()
    assert keep_bundle(new, BUCKET, "bundles/a.zip", pauses.append) == "kept/a.zip"
    assert len(pauses) == 2
