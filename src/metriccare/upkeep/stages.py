"""The stages of a run on any engine, each with the steps of a rebuild in progress.

The next run continues an interrupted rebuild, whatever that run was started for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from metriccare import naming
from metriccare.engine.protocol import Engine, RelationT
from metriccare.pipeline.bronze import stage as bronze
from metriccare.pipeline.bronze.file_counts import FileCounts
from metriccare.pipeline.gold import stage as gold
from metriccare.pipeline.publish import gates
from metriccare.pipeline.runs import Run, accounted, receiving, stage_done
from metriccare.pipeline.silver import stage as silver
from metriccare.publishing.publish_marts import publish_marts
from metriccare.publishing.published_run import run_under_way
from metriccare.tables import TABLES, Table
from metriccare.tables import bronze as bronze_tables
from metriccare.tables.commit_note import CREATE_STEP, CommitNote, files_of
from metriccare.tracking.again import send_again
from metriccare.tracking.pending import set_aside_with_rows
from metriccare.tracking.states import FileRecord, FileState, read_fields
from metriccare.upkeep import rebuild


def run_bronze(engine: Engine[RelationT], run: Run) -> Run:
    """Return the run after claiming and loading the waiting files."""
    recover(engine, run)
    aside = set_aside_with_rows(run.store)
    if aside:
        bronze.remove_files(engine, run.context(), aside)
    _send_incomplete(engine, run)
    files = run.store.claim(run.lease, run.record.run_id)
    counts = bronze.run(engine, receiving(run), files) if files else {}
    _mark_loaded(run, files, counts)
    loaded = sum(count.loaded for count in counts.values())
    rejected = sum(count.rejected for count in counts.values())
    record = replace(
        run.record,
        stage="bronze",
        files=len(files),
        rows_in=loaded + rejected,
        rows_loaded=loaded,
        rows_quarantined=rejected,
    )
    return stage_done(run, record)


def _send_incomplete(engine: Engine[RelationT], run: Run) -> None:
    """Before a rebuild, register files again if bronze has lost or damaged rows of them.

    If a file is no longer in the raw zone, its remaining rows stay.
    """
    context = run.context()
    if context.rebuild:
        rebuild.remove_damaged(engine, context, (naming.BRONZE,))
        incomplete = rebuild.incomplete_files(engine, context, run.store.files())
        send_again(run.store, run.lease, incomplete)


def recover(engine: Engine[RelationT], run: Run) -> None:
    """Process the files that a crashed run had claimed.

    Files with committed bronze rows are completed and loaded. The others are registered again, and
    so are replayed files, because an earlier commit may have their rows.
    """
    claimed = run.store.files(FileState.CLAIMED)
    tables = bronze_tables.BY_FILE if claimed else ()
    commits = (metadata for table in tables for metadata in engine.commits(table))
    committed = {file_id for metadata in commits for file_id in files_of(metadata)}
    done = [file for file in claimed if file.file_id in committed and not file.replays]
    again = [file.file_id for file in claimed if file not in done]
    run.store.move(run.lease, again, FileState.CLAIMED, FileState.REGISTERED)
    if done:
        _mark_loaded(run, done, bronze.complete(engine, receiving(run), done))


def _mark_loaded(run: Run, files: Sequence[FileRecord], counts: Mapping[str, FileCounts]) -> None:
    changes = {
        file_id: {
            "rows_loaded": count.loaded,
            "rows_quarantined": count.rejected,
            "reason": count.unreadable,
            **read_fields(count.account),
        }
        for file_id, count in counts.items()
    }
    for unreadable, state in ((False, FileState.LOADED), (True, FileState.UNREADABLE)):
        ids = [f.file_id for f in files if (counts[f.file_id].unreadable is not None) is unreadable]
        run.store.move(run.lease, ids, FileState.CLAIMED, state, changes)


def run_silver(engine: Engine[RelationT], run: Run) -> Run:
    """Return the run after updating silver from bronze, and deriving it again for rebuilds."""
    context, rejected = run.context(), 0
    if naming.EVERY_TENANT not in context.rebuild:
        rejected += silver.run(engine, rebuild.others(context)).rejected
    if context.rebuild:
        rejected += rebuild.run(engine, context).rejected
    return stage_done(run, accounted(run, rejected))


def run_gold(engine: Engine[RelationT], run: Run) -> Run:
    """Return the run after computing gold and publishing what passes the gates."""
    context = run.context()
    if context.rebuild:
        rebuild.remove_damaged(engine, context, (naming.GOLD, naming.PUBLISH))
    done = gold.run(engine, context, gates.build_gates(engine, context, run.store))
    publish_marts(engine, run.storage.objects, run_under_way(context), without=done.tenants)
    record = replace(
        run.record,
        stage="published",
        refused=done.refused,
        persons_not_computed=done.persons_not_computed,
    )
    return stage_done(run, record)


def create_missing_tables(
    engine: Engine[RelationT], run: Run, tables: Sequence[Table] = TABLES
) -> None:
    """Create every declared table that does not exist yet, so that readers and views find it."""
    note = CommitNote(run.record.run_id, CREATE_STEP)
    for table in tables:
        engine.create(table, note)


BY_NAME: Mapping[str, Callable[[Engine[Any], Run], Run]] = {
    "bronze": run_bronze,
    "silver": run_silver,
    "gold": run_gold,
}
