"""Buckets as terraform/modules/s3_bucket makes them, and what they really hold."""

from __future__ import annotations

import boto3


def versioned_bucket(name: str) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


def put(bucket: str, key: str, content: bytes) -> str:
    """Put an object and return its location as an upload event names it."""
    found = boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    return f"s3://{bucket}/{key}?versionId={found['VersionId']}"


def every_version(bucket: str) -> dict[str, list[bytes]]:
    """Return what every version of every object holds, by key."""
    s3 = boto3.client("s3")
    found: dict[str, list[bytes]] = {}
    for one in s3.list_object_versions(Bucket=bucket).get("Versions", []):
        place = {"Bucket": bucket, "Key": one["Key"], "VersionId": one["VersionId"]}
        found.setdefault(one["Key"], []).append(s3.get_object(**place)["Body"].read())
    return found
