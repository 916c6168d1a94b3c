"""Two small uploads: a history, and what a day brings - corrections, deletes, a merge, garbage."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Resource = dict[str, Any]


def history() -> bytes:
    """Return a first upload: hospitals, people, stays, an infection, and a line that is no JSON."""
    lines = [hospital("h1"), hospital("h2")]
    for number in range(1, 9):
        person = f"p{number}"
        lines.append(patient(person))
        lines.append(stay(f"{person}-a", person, "2024-03-01", "2024-03-06"))
        lines.append(diagnosis(f"{person}-c", person, f"{person}-a", "2024-03-04"))
    lines += [
        # Came back within 30 days.
        stay("p1-b", "p1", "2024-03-20", "2024-03-24"),
        # Refers by identifier, and to a patient who has not arrived.
        stay("p2-b", {"identifier": {"system": "urn:mrn", "value": "mrn-p2"}}, "2024-05-01"),
        stay("p9-a", "p9", "2024-04-01", "2024-04-05"),
        # Rejected by a rule: there is no such date.
        stay("p3-bad", "p3", "2024-02-31", "2024-03-02"),
    ]
    return ndjson(lines) + b'{"resourceType": "Patient", "id": "cut\n'


def day() -> bytes:
    """Return a later upload, with every kind of change that a run must process."""
    later = "2024-06-02T00:00:00Z"
    merged = {"link": [{"other": {"reference": "Patient/p1"}, "type": "replaced-by"}]}
    lines = [
        patient("p9"),
        patient("p5", later, **merged),
        stay("p1-b", "p2", "2024-03-20", "2024-03-24", updated=later),
        stay("p3-a", "p3", "2024-03-01", "2024-03-08", updated=later),
        stay("p4-z", "p4", "2023-02-01", "2023-02-09"),
        diagnosis("p4-c2", "p4", "p4-z", "2023-02-06"),
        patient("p6", "2023-01-01T00:00:00Z", gender="male"),
    ]
    return ndjson(lines) + b"[1, 2\n"


def deletes() -> bytes:
    """Return a bundle that deletes a stay and its diagnosis."""
    entries = [
        {
            "request": {"method": "DELETE", "url": url},
            "response": {"lastModified": "2024-06-03T00:00:00Z"},
        }
        for url in ("Encounter/p7-a", "Condition/p7-c")
    ]
    return json.dumps({"resourceType": "Bundle", "type": "batch", "entry": entries}).encode()


def write(folder: Path, **files: bytes) -> Path:
    """Write files, named by their keys, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.ndjson").write_bytes(content)
    return folder


def ndjson(resources: list[Resource]) -> bytes:
    return b"".join(json.dumps(resource).encode() + b"\n" for resource in resources)


def hospital(id_: str) -> Resource:
    return _resource("Organization", id_, name=f"Hospital {id_}")


def patient(id_: str, updated: str = "2024-01-01T00:00:00Z", **more: Any) -> Resource:
    number = int(id_[1:])
    return _resource(
        "Patient",
        id_,
        updated,
        birthDate=f"19{40 + number}-03-01",
        identifier=[{"system": "urn:mrn", "value": f"mrn-{id_}"}],
        **{"gender": "female", **more},
    )


def stay(
    id_: str, subject: Any, start: str, end: str | None = None, updated: str | None = None
) -> Resource:
    reference = {"reference": f"Patient/{subject}"} if isinstance(subject, str) else subject
    period = {"start": f"{start}T10:00:00-05:00"} | (
        {"end": f"{end}T10:00:00-05:00"} if end else {}
    )
    return _resource(
        "Encounter",
        id_,
        updated or "2024-05-02T00:00:00Z",
        status="finished" if end else "in-progress",
        **{"class": {"code": "IMP"}},
        subject=reference,
        serviceProvider={"reference": "Organization/h1"},
        period=period,
    )


def diagnosis(id_: str, subject: str, encounter: str, onset: str) -> Resource:
    return _resource(
        "Condition",
        id_,
        code={"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "T80.211A"}]},
        subject={"reference": f"Patient/{subject}"},
        encounter={"reference": f"Encounter/{encounter}"},
        onsetDateTime=f"{onset}T12:00:00-05:00",
        verificationStatus={"coding": [{"code": "confirmed"}]},
    )


def _resource(kind: str, id_: str, updated: str = "2024-01-01T00:00:00Z", **more: Any) -> Resource:
    return {"resourceType": kind, "id": id_, "meta": {"lastUpdated": updated}, **more}
