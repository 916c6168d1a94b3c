"""The settings file as it was deployed, with the files its [measures] names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from metriccare import naming
from metriccare.errors import SetupError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def fetched_settings(client: S3Client, location: str, folder: Path) -> Path:
    """Download a settings file with everything in its folder; return the file's path.

    Terraform puts what belongs together below one prefix, so that relative paths in the file hold.
    Raises SetupError if the file does not exist.
    """
    bucket, key = naming.bucket_and_key(location)
    prefix, _, name = key.rpartition("/")
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/")
    for one in (one for page in pages for one in page.get("Contents", [])):
        target = folder / one["Key"].removeprefix(f"{prefix}/")
        target.parent.mkdir(parents=True, exist_ok=True)
        client.download_file(bucket, one["Key"], str(target))
    if not (folder / name).is_file():
        raise SetupError(
            f"The deployed settings {location} are gone; `terraform apply` puts them back."
        )
    return folder / name
