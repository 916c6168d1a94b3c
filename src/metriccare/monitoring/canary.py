"""The canary: a small upload every day, and how long ago one was sent that has been published."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from metriccare.naming import CANARY_TENANT
from metriccare.tracking.states import FileRecord, FileState

# One patient in every upload, so that the canary's rows do not add up over the years.
_PATIENT = "canary"


@dataclass(frozen=True)
class CanarySeen:
    """Whether today's upload is missing, and hours since the newest published one was received.

    While none is published they count from the first one received; 0 before that.
    """

    is_due: bool
    hours_since_published: float


def look(files: Iterable[FileRecord], now: datetime) -> CanarySeen:
    """Return how the canary's uploads among files in order of arrival are."""
    own = [file for file in files if file.tenant == CANARY_TENANT]
    published = [file for file in own if file.state == FileState.PUBLISHED]
    since = published[-1] if published else (own[0] if own else None)
    today = now.astimezone(UTC).date()
    is_due = all(file.registered_at.astimezone(UTC).date() != today for file in own)
    hours = (now - since.registered_at).total_seconds() / 3600 if since else 0.0
    return CanarySeen(is_due, round(hours, 2))


def upload(now: datetime) -> tuple[str, bytes]:
    """Return the key in the raw bucket and the content of today's upload: one invented patient."""
    instant = now.astimezone(UTC)
    patient = {
        "resourceType": "Patient",
        "id": _PATIENT,
        "meta": {"lastUpdated": instant.isoformat(timespec="seconds")},
        "gender": "unknown",
        "birthDate": "1950-01-01",
    }
    key = f"{CANARY_TENANT}/{instant.date().isoformat()}/Patient.ndjson"
    return key, json.dumps(patient).encode() + b"\n"
