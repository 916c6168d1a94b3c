"""The forms FHIR is exchanged in - NDJSON, resources, arrays, Bundles - as records.

A file is a row of JSON values. The content decides what each is, never the file's name, and what
one is says nothing about the next: values may be joined on a line, laid out over lines, mixed.
Memory does not grow with the file: lines are read one by one, longer values through a memory map,
one entry at a time. Sources: FHIR R4 Bundle; FHIR Bulk Data Access (NDJSON, `deleted` bundles,
export log).
"""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from metriccare.fhir.byte_account import ByteAccount, Ledger
from metriccare.fhir.json_grammar import whole_end
from metriccare.fhir.json_spans import BrokenJson, Buffer, members, skip_space, value_end
from metriccare.fhir.record import Record, guarded, resource_record
from metriccare.fhir.values import LOG_ENTRY, LONG_VALUE, Found, Numbers, ValueReader

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
GZIP_MARK = b"\x1f\x8b"
_SPACE = b" \t\r\n"
_LINE_END = b"\n"[0]
# A longer line is not brought into memory as a whole.
_LONG_LINE = 2**20
# What may be between two values on one line; files with a mark may have been joined.
_BETWEEN = re.compile(rb"(?:[ \t\r]|\xef\xbb\xbf)*+")
# Where a value begins that is no part of a layout: those are indented.
_AT_MARGIN = re.compile(rb"\n[{\[]")


@dataclass(frozen=True)
class Lines:
    """A range of whole lines of a file: from byte to byte, its first line's number."""

    start: int
    end: int
    line: int


class FileReader:
    """Reads a seekable, uncompressed file, or a range of its lines, start to end."""

    def __init__(self, stream: BinaryIO, lines: Lines | None = None) -> None:
        self._stream = stream
        self._content = stream.seek(0, os.SEEK_END)
        self._start, self._end = (lines.start, lines.end) if lines else (0, self._content)
        self._ledger = Ledger(self._start)
        self._numbers = Numbers(line=lines.line if lines else 1)
        self._is_decided = lines is not None
        # How far a broken value was followed: what begins before is judged by its line alone.
        self._followed = 0
        self._extents: dict[int, tuple[int, bool]] = {}
        self._mapped: mmap.mmap | None = None
        self._values_reader: ValueReader | None = None

    def found(self) -> Iterator[Found]:
        """Yield every record, in order, with its bytes."""
        ledger, numbers, readline = self._ledger, self._numbers, self._stream.readline
        self._stream.seek(self._skip_mark())
        while (start := ledger.position) < self._end and (line := readline(_LONG_LINE)):
            line_end, is_whole = start + len(line), line[-1] == _LINE_END
            raw = line.strip(_SPACE)
            if not raw:
                ledger.space_to(line_end)
                numbers.pass_lines(is_whole)
                continue
            if line[0] != raw[0]:
                start += line.index(raw[:1])
                ledger.space_to(start)
            if (is_whole or line_end == self._end) and not _may_be_long_bundle(raw):
                record = guarded(resource_record, raw, numbers.alone(), None, None)
                if isinstance(record, Record):
                    self._is_decided = True
                    numbers.count += 1
                    ledger.position = end = start + len(raw)
                    yield Found(record, (start, end), (start, end), LOG_ENTRY)
                    ledger.space_to(line_end)
                    numbers.pass_lines(is_whole)
                    continue
            yield from self._values(start)
            self._stream.seek(ledger.position)

    def is_document(self) -> bool:
        """Tell whether the file begins with a value that is not one line of several.

        The records of a document are numbered one after the other, those of lines by their line.
        """
        start = skip_space(self._buffer, self._skip_mark(), self._end) if self._content else 0
        self._stream.seek(start)
        raw = self._stream.readline(_LONG_LINE).strip(_SPACE)
        if not raw or isinstance(
            guarded(resource_record, raw, self._numbers.alone(), None, None), Record
        ):
            return False
        return self._is_document_at(start)

    def leave_out(self, found: Found) -> None:
        """Count a record that its taker does not take among what is passed over."""
        self._ledger.passed += found.span[1] - found.span[0]
        self._ledger.entries_passed += 1

    def account(self, records: int, quarantined: int) -> ByteAccount:
        """Return what became of the bytes, given those of the records that were taken."""
        ledger = self._ledger
        return ByteAccount(
            content=self._content,
            records=records,
            quarantined=quarantined,
            passed=ledger.passed,
            envelope=ledger.envelope,
            space=ledger.space,
            entries_passed=ledger.entries_passed,
        )

    def _values(self, start: int) -> Iterator[Found]:
        """Yield the records of the values from `start` on, until one ends with its line."""
        reader = self._reader
        first = position = self._following(start)
        self._ledger.space_to(position)
        if not self._is_decided and position < self._end:
            self._numbers.by_line = not self._is_document_at(position)
            self._is_decided = True
        while position < self._end and self._buffer[position] != _LINE_END:
            end, is_closed = self._extent(position)
            following = self._following(end)
            is_last = following == self._end or self._buffer[following] == _LINE_END
            is_alone = is_last and position == first
            yield from reader.value((position, end), is_closed=is_closed, is_alone=is_alone)
            self._ledger.envelope_to(end)
            self._ledger.space_to(following)
            position = following
        self._ledger.space_to(min(position + 1, self._end))
        self._numbers.pass_lines(self._line_ends(first, self._ledger.position))

    def _extent(self, start: int) -> tuple[int, bool]:
        """Return where the value that starts here ends, and whether it is closed there.

        One that is broken reaches to where the next value begins.
        """
        if start not in self._extents:
            self._extents = {start: self._extent_from(start)}
        return self._extents[start]

    def _extent_from(self, start: int) -> tuple[int, bool]:
        line_end = self._line_end(start)
        if self._buffer[start] not in b"{[":
            return self._trimmed(start, line_end), False
        is_followed = start >= self._followed
        try:
            return whole_end(self._buffer, start, self._end if is_followed else line_end), True
        except BrokenJson as fault:
            broken_at = fault.position
        self._followed = max(self._followed, broken_at)
        reach = line_end
        if is_followed and broken_at > line_end:
            reach = self._next_value(line_end, broken_at)
        try:
            return value_end(self._buffer, start, reach), True
        except BrokenJson:
            margin = _AT_MARGIN.search(self._buffer, max(broken_at - 1, line_end), reach)
            return self._trimmed(start, margin.start() if margin else reach), False

    def _next_value(self, line_end: int, broken_at: int) -> int:
        """Return where the value after a broken one begins: at a line that is a resource by itself.

        None is looked for beyond a value at the margin where the grammar allows none.
        """
        end = self._end
        if _AT_MARGIN.match(self._buffer, broken_at - 1, self._end):
            end = broken_at
        position = line_end
        while (position := self._buffer.find(b"\n{", position, end)) >= 0:
            position += 1
            if self._is_resource_line(position):
                return position
        return end

    def _is_resource_line(self, start: int) -> bool:
        line_end = self._line_end(start)
        try:
            end = whole_end(self._buffer, start, line_end)
            names = {name for name, _ in members(self._buffer, start, end)}
        except BrokenJson:
            return False
        return "resourceType" in names and skip_space(self._buffer, end, line_end) == line_end

    def _is_document_at(self, start: int) -> bool:
        line_end = self._line_end(start)
        end, _ = self._extent(start)
        if end > line_end:
            return True
        is_only = skip_space(self._buffer, end, self._end) == self._end
        return is_only and self._reader.is_container((start, end))

    def _following(self, position: int) -> int:
        match = _BETWEEN.match(self._buffer, position, self._end)
        return match.end() if match else position

    def _trimmed(self, start: int, end: int) -> int:
        while end > start and self._buffer[end - 1] in _SPACE:
            end -= 1
        return end

    def _line_end(self, position: int) -> int:
        end = self._buffer.find(b"\n", position, self._end)
        return self._end if end < 0 else end

    def _line_ends(self, start: int, end: int) -> int:
        if not self._numbers.by_line:
            return 0
        blocks = range(start, end, _LONG_LINE)
        return sum(self._buffer[at : min(at + _LONG_LINE, end)].count(b"\n") for at in blocks)

    def _skip_mark(self) -> int:
        """Return where the file's text starts."""
        self._stream.seek(self._start)
        if self._start == 0 and self._stream.read(len(BYTE_ORDER_MARK)) == BYTE_ORDER_MARK:
            self._ledger.space_to(len(BYTE_ORDER_MARK))
            return len(BYTE_ORDER_MARK)
        return self._start

    @property
    def _reader(self) -> ValueReader:
        if self._values_reader is None:
            self._values_reader = ValueReader(self._buffer, self._numbers, self._ledger)
        return self._values_reader

    @property
    def _buffer(self) -> Buffer:
        if self._mapped is None:
            self._mapped = mmap.mmap(self._stream.fileno(), self._end, access=mmap.ACCESS_READ)
        return self._mapped


def _may_be_long_bundle(line: bytes) -> bool:
    """Return True for a line that is worth splitting before it is parsed: parsing takes longer."""
    return len(line) > LONG_VALUE and b'"Bundle"' in line


def is_value_line(line: bytes) -> bool:
    """Tell whether a line is one object by itself."""
    record = guarded(resource_record, line.strip(_SPACE), (1, "0"), None, None)
    return isinstance(record, Record) and record.resource_type is not None


def file_records(stream: BinaryIO) -> Iterator[Record]:
    """Yield the records of a whole, seekable, uncompressed file."""
    return (found.record for found in FileReader(stream).found())
