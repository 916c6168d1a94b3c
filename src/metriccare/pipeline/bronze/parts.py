"""Received files cut into parts of about the same size: ranges of lines of a large file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from metriccare.naming import is_in_bucket
from metriccare.sources.fhir.exchange import GZIP_MARK, FileReader, Lines, is_value_line
from metriccare.tracking.states import FileRecord

# 1 MB: reading in larger blocks is no faster.
_BLOCK = 2**20
# 12: FHIR is about that many times longer than its gzip file.
_UNPACKED = 12


@dataclass(frozen=True)
class Part:
    """A file, or a range of whole lines of a large one."""

    file: FileRecord
    lines: Lines | None = None

    @property
    def key(self) -> tuple[str, int]:
        """Return what identifies the part: its file and where it starts."""
        return self.file.file_id, self.lines.start if self.lines else 0

    @property
    def size(self) -> int:
        """Return about how many bytes there are to read; a compressed file is known by its name."""
        if self.lines is not None:
            return self.lines.end - self.lines.start
        return unpacked_size(self.file)


def unpacked_size(file: FileRecord) -> int:
    """Return about how many bytes a file has; a compressed one is known by its name."""
    return file.size * (_UNPACKED if file.location.endswith(".gz") else 1)


def parts_of(file: FileRecord, part_bytes: int) -> list[Part]:
    """Return ranges of lines if the file is large, plain NDJSON; else the whole file."""
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
    """Yield ranges that end before a line with a whole value, and count lines on the way.

    So a value that is written over several lines is not cut.
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
    position = stream.tell()
    line = stream.readline(_BLOCK)
    stream.seek(position)
    return line
