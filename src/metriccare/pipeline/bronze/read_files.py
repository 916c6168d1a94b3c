"""Reads received files into relations of records, and into rows of bronze and quarantine.

FHIR and feeds have records of different columns, so a file's kind decides which relation has them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Generic, NamedTuple

from metriccare.engine.protocol import Emit, Engine, RelationT, Value
from metriccare.incremental.context import RunContext
from metriccare.object_store import RawFiles
from metriccare.pipeline.bronze import feed_reader, part_reader
from metriccare.pipeline.bronze.feed_files import FeedFile, SortedFiles, sort_files
from metriccare.pipeline.bronze.feed_reader import FeedPart, parts_of_feed
from metriccare.pipeline.bronze.file_counts import Tally
from metriccare.pipeline.bronze.part_reader import PartCounts
from metriccare.pipeline.bronze.parts import Part, parts_of
from metriccare.tables import Table
from metriccare.tables.bronze import QUARANTINE, RECORD, RESOURCE
from metriccare.tables.declaration import ORDERING, RECORD_KEY, RUN_ID
from metriccare.tables.keys import joined_expression
from metriccare.tracking.erased import ErasedNames
from metriccare.tracking.states import FileRecord

# What a row gets from its run; its other columns are those of the reader by the same names.
_STAMPS = {
    "ingested_at": "cast(:started_at as timestamp)",
    RUN_ID.name: ":run_id",
    ORDERING.name: "ingest_sequence",
}
_REJECT_STAMPS = {
    **_STAMPS,
    "redriven_run_id": "cast(null as string)",
    RECORD_KEY.name: joined_expression(RECORD_KEY.name, "rule_id"),
}


def _rows_of(table: Table, stamps: Mapping[str, str]) -> str:
    """Return the start of the model of a table's rows from records."""
    items = (f"{stamps.get(name, name)} as {name}" for name in table.column_names)
    return f"select {', '.join(items)} from records"


def _reject_rows(**others: str) -> str:
    """Return the model of a row per rejected record, with the rule that rejects it."""
    return f"{_rows_of(QUARANTINE, {**_REJECT_STAMPS, **others})} where rule_id is not null"


_NOTHING = "cast(null as string)"
# Reads: records (part_reader.COLUMNS). Gives: a row per accepted record, those of a type together.
RESOURCE_ROWS = (
    f"{_rows_of(RESOURCE, _STAMPS)} where rule_id is null sort by resource_type, ingest_sequence"
)
QUARANTINE_ROWS = _reject_rows(feed=_NOTHING, record_type=_NOTHING, column_name=_NOTHING)
# Reads: records (feed_reader.COLUMNS). Gives: the same of feeds.
RECORD_ROWS = f"{_rows_of(RECORD, _STAMPS)} where rule_id is null sort by feed, ingest_sequence"
FEED_QUARANTINE_ROWS = _reject_rows(resource_type=_NOTHING, resource_id="record_id")
# 16 MB: small enough that the other processors do not wait long for the last part.
_PART_BYTES = 16 * 2**20

_Read = Callable[[Part, Emit, RawFiles, ErasedNames], PartCounts]
_ReadFeed = Callable[[FeedPart, Emit, RawFiles, ErasedNames], PartCounts]


class ReadFiles(NamedTuple, Generic[RelationT]):
    """The records of some files, FHIR and feeds apart, and the counts of each part."""

    fhir: RelationT
    feeds: RelationT
    files: SortedFiles
    tally: Tally

    @property
    def has_rejects(self) -> bool:
        """Return True if a record was rejected."""
        return any(part.rejected for part in self.tally.values())

    def release(self, engine: Engine[RelationT]) -> None:
        """Free the memory of the records."""
        engine.release(self.fhir)
        engine.release(self.feeds)


def read_files(
    engine: Engine[RelationT], context: RunContext, files: Sequence[FileRecord]
) -> ReadFiles[RelationT]:
    """Return the records of files, without those of erased persons."""
    return _read(engine, context, files, part_reader.read_part, feed_reader.read_feed_part)


def tally_files(
    engine: Engine[RelationT], context: RunContext, files: Sequence[FileRecord]
) -> Tally:
    """Return the counts of each part of some files."""
    read = _read(engine, context, files, part_reader.count_part, feed_reader.count_feed_part)
    read.release(engine)
    return read.tally


def _read(
    engine: Engine[RelationT],
    context: RunContext,
    files: Sequence[FileRecord],
    read: _Read,
    read_feed: _ReadFeed,
) -> ReadFiles[RelationT]:
    found = sort_files(context, files)
    tools = {"raw_files": context.raw_files, "erased": context.erased}
    parts = [part for file in found.fhir for part in parts_of(file, _PART_BYTES)]
    fhir, counts = engine.read_files(parts, partial(read, **tools), part_reader.COLUMNS)
    feed_parts = _parts_of_feeds(found.feeds)
    feeds, feed_counts = engine.read_files(
        feed_parts, partial(read_feed, **tools), feed_reader.COLUMNS
    )
    tally = {
        **{(file_id, 0): PartCounts(unreadable=why) for file_id, why in found.unreadable.items()},
        **dict(zip((part.key for part in parts), counts, strict=True)),
        **dict(zip((part.key for part in feed_parts), feed_counts, strict=True)),
    }
    return ReadFiles(fhir, feeds, found, tally)


def _parts_of_feeds(feeds: Sequence[FeedFile]) -> list[FeedPart]:
    return [part for feed in feeds for part in parts_of_feed(feed, _PART_BYTES)]


def resource_rows(engine: Engine[RelationT], context: RunContext, records: RelationT) -> RelationT:
    """Return the accepted records of FHIR as rows of bronze."""
    return engine.sql(RESOURCE_ROWS, _of_run(context), records=records)


def record_rows(engine: Engine[RelationT], context: RunContext, records: RelationT) -> RelationT:
    """Return the accepted records of feeds as rows of bronze."""
    return engine.sql(RECORD_ROWS, _of_run(context), records=records)


def quarantine_rows(
    engine: Engine[RelationT], context: RunContext, read: ReadFiles[RelationT]
) -> RelationT:
    """Return the rejected records as rows of the quarantine."""
    parameters = _of_run(context)
    return engine.sql(
        "select * from of_fhir union all select * from of_feeds",
        of_fhir=engine.sql(QUARANTINE_ROWS, parameters, records=read.fhir),
        of_feeds=engine.sql(FEED_QUARANTINE_ROWS, parameters, records=read.feeds),
    )


def _of_run(context: RunContext) -> Mapping[str, Value]:
    return {"run_id": context.run_id, "started_at": context.started_at}
