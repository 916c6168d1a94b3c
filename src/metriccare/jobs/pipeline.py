"""One run, stage by stage: begin, bronze, silver, gold, end.

On a laptop the stages follow each other in one process; on AWS each is a job of its own, which
finds the run its predecessor began in the tracking store. A run that dies leaves its files
claimed or loaded; the next run takes them on from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pyspark.sql import SparkSession

from metriccare import naming
from metriccare.jobs import bronze, gates, gold, rebuild, replayed, silver
from metriccare.pipeline.bronze.file_counts import FileCounts
from metriccare.pipeline.runs import Run, accounted, receiving, stage_done
from metriccare.settings import Lake
from metriccare.spark import hudi, timeline
from metriccare.spark.timeline import CommitNote
from metriccare.tables import TABLES
from metriccare.tables import bronze as bronze_tables
from metriccare.tracking.again import send_again
from metriccare.tracking.pending import set_aside_with_rows
from metriccare.tracking.states import FileRecord, FileState, read_fields

CREATE_STEP = "create"


def run_bronze(spark: SparkSession, run: Run) -> Run:
    """Claim the waiting files and load them."""
    recover(spark, run)
    take_out_set_aside(spark, run)
    send_incomplete(spark, run)
    files = run.store.claim(run.lease, run.record.run_id)
    counts = bronze.run(spark, receiving(run), files) if files else {}
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


def recover(spark: SparkSession, run: Run) -> None:
    """Take over what a run that died had claimed.

    Files whose rows its bronze commit holds are completed and loaded; the others are registered
    again, as are those on their way once more, whose rows an earlier commit may hold.
    """
    left = run.store.files(FileState.CLAIMED)
    committed = _committed_files(spark, run.lake) if left else frozenset()
    done = [file for file in left if file.file_id in committed and not file.replays]
    again = [file.file_id for file in left if file not in done]
    run.store.move(run.lease, again, FileState.CLAIMED, FileState.REGISTERED)
    if done:
        _mark_loaded(run, done, bronze.complete(spark, receiving(run), done))


def take_out_set_aside(spark: SparkSession, run: Run) -> None:
    """Remove the rows of files that were set aside when bronze held them."""
    aside = set_aside_with_rows(run.store)
    if aside:
        replayed.take_out(spark, run.context(), aside)


def send_incomplete(spark: SparkSession, run: Run) -> None:
    """Before a rebuild, register files again of which bronze has lost rows or holds damaged ones.

    Without their upload, what is left of them stays.
    """
    context = run.context()
    if context.rebuild:
        rebuild.remove_damaged(spark, context, (naming.BRONZE,))
        incomplete = rebuild.incomplete_files(spark, context, run.store.files())
        send_again(run.store, run.lease, incomplete)


def _committed_files(spark: SparkSession, lake: Lake) -> frozenset[str]:
    metadata = timeline.notes(spark, lake, bronze_tables.RESOURCE)
    return frozenset(file_id for one in metadata for file_id in timeline.files_of(one))


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


def run_silver(spark: SparkSession, run: Run) -> Run:
    """Bring silver up to date with bronze; of tenants to be rebuilt it is derived again."""
    context, rejected = run.context(), 0
    if naming.EVERY_TENANT not in context.rebuild:
        rejected += silver.run(spark, rebuild.others(context)).rejected
    if context.rebuild:
        rejected += rebuild.run(spark, context).rejected
    return stage_done(run, accounted(run, rejected))


def run_gold(spark: SparkSession, run: Run) -> Run:
    """Compute stays, evidence and results, and publish what the gates let pass."""
    context = run.context()
    if context.rebuild:
        rebuild.remove_damaged(spark, context, (naming.GOLD, naming.PUBLISH))
    done = gold.run(spark, run.lake, context, gates.at_the_door(spark, context, run.store))
    record = replace(
        run.record,
        stage="published",
        refused=done.refused,
        persons_not_computed=done.persons_not_computed,
    )
    return stage_done(run, record)


def create_missing_tables(spark: SparkSession, run: Run) -> None:
    """Create every declared table that has no rows yet, so that readers and views find it."""
    note = CommitNote(run.record.run_id, CREATE_STEP)
    for table in TABLES:
        run.store.check_lease(run.lease)
        hudi.create(spark, run.lake, table, note)
