"""Begins, records and ends runs in the tracking store.

On a laptop the stages run one after another in one process. On AWS each is a job, which finds the
run in the tracking store. A run that crashes leaves its files claimed or loaded, and the next run
continues with them.
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
from metriccare.interruption import Interrupted, not_replaced
from metriccare.object_store import Storage
from metriccare.quality.gates import refusal_message
from metriccare.settings import Lake, Settings
from metriccare.sources.feeds.contracts import contracts_of
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

# A date outside these years is a typing error or means "no end": no data is complete then.
_FIRST_AS_OF, _LAST_AS_OF = date(1900, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True)
class Run:
    """A run in progress: the lake it writes, the lease it holds, its record."""

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
        """Return the context for the run's stages."""
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
    """The process that begins a run: its name, the current time, a test for ended processes.

    `edition` is the deployed bundle it runs; empty on a laptop.
    """

    owner: str
    is_ended: Callable[[str], bool]
    now: datetime
    edition: str = ""


def begin(
    storage: Storage, settings: Settings, store: TrackingStore, writer: Writer, as_of: date | None
) -> Run:
    """Return a new run, recorded in the store, that holds the lease.

    Raises ClockBehind if the last run is in the future, and UsageError if `as_of` cannot be a date
    of results; then nothing is changed.
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
        edition=writer.edition,
    )
    store.put_run(record)
    return Run(storage, settings, store, lease, record)


def _check_as_of(as_of: date | None) -> None:
    if as_of is not None and not _FIRST_AS_OF <= as_of <= _LAST_AS_OF:
        raise UsageError(
            f"--as-of is {as_of}; it must be from {_FIRST_AS_OF} to {_LAST_AS_OF}. It is the day up"
            " to which the data is complete."
        )


def _check_clock(store: TrackingStore, lease: Lease, now: datetime) -> None:
    last = next(iter(store.runs(limit=1)), None)
    latest = max(filter(None, (last.started_at, last.ended_at)), default=now) if last else now
    if latest > now:
        store.release_lease(lease)
        raise ClockBehind(now, latest)


def receiving(run: Run) -> RunContext:
    """Return the context for reading raw files: with names of erased persons, and contracts."""
    return replace(
        run.context(),
        erased=load_erased(run.storage.objects),
        contracts=contracts_of(run.settings),
    )


def accounted(run: Run, rejected_by_rules: int) -> RunRecord:
    """Return the run's record with the counts of all records of its files, loaded or rejected.

    Files that an earlier run loaded and did not publish are included.
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
    """Return the run, ended: its files are recorded as published, and the lease is released.

    Files of refused tenants keep waiting.
    """
    refused = run.record.refused_tenants
    files = run.store.files(FileState.LOADED)
    done = [file.file_id for file in files if file.tenant not in refused]
    run.store.move(run.lease, done, FileState.LOADED, FileState.PUBLISHED)
    _record_removed(run)
    if not refused:
        return _ended(run, RunState.SUCCEEDED, now, None)
    why = refusal_message(run.record.refused, run.record.run_id)
    message = f"{why} All other tenants are published."
    return _ended(run, RunState.PARTLY_REFUSED, now, message)


def _record_removed(run: Run) -> None:
    """Record on files set aside that no table has rows of them any more.

    Published tables of a refused tenant still have some.
    """
    aside = set_aside_with_rows(run.store)
    done = [file for file in aside if file.tenant not in run.record.refused_tenants]
    changes = {file.file_id: {"run_id": None} for file in done}
    run.store.move(run.lease, list(changes), FileState.SET_ASIDE, FileState.SET_ASIDE, changes)


def end_erasure(run: Run, now: datetime) -> Run:
    """Return the run of an erasure, ended as a success; waiting files keep waiting."""
    return _ended(
        replace(run, record=replace(run.record, stage=ERASED)), RunState.SUCCEEDED, now, None
    )


def fail(run: Run, error: BaseException, now: datetime) -> Run:
    """Return the run, ended as failed or refused; its files wait for the next run."""
    run = _as_stored(run)
    if isinstance(error, GateRefused):
        refused = replace(run, record=replace(run.record, refused=error.refusals))
        return _ended(refused, RunState.REFUSED, now, cause_of(error))
    return _ended(run, RunState.FAILED, now, cause_of(error))


def interrupt(run: Run, now: datetime) -> str:
    """Return how many files wait, as a sentence, after ending a run that a person interrupted.

    Its claimed files are registered again, except those whose rows are committed to bronze: the
    next run completes these. The JVM must have ended before.
    """
    claimed = run.store.files(FileState.CLAIMED)
    tables = bronze_tables.BY_FILE if claimed else ()
    notes = (note for table in tables for note in notes_in_folder(run.lake.path(table.path)))
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
    """Record the run as failed if the block raises, and raise the same error."""
    try:
        with not_replaced():
            yield
    except Interrupted as stopped:
        raise Interrupted(stopped.number, interrupt(run, clock())) from None
    except BaseException as error:
        fail(run, error, clock())
        raise


def _as_stored(run: Run) -> Run:
    """Return the run with its stored record, which has the counts that stages added."""
    stored = (record for record in run.store.runs() if record.run_id == run.record.run_id)
    return replace(run, record=next(stored, run.record))


def _ended(run: Run, state: RunState, now: datetime, message: str | None) -> Run:
    record = replace(run.record, state=state, ended_at=now, message=message)
    run.store.put_run(record)
    run.store.release_lease(run.lease)
    return replace(run, record=record)


def stage_done(run: Run, record: RunRecord) -> Run:
    """Return the run with a new record, which is stored."""
    run.store.put_run(record)
    return replace(run, record=record)
