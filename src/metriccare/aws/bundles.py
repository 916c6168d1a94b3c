"""Bundles of the jobs, kept beyond the apply that replaces them.

Terraform removes a bundle as soon as the next one is deployed. A run may still need it: a worker
that is replaced installs it again. So jobs use a copy that Terraform does not know.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client

KEPT = "kept/"
# Runs of four releases before may go on: a run takes two hours at most.
_KEPT_BUNDLES = 5
# Rights that were given a moment ago are seen everywhere within a minute.
_ATTEMPTS, _PAUSE_SECONDS = 12, 5.0


def keep_bundle(
    client: S3Client, bucket: str, key: str, pause: Callable[[float], None] = time.sleep
) -> str:
    """Copy a bundle to where jobs find it and return that key; the oldest copies are removed.

    A bundle that is deployed again counts as the newest.
    """
    kept = f"{KEPT}{key.rpartition('/')[2]}"
    _copy(client, bucket, key, kept, pause)
    listed = client.list_objects_v2(Bucket=bucket, Prefix=KEPT).get("Contents", [])
    newest = sorted(listed, key=lambda each: each["LastModified"], reverse=True)
    others = [each["Key"] for each in newest if each["Key"] != kept]
    for old in others[_KEPT_BUNDLES - 1 :]:
        client.delete_object(Bucket=bucket, Key=old)
    return kept


def _copy(
    client: S3Client, bucket: str, key: str, kept: str, pause: Callable[[float], None]
) -> None:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            client.copy_object(Bucket=bucket, Key=kept, CopySource={"Bucket": bucket, "Key": key})
        except ClientError as error:
            if error.response["Error"]["Code"] != "AccessDenied" or attempt == _ATTEMPTS:
                raise
            pause(_PAUSE_SECONDS)
        else:
            return
