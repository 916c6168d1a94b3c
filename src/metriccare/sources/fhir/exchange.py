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

from metriccare.sources.fhir.byte_account import ByteAccount, Ledger
from metriccare.sources.fhir.json_spans import Buffer, skip_space
from metriccare.sources.fhir.places import PlaceCounter
from metriccare.sources.fhir.record import FhirRecord, guarded, resource_record
from metriccare.sources.fhir.value_extents import ValueExtents
from metriccare.sources.fhir.values import LOG_ENTRY, LONG_VALUE, LocatedRecord, ValueReader

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
GZIP_MARK = b"\x1f\x8b"
_SPACE = b" \t\r\n"
_LINE_END = b"\n"[0]
# A longer line is not brought into memory as a whole.
_LONG_LINE = 2**20
# What may be between two values on one line; files with a mark may have been joined.
_BETWEEN = re.compile(rb"(?:[ \t\r]|\xef\xbb\xbf)*+")


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
        self._places = PlaceCounter(line=lines.line if lines else 1)
        self._is_decided = lines is not None
        self._mapped: mmap.mmap | None = None
        self._values_reader: ValueReader | None = None
        self._value_extents: ValueExtents | None = None

    def records(self) -> Iterator[LocatedRecord]:
        """Yield every record, in order, with its bytes."""
        ledger, places, readline = self._ledger, self._places, self._stream.readline
        self._stream.seek(self._skip_mark())
        while (start := ledger.position) < self._end and (line := readline(_LONG_LINE)):
            line_end, is_whole = start + len(line), line[-1] == _LINE_END
            raw = line.strip(_SPACE)
            if not raw:
                ledger.space_to(line_end)
                places.pass_lines(is_whole)
                continue
            if line[0] != raw[0]:
                start += line.index(raw[:1])
                ledger.space_to(start)
            if (is_whole or line_end == self._end) and not _may_be_long_bundle(raw):
                record = guarded(resource_record, raw, places.alone(), None, None)
                if isinstance(record, FhirRecord):
                    self._is_decided = True
                    places.count += 1
                    ledger.position = end = start + len(raw)
                    yield LocatedRecord(record, (start, end), (start, end), LOG_ENTRY)
                    ledger.space_to(line_end)
                    places.pass_lines(is_whole)
                    continue
            yield from self._values(start)
            self._stream.seek(ledger.position)

    def is_document(self) -> bool:
        """Return True if the file begins with a value that is not one line of several.

        The records of a document are numbered one after the other, those of lines by their line.
        """
        start = skip_space(self._buffer, self._skip_mark(), self._end) if self._content else 0
        self._stream.seek(start)
        raw = self._stream.readline(_LONG_LINE).strip(_SPACE)
        if not raw or isinstance(
            guarded(resource_record, raw, self._places.alone(), None, None), FhirRecord
        ):
            return False
        return self._is_document_at(start)

    def leave_out(self, located: LocatedRecord) -> None:
        """Count a record that the caller does not take as passed over."""
        self._ledger.passed += located.span[1] - located.span[0]
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

    def _values(self, start: int) -> Iterator[LocatedRecord]:
        """Yield the records of the values from `start` on, until one ends with its line."""
        reader = self._reader
        first = position = self._following(start)
        self._ledger.space_to(position)
        if not self._is_decided and position < self._end:
            self._places.by_line = not self._is_document_at(position)
            self._is_decided = True
        while position < self._end and self._buffer[position] != _LINE_END:
            end, is_closed = self._extents.of(position)
            following = self._following(end)
            is_last = following == self._end or self._buffer[following] == _LINE_END
            is_alone = is_last and position == first
            yield from reader.value((position, end), is_closed=is_closed, is_alone=is_alone)
            self._ledger.envelope_to(end)
            self._ledger.space_to(following)
            position = following
        self._ledger.space_to(min(position + 1, self._end))
        self._places.pass_lines(self._line_ends(first, self._ledger.position))

    def _is_document_at(self, start: int) -> bool:
        line_end = self._extents.line_end(start)
        end, _ = self._extents.of(start)
        if end > line_end:
            return True
        is_only = skip_space(self._buffer, end, self._end) == self._end
        return is_only and self._reader.is_container((start, end))

    def _following(self, position: int) -> int:
        match = _BETWEEN.match(self._buffer, position, self._end)
        return match.end() if match else position

    def _line_ends(self, start: int, end: int) -> int:
        if not self._places.by_line:
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
            self._values_reader = ValueReader(self._buffer, self._places, self._ledger)
        return self._values_reader

    @property
    def _extents(self) -> ValueExtents:
        if self._value_extents is None:
            self._value_extents = ValueExtents(self._buffer, self._end)
        return self._value_extents

    @property
    def _buffer(self) -> Buffer:
        if self._mapped is None:
            self._mapped = mmap.mmap(self._stream.fileno(), self._end, access=mmap.ACCESS_READ)
        return self._mapped


def _may_be_long_bundle(line: bytes) -> bool:
    """Return True for a line that is worth splitting before it is parsed: parsing takes longer."""
    return len(line) > LONG_VALUE and b'"Bundle"' in line


def is_value_line(line: bytes) -> bool:
    """Return True if a line is one object by itself."""
    record = guarded(resource_record, line.strip(_SPACE), (1, "0"), None, None)
    return isinstance(record, FhirRecord) and record.record_type is not None


def file_records(stream: BinaryIO) -> Iterator[FhirRecord]:
    """Yield the records of a whole, seekable, uncompressed file."""
    return (located.record for located in FileReader(stream).records())
