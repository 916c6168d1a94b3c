"""What an entry of a Bundle says around its resource: who it is, what is deleted and when.

Source: FHIR R4 Bundle.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec
import orjson

from metriccare.sources.fhir.instants import instant
from metriccare.sources.fhir.json_spans import Buffer, Span, members, parsed, skip_space
from metriccare.sources.record import MAX_RECORD_BYTES, Place, Rejected

_RESOURCE = b'"resource"'
_MISSING = msgspec.Raw()


@dataclass(frozen=True)
class Entry:
    """One entry: its resource, or what it deletes and when."""

    resource: Span | None
    full_url: str | None
    deletes: bool
    url: object
    modified: datetime | None
    is_outcome: bool


class _EntryTexts(msgspec.Struct, rename={"full_url": "fullUrl"}):
    """The texts of the members that are read; empty where one is missing."""

    resource: msgspec.Raw = _MISSING
    request: msgspec.Raw = _MISSING
    response: msgspec.Raw = _MISSING
    search: msgspec.Raw = _MISSING
    full_url: msgspec.Raw = _MISSING


_decode = msgspec.json.Decoder(_EntryTexts).decode


def entry_of(raw: bytes, place: Place, buffer: Buffer, span: Span) -> Entry:
    """Return one entry; BrokenJson or Rejected when it cannot be read."""
    return decoded_entry(buffer, span) or walked_entry(buffer, span)


def decoded_entry(buffer: Buffer, span: Span) -> Entry | None:
    """Return an entry that msgspec decodes, None where a closer look is needed.

    That is what is not JSON, repeats its resource, or is larger than any record.
    """
    if span[1] - span[0] > MAX_RECORD_BYTES:
        return None
    try:
        texts = _decode(memoryview(buffer)[slice(*span)])
        others = texts.request, texts.response, texts.search, texts.full_url
        # orjson refuses what msgspec passes over: bytes that are not UTF-8, endless nesting.
        values = [orjson.loads(text) if text else None for text in map(bytes, others)]
    except (msgspec.DecodeError, orjson.JSONDecodeError, RecursionError):
        return None
    text = bytes(texts.resource)
    if not text:
        return _entry(None, values)
    resource = _only_resource(text, buffer, span)
    return _entry(resource, values) if resource else None


def _only_resource(text: bytes, buffer: Buffer, entry: Span) -> Span | None:
    """Return where an entry holds its resource, None when it may hold a second one.

    msgspec keeps the last of several. There is one when its name is written once outside the
    resource, and nothing outside is escaped.
    """
    start, end = entry
    name = buffer.find(_RESOURCE, start, end)
    if name < 0:
        return None
    colon = skip_space(buffer, name + len(_RESOURCE), end)
    first = skip_space(buffer, colon + 1, end)
    last = first + len(text)
    is_only = (
        buffer[first:last] == text
        and buffer.find(_RESOURCE, last, end) < 0
        and buffer.find(b"\\", start, name) < 0
        and buffer.find(b"\\", last, end) < 0
    )
    return (first, last) if is_only else None


def walked_entry(buffer: Buffer, span: Span) -> Entry:
    """Return an entry from the spans of its members; BrokenJson or Rejected if unreadable."""
    if buffer[span[0] : span[0] + 1] != b"{":
        raise Rejected("not_an_object", "wanted a Bundle.entry, found no JSON object")
    named = list(members(buffer, *span))
    if [name for name, _ in named].count("resource") > 1:
        raise Rejected("record_unreadable", "wanted one resource in an entry, found several")
    spans = dict(named)
    others = map(spans.get, ("request", "response", "search", "fullUrl"))
    return _entry(
        spans.get("resource"), [parsed(buffer, other) if other else None for other in others]
    )


def _entry(resource: Span | None, values: Iterable[object]) -> Entry:
    request, response, search, full_url = values
    request, response, search = _object(request), _object(response) or {}, _object(search) or {}
    method = _method(request, is_needed=resource is None)
    return Entry(
        resource=resource,
        full_url=full_url if isinstance(full_url, str) else None,
        deletes=method == "DELETE",
        url=request.get("url") if request else None,
        modified=instant(response.get("lastModified")),
        is_outcome=search.get("mode") == "outcome",
    )


def _object(value: object) -> dict[str, object] | None:
    """Return an object, empty when it is something else, None when it is missing or null."""
    return value if isinstance(value, dict) else None if value is None else {}


def _method(request: dict[str, object] | None, *, is_needed: bool) -> str | None:
    """Return what an entry does; one without a resource must say so, for it may delete."""
    method = request.get("method") if request is not None else None
    if isinstance(method, str):
        return method.strip().upper()
    if is_needed and request is not None:
        raise Rejected("delete_target_unknown", "wanted request.method as text, found none")
    return None
