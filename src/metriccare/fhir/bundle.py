"""What a Bundle and its entries say around the resources, read without parsing those.

Source: FHIR R4 Bundle.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import orjson

from metriccare.fhir.json_spans import BrokenJson, Buffer, Span, elements, members
from metriccare.fhir.record import BUNDLE, Place, Rejected, instant


@dataclass(frozen=True)
class BundleHeader:
    """When a Bundle was made, where its lists of entries start, and where it breaks off."""

    made_at: datetime | None
    entries: tuple[int, ...]
    fault: BrokenJson | None


@dataclass(frozen=True)
class Entry:
    """One entry: its resource, or what it deletes and when."""

    resource: Span | None
    full_url: str | None
    deletes: bool
    url: object
    modified: datetime | None
    is_outcome: bool


def is_bundle(buffer: Buffer, start: int, end: int) -> bool:
    """Tell whether the object at `start` is a Bundle, as far as it can be read.

    One that breaks off before it names its type is a Bundle when its first entry holds a resource.
    """
    named, entries = None, None
    try:
        for name, span in members(buffer, start, end):
            if name == "resourceType":
                named = _json(buffer, span)
            elif name == "entry":
                entries = span
    except BrokenJson:
        if named is None and entries is not None:
            return _holds_resource(buffer, entries)
    return named == BUNDLE


def _holds_resource(buffer: Buffer, entries: Span) -> bool:
    try:
        start, end = next(elements(buffer, *entries))
        return "resource" in dict(members(buffer, start, end))
    except (BrokenJson, StopIteration):
        return False


def bundle_header(raw: bytes, place: Place, buffer: Buffer, span: Span) -> BundleHeader:
    """Return what surrounds a Bundle's entries; Rejected when `entry` is no list."""
    times: dict[str, Span] = {}
    entries: list[int] = []
    fault = None
    try:
        for name, found in members(buffer, *span):
            if name in ("timestamp", "meta"):
                times[name] = found
            elif name == "entry" and buffer[found[0] : found[0] + 4] != b"null":
                entries.append(found[0])
    except BrokenJson as broken:
        fault = broken
    if any(buffer[start : start + 1] != b"[" for start in entries):
        raise Rejected("record_unreadable", "wanted a list in Bundle.entry, found something else")
    made_at = None
    try:
        meta = _object(buffer, times.get("meta")) or {}
        made_at = instant(meta.get("lastUpdated"))
        if "timestamp" in times:
            made_at = instant(_json(buffer, times["timestamp"])) or made_at
    except BrokenJson as broken:
        fault = fault or broken
    return BundleHeader(made_at, tuple(entries), fault)


def entry_of(raw: bytes, place: Place, buffer: Buffer, span: Span) -> Entry:
    """Return one entry; BrokenJson or Rejected when it cannot be read."""
    if buffer[span[0] : span[0] + 1] != b"{":
        raise Rejected("not_an_object", "wanted a Bundle.entry, found no JSON object")
    named = list(members(buffer, *span))
    found = dict(named)
    if [name for name, _ in named].count("resource") > 1:
        raise Rejected("record_unreadable", "wanted one resource in an entry, found several")
    request = _object(buffer, found.get("request"))
    response = _object(buffer, found.get("response")) or {}
    search = _object(buffer, found.get("search")) or {}
    full_url = _json(buffer, found["fullUrl"]) if "fullUrl" in found else None
    resource = found.get("resource")
    method = _method(request, is_needed=resource is None)
    return Entry(
        resource=resource,
        full_url=full_url if isinstance(full_url, str) else None,
        deletes=method == "DELETE",
        url=request.get("url") if request else None,
        modified=instant(response.get("lastModified")),
        is_outcome=search.get("mode") == "outcome",
    )


def _method(request: dict[str, object] | None, *, is_needed: bool) -> str | None:
    """Return what an entry does; one without a resource must say so, for it may delete."""
    method = request.get("method") if request is not None else None
    if isinstance(method, str):
        return method.strip().upper()
    if is_needed and request is not None:
        raise Rejected("delete_target_unknown", "wanted request.method as text, found none")
    return None


def _object(buffer: Buffer, span: Span | None) -> dict[str, object] | None:
    """Return an object, empty when something else is in its place, None when nothing is."""
    value = _json(buffer, span) if span is not None else None
    return value if isinstance(value, dict) else None if value is None else {}


def _json(buffer: Buffer, span: Span) -> object:
    try:
        return orjson.loads(buffer[span[0] : span[1]])
    except orjson.JSONDecodeError as error:
        raise BrokenJson(span[0] + error.pos, "JSON") from error
