"""One run, stage by stage: begin, bronze, silver, gold, end.

On a laptop the stages follow each other in one process; on AWS each is a job of its own, which
finds the run its predecessor began in the tracking store. A run that dies leaves its files
claimed or loaded; the next run takes them on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from pyspark.sql import SparkSession

from metriccare import naming
from metriccare.causes import cause_of
from metriccare.errors import ClockBehind, GateRefused, UsageError
from metriccare.incremental.context import RunContext
from metriccare.interruption import Interrupted
from metriccare.jobs import bronze, gates, gold, rebuild, replayed, silver
from metriccare.jobs.bronze_rows import FileCounts
from metriccare.quality.gates import refusal_message
from metriccare.settings import Lake, Settings
from metriccare.spark import hudi, timeline
from metriccare.spark.timeline import CommitNote
from metriccare.tables import TABLES
from metriccare.tables import bronze as bronze_tables
from metriccare.tracking.again import send_again
from metriccare.tracking.erased import load_erased
from metriccare.tracking.pending import (
    ERASED,
    pending_runs,
    rebuilding,
    set_aside_with_rows,
    taken_again,
    waiting,
)
from metriccare.tracking.states import (
    FileRecord,
    FileState,
    Lease,
    RunRecord,
    RunState,
    read_fields,
)
from metriccare.tracking.store import TrackingStore

CREATE_STEP = "create"
# Beyond these no data is complete: such a date is a slip, or a mark for "no end".
_FIRST_AS_OF, _LAST_AS_OF = date(1900, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True)
class Run:
    """A run under way: the lake it writes, the lease it writes under, its record."""

    lake: Lake
    settings: Settings
    store: TrackingStore
    lease: Lease
    record: RunRecord

    def context(self) -> RunContext:
        """Return what the jobs are told."""
        started = self.record.started_at
        given = date.fromisoformat(self.record.as_of) if self.record.as_of else None
        zones = {} if given else {t: s.time_zone for t, s in self.settings.tenants.items()}
        default = started.astimezone(ZoneInfo(self.settings.time_zone(""))).date()
        return RunContext(
            run_id=self.record.run_id,
            lake=self.lake,
            started_at=started,
            as_of=given or default,
            settings=self.settings,
            as_of_by_tenant={t: started.astimezone(ZoneInfo(z)).date() for t, z in zones.items()},
            pending_runs=pending_runs(self.store, self.record.run_id),
            taken_again=taken_again(self.store),
            rebuild=rebuilding(self.store.runs()),
            check_lease=lambda: self.store.check_lease(self.lease),
        )


@dataclass(frozen=True)
class Writer:
    """Who begins a run: its name, how to tell that another writer has ended, and when it is."""

    owner: str
    is_ended: Callable[[str], bool]
    now: datetime


def begin(
    lake: Lake, settings: Settings, store: TrackingStore, writer: Writer, as_of: date | None
) -> Run:
    """Take the lease and write down that a run has begun.

    Raises, before anything is changed, ClockBehind when the last run lies in the future and
    UsageError when `as_of` is no date results can be of.
    """
    _check_as_of(as_of)
    lease, now = store.acquire_lease(writer.owner, writer.is_ended), writer.now
    _check_clock(store, lease, now)
    record = RunRecord(
        run_id=f"run-{lease.epoch:06d}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        epoch=lease.epoch,
        state=RunState.RUNNING,
        started_at=now,
        as_of=as_of.isoformat() if as_of else "",
    )
    store.put_run(record)
    return Run(lake, settings, store, lease, record)


def _check_as_of(as_of: date | None) -> None:
    if as_of is not None and not _FIRST_AS_OF <= as_of <= _LAST_AS_OF:
        raise UsageError(
            f"--as-of wants a date from {_FIRST_AS_OF} to {_LAST_AS_OF}, found {as_of}: data is"
            " complete up to that day."
        )


def _check_clock(store: TrackingStore, lease: Lease, now: datetime) -> None:
    last = next(iter(store.runs(limit=1)), None)
    latest = max(filter(None, (last.started_at, last.ended_at)), default=now) if last else now
    if latest > now:
        store.release_lease(lease)
        raise ClockBehind(now, latest)


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
    return _stage_done(run, record)


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


def receiving(run: Run) -> RunContext:
    """Return the context of what reads raw files: it alone needs to know who was erased."""
    return replace(run.context(), erased=load_erased(run.lake))


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
    return _stage_done(run, _accounted(run, rejected))


def _accounted(run: Run, rejected_by_rules: int) -> RunRecord:
    """Return the run's record with every record of the files it took up loaded or rejected.

    Files that a run before it had loaded and not published are among them.
    """
    files = run.store.files(FileState.LOADED)
    rejected = sum(file.rows_quarantined for file in files) + rejected_by_rules
    received = rejected - rejected_by_rules + sum(file.rows_loaded for file in files)
    return replace(
        run.record,
        stage="silver",
        rows_in=received,
        rows_loaded=received - rejected,
        rows_quarantined=rejected,
    )


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
    return _stage_done(run, record)


def create_missing_tables(spark: SparkSession, run: Run) -> None:
    """Create every declared table that has no rows yet, so that readers and views find it."""
    note = CommitNote(run.record.run_id, CREATE_STEP)
    for table in TABLES:
        run.store.check_lease(run.lease)
        hudi.create(spark, run.lake, table, note)


def end(run: Run, now: datetime) -> Run:
    """Write down that the run published, mark its files so, give up the lease.

    Files of tenants that were refused go on waiting.
    """
    refused = run.record.refused_tenants
    files = run.store.files(FileState.LOADED)
    done = [file.file_id for file in files if file.tenant not in refused]
    run.store.move(run.lease, done, FileState.LOADED, FileState.PUBLISHED)
    _note_taken_out(run)
    if not refused:
        return _ended(run, RunState.SUCCEEDED, now, None)
    why = refusal_message(run.record.refused, run.record.run_id)
    message = f"{why} All other tenants are published."
    return _ended(run, RunState.PARTLY_REFUSED, now, message)


def _note_taken_out(run: Run) -> None:
    """Note on files set aside that no table holds rows of them any more.

    Published tables of a refused tenant still do.
    """
    aside = set_aside_with_rows(run.store)
    done = [file for file in aside if file.tenant not in run.record.refused_tenants]
    changes = {file.file_id: {"run_id": None} for file in done}
    run.store.move(run.lease, list(changes), FileState.SET_ASIDE, FileState.SET_ASIDE, changes)


def end_erasure(run: Run, now: datetime) -> Run:
    """Write down that an erasure succeeded; files that wait go on waiting."""
    return _ended(
        replace(run, record=replace(run.record, stage=ERASED)), RunState.SUCCEEDED, now, None
    )


def fail(run: Run, error: BaseException, now: datetime) -> Run:
    """Write down that the run failed or was refused; its files wait for the next run."""
    if isinstance(error, GateRefused):
        refused = replace(run, record=replace(run.record, refused=error.refusals))
        return _ended(refused, RunState.REFUSED, now, cause_of(error))
    return _ended(run, RunState.FAILED, now, cause_of(error))


def interrupt(run: Run, now: datetime) -> str:
    """Write down that a person ended the run, and return how many files wait, as a sentence.

    What it had claimed is registered again, but for files whose rows bronze's commit holds: the
    next run completes those. The JVM has ended before this is asked.
    """
    claimed = run.store.files(FileState.CLAIMED)
    notes = timeline.notes_in_folder(run.lake, bronze_tables.RESOURCE) if claimed else ()
    committed = {file_id for note in notes for file_id in timeline.files_of(note)}
    back = [file.file_id for file in claimed if file.replays or file.file_id not in committed]
    run.store.move(run.lease, back, FileState.CLAIMED, FileState.REGISTERED)
    count = waiting(run.store)
    files = "1 file waits" if count == 1 else f"{count:,} files wait"
    sentence = f"Interrupted; {files} for the next run. Nothing half-done is published."
    _ended(run, RunState.FAILED, now, sentence)
    return sentence


@contextmanager
def failure_noted(run: Run, clock: Callable[[], datetime]) -> Iterator[None]:
    """Write down that the run failed when the work within raises; what it raises is passed on."""
    try:
        yield
    except Interrupted as stopped:
        raise Interrupted(stopped.number, interrupt(run, clock())) from None
    except BaseException as error:
        fail(run, error, clock())
        raise


def _ended(run: Run, state: RunState, now: datetime, message: str | None) -> Run:
    record = replace(run.record, state=state, ended_at=now, message=message)
    run.store.put_run(record)
    run.store.release_lease(run.lease)
    return replace(run, record=record)


def _stage_done(run: Run, record: RunRecord) -> Run:
    run.store.put_run(record)
    return replace(run, record=record)
