"""Reads received files into a relation of records, and into rows of bronze and quarantine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Generic, NamedTuple

from metriccare.engine.protocol import Engine, RelationT, Value
from metriccare.incremental.context import RunContext
from metriccare.pipeline.bronze.file_counts import Tally
from metriccare.pipeline.bronze.part_reader import COLUMNS, count_part, read_part
from metriccare.pipeline.bronze.parts import parts_of
from metriccare.tables import Table
from metriccare.tables.bronze import QUARANTINE, RESOURCE
from metriccare.tables.declaration import ORDERING, RECORD_KEY, RUN_ID
from metriccare.tables.keys import joined_expression
from metriccare.tracking.states import FileRecord

# What a row gets from its run; its other columns are those of `part_reader` by the same names.
_STAMPS = {
    "ingested_at": "cast(:started_at as timestamp)",
    RUN_ID.name: ":run_id",
    ORDERING.name: "ingest_sequence",
}


def _rows_of(table: Table, stamps: Mapping[str, str]) -> str:
    """Return the start of the model of a table's rows from records."""
    items = (f"{stamps.get(name, name)} as {name}" for name in table.column_names)
    return f"select {', '.join(items)} from records"


# Reads: records (part_reader.COLUMNS). Gives: a row per accepted record, those of a type together.
RESOURCE_ROWS = (
    f"{_rows_of(RESOURCE, _STAMPS)} where rule_id is null sort by resource_type, ingest_sequence"
)
# Reads: the same. Gives: a row per rejected record, with the rule that rejects it.
QUARANTINE_ROWS = (
    _rows_of(
        QUARANTINE,
        {
            **_STAMPS,
            "redriven_run_id": "cast(null as string)",
            RECORD_KEY.name: joined_expression(RECORD_KEY.name, "rule_id"),
        },
    )
    + " where rule_id is not null"
)
# 16 MB: small enough that the other processors do not wait long for the last part.
_PART_BYTES = 16 * 2**20


class ReadFiles(NamedTuple, Generic[RelationT]):
    """The records of some files, with the columns of `part_reader`, and the counts of each part."""

    records: RelationT
    tally: Tally


def read_files(
    engine: Engine[RelationT], context: RunContext, files: Sequence[FileRecord]
) -> ReadFiles[RelationT]:
    """Return the records of files, without those of erased persons."""
    parts = [part for file in files for part in parts_of(file, _PART_BYTES)]
    read = partial(read_part, raw_files=context.raw_files, erased=context.erased)
    records, counts = engine.read_files(parts, read, COLUMNS)
    return ReadFiles(records, dict(zip((part.key for part in parts), counts, strict=True)))


def tally_files(
    engine: Engine[RelationT], context: RunContext, files: Sequence[FileRecord]
) -> Tally:
    """Return the counts of each part of some files."""
    parts = [part for file in files for part in parts_of(file, _PART_BYTES)]
    count = partial(count_part, raw_files=context.raw_files, erased=context.erased)
    no_rows, counts = engine.read_files(parts, count, COLUMNS)
    engine.release(no_rows)
    return dict(zip((part.key for part in parts), counts, strict=True))


def resource_rows(engine: Engine[RelationT], context: RunContext, records: RelationT) -> RelationT:
    """Return the accepted records as rows of bronze."""
    return engine.sql(RESOURCE_ROWS, _of_run(context), records=records)


def quarantine_rows(
    engine: Engine[RelationT], context: RunContext, records: RelationT
) -> RelationT:
    """Return the rejected records as rows of the quarantine."""
    return engine.sql(QUARANTINE_ROWS, _of_run(context), records=records)


def _of_run(context: RunContext) -> Mapping[str, Value]:
    return {"run_id": context.run_id, "started_at": context.started_at}
