"""Raw AWS events in our words: uploads as files to register, job state changes as job runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from metriccare import naming
from metriccare.errors import MetricCareError
from metriccare.tracking.jobs import JobRun
from metriccare.tracking.states import FileRecord


class MalformedEventError(MetricCareError):
    """A message is no event of the raw bucket; it ends in the dead-letter queue."""


@dataclass(frozen=True)
class Uploads:
    """What a message is about: files to register, objects outside the tenants' folders, and the
    number of records that could not be read.
    """

    files: tuple[FileRecord, ...] = ()
    foreign: tuple[str, ...] = ()
    malformed: int = 0

    def refuse_malformed(self) -> None:
        """Raise MalformedEventError when a record could not be read."""
        if self.malformed:
            raise MalformedEventError(
                f"{self.malformed} records of the message are no uploads; the others are"
                " registered. Look at it in the dead-letter queue and delete it there."
            )


def uploads(message: str, now: datetime) -> Uploads:
    """Return the uploads a queue message is about, in either form S3 sends.

    S3's own notifications have url-encoded keys, those by EventBridge have not. `now` is the
    time of an event without one. Raises MalformedEventError when the message is no event; a record
    that cannot be read does not hold up the others.
    """
    try:
        event = json.loads(message)
        if event.get("Event") == "s3:TestEvent":
            return Uploads()
        by_eventbridge = event.get("detail-type") == "Object Created"
        records = [event] if by_eventbridge else list(event["Records"])
    except _UNREADABLE as error:
        raise MalformedEventError(
            f"The message is no S3 event ({type(error).__name__});"
            " look at it in the dead-letter queue and delete it there."
        ) from error
    read = _eventbridge_object if by_eventbridge else _notified_object
    found = [_upload(read, record, now) for record in records]
    return Uploads(
        tuple(file for file in found if isinstance(file, FileRecord)),
        tuple(file for file in found if isinstance(file, str)),
        found.count(None),
    )


_UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)


@dataclass(frozen=True)
class _Object:
    bucket: str
    key: str
    size: int
    version: str | None
    content: str
    at: str | None


def _upload(
    read: Callable[[Mapping[str, Any]], _Object], record: Mapping[str, Any], now: datetime
) -> FileRecord | str | None:
    try:
        return _file(read(record), now)
    except _UNREADABLE:
        return None


def _eventbridge_object(event: Mapping[str, Any]) -> _Object:
    detail = event["detail"]
    return _object(detail["bucket"], detail["object"], detail["object"]["key"], event["time"])


def _notified_object(record: Mapping[str, Any]) -> _Object:
    found = record["s3"]["object"]
    key = unquote_plus(found["key"])
    return _object(record["s3"]["bucket"], found, key, record.get("eventTime"))


def _object(
    bucket: Mapping[str, Any], found: Mapping[str, Any], key: str, at: str | None
) -> _Object:
    etag = str(found.get("eTag") or found.get("etag") or "")
    return _Object(
        bucket=bucket["name"],
        key=key,
        size=int(found["size"]),
        version=found.get("versionId") or found.get("version-id"),
        content=f"{etag}/{found.get('sequencer', '')}",
        at=at,
    )


def _file(found: _Object, now: datetime) -> FileRecord | str:
    """Return the file to register, or the key of an object outside the tenants' folders."""
    tenant, slash, name = found.key.partition("/")
    if not slash or not name or name.endswith("/") or not naming.TENANT_NAME.fullmatch(tenant):
        return found.key
    identity = (tenant, found.bucket, found.key, found.version or found.content)
    place = f"s3://{found.bucket}/{found.key}"
    return FileRecord(
        file_id=hashlib.sha256("\n".join(identity).encode()).hexdigest()[:16],
        tenant=tenant,
        source_file=name,
        location=f"{place}?versionId={found.version}" if found.version else place,
        size=found.size,
        registered_at=datetime.fromisoformat(found.at) if found.at else now,
    )


def job_run(event: Mapping[str, Any]) -> JobRun:
    """Return the job run a `Glue Job State Change` is about.

    Raises MalformedEventError for another event.
    """
    try:
        detail = event["detail"]
        return JobRun(
            job=detail["jobName"],
            job_run_id=detail["jobRunId"],
            state=detail["state"],
            ended_at=datetime.fromisoformat(event["time"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedEventError(
            f"The event is no Glue Job State Change ({type(error).__name__})."
            " Look at the rule metriccare_job_ended."
        ) from error
