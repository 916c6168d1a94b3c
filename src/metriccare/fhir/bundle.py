"""What a Bundle and its entries say around the resources, read without parsing those.

Source: FHIR R4 Bundle.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import orjson

from metriccare.fhir.json_spans import BrokenJson, Buffer, Member, Span, members, objects
from metriccare.fhir.record import BUNDLE, Place, Rejected, instant


@dataclass(frozen=True)
class Header:
    """What an object says that may be a Bundle: where its lists of entries start, when it was made.

    `fault` is where it breaks off. One that breaks off before it names its type is a Bundle when
    its first entry holds a resource.
    """

    is_bundle: bool
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


def header_of(raw: bytes, place: Place, buffer: Buffer, span: Span) -> Header:
    """Return what surrounds a Bundle's entries, in one pass; Rejected when they are no list."""
    named: dict[str, Span] = {}
    entries: list[int] = []
    fault = None
    try:
        for name, found in members(buffer, *span):
            named[name] = found
            if name == "entry" and buffer[found[0] : found[0] + 4] != b"null":
                entries.append(found[0])
    except BrokenJson as broken:
        fault = broken
    if "resourceType" in named:
        is_bundle = _text_of(buffer, named["resourceType"]) == BUNDLE
    else:
        is_bundle = fault is not None and _hold_resources(buffer, entries, span[1])
    if is_bundle and any(buffer[start : start + 1] != b"[" for start in entries):
        raise Rejected("record_unreadable", "wanted a list in Bundle.entry, found something else")
    made_at = None
    try:
        made_at = _made_at(buffer, named) if is_bundle else None
    except BrokenJson as broken:
        fault = fault or broken
    return Header(is_bundle, made_at, tuple(entries), fault)


def _text_of(buffer: Buffer, span: Span) -> object:
    try:
        return _json(buffer, span)
    except BrokenJson:
        return None


def _hold_resources(buffer: Buffer, entries: list[int], end: int) -> bool:
    """Tell whether the first entry holds a resource: a List has entries, too."""
    for start in entries[:1]:
        for _, named in objects(buffer, start, end):
            return "resource" in dict(named)
    return False


def _made_at(buffer: Buffer, named: dict[str, Span]) -> datetime | None:
    meta = _object(buffer, named.get("meta")) or {}
    made_at = instant(_json(buffer, named["timestamp"])) if "timestamp" in named else None
    return made_at or instant(meta.get("lastUpdated"))


def entry_of(raw: bytes, place: Place, buffer: Buffer, span: Span, named: list[Member]) -> Entry:
    """Return one entry from its members; BrokenJson or Rejected when it cannot be read."""
    if not named:
        _check_is_object(buffer, span)
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


def _check_is_object(buffer: Buffer, span: Span) -> None:
    if buffer[span[0] : span[0] + 1] != b"{":
        raise Rejected("not_an_object", "wanted a Bundle.entry, found no JSON object")
    for _ in members(buffer, *span):
        pass


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
