"""Raw files as Spark tasks read them: whole, uncompressed, seekable, wherever they are."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from metriccare.errors import UnreadableFile

_GZIP = b"\x1f\x8b"


@contextmanager
def open_raw(location: str) -> Iterator[BinaryIO]:
    """Open a file or an S3 object; compressed content is unpacked to a temporary file first.

    Unpacking it whole means that a damaged file is known before its first row is used.
    Raises UnreadableFile when it is gone or damaged.
    """
    with _open_as_sent(location) as sent:
        compressed = sent.read(2) == _GZIP
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
    import boto3
    from botocore.exceptions import ClientError

    bucket, _, key = location.removeprefix("s3://").partition("/")
    key, _, version = key.partition("?versionId=")
    extra = {"VersionId": version} if version else None
    with tempfile.TemporaryFile() as stream:
        try:
            boto3.client("s3").download_fileobj(bucket, key, stream, ExtraArgs=extra)
        except ClientError as error:
            if error.response["Error"]["Code"] in {"404", "NoSuchKey", "NoSuchVersion"}:
                raise UnreadableFile("the raw object is gone") from error
            raise
        stream.seek(0)
        yield cast("BinaryIO", stream)
