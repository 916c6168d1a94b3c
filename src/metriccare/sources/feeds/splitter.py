"""Splits the bytes of a CSV file, or of JSON lines, into records with their physical lines.

A quoted field may have line ends, so a record may have several lines. A field that stays open for
too long is no field: its first line is rejected, and reading goes on at the next one. So is the
first line of a record over several lines with a wrong number of fields: a quote that is never
closed would take the next rows with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from metriccare.sources.feeds.csv_fields import closes, fields_of, is_closed
from metriccare.sources.record import MAX_RECORD_BYTES

# 1 MB: reading in larger blocks is no faster.
_BLOCK = 2**20
# Limits of a quoted field (sources specification, 1.2).
MOST_LINES, MOST_BYTES = 1000, 2**20
# The rest of a longer line is passed over.
LONGEST_LINE = MAX_RECORD_BYTES
_QUOTE = b'"'


class RawRecord(NamedTuple):
    """The exact bytes of a record without its line end, and where it is in the file.

    `lines` is how many physical lines it has. `has_quotes` is True if it has any, and `is_open` if
    a quoted field is not closed. Of a line above LONGEST_LINE only the beginning is there. `size`
    is how many bytes it takes in the file, with its line end and what was passed over.
    """

    raw: bytes
    line: int
    lines: int = 1
    has_quotes: bool = False
    is_open: bool = False
    size: int = 0


@dataclass(frozen=True)
class Dialect:
    """How a file is split; without a delimiter each line is a record. `width`: fields of a row."""

    delimiter: str | None = ","
    line_end: bytes = b"\n"
    width: int | None = None


class Place(NamedTuple):
    """A position between two records: a byte, and the number of the line that starts there."""

    byte: int
    line: int


class Splitter:
    """Splits a range of a seekable file; `place` follows what was yielded."""

    def __init__(self, stream: BinaryIO, dialect: Dialect, start: Place, end: int) -> None:
        self._stream, self._dialect = stream, dialect
        self._position, self._end = start.byte, end
        self._passed = 0
        self.place = start

    def blocks(self) -> Iterator[list[RawRecord]]:
        """Yield the records with their blank lines, a block of the file at a time."""
        waiting: list[bytes] = []
        while block := self._read_block():
            lines = [*waiting, *self._lines_of(block)]
            records, count = self._records(lines, is_last=False)
            waiting = lines[count:]
            if records:
                yield records
        if waiting:
            yield self._records(waiting, is_last=True)[0]

    def cuts(self, part_bytes: int) -> Iterator[Place]:
        """Yield places between records about this many bytes apart, and the end of the range."""
        waiting: list[bytes] = []
        last = self.place.byte
        while block := self._read_block():
            if not waiting and (self._dialect.delimiter is None or _QUOTE not in block):
                count = block.count(self._dialect.line_end)
                byte = self.place.byte + len(block) + self._passed
                self._passed, self.place = 0, Place(byte, self.place.line + count)
            else:
                lines = [*waiting, *self._lines_of(block)]
                waiting = lines[self._records(lines, is_last=False)[1] :]
            if self.place.byte - last >= part_bytes:
                last = self.place.byte
                yield self.place
        if waiting:
            self._records(waiting, is_last=True)
        if self.place.byte > last:
            yield self.place

    def _lines_of(self, block: bytes) -> list[bytes]:
        """Return lines with their ends."""
        line_end = self._dialect.line_end
        lines = block.split(line_end)
        last = lines.pop()
        return [line + line_end for line in lines] + ([last] if last else [])

    def _read_block(self) -> bytes:
        """Return the next whole lines; of a line that is too long its beginning."""
        line_end = self._dialect.line_end
        self._stream.seek(self._position)
        block = self._read()
        while block and not block.endswith(line_end) and len(block) <= LONGEST_LINE:
            more = self._to_line_end()
            block += more
            if not more:
                break
        while len(block) > LONGEST_LINE and not block.endswith(line_end):
            more = self._to_line_end()
            self._passed += len(more)
            if not more or more.endswith(line_end):
                break
        return block

    def _read(self) -> bytes:
        block = self._stream.read(min(_BLOCK, self._end - self._position))
        self._position += len(block)
        return block

    def _to_line_end(self) -> bytes:
        """Return what follows up to the end of the line, or a block of it."""
        line_end, start = self._dialect.line_end, self._position
        more = self._read()
        cut = more.find(line_end)
        if cut >= 0:
            more = more[: cut + len(line_end)]
            self._position = start + len(more)
            self._stream.seek(self._position)
        return more

    def _records(self, lines: Sequence[bytes], *, is_last: bool) -> tuple[list[RawRecord], int]:
        """Return the records of lines, and how many lines they are: an open one may wait."""
        records: list[RawRecord] = []
        line, count = self.place.line, 0
        can_quote = self._dialect.delimiter is not None
        content = self.content
        while count < len(lines):
            record: RawRecord | None
            if can_quote and _QUOTE in lines[count]:
                record = self._quoted(lines, count, line, is_last=is_last)
                if record is None:
                    break
            else:
                text = lines[count]
                record = RawRecord(content(text), line, 1, False, False, len(text))
            records.append(record)
            line += record.lines
            count += record.lines
        # Bytes passed over belong to the last line, which is the end of its block.
        size = sum(map(len, lines[:count]))
        if self._passed and count == len(lines):
            size += self._passed
            records[-1] = records[-1]._replace(size=records[-1].size + self._passed)
            self._passed = 0
        self.place = Place(self.place.byte + size, line)
        return records, count

    def _quoted(
        self, lines: Sequence[bytes], first: int, line: int, *, is_last: bool
    ) -> RawRecord | None:
        """Return the record that starts with a line with quotes; None if more lines are needed."""
        delimiter = self._dialect.delimiter or ","
        content, size = self.content(lines[first]), len(lines[first])
        if is_closed(content, delimiter):
            return RawRecord(content, line, has_quotes=True, size=size)
        unclosed = RawRecord(content, line, has_quotes=True, is_open=True, size=size)
        for position in range(first + 1, len(lines)):
            size += len(lines[position])
            lines_taken = position - first + 1
            if size > MOST_BYTES or lines_taken > MOST_LINES:
                return unclosed
            last = self.content(lines[position])
            if closes(last, delimiter):
                raw = b"".join((*lines[first:position], last))
                record = RawRecord(raw, line, lines_taken, has_quotes=True, size=size)
                return self._if_complete(record, unclosed)
        return unclosed if is_last else None

    def _if_complete(self, record: RawRecord, otherwise: RawRecord) -> RawRecord:
        """Return a record of several lines if it has as many fields as the header."""
        width = self._dialect.width
        if width is None:
            return record
        count = len(fields_of(record.raw.decode("latin-1"), self._dialect.delimiter or ","))
        return record if count in (width, width + 1) else otherwise

    def content(self, line: bytes) -> bytes:
        """Return a line, or the last bytes of one, without its end."""
        line_end = self._dialect.line_end
        if line.endswith(line_end):
            line = line[: -len(line_end)]
        return line[:-1] if line_end == b"\n" and line.endswith(b"\r") else line
