"""Small documents kept with a lake, each there whole or not at all: a file, or an object in S3.

In S3 one put is whole or nothing and is encrypted by the bucket's own setting. The lease sees to
it that one writer is at work.
"""

from __future__ import annotations

import os
from pathlib import Path

from metriccare import naming
from metriccare.settings import Lake

_GONE = frozenset({"404", "NoSuchKey"})


def read_document(lake: Lake, name: str) -> str | None:
    """Return a document's text; None where there is none.

    A lake that refuses to be read raises: what cannot be seen must not count as absent.
    """
    if lake.is_s3:
        return _read_object(lake, name)
    path = lake.folder / name
    return path.read_text(encoding="utf-8") if path.is_file() else None


def write_document(lake: Lake, name: str, text: str) -> None:
    """Write a document, in place of the one of that name."""
    if lake.is_s3:
        import boto3

        bucket, key = _object(lake, name)
        boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=text.encode())
    else:
        _write_file(lake.folder / name, text)


def remove_document(lake: Lake, name: str) -> None:
    """Remove a document for good: in S3 with every version of it."""
    if lake.is_s3:
        _remove_object(lake, name)
    else:
        (lake.folder / name).unlink(missing_ok=True)


def document_names(lake: Lake, folder: str) -> set[str]:
    """Return the names of the documents directly in a folder of the lake."""
    if lake.is_s3:
        return _objects_in(lake, folder)
    return {f"{folder}/{path.name}" for path in (lake.folder / folder).glob("*.json")}


def _write_file(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


def _object(lake: Lake, name: str) -> tuple[str, str]:
    return naming.bucket_and_key(lake.path(name))


def _read_object(lake: Lake, name: str) -> str | None:
    import boto3
    from botocore.exceptions import ClientError

    bucket, key = _object(lake, name)
    try:
        found = boto3.client("s3").get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            return None
        raise
    return found["Body"].read().decode()


def _remove_object(lake: Lake, name: str) -> None:
    import boto3

    bucket, key = _object(lake, name)
    client = boto3.client("s3")
    pages = client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key)
    for page in pages:
        for one in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
            if one["Key"] == key:
                client.delete_object(Bucket=bucket, Key=key, VersionId=one["VersionId"])


def _objects_in(lake: Lake, folder: str) -> set[str]:
    import boto3

    bucket, prefix = _object(lake, f"{folder}/")
    pages = (
        boto3.client("s3")
        .get_paginator("list_objects_v2")
        .paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
    )
    keys = (one["Key"] for page in pages for one in page.get("Contents", []))
    return {f"{folder}/{key.removeprefix(prefix)}" for key in keys if key.endswith(".json")}
