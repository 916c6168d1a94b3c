"""The forms FHIR is exchanged in - NDJSON, one resource, an array, a Bundle - as records.

The content decides the form, never the file's name. Memory does not grow with an NDJSON file;
documents are read through a memory map, one entry at a time. Sources: FHIR R4 Bundle; FHIR Bulk
Data Access (NDJSON, `deleted` bundles, export log).
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO

import orjson

from metriccare.fhir.json_spans import BrokenJson, Buffer, Span, elements, members, skip_space
from metriccare.fhir.record import (
    MAX_RECORD_BYTES,
    QUARANTINED_TEXT_BYTES,
    Record,
    instant,
    rejected,
    resource_record,
    tombstone_record,
)

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
GZIP_MARK = b"\x1f\x8b"
_PROBE = 2**20
_BUNDLE_HINT = b'"Bundle"'


def is_document(head: bytes, *, whole: bool) -> bool:
    """Tell whether a file is one JSON document rather than a line per resource.

    `head` is the file's beginning, `whole` tells that it is all of it. A first line that is JSON
    by itself and is followed by another makes NDJSON; so does a broken first line that is
    followed by one that begins an object.
    """
    lines = [line for line in head.removeprefix(BYTE_ORDER_MARK).split(b"\n") if line.strip()]
    if not lines:
        return False
    if len(lines) == 1:
        return lines[0].lstrip()[:1] == b"[" or _BUNDLE_HINT in lines[0]
    if _is_json(lines[0]):
        return False
    follows = lines[1].strip()
    starts_object = follows[:1] == b"{" and (len(lines) > 2 or whole) and _is_json(follows)
    return not starts_object


def _is_json(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


def line_records(lines: Iterable[bytes], first_line: int = 1) -> Iterator[Record]:
    """Yield the records of NDJSON lines; blank lines, a BOM and CR are harmless."""
    for number, line in enumerate(lines, first_line):
        raw = line.strip(b" \t\r\n")
        if number == 1:
            raw = raw.removeprefix(BYTE_ORDER_MARK).lstrip(b" \t")
        if not raw:
            continue
        if raw[:1] == b"[" or _BUNDLE_HINT in raw[:4096]:
            yield from _nested_records(raw, number)
            continue
        record = resource_record(raw, number)
        if record is not None:
            yield record


def _nested_records(raw: bytes, line: int) -> Iterator[Record]:
    """Yield the entries of a bundle or array that stands on one line, numbered within it."""
    for record in document_records(raw):
        bundle = None if record.bundle is None else str(line)
        yield replace(record, line=line, entry=record.line, bundle=bundle)


def document_records(buffer: Buffer) -> Iterator[Record]:
    """Yield the records of one JSON document: a resource, an array of them, or a Bundle."""
    start = len(BYTE_ORDER_MARK) if buffer[:3] == BYTE_ORDER_MARK else 0
    start = skip_space(buffer, start)
    if start == len(buffer):
        return
    if buffer[start : start + 1] == b"[":
        yield from _array_records(buffer, start)
        return
    if buffer[start : start + 1] == b"{" and is_bundle(buffer, start):
        yield from _bundle_records(buffer, start)
        return
    record = resource_record(_text(buffer, (start, len(buffer))).rstrip(), 1)
    if record is not None:
        yield record


def _array_records(buffer: Buffer, start: int) -> Iterator[Record]:
    number, end = 0, start
    try:
        for number, span in enumerate(elements(buffer, start), 1):
            end = span[1]
            record = resource_record(_text(buffer, span), number)
            if record is not None:
                yield record
    except BrokenJson as fault:
        yield _rest(buffer, end, number + 1, fault)


def is_bundle(buffer: Buffer, start: int) -> bool:
    """Tell whether the object at `start` is a Bundle, as far as it can be read."""
    try:
        for name, span in members(buffer, start):
            if name == "resourceType":
                return _text(buffer, span) == _BUNDLE_HINT
    except BrokenJson:
        return buffer.find(_BUNDLE_HINT, start, start + _PROBE) >= 0
    return False


@dataclass(frozen=True)
class _Entry:
    full_url: str | None
    resource: Span | None
    method: str | None
    url: str | None
    modified: datetime | None


def _bundle_records(buffer: Buffer, start: int) -> Iterator[Record]:
    made_at, entries, fault = bundle_header(buffer, start)
    if entries is None:
        if fault is not None:
            yield _rest(buffer, start, 1, fault)
        return
    number, end = 0, entries
    try:
        for number, span in enumerate(elements(buffer, entries), 1):
            end = span[1]
            for record in _entry_records(buffer, span, number, made_at):
                yield replace(record, bundle="0")
    except BrokenJson as broken:
        yield _rest(buffer, end, number + 1, broken)
        return
    if fault is not None:
        yield _rest(buffer, end, number + 1, fault)


def bundle_header(
    buffer: Buffer, start: int
) -> tuple[datetime | None, int | None, BrokenJson | None]:
    """Return when the bundle was made, where its entries start, and where it breaks off."""
    timestamp: datetime | None = None
    updated: datetime | None = None
    entries: int | None = None
    fault: BrokenJson | None = None
    try:
        for name, span in members(buffer, start):
            if name == "timestamp":
                timestamp = instant(_json(buffer, span))
            elif name == "meta":
                meta = _json(buffer, span)
                updated = instant(meta.get("lastUpdated")) if isinstance(meta, dict) else None
            elif name == "entry":
                entries = span[0]
    except BrokenJson as broken:
        fault = broken
        if entries is None:
            entries = _entries_of_broken(buffer, start)
    return timestamp or updated, entries, fault


def _entries_of_broken(buffer: Buffer, start: int) -> int | None:
    """Return where the entry list of a truncated bundle starts: its whole entries still count."""
    key = buffer.find(b'"entry"', start)
    bracket = buffer.find(b"[", key) if key >= 0 else -1
    return bracket if bracket >= 0 else None


def _entry_records(
    buffer: Buffer, span: Span, number: int, made_at: datetime | None
) -> Iterator[Record]:
    if buffer[span[0] : span[0] + 1] != b"{":
        yield rejected(_text(buffer, span), number, 0, "not_an_object", "wanted a Bundle.entry")
        return
    entry = _entry(buffer, span)
    if entry.method == "DELETE":
        raw = _text(buffer, span)
        yield tombstone_record(raw, number, 0, entry.url, entry.modified or made_at)
    elif entry.resource is not None:
        record = resource_record(_text(buffer, entry.resource), number, 0, entry.full_url)
        if record is not None:
            yield record


def _entry(buffer: Buffer, span: Span) -> _Entry:
    found = dict(members(buffer, span[0]))
    request = _json(buffer, found["request"]) if "request" in found else None
    response = _json(buffer, found["response"]) if "response" in found else None
    request = request if isinstance(request, dict) else {}
    response = response if isinstance(response, dict) else {}
    full_url = _json(buffer, found["fullUrl"]) if "fullUrl" in found else None
    return _Entry(
        full_url=full_url if isinstance(full_url, str) else None,
        resource=found.get("resource"),
        method=request.get("method"),
        url=request.get("url"),
        modified=instant(response.get("lastModified")),
    )


def _rest(buffer: Buffer, start: int, number: int, fault: BrokenJson) -> Record:
    raw = buffer[start : min(len(buffer), start + QUARANTINED_TEXT_BYTES)]
    reason = f"the document breaks off: {fault}; entries before it were loaded"
    return rejected(raw, number, 0, "document_broken", reason)


def _text(buffer: Buffer, span: Span) -> bytes:
    """Return a span's bytes; of one too large to keep, just enough to be rejected by."""
    end = min(span[1], span[0] + MAX_RECORD_BYTES + 1)
    return buffer[span[0] : end]


def _json(buffer: Buffer, span: Span) -> object:
    try:
        return orjson.loads(buffer[span[0] : span[1]])
    except orjson.JSONDecodeError:
        return None


def file_records(stream: BinaryIO) -> Iterator[Record]:
    """Yield the records of a whole, seekable, uncompressed file."""
    head = stream.read(_PROBE)
    rest = stream.read(1)
    stream.seek(0)
    if not is_document(head, whole=not rest):
        yield from line_records(stream)
        return
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as buffer:
        yield from document_records(buffer)
