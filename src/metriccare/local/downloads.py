"""Objects of a bucket fetched to be taken into a lake on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from metriccare import naming
from metriccare.errors import UsageError
from metriccare.local.raw_zone import ENDINGS, Found, find_files

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@contextmanager
def found_files(paths: Sequence[str]) -> Iterator[list[Found]]:
    """Give the FHIR files of folders and of `s3://` prefixes; fetched ones go when it closes."""
    local = find_files([Path(path) for path in paths if not path.startswith("s3://")])
    remote = [path for path in paths if path.startswith("s3://")]
    if not remote:
        yield local
        return
    with TemporaryDirectory() as folder:
        yield [*local, *(f for path in remote for f in _fetch(path, Path(folder)))]


def _fetch(url: str, folder: Path) -> list[Found]:
    import boto3

    bucket, prefix = naming.bucket_and_key(url)
    client = boto3.client("s3")
    found = [
        _download(client, bucket, key, folder)
        for key in _keys(client, bucket, prefix)
        if key.lower().endswith(ENDINGS)
    ]
    if not found:
        raise UsageError(f"{url} holds no FHIR file ({', '.join(ENDINGS[:4])}).")
    return found


def _keys(client: S3Client, bucket: str, prefix: str) -> Iterator[str]:
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from (entry["Key"] for entry in page.get("Contents", []))


def _download(client: S3Client, bucket: str, key: str, folder: Path) -> Found:
    target = folder / bucket / key
    target.parent.mkdir(parents=True, exist_ok=True)
    client.download_file(bucket, key, str(target))
    return Found(target, key, f"s3://{bucket}/{key}")
