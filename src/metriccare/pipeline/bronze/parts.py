"""Received files cut into parts of about the same size: ranges of lines of a large file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from metriccare.fhir.exchange import GZIP_MARK, FileReader, Lines, is_value_line
from metriccare.naming import is_in_bucket
from metriccare.tracking.states import FileRecord

_BLOCK = 2**20
# How much longer FHIR is than the same packed by gzip.
_UNPACKED = 12


@dataclass(frozen=True)
class Part:
    """A file, or a range of whole lines of a large one."""

    file: FileRecord
    lines: Lines | None = None

    @property
    def key(self) -> tuple[str, int]:
        """Return what tells the part from every other: its file and where it starts."""
        return self.file.file_id, self.lines.start if self.lines else 0

    @property
    def size(self) -> int:
        """Return about how many bytes there are to read, of a compressed file by its name."""
        if self.lines is not None:
            return self.lines.end - self.lines.start
        return self.file.size * (_UNPACKED if self.file.location.endswith(".gz") else 1)


def parts_of(file: FileRecord, part_bytes: int) -> list[Part]:
    """Return the parts of a file: ranges of lines if it is a large plain NDJSON, else all."""
    if file.size <= part_bytes or is_in_bucket(file.location):
        return [Part(file)]
    try:
        with open(file.location, "rb") as stream:
            if stream.read(2) == GZIP_MARK or FileReader(stream).is_document():
                return [Part(file)]
            return [Part(file, lines) for lines in _line_ranges(stream, part_bytes)]
    except OSError:
        return [Part(file)]


def _line_ranges(stream: BinaryIO, part_bytes: int) -> Iterator[Lines]:
    """Cut a file before lines that are values, counting lines on the way: one fast pass.

    So no value is cut that is laid out over lines among others.
    """
    start, line, end, count = 0, 1, 0, 0
    stream.seek(0)
    while block := stream.read(_BLOCK):
        block += stream.readline()
        end, count = end + len(block), count + block.count(b"\n")
        if end - start >= part_bytes and is_value_line(_next_line(stream)):
            yield Lines(start, end, line)
            start, line, count = end, line + count, 0
    if end > start:
        yield Lines(start, end, line)


def _next_line(stream: BinaryIO) -> bytes:
    place = stream.tell()
    line = stream.readline(_BLOCK)
    stream.seek(place)
    return line
