"""Reads files of feeds, in parts, into rows: split, typed and checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from metriccare.causes import naming_file
from metriccare.engine.protocol import Emit
from metriccare.errors import UnreadableFile
from metriccare.naming import is_in_bucket
from metriccare.object_store import RawFiles
from metriccare.pipeline.bronze.feed_files import FeedFile
from metriccare.pipeline.bronze.part_reader import PartCounts, columns_of_read
from metriccare.pipeline.bronze.parts import unpacked_size
from metriccare.pipeline.bronze.record_text import text_of
from metriccare.sources.feeds.contracts import UTF_16
from metriccare.sources.feeds.opened import open_feed
from metriccare.sources.feeds.persons import row_names
from metriccare.sources.feeds.rows import FeedRecord, RowReader
from metriccare.sources.feeds.splitter import Place, Splitter
from metriccare.sources.fhir.byte_account import ByteAccount
from metriccare.sources.fhir.exchange import GZIP_MARK
from metriccare.sources.record import Record
from metriccare.tables.bronze import RECORD
from metriccare.tables.keys import keys_of_records
from metriccare.tracking.erased import ErasedNames

COLUMNS = columns_of_read(RECORD, "rule_id", "reason", "column_name")


@dataclass(frozen=True)
class FeedPart:
    """A feed's file, or a range of its records; `end` None is the end of the file."""

    feed: FeedFile
    start: Place
    end: int | None = None

    @property
    def key(self) -> tuple[str, int]:
        """Return what identifies the part: its file and where it starts."""
        return self.feed.file.file_id, self.start.byte

    @property
    def size(self) -> int:
        """Return about how many bytes there are to read."""
        if self.end is not None:
            return self.end - self.start.byte
        return unpacked_size(self.feed.file)


def parts_of_feed(feed: FeedFile, part_bytes: int) -> list[FeedPart]:
    """Return ranges of records if the file is large and plain; else the whole file."""
    file, layout = feed.file, feed.layout
    whole = [FeedPart(feed, layout.first)]
    if file.size <= part_bytes or is_in_bucket(file.location) or layout.encoding == UTF_16:
        return whole
    try:
        with open(file.location, "rb") as stream:
            if stream.read(2) == GZIP_MARK:
                return whole
            splitter = Splitter(stream, layout.dialect, layout.first, file.size)
            parts, start = [], layout.first
            for end in splitter.cuts(part_bytes):
                parts.append(FeedPart(feed, start, end.byte))
                start = end
            return parts or whole
    except OSError:
        return whole


def read_feed_part(
    part: FeedPart, emit: Emit, raw_files: RawFiles, erased: ErasedNames
) -> PartCounts:
    """Emit a part's rows, without those of erased persons, and return its counts."""
    file = part.feed.file
    with naming_file(file.tenant, file.file_id):
        try:
            return _read(part, emit, raw_files, erased)
        except UnreadableFile as error:
            return PartCounts(unreadable=str(error))


def count_feed_part(
    part: FeedPart, emit: Emit, raw_files: RawFiles, erased: ErasedNames
) -> PartCounts:
    """Return what `read_feed_part` would, and emit nothing."""
    return read_feed_part(part, lambda _: None, raw_files, erased)


@dataclass
class _Totals:
    """The counts of rows, and of their bytes."""

    loaded: int = 0
    rejected: int = 0
    left_out: int = 0
    bytes_loaded: int = 0
    bytes_rejected: int = 0
    bytes_left_out: int = 0

    def add(self, rows: Sequence[Record]) -> None:
        """Count rows that are kept."""
        for row in rows:
            if row.rule_id is None:
                self.loaded += 1
                self.bytes_loaded += len(row.raw)
            else:
                self.rejected += 1
                self.bytes_rejected += len(row.raw)


def _read(part: FeedPart, emit: Emit, raw_files: RawFiles, erased: ErasedNames) -> PartCounts:
    layout, totals = part.feed.layout, _Totals()
    with open_feed(raw_files, part.feed.file.location, layout.encoding) as stream:
        content = stream.seek(0, 2)
        end = content if part.end is None else part.end
        splitter = Splitter(stream, layout.dialect, part.start, end)
        for rows in _kept(part.feed, splitter, erased, totals):
            totals.add(rows)
            emit(_values(part.feed, rows))
    type_ = f"feed:{layout.contract.name}"
    unread = {(type_, name): totals.loaded for name in layout.unknown} if totals.loaded else {}
    account = _account(part, content, splitter.place.byte - part.start.byte, totals)
    return PartCounts(totals.loaded, totals.rejected, account=account, unread=unread)


def _account(part: FeedPart, content: int, covered: int, totals: _Totals) -> ByteAccount:
    """Return the bytes of a part by their use; the header belongs to the first one."""
    used = totals.bytes_loaded + totals.bytes_rejected + totals.bytes_left_out
    first = part.feed.layout.first
    return ByteAccount(
        content=content,
        records=totals.bytes_loaded,
        quarantined=totals.bytes_rejected,
        passed=totals.bytes_left_out,
        envelope=first.byte if part.start == first else 0,
        space=covered - used,
        entries_passed=totals.left_out,
    )


def _kept(
    feed: FeedFile, splitter: Splitter, erased: ErasedNames, totals: _Totals
) -> Iterator[list[FeedRecord]]:
    """Yield the rows of a part, a block at a time, without those of erased persons."""
    reader = RowReader(feed.layout, feed.zone)
    for records in splitter.blocks():
        rows = reader.read(records)
        if erased.marks:
            kept = [row for row in rows if not _is_erased(feed, row, erased)]
            totals.left_out += len(rows) - len(kept)
            sizes = sum(len(row.raw) for row in rows) - sum(len(row.raw) for row in kept)
            totals.bytes_left_out += sizes
            rows = kept
        if rows:
            yield rows


def _is_erased(feed: FeedFile, row: FeedRecord, erased: ErasedNames) -> bool:
    names = row_names(feed.layout.feed, row.record_id, orjson.loads(row.fields))
    return erased.hold(feed.file.tenant, names)


def _values(feed: FeedFile, rows: Sequence[FeedRecord]) -> Mapping[str, Sequence[Any]]:
    file, contract, count = feed.file, feed.layout.contract, len(rows)
    base = (file.sequence or 0) << 32
    decoder = feed.layout.decoder
    return {
        "tenant": [file.tenant] * count,
        "feed": [contract.name] * count,
        "contract_version": [contract.version] * count,
        "record_type": [row.record_type for row in rows],
        "record_id": [row.record_id for row in rows],
        "updated_at": [row.updated_at for row in rows],
        "deleted": [row.deleted for row in rows],
        "raw": [text_of(row, decoder) for row in rows],
        "raw_sha256": [hashlib.sha256(row.raw).hexdigest() for row in rows],
        "layout_id": [feed.layout.layout_id] * count,
        "fields": [row.fields for row in rows],
        "position": [None] * count,
        "event_at": [None] * count,
        "source_file": [file.source_file] * count,
        "source_line": [row.line for row in rows],
        "file_id": [file.file_id] * count,
        "ingest_sequence": [base + row.line for row in rows],
        "record_key": keys_of_records(file.tenant, file.file_id, [(r.line, 0) for r in rows]),
        "rule_id": [row.rule_id for row in rows],
        "reason": [row.reason for row in rows],
        "column_name": [row.column for row in rows],
    }
