"""An object in S3 is replaced only if it is still the one that was read."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from metriccare.aws.object_store import S3Store
from metriccare.object_store import ChangedMeanwhile
from metriccare.settings import Lake

PATH = "marts/a/current.json"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="lake")
        yield S3Store(client, Lake("s3://lake/root"), tmp_path)


def test_an_object_is_replaced_by_who_knows_it(store: S3Store):
    store.replace(PATH, b"first", None)
    store.replace(PATH, b"second", b"first")
    assert store.read(PATH) == b"second"


@pytest.mark.parametrize("expected", [None, b"first", b""])
def test_another_writer_s_object_stays(store: S3Store, expected: bytes | None):
    store.put(PATH, b"another's")
    with pytest.raises(ChangedMeanwhile):
        store.replace(PATH, b"mine", expected)
    assert store.read(PATH) == b"another's"


def test_an_object_that_is_gone_is_not_replaced(store: S3Store):
    with pytest.raises(ChangedMeanwhile):
        store.replace(PATH, b"mine", b"what was there")


def test_a_writer_between_look_and_put_wins(store: S3Store, monkeypatch: pytest.MonkeyPatch):
    store.put(PATH, b"first")
    look = store._etag_of

    def look_and_lose(path: str, expected: bytes) -> str:
        etag = look(path, expected)
        store.put(path, b"another's")
        return etag

    monkeypatch.setattr(store, "_etag_of", look_and_lose)
    with pytest.raises(ChangedMeanwhile):
        store.replace(PATH, b"mine", b"first")
    assert store.read(PATH) == b"another's"
