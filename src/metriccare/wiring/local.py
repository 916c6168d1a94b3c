"""Wiring of a lake on this machine: its store, session and engine.

Modules that need Spark are imported where they are used, so that commands that only read or have
nothing to do start fast.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metriccare import interruption, naming
from metriccare.causes import cause_of
from metriccare.errors import UsageError
from metriccare.ingest.downloads import sent_by
from metriccare.local import processes
from metriccare.local.raw_zone import Ingested, ingest
from metriccare.local.sqlite_tracking import SqliteTracking
from metriccare.settings import AUTO, DUCKDB, SPARK, Lake, Settings, load_settings
from metriccare.tracking.states import FileState, Lease, RunRecord
from metriccare.wiring.storage import folder_storage, is_deployed

if TYPE_CHECKING:
    from metriccare.engine.protocol import Engine
    from metriccare.pipeline.runs import Run
    from metriccare.tracking.store import TrackingStore

_log = logging.getLogger("metriccare.runs")
ReportProgress = Callable[[str], None]
Advance = Callable[[int], None]
# Shows the progress of work of a known size; it opens a function to call for each finished step.
Counted = Callable[[str, int | None], AbstractContextManager[Advance]]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class LocalLake:
    """A lake in a folder, with its settings and the clock that says when its runs begin and end."""

    lake: Lake
    settings: Settings
    clock: Callable[[], datetime] = _now

    @property
    def tracking_file(self) -> Path:
        """Return the path of the tracking database."""
        return self.lake.folder / naming.TRACKING_FILE

    def store(self) -> SqliteTracking:
        """Open the tracking store; the caller closes it."""
        return SqliteTracking(self.tracking_file)

    def existing_store(self) -> SqliteTracking:
        """Open the tracking store of a lake that must exist already."""
        self._require_tracking()
        return self.store()

    def read_only_store(self) -> SqliteTracking:
        """Open the store read-only, so that a read-only lake can be shown."""
        self._require_tracking()
        return SqliteTracking.read_only(self.tracking_file)

    def _require_tracking(self) -> None:
        if not self.tracking_file.is_file():
            raise UsageError(
                f"There is no lake in {self.lake.root}."
                " Take files in first (`metriccare ingest PATH`), or name another with --lake."
            )


def local_lake(root: str, config: Path | None, engine: str | None = None) -> LocalLake:
    """Return the lake in a folder; UsageError if it is in S3, where the workflow runs it.

    `engine` overrides the settings.
    """
    lake = Lake(root)
    if is_deployed(lake):
        raise UsageError(
            f"{root} is run by its deployed workflow: upload files to the raw bucket instead."
        )
    settings = load_settings(lake, config)
    return LocalLake(lake, replace(settings, engine=engine) if engine else settings)


def accepting(here: LocalLake, run_id: str | None) -> LocalLake:
    """Return the lake with a refused run accepted by a person; None keeps the settings."""
    if run_id is None:
        return here
    gates = replace(here.settings.gates, accept=run_id)
    return replace(here, settings=replace(here.settings, gates=gates))


def ingest_paths(
    here: LocalLake, paths: Sequence[str], tenant: str, counted: Counted, feed: str | None = None
) -> Ingested:
    """Copy files into the raw zone and register them under a tenant; `counted` shows the bytes.

    `feed` is the contract that all of them are read with; else each file's name says so.
    """
    _check_tenant(tenant)
    if feed is not None:
        _check_feed(here.settings, feed)
    with (
        sent_by(paths) as found,
        closing(here.store()) as store,
        counted("Taking in", found.size) as advance,
    ):
        sent = found if feed is None else found.under_feed(feed)
        return ingest(here.lake, store, sent, tenant, advance)


def _check_feed(settings: Settings, feed: str) -> None:
    from metriccare.sources.feeds.contracts import CANONICAL, contracts_of

    names = [contract.name for contract in (*contracts_of(settings), *CANONICAL)]
    if feed not in names:
        raise UsageError(f"There is no feed {feed!r}; there are: {', '.join(names)}.")


def _check_tenant(tenant: str) -> None:
    if not naming.TENANT_NAME.fullmatch(tenant):
        raise UsageError(f"--tenant wants 1-63 letters, digits, '-' or '_', found {tenant!r}.")


def run_local(
    here: LocalLake, as_of: date | None, report_progress: ReportProgress
) -> RunRecord | None:
    """Process every waiting file through to the published results.

    Returns None, without starting Spark, if there is nothing to do. `report_progress` gets one line
    for each stage. Raises what made the run fail, after writing that down. The record of a run that
    published some tenants names the others.
    """
    with closing(here.existing_store()) as store:
        if (reason := store.pause_reason()) is not None:
            raise UsageError(f"This lake is paused: {reason}. `metriccare resume` lets runs begin.")
        if as_of is None and not _is_needed(store):
            return None
        record = run_under_lease(here, store, as_of, lambda run: stages(run, report_progress))
        while store.files(FileState.REGISTERED):
            report_progress(f"{record.run_id} is done; more files have arrived since")
            record = run_under_lease(here, store, as_of, lambda run: stages(run, report_progress))
        return record


def _is_needed(store: TrackingStore) -> bool:
    from metriccare.tracking.pending import broke_off, is_pending, rebuilding

    return is_pending(store) or broke_off(store) or bool(rebuilding(store.runs()))


def run_under_lease(
    here: LocalLake, store: TrackingStore, as_of: date | None, work: Callable[[Run], Run]
) -> RunRecord:
    """Begin a run, do its work, and record how it ended; errors are raised again."""
    from metriccare.pipeline import runs

    run = begin(here, store, as_of)
    with operations_published(here, store):
        with runs.failure_noted(run, here.clock):
            run = work(run)
        return runs.end(run, here.clock()).record


def operations_published(here: LocalLake, store: TrackingStore) -> AbstractContextManager[None]:
    """Publish how the runs went after the block, also if it raises."""
    from metriccare.upkeep import publish_operations
    from metriccare.wiring.engines import open_engine

    objects = folder_storage(here.lake).objects
    return publish_operations.operations_published(
        lambda: publish_operations.Publishing(objects, store, here.settings, here.clock()),
        lambda: open_engine(here.lake, DUCKDB, lambda: None),
        lambda error: _log.warning("Runs and alerts are not published: %s", cause_of(error)),
    )


@contextmanager
def holding_lease(store: TrackingStore) -> Iterator[Lease]:
    """Hold the lake's lease as this process, without beginning a run."""
    lease = store.acquire_lease(processes.owner(), processes.is_ended)
    try:
        yield lease
    finally:
        store.release_lease(lease)


def begin(here: LocalLake, store: TrackingStore, as_of: date | None) -> Run:
    """Begin a run as this process."""
    from metriccare.pipeline import runs

    writer = runs.Writer(processes.owner(), processes.is_ended, here.clock())
    return runs.begin(folder_storage(here.lake), here.settings, store, writer, as_of)


def stages(run: Run, report_progress: ReportProgress) -> Run:
    """Run bronze, silver and gold for the waiting files in this process."""
    from metriccare.upkeep import stages as pipeline

    count = len(run.store.files(FileState.REGISTERED)) + len(run.store.files(FileState.CLAIMED))
    with engine_of(run, report_progress) as engine:
        report_progress(f"Bronze: reading {count:,} {'file' if count == 1 else 'files'}")
        run = pipeline.run_bronze(engine, run)
        report_progress(f"Silver: {run.record.rows_loaded:,} FHIR resources and rows of feeds")
        run = pipeline.run_silver(engine, run)
        report_progress("Gold: stays and measures, accounts and KPIs")
        run = pipeline.run_gold(engine, run)
        pipeline.create_missing_tables(engine, run)
    return run


@contextmanager
def engine_of(run: Run, report_progress: ReportProgress) -> Iterator[Engine[Any]]:
    """Open the engine for a run; `report_progress` gets the reason for the choice of engine."""
    from metriccare.local import engine_choice
    from metriccare.object_store import rewritten_bytes
    from metriccare.tracking.pending import waiting_bytes
    from metriccare.wiring.engines import open_engine

    # This run also processes what a crashed run loaded only to bronze.
    size = waiting_bytes(run.store)
    asked = run.settings.engine
    rewritten = rewritten_bytes(run.storage.objects) if asked == AUTO else 0
    choice = engine_choice.choose(asked, size, rewritten, engine_choice.ThisMachine())
    if choice.reason:
        report_progress(choice.reason)
    if choice.engine == SPARK:
        report_progress("Starting Spark")

    def check_lease() -> None:
        interruption.check()
        run.store.check_lease(run.lease)

    with open_engine(run.lake, choice.engine, check_lease, size) as engine:
        yield engine
