"""Fields that no declaration reads, counted per file while files are read.

They are counted per file and not per run, so a file always has the same rows, however often and
with which other files it is processed. Only top-level elements of a resource are counted;
`metriccare drift --deep` looks inside them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from metriccare.engine.protocol import Changes, Engine, Operation, RelationT, Row
from metriccare.incremental.context import RunContext
from metriccare.pipeline.bronze.file_counts import Tally
from metriccare.pipeline.bronze.read_files import tally_files
from metriccare.tables import keys
from metriccare.tables.bronze import DRIFT
from metriccare.tables.commit_note import CommitNote
from metriccare.tracking.states import FileRecord

STEP = "drift"


def note_new(
    engine: Engine[RelationT], context: RunContext, files: Sequence[FileRecord], tally: Tally
) -> None:
    """Add the unread fields of files that were never read before; none are no commit.

    It follows the commit of their rows: if a run crashes in between, `note_again` completes it.
    """
    rows = _rows(context, files, tally, {})
    if rows:
        note = CommitNote(context.run_id, STEP)
        engine.commit(_changes(engine, rows.values(), Operation.INSERT), note)


def note_again(
    engine: Engine[RelationT], context: RunContext, files: Sequence[FileRecord], tally: Tally
) -> None:
    """Update the unread fields of files that may have been counted before."""
    readable = {file_id for (file_id, _), part in tally.items() if part.unreadable is None}
    known = {row["record_key"]: row for row in _stored(engine, readable)}
    first = {row["file_id"]: row["first_seen"] for row in known.values()}
    rows = _rows(context, files, tally, first)
    changed = [
        row
        for key, row in rows.items()
        if key not in known or row["row_count"] != known[key]["row_count"]
    ]
    removed = [row for key, row in known.items() if key not in rows]
    for step, to_write, operation in (
        ("rows", changed, Operation.UPSERT),
        ("gone", removed, Operation.DELETE),
    ):
        if to_write:
            note = CommitNote(context.run_id, f"{STEP}-{step}-{files[0].file_id}")
            engine.commit(_changes(engine, to_write, operation), note)


def recount(engine: Engine[RelationT], context: RunContext, files: Sequence[FileRecord]) -> None:
    """Read files again from which records were removed, and update their unread fields."""
    note_again(engine, context, files, tally_files(engine, context, files))


def _stored(engine: Engine[RelationT], file_ids: Collection[str]) -> list[Row]:
    model = "select * from drift where array_contains(:files, file_id)"
    parameters = {"files": sorted(file_ids)}
    return engine.rows(engine.sql(model, parameters, drift=engine.read(DRIFT)))


def _rows(
    context: RunContext,
    files: Sequence[FileRecord],
    tally: Tally,
    first_seen: Mapping[str, datetime],
) -> dict[str, Row]:
    """Return the table's rows by record key, in key order; instants have no zone."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for (file_id, _), part in tally.items():
        for (type_, name), count in part.unread.items():
            counts[file_id, type_, name] += count
    by_id = {file.file_id: file for file in files}
    now = context.started_at.astimezone(UTC).replace(tzinfo=None)
    rows = (
        _row(context, by_id[file_id], type_, name, first_seen.get(file_id, now)) | {"row_count": n}
        for (file_id, type_, name), n in sorted(counts.items())
    )
    return {row["record_key"]: row for row in rows}


def _row(
    context: RunContext, file: FileRecord, type_: str, name: str, first_seen: datetime
) -> dict[str, Any]:
    return {
        "tenant": file.tenant,
        "resource_type": type_,
        "field_path": name,
        "first_seen": first_seen,
        "source_file": file.source_file,
        "file_id": file.file_id,
        "run_id": context.run_id,
        "record_key": keys.joined(file.tenant, file.file_id, type_, name),
        "ordering": file.sequence or 0,
    }


def _changes(
    engine: Engine[RelationT], rows: Iterable[Row], operation: Operation
) -> Changes[RelationT]:
    values = ([row[name] for name in DRIFT.column_names] for row in rows)
    return Changes(DRIFT, engine.from_rows(DRIFT.columns, values), operation)
