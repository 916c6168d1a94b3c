"""One received record: its header when it is a resource, the rule it broke when it is not.

A header is what bronze needs to know: type, id, version time, tombstone. Sources: FHIR R4
Resource (`id`, `meta.lastUpdated`), Bundle (`entry.request`, `entry.response`).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from metriccare.fhir.resource_types import RESOURCE_TYPES

MAX_RECORD_BYTES = 64 * 2**20
QUARANTINED_TEXT_BYTES = 10_000

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")
_LOGICAL = re.compile(rb'"identifier"\s*:\s*\{')
_TARGET = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?\Z")


@dataclass(frozen=True, slots=True)
class Record:
    """A record as bronze stores it; `rule_id` is None for a resource or a tombstone."""

    raw: bytes
    line: int
    entry: int = 0
    resource_type: str | None = None
    resource_id: str | None = None
    last_updated: datetime | None = None
    deleted: bool = False
    full_url: str | None = None
    # Which of the file's Bundles it is an entry of: an urn in `full_url` belongs to that Bundle.
    bundle: str | None = None
    rule_id: str | None = None
    reason: str | None = None
    # The resource's own elements as they came; nothing of a tombstone or a rejected record.
    fields: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """Return the hash of the exact bytes."""
        return hashlib.sha256(self.raw).hexdigest()


def resource_record(
    raw: bytes, line: int, entry: int = 0, full_url: str | None = None
) -> Record | None:
    """Return the record of one JSON value; None for an entry of a bulk export's own log."""
    if len(raw) > MAX_RECORD_BYTES:
        size = f"{len(raw):,} bytes"
        return rejected(
            raw, line, entry, "record_too_large", f"wanted at most 64 MiB, found {size}"
        )
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return _not_json(raw, line, entry, error)
    if not isinstance(value, dict):
        found = type(value).__name__
        return rejected(raw, line, entry, "not_an_object", f"wanted a JSON object, found {found}")
    return _record_of(value, raw, line, entry, full_url)


def _record_of(
    value: dict[str, object], raw: bytes, line: int, entry: int, full_url: str | None
) -> Record | None:
    resource_type, resource_id = value.get("resourceType"), value.get("id")
    if resource_type is None and "exportId" in value and "eventId" in value:
        return None
    if resource_type not in RESOURCE_TYPES:
        found = "none" if resource_type is None else "an unknown one"
        reason = f"wanted a FHIR resourceType, found {found}"
        return rejected(raw, line, entry, "resource_type_unknown", reason)
    if not isinstance(resource_id, str) or not _ID.match(resource_id):
        found = "none" if resource_id is None else "one that is not"
        reason = f"wanted an id of 1-64 letters, digits, '-' or '.', found {found}"
        return rejected(raw, line, entry, "id_invalid", reason, str(resource_type))
    meta = value.get("meta")
    updated = meta.get("lastUpdated") if isinstance(meta, dict) else None
    return Record(
        raw=raw,
        line=line,
        entry=entry,
        resource_type=str(resource_type),
        resource_id=resource_id,
        last_updated=instant(updated),
        full_url=full_url,
        fields=tuple(value),
    )


def tombstone_record(
    raw: bytes, line: int, entry: int, url: str | None, deleted_at: datetime | None
) -> Record:
    """Return the record of a bundle entry that deletes; its raw text is the whole entry."""
    match = _TARGET.match(url or "")
    if match is None or match.group(1) not in RESOURCE_TYPES:
        reason = "wanted request.url as Type/id, found another form"
        return rejected(raw, line, entry, "delete_target_unknown", reason)
    return Record(
        raw=raw,
        line=line,
        entry=entry,
        resource_type=match.group(1),
        resource_id=match.group(2),
        last_updated=deleted_at,
        deleted=True,
    )


def rejected(
    raw: bytes,
    line: int,
    entry: int,
    rule_id: str,
    reason: str,
    resource_type: str | None = None,
) -> Record:
    """Return a record for quarantine; the reason names what was wanted, never the content."""
    if len(raw) > MAX_RECORD_BYTES:
        raw = raw[:QUARANTINED_TEXT_BYTES]
    return Record(
        raw=raw,
        line=line,
        entry=entry,
        resource_type=resource_type,
        rule_id=rule_id,
        reason=reason,
    )


def _not_json(raw: bytes, line: int, entry: int, error: orjson.JSONDecodeError) -> Record:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as wrong:
        reason = f"wanted UTF-8, found another byte at position {wrong.start + 1}"
        return rejected(raw, line, entry, "encoding_invalid", reason)
    reason = f"wanted one JSON object, found a fault at position {error.pos + 1} of {len(raw)}"
    return rejected(raw, line, entry, "json_invalid", reason)


def refers_indirectly(raw: bytes) -> bool:
    """Tell whether a resource may refer to another by search, urn, identifier or `#id`.

    Such references need a look-up; all others name their target's id. Errs on the side of yes.
    """
    return (
        b"?identifier=" in raw
        or b'"urn:' in raw
        or b'"#' in raw
        or _LOGICAL.search(raw) is not None
    )


def instant(text: object) -> datetime | None:
    """Return a FHIR instant as UTC, to the microsecond; None when it is absent or malformed."""
    if not isinstance(text, str) or len(text) < 20:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _unusual_instant(text)
    return moment.astimezone(UTC) if moment.tzinfo else None


def _unusual_instant(text: str) -> datetime | None:
    """Read what the standard library refuses: a leap second, more digits than microseconds."""
    text = re.sub(r"(T\d{2}:\d{2}):60", r"\1:59", text)
    text = re.sub(r"(\.\d{6})\d+", r"\1", text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None
