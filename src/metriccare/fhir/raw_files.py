"""Raw files as Spark tasks read them: whole, uncompressed, seekable, wherever they are."""

from __future__ import annotations

import gzip
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from metriccare import naming
from metriccare.errors import UnreadableFile
from metriccare.fhir.exchange import GZIP_MARK
from metriccare.fhir.refused_objects import explained

_GONE = frozenset({"404", "NoSuchKey", "NoSuchVersion"})


@contextmanager
def open_raw(location: str) -> Iterator[BinaryIO]:
    """Open a file or an S3 object; compressed content is unpacked to a temporary file first.

    Unpacking it whole means that a damaged file is known before its first row is used.
    Raises UnreadableFile when it is gone or damaged.
    """
    with _open_as_sent(location) as sent:
        compressed = sent.read(2) == GZIP_MARK
        sent.seek(0)
        if not compressed:
            yield sent
            return
        with tempfile.TemporaryFile() as plain:
            _unpack(sent, cast("BinaryIO", plain))
            yield cast("BinaryIO", plain)


def _unpack(sent: BinaryIO, plain: BinaryIO) -> None:
    try:
        with gzip.GzipFile(fileobj=sent) as packed:
            shutil.copyfileobj(packed, plain, 2**20)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableFile(f"the compressed data is damaged ({error})") from error
    plain.flush()
    plain.seek(0)


@contextmanager
def _open_as_sent(location: str) -> Iterator[BinaryIO]:
    if location.startswith("s3://"):
        with _downloaded(location) as stream:
            yield stream
        return
    try:
        stream = open(location, "rb")  # noqa: SIM115 - closed below, after the caller is done
    except FileNotFoundError as error:
        raise UnreadableFile("the raw file is gone") from error
    with stream:
        yield stream


@contextmanager
def _downloaded(location: str) -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as file:
        stream = cast("BinaryIO", file)
        # An erasure leaves a blanked copy elsewhere, for a version in S3 cannot be changed.
        if not any(fetched(one, stream) for one in (location, naming.cleared_location(location))):
            raise UnreadableFile("the raw object is gone")
        stream.seek(0)
        yield stream


def fetched(location: str, stream: BinaryIO) -> bool:
    """Bring an object's bytes; False when it is gone."""
    import boto3
    from botocore.exceptions import ClientError

    bucket, key, version = object_of(location)
    extra = {"VersionId": version} if version else {}
    client = boto3.client("s3")
    try:
        client.download_fileobj(bucket, key, stream, ExtraArgs=extra)
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            return False
        raise explained(client, error, {"Bucket": bucket, "Key": key, **extra}) from error
    return True


def is_kept(location: str) -> bool:
    """Return whether a raw file, or the blanked copy an erasure left of it, is still there."""
    if not location.startswith("s3://"):
        return os.path.isfile(location)
    return any(_has_object(place) for place in (location, naming.cleared_location(location)))


def _has_object(location: str) -> bool:
    import boto3
    from botocore.exceptions import ClientError

    bucket, key, version = object_of(location)
    named: Any = {"Bucket": bucket, "Key": key} | ({"VersionId": version} if version else {})
    client = boto3.client("s3")
    try:
        client.head_object(**named)
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            return False
        refusal = explained(client, error, named)
        if not isinstance(refusal, UnreadableFile):
            raise
    return True


def object_of(location: str) -> tuple[str, str, str | None]:
    """Return bucket, key and version of an object's location."""
    bucket, rest = naming.bucket_and_key(location)
    key, _, version = rest.partition("?versionId=")
    return bucket, key, version or None
