"""Rows blanked out of a feed's file: spaces in their place, so that all other lines stay.

A line of spaces is read as a blank line, and every line keeps its number.
"""

from __future__ import annotations

import codecs
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from metriccare.sources.feeds.opened import to_utf_8
from metriccare.sources.feeds.splitter import Dialect, Place, Splitter
from metriccare.sources.fhir.redaction import rewriting

_BLOCK = 2**20
_UTF_16_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class RowPlace(NamedTuple):
    """Where a row is: its first line, and how many line feeds and carriage returns it has."""

    line: int
    line_feeds: int = 0
    returns: int = 0


def place_of(line: int, raw: str) -> RowPlace:
    """Return the place of a row with this text."""
    return RowPlace(line, raw.count("\n"), raw.count("\r"))


def blank_feed_file(path: Path, rows: Iterable[RowPlace]) -> None:
    """Blank rows out of a file, packed or not: rewritten aside, put in place whole."""
    with rewriting(path) as stream:
        encoding = _UTF_16_MARKS.get(stream.read(2))
        stream.seek(0)
        if encoding is None:
            blank_rows(stream, rows)
            return
        with tempfile.TemporaryFile() as plain:
            _blank_as_utf_8(stream, cast("BinaryIO", plain), rows, encoding)


def _blank_as_utf_8(
    stream: BinaryIO, plain: BinaryIO, rows: Iterable[RowPlace], encoding: str
) -> None:
    to_utf_8(stream, plain)
    blank_rows(plain, rows)
    plain.seek(0)
    stream.seek(0)
    stream.truncate()
    stream.write(next(mark for mark, name in _UTF_16_MARKS.items() if name == encoding))
    shutil.copyfileobj(codecs.getreader("utf-8")(plain), codecs.getwriter(encoding)(stream), _BLOCK)


def blank_rows(stream: BinaryIO, rows: Iterable[RowPlace]) -> None:
    """Blank the lines of rows in an uncompressed file."""
    size = stream.seek(0, 2)
    stream.seek(0)
    line_end = _line_end(stream)
    lines = {
        line
        for row in rows
        for line in range(
            row.line,
            row.line + 1 + (row.line_feeds if line_end == b"\n" else row.returns),
        )
    }
    splitter = Splitter(stream, Dialect(None, line_end), Place(0, 1), size)
    byte = 0
    for records in splitter.blocks():
        for record in records:
            if record.line in lines:
                end = _last_bytes(stream, byte + record.size)
                stream.seek(byte)
                _write_spaces(stream, record.size - len(end) + len(splitter.content(end)))
            byte += record.size


def _line_end(stream: BinaryIO) -> bytes:
    """Return what ends the lines: carriage returns only where no line feed is near the start."""
    head = stream.read(_BLOCK)
    return b"\n" if b"\n" in head or b"\r" not in head else b"\r"


def _last_bytes(stream: BinaryIO, end: int) -> bytes:
    """Return the bytes before a place; no line end has more."""
    start = max(0, end - 2)
    stream.seek(start)
    return stream.read(end - start)


def _write_spaces(stream: BinaryIO, length: int) -> None:
    """Write spaces, a block at a time: a line may be as long as the file."""
    while length > 0:
        length -= stream.write(b" " * min(length, _BLOCK))
