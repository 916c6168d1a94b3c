"""Received files as a relation of records, and as rows of bronze and of the quarantine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Generic, NamedTuple

from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, RelationT, Value
from metriccare.incremental.context import RunContext
from metriccare.pipeline.bronze.file_counts import Tally
from metriccare.pipeline.bronze.part_reader import COLUMNS, count_part, read_part
from metriccare.pipeline.bronze.parts import parts_of
from metriccare.tracking.states import FileRecord

# Small enough that the last part does not keep the other processors waiting.
_PART_BYTES = 16 * 2**20


class ReadFiles(NamedTuple, Generic[RelationT]):
    """The records of some files, with the columns of `part_reader`, and what came of each part."""

    records: RelationT
    tally: Tally


def read_files(
    engine: Engine[RelationT], context: RunContext, files: Sequence[FileRecord]
) -> ReadFiles[RelationT]:
    """Read files; the records of erased persons are passed over."""
    parts = [part for file in files for part in parts_of(file, _PART_BYTES)]
    read = partial(read_part, raw_files=context.raw_files, erased=context.erased)
    records, counts = engine.read_files(parts, read, COLUMNS)
    return ReadFiles(records, dict(zip((part.key for part in parts), counts, strict=True)))


def tally_files(
    engine: Engine[RelationT], context: RunContext, files: Sequence[FileRecord]
) -> Tally:
    """Read files for what came of each part only."""
    parts = [part for file in files for part in parts_of(file, _PART_BYTES)]
    count = partial(count_part, raw_files=context.raw_files, erased=context.erased)
    nothing, counts = engine.read_files(parts, count, COLUMNS)
    engine.release(nothing)
    return dict(zip((part.key for part in parts), counts, strict=True))


def resource_rows(engine: Engine[RelationT], context: RunContext, records: RelationT) -> RelationT:
    """Return the accepted records as rows of bronze."""
    text = model(__package__, "resource_rows")
    return engine.sql(text, _of_run(context), records=records)


def quarantine_rows(
    engine: Engine[RelationT], context: RunContext, records: RelationT
) -> RelationT:
    """Return the rejected records as rows of the quarantine."""
    text = model(__package__, "quarantine_rows")
    return engine.sql(text, _of_run(context), records=records)


def _of_run(context: RunContext) -> Mapping[str, Value]:
    return {"run_id": context.run_id, "started_at": context.started_at}
