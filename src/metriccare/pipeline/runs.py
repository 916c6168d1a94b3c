"""A run as the tracking store sees it: begin, the state it is in, end.

On a laptop the stages follow each other in one process; on AWS each is a job of its own, which
finds the run its predecessor began in the tracking store. A run that crashes leaves its files
claimed or loaded; the next run takes them over from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from metriccare.causes import cause_of
from metriccare.errors import ClockBehind, GateRefused, UsageError
from metriccare.incremental.context import RunContext
from metriccare.interruption import Interrupted
from metriccare.object_store import Storage
from metriccare.quality.gates import refusal_message
from metriccare.settings import Lake, Settings
from metriccare.tables import bronze as bronze_tables
from metriccare.tables.commit_note import files_of, notes_in_folder
from metriccare.tracking.erased import load_erased
from metriccare.tracking.pending import (
    ERASED,
    pending_runs,
    rebuilding,
    set_aside_with_rows,
    taken_again,
    waiting,
)
from metriccare.tracking.states import FileState, Lease, RunRecord, RunState
from metriccare.tracking.store import TrackingStore

# Beyond these no data is complete: such a date is a slip, or a mark for "no end".
_FIRST_AS_OF, _LAST_AS_OF = date(1900, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True)
class Run:
    """A run under way: the lake it writes, the lease it writes under, its record."""

    storage: Storage
    settings: Settings
    store: TrackingStore
    lease: Lease
    record: RunRecord

    @property
    def lake(self) -> Lake:
        """Return the lake it writes."""
        return self.storage.lake

    def context(self) -> RunContext:
        """Return what the jobs are told."""
        started = self.record.started_at
        given = date.fromisoformat(self.record.as_of) if self.record.as_of else None
        zones = {} if given else {t: s.time_zone for t, s in self.settings.tenants.items()}
        default = started.astimezone(ZoneInfo(self.settings.time_zone(""))).date()
        return RunContext(
            run_id=self.record.run_id,
            lake=self.lake,
            raw_files=self.storage.raw_files,
            started_at=started,
            as_of=given or default,
            settings=self.settings,
            as_of_by_tenant={t: started.astimezone(ZoneInfo(z)).date() for t, z in zones.items()},
            pending_runs=pending_runs(self.store, self.record.run_id),
            taken_again=taken_again(self.store),
            rebuild=rebuilding(self.store.runs()),
        )


@dataclass(frozen=True)
class Writer:
    """Who begins a run: its name, how to tell that another writer has ended, and when it is."""

    owner: str
    is_ended: Callable[[str], bool]
    now: datetime


def begin(
    storage: Storage, settings: Settings, store: TrackingStore, writer: Writer, as_of: date | None
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
    return Run(storage, settings, store, lease, record)


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


def receiving(run: Run) -> RunContext:
    """Return the context of what reads raw files: it alone needs to know who was erased."""
    return replace(run.context(), erased=load_erased(run.storage.objects))


def accounted(run: Run, rejected_by_rules: int) -> RunRecord:
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
    run = _as_stored(run)
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
    notes = notes_in_folder(run.lake.path(bronze_tables.RESOURCE.path)) if claimed else ()
    committed = {file_id for note in notes for file_id in files_of(note)}
    back = [file.file_id for file in claimed if file.replays or file.file_id not in committed]
    run.store.move(run.lease, back, FileState.CLAIMED, FileState.REGISTERED)
    count = waiting(run.store)
    files = "1 file waits" if count == 1 else f"{count:,} files wait"
    sentence = f"Interrupted; {files} for the next run. Nothing half-done is published."
    _ended(_as_stored(run), RunState.FAILED, now, sentence)
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


def _as_stored(run: Run) -> Run:
    """Return the run with what its stages wrote down: whoever saw it begin may not know of it."""
    stored = (each for each in run.store.runs() if each.run_id == run.record.run_id)
    return replace(run, record=next(stored, run.record))


def _ended(run: Run, state: RunState, now: datetime, message: str | None) -> Run:
    record = replace(run.record, state=state, ended_at=now, message=message)
    run.store.put_run(record)
    run.store.release_lease(run.lease)
    return replace(run, record=record)


def stage_done(run: Run, record: RunRecord) -> Run:
    """Write down what a stage has done."""
    run.store.put_run(record)
    return replace(run, record=record)
