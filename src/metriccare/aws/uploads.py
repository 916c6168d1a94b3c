"""Files of this machine sent to a bucket: what the generator wrote."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from metriccare import naming
from metriccare.errors import UploadFailed, UsageError


def bucket_and_prefix(target: str) -> tuple[str, str]:
    """Return bucket and prefix of `s3://bucket/prefix`; UsageError for another address."""
    bucket, prefix = naming.bucket_and_key(target)
    if not naming.is_in_bucket(target) or not bucket:
        raise UsageError(f"--upload wants s3://bucket/tenant, found {target!r}.")
    return bucket, prefix.strip("/")


def upload(files: Iterable[Path], folder: Path, target: str) -> None:
    """Upload files below `s3://bucket/prefix`, each by its path below the folder."""
    import boto3
    from boto3.exceptions import S3UploadFailedError
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, prefix = bucket_and_prefix(target)
    client = boto3.client("s3")
    for path in files:
        key = "/".join(part for part in (prefix, path.relative_to(folder).as_posix()) if part)
        try:
            client.upload_file(str(path), bucket, key)
        except (BotoCoreError, ClientError, S3UploadFailedError) as error:
            raise UploadFailed(f"{target} took no more files: {error}") from error
