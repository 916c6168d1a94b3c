"""Objects of a bucket and pipes, fetched to this machine so that they can be taken in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from metriccare.causes import cause_of, printable
from metriccare.ingest import file_kinds, sent_files
from metriccare.ingest.sent_files import Fault, Found, LeftOut, Sent
from metriccare.naming import bucket_and_key, is_in_bucket

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef


@contextmanager
def sent_by(paths: Sequence[str]) -> Iterator[Sent]:
    """Give the files of folders, pipes and `s3://` prefixes; downloads are removed at the end.

    A pipe can be read once: it is read after everything else that was named was found.
    """
    fetched = [path for path in paths if is_in_bucket(path) or sent_files.is_stream(path)]
    sent = sent_files.find_files([Path(path) for path in paths if path not in fetched])
    if not fetched:
        yield sent
        return
    with TemporaryDirectory() as folder:
        for number, path in enumerate(fetched):
            place = Path(folder) / str(number)
            sent += _objects(path, place) if is_in_bucket(path) else _stream(path, place)
        yield sent


def _stream(path: str, place: Path) -> Sent:
    """Read a pipe to its end; its name and its content identify it."""
    with open(path, "rb") as stream, place.open("wb") as kept:
        shutil.copyfileobj(stream, kept, 2**20)
    name = sent_files.stream_name(path)
    return Sent((Found(place, name, f"pipe/{name}", place.stat().st_size),))


def _objects(url: str, place: Path) -> Sent:
    import boto3

    bucket, prefix = bucket_and_key(url)
    client = boto3.client("s3")
    place.mkdir()
    judged = (
        _judged(client, bucket, found, place / str(number))
        for number, found in enumerate(_listed(client, bucket, prefix))
    )
    return sent_files.require_any(sent_files.sent_of(judged), url)


def _listed(client: S3Client, bucket: str, prefix: str) -> Iterator[ObjectTypeDef]:
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        # A key that ends in a slash is a folder of the console.
        yield from (one for one in page.get("Contents", []) if not one["Key"].endswith("/"))


def _judged(
    client: S3Client, bucket: str, found: ObjectTypeDef, target: Path
) -> Found | LeftOut | Fault:
    from botocore.exceptions import ClientError

    key = found["Key"]
    file = key.rpartition("/")[2]
    try:
        is_named = file_kinds.has_fhir_ending(file) or file_kinds.has_table_ending(key)
        if is_named or (file_kinds.has_no_ending(file) and _is_fhir(client, bucket, found)):
            client.download_file(bucket, key, str(target))
            return Found(target, printable(key), f"s3://{bucket}/{key}", target.stat().st_size)
    except ClientError as error:
        return Fault(printable(key), cause_of(error))
    return LeftOut(printable(key), file_kinds.kind_of(file))


def _is_fhir(client: S3Client, bucket: str, found: ObjectTypeDef) -> bool:
    if not found["Size"]:
        return False
    wanted = f"bytes=0-{file_kinds.PEEK_BYTES - 1}"
    answer = client.get_object(Bucket=bucket, Key=found["Key"], Range=wanted)
    return file_kinds.begins_as_fhir(answer["Body"].read())
