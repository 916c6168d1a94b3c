"""The bronze stage: it reads files once, and commits their rows and their rejected records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metriccare.engine.protocol import Changes, Engine, Operation, RelationT
from metriccare.incremental.context import RunContext
from metriccare.pipeline.bronze import drift, feed_layouts, replay
from metriccare.pipeline.bronze.file_counts import FileCounts, counts_by_file
from metriccare.pipeline.bronze.read_files import (
    ReadFiles,
    quarantine_rows,
    read_files,
    record_rows,
    resource_rows,
)
from metriccare.tables.bronze import QUARANTINE, RECORD, RESOURCE
from metriccare.tables.commit_note import CommitNote
from metriccare.tracking.states import FileRecord

STEP = "bronze"


def run(
    engine: Engine[RelationT], context: RunContext, files: Sequence[FileRecord]
) -> Mapping[str, FileCounts]:
    """Return the counts of the claimed files, by file id, after loading them."""
    again = [file for file in files if file.replays]
    first = [file for file in files if not file.replays]
    counts = replay.reload_files(engine, context, again) if again else {}
    return counts | (_load(engine, context, first) if first else {})


def _load(
    engine: Engine[RelationT], context: RunContext, files: Sequence[FileRecord]
) -> dict[str, FileCounts]:
    read = read_files(engine, context, files)
    _load_fhir(engine, context, read)
    _load_feeds(engine, context, read)
    drift.note_new(engine, context, files, read.tally)
    if read.has_rejects:
        note = CommitNote(context.run_id, STEP, tuple(file.file_id for file in files))
        rejects = quarantine_rows(engine, context, read)
        engine.commit(Changes(QUARANTINE, rejects, Operation.INSERT), note)
        engine.release(rejects)
    read.release(engine)
    return counts_by_file(files, read.tally)


def _load_fhir(engine: Engine[RelationT], context: RunContext, read: ReadFiles[RelationT]) -> None:
    """Commit the resources of FHIR files; the commit names the files, even those without any."""
    if not read.files.fhir:
        return
    note = CommitNote(context.run_id, STEP, tuple(file.file_id for file in read.files.fhir))
    rows = resource_rows(engine, context, read.fhir)
    engine.commit(Changes(RESOURCE, rows, Operation.INSERT), note)
    engine.release(rows)


def _load_feeds(engine: Engine[RelationT], context: RunContext, read: ReadFiles[RelationT]) -> None:
    """Commit the layouts of feed files, then their rows."""
    feeds = read.files.feeds
    if not feeds:
        return
    file_ids = tuple(feed.file.file_id for feed in feeds)
    feed_layouts.note(engine, context, file_ids, feeds)
    rows = record_rows(engine, context, read.feeds)
    note = CommitNote(context.run_id, STEP, file_ids)
    engine.commit(Changes(RECORD, rows, Operation.INSERT), note)
    engine.release(rows)


def complete(
    engine: Engine[RelationT], context: RunContext, files: Sequence[FileRecord]
) -> dict[str, FileCounts]:
    """Return the counts of files whose rows a crashed run committed, and write their rejects.

    The commit has the name of that run, so it is made once, however often this crashes too.
    """
    read = read_files(engine, context, files)
    if read.has_rejects:
        note = CommitNote(files[0].run_id or context.run_id, f"{STEP}-completed")
        rejects = quarantine_rows(engine, context, read)
        engine.commit(Changes(QUARANTINE, rejects, Operation.UPSERT), note)
        engine.release(rejects)
    drift.note_again(engine, context, files, read.tally)
    read.release(engine)
    return counts_by_file(files, read.tally)


def remove_files(
    engine: Engine[RelationT], context: RunContext, files: Sequence[FileRecord]
) -> None:
    """Remove bronze's rows of files that were set aside; silver then withdraws its own."""
    replay.remove_files(engine, context, files)
