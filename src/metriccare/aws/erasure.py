"""The copies of records in a deployed stack that an erasure reaches besides the tables.

An object's version cannot be changed: a blanked copy replaces it, outside every tenant's
folder, and the version is removed. Readers of an upload that is gone look for that copy.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metriccare import naming
from metriccare.aws.raw_files import download, object_of
from metriccare.errors import MetricCareError
from metriccare.settings import Lake
from metriccare.tracking.states import FileRecord, RunRecord
from metriccare.upkeep.erasure_plan import NEVER_REACHED, Blanks

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# How far DynamoDB's point-in-time recovery goes back; terraform/modules/dynamodb_table turns it on.
_RECOVERY_DAYS = 35


class S3Copies:
    """Uploads, old versions below the lake's root, and query results of the inner layers.

    `results` is the `s3://` folder of the operators' query results.
    """

    def __init__(self, client: S3Client, lake: Lake, results: str) -> None:
        self._client = client
        self._lake = lake
        self._results = results

    def blank(self, files: Iterable[FileRecord], places: Blanks) -> int:
        """Replace uploads by blanked copies; return how many."""
        return sum(self._blank(file, places) for file in files if places.holds(file))

    def _blank(self, file: FileRecord, places: Blanks) -> bool:
        """Blank one upload, or the copy of an earlier erasure; return False if both are gone.

        The copy exists before the upload is removed, so a crash at any point loses nothing.
        """
        location = file.location
        copy = naming.cleared_location(location)
        bucket, key, _ = object_of(copy)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "raw"
            with path.open("wb") as stream:
                as_sent = download(location, stream)
                if not as_sent and not download(copy, stream):
                    return False
            places.blank(file, path)
            self._client.upload_file(str(path), bucket, key)
        if as_sent:
            self._remove_upload(location)
        self._remove_versions(copy, lambda one: one["Key"] == key and not one["IsLatest"])
        return True

    def _remove_upload(self, location: str) -> None:
        bucket, key, version = object_of(location)
        named: Any = {"Bucket": bucket, "Key": key}
        version = version or self._client.head_object(**named).get("VersionId")
        if version:
            named["VersionId"] = version
        self._client.delete_object(**named)

    def drop_old(self) -> int:
        """Remove older versions of the lake's objects, and all query results of operators."""
        old = self._remove_versions(self._lake.path(""), lambda one: not one["IsLatest"])
        return old + self._remove_versions(self._results, lambda _: True)

    def _remove_versions(self, place: str, goes: Callable[[Any], bool]) -> int:
        """Remove the versions below a location for which `goes` is true; return how many."""
        bucket, prefix, _ = object_of(place)
        pages = self._client.get_paginator("list_object_versions").paginate(
            Bucket=bucket, Prefix=prefix
        )
        found = [one for page in pages for one in page.get("Versions", []) if goes(one)]
        for start in range(0, len(found), 1000):
            self._remove(bucket, found[start : start + 1000])
        return len(found)

    def _remove(self, bucket: str, versions: list[Any]) -> None:
        named: Any = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in versions]
        answer = self._client.delete_objects(
            Bucket=bucket, Delete={"Objects": named, "Quiet": True}
        )
        refused = answer.get("Errors", [])
        if refused:
            raise MetricCareError(
                f"S3 did not remove {len(refused)} old object versions ({refused[0].get('Code')})."
                " The erasure is not finished: give the upkeep job its rights, then erase again."
            )

    def not_reached(self, run: RunRecord) -> tuple[str, ...]:
        """Return which copies are left, and until when."""
        until = (run.started_at + timedelta(days=_RECOVERY_DAYS)).date()
        return (
            "point-in-time recovery of the tracking table, which holds names of files and reasons"
            f" and no record: until {until}",
            "backups of the buckets made outside this stack",
            "results of queries over the publish layer, where small counts are hidden",
            *NEVER_REACHED,
        )
