"""Replays files: their rows of today replace those of before.

Bronze keeps the rows that are the same and writes only the differences. Silver then decides again
about the resources of the files. Source: docs/adr/0030-replay.md.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from metriccare.engine.protocol import Engine, Operation, RelationT
from metriccare.incremental.commits import commit_if_any
from metriccare.incremental.context import RunContext
from metriccare.pipeline.bronze import drift, feed_layouts
from metriccare.pipeline.bronze.file_counts import FileCounts, counts_by_file
from metriccare.pipeline.bronze.part_reader import PartCounts
from metriccare.pipeline.bronze.quarantine import mark_redriven, open_rejects
from metriccare.pipeline.bronze.read_files import (
    quarantine_rows,
    read_files,
    record_rows,
    resource_rows,
)
from metriccare.tables import Table, keys
from metriccare.tables.bronze import BY_FILE, QUARANTINE, RECORD, RESOURCE
from metriccare.tables.commit_note import CommitNote
from metriccare.tables.declaration import RECORD_KEY
from metriccare.tracking.states import FileRecord

STEP = "replayed"
# Columns that the run fills in; a row that differs only in these is not written again.
_STAMPS = frozenset({"run_id", "ingested_at", "ordering", "redriven_run_id"})


def reload_files(
    engine: Engine[RelationT], context: RunContext, files: Sequence[FileRecord]
) -> dict[str, FileCounts]:
    """Return the counts of files, after bronze's rows of them are replaced by those of today."""
    read = read_files(engine, context, files)
    ids = [file.file_id for file in files]
    feed_layouts.note(engine, context, ids, read.files.feeds)
    for table, rows in (
        (RESOURCE, resource_rows(engine, context, read.fhir)),
        (RECORD, record_rows(engine, context, read.feeds)),
    ):
        _remove(engine, context, table, _damaged(engine, table, ids), f"{STEP}-damaged")
        stored = _of_files(engine, engine.read(table), ids)
        obsolete = _write_differing(engine, context, table, rows, stored)
        _remove(engine, context, table, obsolete, STEP)
    rejects = quarantine_rows(engine, context, read)
    stored = _of_files(engine, open_rejects(engine), ids)
    accepted = _write_differing(engine, context, QUARANTINE, rejects, stored)
    mark_redriven(engine, context, accepted, STEP)
    drift.note_again(engine, context, files, read.tally)
    return counts_by_file(files, read.tally)


def remove_files(
    engine: Engine[RelationT], context: RunContext, files: Sequence[FileRecord]
) -> None:
    """Remove bronze's rows of files that were set aside."""
    ids = [file.file_id for file in files]
    for table in BY_FILE:
        stored = _of_files(engine, engine.read(table), ids)
        _remove(engine, context, table, stored, f"{STEP}-set-aside")
    feed_layouts.note(engine, context, ids, ())
    rejects = _of_files(engine, open_rejects(engine), ids)
    mark_redriven(engine, context, rejects, f"{STEP}-set-aside")
    drift.note_again(engine, context, files, {(file_id, 0): PartCounts() for file_id in ids})


def _of_files(engine: Engine[RelationT], rows: RelationT, ids: Collection[str]) -> RelationT:
    model = "select * from stored where array_contains(:files, file_id)"
    return engine.sql(model, {"files": sorted(ids)}, stored=rows)


def _damaged(engine: Engine[RelationT], table: Table, ids: Collection[str]) -> RelationT:
    """Return bronze's rows that are filed under another row's key, if either is of the files.

    Otherwise they would count as rows of the files, and stay beside the right ones.
    """
    model = (
        "select * from misfiled where array_contains(:files, file_id)"
        f" or array_contains(:files, {keys.FILE_ID})"
    )
    return engine.sql(model, {"files": sorted(ids)}, misfiled=engine.misfiled(table))


def _write_differing(
    engine: Engine[RelationT],
    context: RunContext,
    table: Table,
    rows: RelationT,
    stored: RelationT,
) -> RelationT:
    """Return the stored rows that the files no longer have, after writing new and changed rows."""
    stored = engine.materialize(stored)
    obsolete = engine.materialize(
        engine.sql(
            "select * from stored s where not exists"
            " (select 1 from given g where g.record_key = s.record_key)",
            given=rows,
            stored=stored,
        )
    )
    differing = engine.sql(_differing(table), given=rows, stored=stored)
    note = CommitNote(context.run_id, f"{STEP}-rows")
    commit_if_any(engine, table, differing, Operation.UPSERT, note)
    return obsolete


def _differing(table: Table) -> str:
    """Return the model of rows that are new or differ in more than the columns of the run.

    They keep the time when their file was first loaded: it is the date of records without one.
    """
    at = "coalesce(f.first_ingested_at, g.ingested_at) as ingested_at"
    columns = ", ".join(at if n == "ingested_at" else f"g.{n}" for n in table.column_names)
    content = [name for name in table.column_names if name not in _STAMPS]
    same = " and ".join(f"g.{name} <=> s.{name}" for name in content)
    key = RECORD_KEY.name
    return (
        "with first_times as (select file_id, min(ingested_at) as first_ingested_at"
        " from stored group by file_id)"
        f" select {columns} from given g"
        " left join first_times f on f.file_id = g.file_id"
        f" left join stored s on s.{key} = g.{key}"
        f" where s.{key} is null or not ({same})"
    )


def _remove(
    engine: Engine[RelationT], context: RunContext, table: Table, rows: RelationT, step: str
) -> None:
    commit_if_any(engine, table, rows, Operation.DELETE, CommitNote(context.run_id, step))
