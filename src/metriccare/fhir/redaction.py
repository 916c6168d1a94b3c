"""Records blanked out of a file without moving any other: each keeps its line and place.

An entry of a Bundle becomes an entry without a resource; a line or an element of an array becomes
an entry of an export's own log, which readers pass over. (A blank line would do, but could make
what is left look like another form of file.) The rest is filled with spaces: every byte stays
where it was, and the file keeps its size.
"""

from __future__ import annotations

import gzip
import mmap
import os
import shutil
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Protocol

from metriccare.fhir.exchange import (
    BYTE_ORDER_MARK,
    GZIP_MARK,
    bundle_header,
    is_bundle,
    is_document,
)
from metriccare.fhir.json_spans import BrokenJson, Buffer, Span, elements, skip_space

_PROBE = 2**20
_EMPTY_ENTRY = b"{}"
_LOG_ENTRY = b'{"exportId":"","eventId":""}'

Place = tuple[int, int]
"""A record's line (or number in its document) and its entry within the line, as in bronze."""


class Writable(Protocol):
    """Bytes that can be changed in place."""

    def __setitem__(self, index: slice, value: bytes) -> None:
        """Replace bytes by as many."""
        ...


def blank_file(path: Path, places: Set[Place]) -> None:
    """Blank records out of a file, packed or not: rewritten aside, put in place whole."""
    part = path.with_name(f".{path.name}.part")
    with path.open("rb") as stream:
        is_packed = stream.read(2) == GZIP_MARK
    _copy(path, part, unpack=is_packed)
    if part.stat().st_size:
        with part.open("r+b") as changed, mmap.mmap(changed.fileno(), 0) as buffer:
            blank(buffer, places)
            buffer.flush()
    if is_packed:
        _pack(part)
    part.replace(path)


def _copy(source: Path, target: Path, *, unpack: bool) -> None:
    with (gzip.open if unpack else open)(source, "rb") as sent, target.open("wb") as kept:
        shutil.copyfileobj(sent, kept, _PROBE)
        os.fsync(kept.fileno())


def _pack(path: Path) -> None:
    packed = path.with_name(f"{path.name}.gz")
    with path.open("rb") as plain, gzip.GzipFile(packed, "wb", mtime=0) as target:
        shutil.copyfileobj(plain, target, _PROBE)
    packed.replace(path)


def blank(buffer: mmap.mmap | bytearray, places: Set[Place]) -> int:
    """Blank the records at the places; return how many were found."""
    text = buffer if isinstance(buffer, mmap.mmap) else bytes(buffer)
    found = list(_spans(text, places))
    for (start, end), instead in found:
        room = end - start
        # What was rejected may be shorter than what stands for it.
        buffer[start:end] = (instead if len(instead) <= room else b"").ljust(room)
    return len(found)


def _spans(buffer: Buffer, places: Set[Place]) -> Iterator[tuple[Span, bytes]]:
    if is_document(buffer[:_PROBE], whole=len(buffer) <= _PROBE):
        yield from _document_spans(buffer, {line for line, _ in places})
        return
    lines = {line for line, _ in places}
    for number, (start, end) in enumerate(_lines(buffer), 1):
        if number not in lines:
            continue
        if (number, 0) in places:
            yield (start, end), _LOG_ENTRY
            continue
        entries = {entry for line, entry in places if line == number}
        for span, instead in _document_spans(buffer[start:end], entries):
            yield (start + span[0], start + span[1]), instead


def _lines(buffer: Buffer) -> Iterator[Span]:
    """Yield the spans of lines, their ends left out."""
    start = 0
    while start < len(buffer):
        end = buffer.find(b"\n", start)
        end = len(buffer) if end < 0 else end
        yield start, end
        start = end + 1


def _document_spans(buffer: Buffer, numbers: Set[int]) -> Iterator[tuple[Span, bytes]]:
    start = len(BYTE_ORDER_MARK) if buffer[:3] == BYTE_ORDER_MARK else 0
    start = skip_space(buffer, start)
    if buffer[start : start + 1] == b"[":
        yield from _element_spans(buffer, start, numbers, _LOG_ENTRY)
    elif is_bundle(buffer, start):
        _, entries, _ = bundle_header(buffer, start)
        if entries is not None:
            yield from _element_spans(buffer, entries, numbers, _EMPTY_ENTRY)
    elif 1 in numbers:
        yield (start, len(buffer)), _LOG_ENTRY


def _element_spans(
    buffer: Buffer, start: int, numbers: Set[int], instead: bytes
) -> Iterator[tuple[Span, bytes]]:
    number, end = 0, start + 1
    try:
        for number, span in enumerate(elements(buffer, start), 1):
            end = span[1]
            if number in numbers:
                yield span, instead
    except BrokenJson:
        # What follows the break is one rejected record.
        if number + 1 in numbers:
            yield (end, len(buffer)), b""
