"""Uploads in S3 as a run reads them: a version of an object, or the copy an erasure blanked."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from metriccare import naming
from metriccare.aws.refused_objects import explained
from metriccare.errors import UnreadableFile

_GONE = frozenset({"404", "NoSuchKey", "NoSuchVersion"})
# S3's answer to a range of an object without bytes.
_EMPTY = "InvalidRange"
# 16: a request waits for S3 some 30 ms, and botocore keeps 10 connections or so open.
_AT_ONCE = 16


class S3RawFiles:
    """Uploads by their location, `s3://bucket/key?versionId=...`.

    It holds no client, so that it can be sent to the processes that read.
    """

    @contextmanager
    def open(self, location: str) -> Iterator[BinaryIO]:
        """Download an upload to a temporary file; UnreadableFile if it is gone."""
        with tempfile.TemporaryFile() as file:
            stream = cast("BinaryIO", file)
            # An erasure leaves a blanked copy elsewhere: a version in S3 cannot be changed.
            if not any(download(each, stream) for each in _locations(location)):
                raise UnreadableFile("the raw object is gone")
            stream.seek(0)
            yield stream

    def heads(self, locations: Sequence[str], size: int) -> list[bytes | UnreadableFile]:
        """Return the first bytes of uploads, several at a time."""
        import boto3

        client = boto3.client("s3")
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(lambda location: _head(client, location, size), locations))

    def is_kept(self, location: str) -> bool:
        """Return True if the upload, or the copy an erasure blanked, still exists."""
        return any(_exists(each) for each in _locations(location))


def _head(client: Any, location: str, size: int) -> bytes | UnreadableFile:
    """Return the first bytes of an upload, or of the copy an erasure blanked."""
    for each in _locations(location):
        head = _first_bytes(client, _named(each), size)
        if head is not None:
            return head
    return UnreadableFile("the raw object is gone")


def _first_bytes(client: Any, named: Any, size: int) -> bytes | UnreadableFile | None:
    """Return the first bytes of an object; None if it is gone."""
    from botocore.exceptions import ClientError

    try:
        body = client.get_object(**named, Range=f"bytes=0-{size - 1}")["Body"]
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == _EMPTY or code in _GONE:
            return b"" if code == _EMPTY else None
        refusal = explained(client, error, named)
        if isinstance(refusal, UnreadableFile):
            return refusal
        raise refusal from error
    return bytes(body.read())


def download(location: str, stream: BinaryIO) -> bool:
    """Write an object's bytes to a stream; return False if it is gone."""
    import boto3
    from botocore.exceptions import ClientError

    named, client = _named(location), boto3.client("s3")
    extra = {name: value for name, value in named.items() if name == "VersionId"}
    try:
        client.download_fileobj(named["Bucket"], named["Key"], stream, ExtraArgs=extra)
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            return False
        raise explained(client, error, named) from error
    return True


def object_of(location: str) -> tuple[str, str, str | None]:
    """Return bucket, key and version of an object's location."""
    bucket, rest = naming.bucket_and_key(location)
    key, _, version = rest.partition("?versionId=")
    return bucket, key, version or None


def _named(location: str) -> Any:
    """Return an object's location as the arguments of a call about it."""
    bucket, key, version = object_of(location)
    return {"Bucket": bucket, "Key": key} | ({"VersionId": version} if version else {})


def _locations(location: str) -> tuple[str, str]:
    return location, naming.cleared_location(location)


def _exists(location: str) -> bool:
    import boto3
    from botocore.exceptions import ClientError

    named, client = _named(location), boto3.client("s3")
    try:
        client.head_object(**named)
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            return False
        refusal = explained(client, error, named)
        if not isinstance(refusal, UnreadableFile):
            raise
    return True
