"""Records blanked out of a file without moving any other: each keeps its line and place.

An entry of a Bundle becomes an entry without a resource; a line or an element of an array becomes
an entry of an export's own log, which readers pass over. (A blank line would do, but could make
what is left look like another form of file.) The rest is filled with spaces, line ends stay: every
byte stays where it was, and the file keeps its size.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
from collections.abc import Iterator, Set
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from metriccare.sources.fhir.exchange import GZIP_MARK, FileReader
from metriccare.sources.record import Place

_BLOCK = 2**20
_NOT_LINE_END = re.compile(rb"[^\n]")
_TOKEN = re.compile(rb'"[^"]*"|[^"]')


def blank_file(path: Path, places: Set[Place]) -> None:
    """Blank records out of a file, packed or not: rewritten aside, put in place whole."""
    with rewriting(path) as changed:
        blank(changed, places)


@contextmanager
def rewriting(path: Path) -> Iterator[BinaryIO]:
    """Give an unpacked copy of a file to change; after the block it replaces the file whole."""
    part = path.with_name(f".{path.name}.part")
    with path.open("rb") as stream:
        is_packed = stream.read(2) == GZIP_MARK
    _copy(path, part, unpack=is_packed)
    with part.open("r+b") as changed:
        yield changed
        changed.flush()
        os.fsync(changed.fileno())
    if is_packed:
        _pack(part)
    part.replace(path)


def _copy(source: Path, target: Path, *, unpack: bool) -> None:
    with (gzip.open if unpack else open)(source, "rb") as sent, target.open("wb") as kept:
        shutil.copyfileobj(sent, kept, _BLOCK)
        os.fsync(kept.fileno())


def _pack(path: Path) -> None:
    packed = path.with_name(f"{path.name}.gz")
    with path.open("rb") as plain, gzip.GzipFile(packed, "wb", mtime=0) as target:
        shutil.copyfileobj(plain, target, _BLOCK)
    packed.replace(path)


def blank(stream: BinaryIO, places: Set[Place]) -> int:
    """Blank the records at the places of an uncompressed file; return how many were found."""
    gone = [
        (found.removable, found.instead)
        for found in FileReader(stream).records()
        if places & _with_outer((found.record.line, found.record.entry))
    ]
    for (start, end), instead in gone:
        stream.seek(start)
        room = stream.read(end - start)
        stream.seek(start)
        stream.write(_filled(room, instead))
    return len(gone)


def _with_outer(place: Place) -> set[Place]:
    """Return a place and those it is part of: what is in a Bundle goes when the Bundle goes."""
    line, entry = place
    numbers = entry.split(".")
    return {place, (line, "0")} | {
        (line, ".".join(numbers[:count])) for count in range(1, len(numbers))
    }


def _filled(room: bytes, instead: bytes) -> bytes:
    """Return as many bytes with the same line ends, blank but for `instead` from end to end.

    A broken record may be shorter than its replacement; then only spaces are left.
    """
    blanks = bytearray(_NOT_LINE_END.sub(b" ", room))
    *tokens, last = _TOKEN.findall(instead) or [b""]
    position = 0
    for token in tokens:
        position = blanks.find(b" " * len(token), position, len(blanks) - len(last))
        if position < 0:
            return _NOT_LINE_END.sub(b" ", room)
        blanks[position : position + len(token)] = token
        position += len(token)
    if last:
        blanks[len(blanks) - len(last) :] = last
    return bytes(blanks)
