"""A lake in a bucket: data files come and go through a scratch folder."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from metriccare import naming
from metriccare.object_store import AlreadyThere, ChangedMeanwhile
from metriccare.settings import Lake

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_MISSING = ("NoSuchKey", "404")
# Uploads under way at once: each takes a connection, and a client keeps ten.
_AT_A_TIME = 8
# What S3 answers if `If-None-Match: *` meets an object, or another write of it under way.
_EXISTS = ("PreconditionFailed", "ConditionalRequestConflict")


class S3Store:
    """Objects of a lake in S3. `scratch` keeps fetched data files, which never change."""

    def __init__(self, client: S3Client, lake: Lake, scratch: Path) -> None:
        self._client, self._scratch = client, scratch
        self._pool = ThreadPoolExecutor(_AT_A_TIME)
        self._uploads: list[Future[None]] = []
        self._bucket, prefix = naming.bucket_and_key(lake.root)
        self._prefix = f"{prefix.rstrip('/')}/" if prefix else ""

    def holds_lake(self) -> bool:
        """Return True if anything is below a layer's prefix, or if this may not be listed."""
        from botocore.exceptions import ClientError

        try:
            return any(self._has_any(f"{layer}/") for layer in naming.LAYERS)
        except ClientError as error:
            return error.response["Error"]["Code"] != "NoSuchBucket"

    def _has_any(self, prefix: str) -> bool:
        found = self._client.list_objects_v2(
            Bucket=self._bucket, Prefix=self._prefix + prefix, MaxKeys=1
        )
        return found["KeyCount"] > 0

    def sizes(self, folder: str) -> dict[str, int]:
        """Return path -> bytes in the order of S3's listing, in which `.hoodie` comes first."""
        prefix = f"{self._prefix}{folder}/"
        pages = self._client.get_paginator("list_objects_v2")
        return {
            each["Key"].removeprefix(prefix): each["Size"]
            for page in pages.paginate(Bucket=self._bucket, Prefix=prefix)
            for each in page.get("Contents", ())
        }

    def read(self, path: str) -> bytes:
        """Return an object's bytes."""
        from botocore.exceptions import ClientError

        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + path)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _MISSING or (code == "AccessDenied" and self._is_absent(path)):
                raise FileNotFoundError(path) from error
            raise
        return answer["Body"].read()

    def _is_absent(self, path: str) -> bool:
        """Return True if a listing shows that an object does not exist.

        To whoever may list a part of the bucket only, S3 answers "access denied" of an absent one.
        """
        from botocore.exceptions import ClientError

        key = self._prefix + path
        try:
            found = self._client.list_objects_v2(Bucket=self._bucket, Prefix=key, MaxKeys=1)
        except ClientError:
            return False
        return key not in [each["Key"] for each in found.get("Contents", ())]

    def put(self, path: str, content: bytes) -> None:
        """Put an object; the bucket's own setting encrypts it."""
        self._client.put_object(Bucket=self._bucket, Key=self._prefix + path, Body=content)

    def put_new(self, path: str, content: bytes) -> None:
        """Put an object on the condition that there is none."""
        from botocore.exceptions import ClientError

        try:
            self._client.put_object(
                Bucket=self._bucket, Key=self._prefix + path, Body=content, IfNoneMatch="*"
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _EXISTS:
                raise AlreadyThere(path) from error
            raise

    def replace(self, path: str, content: bytes, expected: bytes | None) -> None:
        """Put an object on the condition that the expected one is still there, by its ETag."""
        from botocore.exceptions import ClientError

        if expected is None:
            try:
                self.put_new(path, content)
            except AlreadyThere as error:
                raise ChangedMeanwhile(path) from error
            return
        etag = self._etag_of(path, expected)
        try:
            self._client.put_object(
                Bucket=self._bucket, Key=self._prefix + path, Body=content, IfMatch=etag
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in (*_EXISTS, *_MISSING):
                raise ChangedMeanwhile(path) from error
            raise

    def _etag_of(self, path: str, expected: bytes) -> str:
        """Return the ETag of an object with these bytes; an encrypted one's is no checksum."""
        from botocore.exceptions import ClientError

        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + path)
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                raise ChangedMeanwhile(path) from error
            raise
        if answer["Body"].read() != expected:
            raise ChangedMeanwhile(path)
        return answer["ETag"]

    def delete(self, path: str) -> None:
        """Delete an object."""
        self._client.delete_object(Bucket=self._bucket, Key=self._prefix + path)

    def erase(self, path: str) -> None:
        """Delete every version of an object, and the marks of its deletions."""
        key = self._prefix + path
        pages = self._client.get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=self._bucket, Prefix=key):
            for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                # A longer name begins with this one too.
                if each["Key"] == key:
                    self._client.delete_object(
                        Bucket=self._bucket, Key=key, VersionId=each["VersionId"]
                    )

    def delete_folder(self, folder: str) -> None:
        """Delete the objects one by one: a folder holds a few hundred."""
        for path in self.sizes(folder):
            self.delete(f"{folder}/{path}")

    def local_file(self, path: str) -> Path:
        """Return the object's bytes in the scratch folder, fetched at the first call."""
        file = self._scratch / path
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            unfinished = file.with_name(f"{file.name}.part")
            self._client.download_file(self._bucket, self._prefix + path, str(unfinished))
            unfinished.replace(file)
        return file

    @contextmanager
    def writing(self, path: str) -> Iterator[Path]:
        """Give a file in the scratch folder; its upload begins when the block ends."""
        file = self._scratch / path
        file.parent.mkdir(parents=True, exist_ok=True)
        yield file
        upload = self._pool.submit(
            self._client.upload_file, str(file), self._bucket, self._prefix + path
        )
        self._uploads.append(upload)

    def finish_writing(self) -> None:
        """Wait for the uploads."""
        uploads, self._uploads = self._uploads, []
        for upload in uploads:
            upload.result()
