"""The bronze stage: it reads files once, and commits their rows and their rejected records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metriccare.engine.protocol import Changes, Engine, Operation, RelationT
from metriccare.incremental.context import RunContext
from metriccare.pipeline.bronze import drift, replay
from metriccare.pipeline.bronze.file_counts import FileCounts, counts_by_file
from metriccare.pipeline.bronze.read_files import quarantine_rows, read_files, resource_rows
from metriccare.tables.bronze import QUARANTINE, RESOURCE
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
    note = CommitNote(context.run_id, STEP, tuple(file.file_id for file in files))
    records, tally = read_files(engine, context, files)
    rows = resource_rows(engine, context, records)
    engine.commit(Changes(RESOURCE, rows, Operation.INSERT), note)
    drift.note_new(engine, context, files, tally)
    if any(part.rejected for part in tally.values()):
        rejects = quarantine_rows(engine, context, records)
        engine.commit(Changes(QUARANTINE, rejects, Operation.INSERT), note)
        engine.release(rejects)
    engine.release(rows)
    engine.release(records)
    return counts_by_file(files, tally)


def complete(
    engine: Engine[RelationT], context: RunContext, files: Sequence[FileRecord]
) -> dict[str, FileCounts]:
    """Return the counts of files whose rows a crashed run committed, and write their rejects.

    The commit has the name of that run, so it is made once, however often this crashes too.
    """
    records, tally = read_files(engine, context, files)
    if any(part.rejected for part in tally.values()):
        note = CommitNote(files[0].run_id or context.run_id, f"{STEP}-completed")
        rejects = quarantine_rows(engine, context, records)
        engine.commit(Changes(QUARANTINE, rejects, Operation.UPSERT), note)
        engine.release(rejects)
    drift.note_again(engine, context, files, tally)
    engine.release(records)
    return counts_by_file(files, tally)


def remove_files(
    engine: Engine[RelationT], context: RunContext, files: Sequence[FileRecord]
) -> None:
    """Remove bronze's rows of files that were set aside; silver then withdraws its own."""
    replay.remove_files(engine, context, files)
