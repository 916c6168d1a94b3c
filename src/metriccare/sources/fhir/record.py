"""One received record: its header when it is a resource, the rule it broke when it is not.

A header is what bronze needs to know: type, id, version time, tombstone. Nothing is assumed about
the JSON: every element may have any type, and any date. Sources: FHIR R4 Resource (`id`,
`meta.lastUpdated`), Bundle (`entry.request`, `entry.response`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from enum import Enum, auto
from typing import NamedTuple, TypeVar, TypeVarTuple

import orjson

from metriccare.sources.fhir.instants import instant
from metriccare.sources.fhir.json_spans import BrokenJson
from metriccare.sources.fhir.repeated_names import has_repeated_name
from metriccare.sources.fhir.resource_types import RESOURCE_TYPES
from metriccare.sources.record import (
    MAX_RECORD_BYTES,
    QUARANTINED_TEXT_BYTES,
    Place,
    Rejected,
)

OUTCOME = "OperationOutcome"
BUNDLE = "Bundle"

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")
_LOGICAL = re.compile(rb'"identifier"\s*:\s*\{')
_TARGET = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?\Z")

_Result = TypeVar("_Result")
_More = TypeVarTuple("_More")


class FhirRecord(NamedTuple):
    """A record as bronze stores it; `rule_id` is None for a resource or a tombstone."""

    raw: bytes
    line: int
    entry: str = "0"
    record_type: str | None = None
    record_id: str | None = None
    updated_at: datetime | None = None
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


class Other(Enum):
    """What a text is when it is no record by itself."""

    BUNDLE = auto()
    ARRAY = auto()
    NOT_JSON = auto()
    # An entry of a bulk export's own log, or what a server says about a request.
    PASSED_OVER = auto()


def guarded(
    read: Callable[[bytes, Place, *_More], _Result], raw: bytes, place: Place, *more: *_More
) -> _Result | FhirRecord:
    """Return what `read` makes of one record's text; an error rejects this record alone.

    All that looks into a received record goes through here.
    """
    try:
        return read(raw, place, *more)
    except Rejected as fault:
        return rejected(raw, place, fault.rule_id, fault.reason)
    except BrokenJson as fault:
        return rejected(
            raw, place, "json_invalid", f"wanted one JSON object, found a fault: {fault}"
        )
    except Exception as error:  # one record must not stop the others
        reason = f"wanted a record that can be read, found one that raises {type(error).__name__}"
        return rejected(raw, place, "record_unreadable", reason)


def resource_record(
    raw: bytes, place: Place, full_url: str | None, bundle: str | None
) -> FhirRecord | Other:
    """Return the record of one JSON value, or what else it is."""
    if len(raw) > MAX_RECORD_BYTES:
        raise too_large(len(raw))
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return Other.NOT_JSON
    if not isinstance(value, dict):
        if isinstance(value, list):
            return Other.ARRAY
        raise not_an_object(type(value).__name__)
    return _record_of(value, raw, place, full_url, bundle)


def _record_of(
    value: dict[str, object], raw: bytes, place: Place, full_url: str | None, bundle: str | None
) -> FhirRecord | Other:
    resource_type, resource_id = value.get("resourceType"), value.get("id")
    if resource_type == BUNDLE:
        return Other.BUNDLE
    if resource_type is None and "exportId" in value and "eventId" in value:
        return Other.PASSED_OVER
    if resource_type == OUTCOME and resource_id is None:
        return Other.PASSED_OVER
    if not isinstance(resource_type, str) or resource_type not in RESOURCE_TYPES:
        found = "none" if resource_type is None else "an unknown one"
        raise Rejected("resource_type_unknown", f"wanted a FHIR resourceType, found {found}")
    if not isinstance(resource_id, str) or not _ID.match(resource_id):
        found = "none" if resource_id is None else "one that is not"
        reason = f"wanted an id of 1-64 letters, digits, '-' or '.', found {found}"
        return rejected(raw, place, "id_invalid", reason, resource_type)
    if has_repeated_name(value, raw):
        reason = "wanted each name once in an object, found one twice"
        return rejected(raw, place, "json_invalid", reason, resource_type)
    meta = value.get("meta")
    updated = meta.get("lastUpdated") if isinstance(meta, dict) else None
    return FhirRecord(
        raw=raw,
        line=place[0],
        entry=place[1],
        record_type=resource_type,
        record_id=resource_id,
        updated_at=instant(updated),
        full_url=full_url,
        bundle=bundle,
        fields=tuple(value),
    )


def tombstone_record(
    raw: bytes, place: Place, url: object, deleted_at: datetime | None, bundle: str | None
) -> FhirRecord:
    """Return the record of a bundle entry that deletes; its raw text is the whole entry."""
    if len(raw) > MAX_RECORD_BYTES:
        raise too_large(len(raw))
    match = _TARGET.match(url) if isinstance(url, str) else None
    if match is None or match.group(1) not in RESOURCE_TYPES:
        reason = "wanted request.url as Type/id, found another form"
        raise Rejected("delete_target_unknown", reason)
    try:
        orjson.loads(raw)
    except orjson.JSONDecodeError:
        return not_json(raw, place)
    return FhirRecord(
        raw=raw,
        line=place[0],
        entry=place[1],
        record_type=match.group(1),
        record_id=match.group(2),
        updated_at=deleted_at,
        deleted=True,
        bundle=bundle,
    )


def rejected(
    raw: bytes, place: Place, rule_id: str, reason: str, resource_type: str | None = None
) -> FhirRecord:
    """Return a record for quarantine; the reason names what was wanted, never the content."""
    if len(raw) > MAX_RECORD_BYTES:
        raw = raw[:QUARANTINED_TEXT_BYTES]
    return FhirRecord(
        raw=raw,
        line=place[0],
        entry=place[1],
        record_type=resource_type,
        rule_id=rule_id,
        reason=reason,
    )


def too_large(size: int) -> Rejected:
    """Return why a record of `size` bytes is rejected."""
    return Rejected("record_too_large", f"wanted at most 64 MiB, found {size:,} bytes")


def not_an_object(found: str) -> Rejected:
    """Return why JSON that is no object is rejected."""
    return Rejected("not_an_object", f"wanted a JSON object, found {found}")


def not_json(raw: bytes, place: Place) -> FhirRecord:
    """Reject a text that is no JSON, with the position of the fault."""
    if len(raw) > MAX_RECORD_BYTES:
        raise too_large(len(raw))
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as wrong:
        reason = f"wanted UTF-8, found another byte at position {wrong.start + 1}"
        raise Rejected("encoding_invalid", reason) from wrong
    try:
        orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        found = f"a fault at position {error.pos + 1} of {len(raw)}"
    else:
        found = "more than one"
    raise Rejected("json_invalid", f"wanted one JSON object, found {found}")


def refers_indirectly(raw: bytes) -> bool:
    """Return True if a resource may refer to another by search, urn, identifier or `#id`.

    Such references need a look-up; all others name their target's id. Errs on the side of yes.
    """
    # A single byte, which most resources do not have, is found several times faster than two.
    return (
        (b"?" in raw and b"?identifier=" in raw)
        or b'"urn:' in raw
        or (b"#" in raw and b'"#' in raw)
        or _LOGICAL.search(raw) is not None
    )
