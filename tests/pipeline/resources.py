"""Small resources to vary, and batches of them as they are sent."""

from __future__ import annotations

import json
from typing import Any

OLD = "2024-01-01T00:00:00Z"


def ndjson(resources: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(resource).encode() + b"\n" for resource in resources)


def patient(id_: str = "p1", updated: str | None = "2024-01-01T00:00:00Z", **more: Any) -> dict:
    meta = {"meta": {"lastUpdated": updated}} if updated else {}
    return {"resourceType": "Patient", "id": id_, "birthDate": "1950-03-01", **meta, **more}


def encounter(id_: str = "e1", subject: Any = "Patient/p1", **more: Any) -> dict:
    return {
        "resourceType": "Encounter",
        "id": id_,
        "meta": {"lastUpdated": "2024-01-01T00:00:00Z"},
        "status": "finished",
        "class": {"code": "IMP"},
        "subject": {"reference": subject} if isinstance(subject, str) else subject,
        "period": {"start": "2024-01-01T10:00:00-05:00", "end": "2024-01-04T10:00:00-05:00"},
        **more,
    }


def male(updated: str | None = OLD, id_: str = "p1") -> dict[str, Any]:
    return patient(id_, updated, gender="male")


def female(updated: str | None = OLD, id_: str = "p1") -> dict[str, Any]:
    return patient(id_, updated, gender="female")


def bundle_deleting(url: str, at: str) -> bytes:
    entry = {"request": {"method": "DELETE", "url": url}}
    return json.dumps({"resourceType": "Bundle", "timestamp": at, "entry": [entry]}).encode()
