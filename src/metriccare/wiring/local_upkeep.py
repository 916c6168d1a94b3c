"""Wiring of replay, rollback and erasure of a lake on this machine, each under the lease."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from metriccare.local.erasure import LocalCopies
from metriccare.settings import DUCKDB
from metriccare.tracking.again import send_again
from metriccare.tracking.states import RunRecord
from metriccare.tracking.store import TrackingStore
from metriccare.upkeep.erasure_plan import Receipt, Request
from metriccare.upkeep.rebuild_request import Rebuild
from metriccare.upkeep.replay import Window, arrived_in
from metriccare.upkeep.rollback_runs import run_to_roll_back
from metriccare.wiring.local import (
    LocalLake,
    ReportProgress,
    begin,
    engine_of,
    holding_lease,
    operations_published,
    run_under_lease,
    stages,
)
from metriccare.wiring.storage import folder_storage

if TYPE_CHECKING:
    from metriccare.pipeline.runs import Run
    from metriccare.publishing.tenant_marts import Written
    from metriccare.upkeep.close_month import ClosedMonth, MonthToClose
    from metriccare.upkeep.erase import FindPlan


def replay_local(
    here: LocalLake, window: Window, as_of: date | None, report_progress: ReportProgress
) -> RunRecord | None:
    """Process the files that arrived in the window again, with all waiting files.

    Returns None if none arrived in it.
    """
    with closing(here.existing_store()) as store:
        if not arrived_in(store, window):
            return None

        def work(run: Run) -> Run:
            count = send_again(run.store, run.lease, arrived_in(run.store, window))
            report_progress(f"Registered {count:,} {'file' if count == 1 else 'files'} again")
            return stages(run, report_progress)

        return run_under_lease(here, store, as_of, work)


def rebuild_local(
    here: LocalLake, rebuild: Rebuild, as_of: date | None, report_progress: ReportProgress
) -> RunRecord:
    """Derive silver and gold again from bronze, with all waiting files.

    Raises UsageError if there is nothing to rebuild.
    """
    with closing(here.existing_store()) as store:
        rebuild.check(store)

        def work(run: Run) -> Run:
            run = replace(run, record=rebuild.noted_in(run.record))
            run.store.put_run(run.record)
            count = send_again(
                run.store, run.lease, rebuild.files(run.store, run.storage.raw_files)
            )
            if count:
                report_progress(f"Registered {count:,} {'file' if count == 1 else 'files'} again")
            return stages(run, report_progress)

        return run_under_lease(here, store, as_of, work)


def close_local(
    here: LocalLake,
    asked: MonthToClose,
    as_of: date | None,
    report_progress: ReportProgress,
) -> ClosedMonth:
    """Keep a month's KPIs as they are known on its last day, and publish them.

    It is a run like any other: waiting files are processed too, after the close. Raises UsageError
    for a month that is not over, or closed already without a reason.
    """
    from metriccare.upkeep.close_month import close_known

    closed: list[ClosedMonth] = []

    def work(run: Run) -> Run:
        with engine_of(run, report_progress) as engine:
            closed.append(close_known(engine, run.context(), asked))
        return stages(run, report_progress)

    with closing(here.existing_store()) as store:
        run_under_lease(here, store, as_of, work)
    return closed[0]


def roll_back_local(here: LocalLake, run_id: str, report_progress: ReportProgress) -> int:
    """Return silver, gold and publish to what they were before a run, its files to registered.

    Returns how many files wait again. Raises UsageError, having changed nothing, when the run
    cannot be rolled back.
    """
    from metriccare.pipeline.runs import Run
    from metriccare.upkeep.rollback import roll_back

    with closing(here.existing_store()) as store, holding_lease(store) as lease:
        run = Run(
            folder_storage(here.lake), here.settings, store, lease, run_to_roll_back(store, run_id)
        )
        with operations_published(here, store), engine_of(run, report_progress) as engine:
            return roll_back(engine, run, report_progress)


def build_marts_local(here: LocalLake, report_progress: ReportProgress) -> list[Written]:
    """Write every tenant's marts from the published tables, under the lease."""
    from metriccare.publishing.publish_marts import publish_marts
    from metriccare.publishing.published_run import last_run
    from metriccare.wiring.engines import open_engine

    objects = folder_storage(here.lake).objects
    with closing(here.existing_store()) as store, holding_lease(store) as lease:
        run_of = last_run(store.runs(), here.settings)
        report_progress("Publishing marts")
        with (
            operations_published(here, store),
            open_engine(here.lake, DUCKDB, lambda: store.check_lease(lease)) as engine,
        ):
            return publish_marts(engine, objects, run_of)


def erase_local(
    here: LocalLake, request: Request, report_progress: ReportProgress
) -> list[Receipt]:
    """Remove a person for good and return the receipts, which are also kept with the lake.

    An interrupted erasure is finished first; its receipt then comes first.
    """
    from metriccare.upkeep.erase import erase

    with closing(here.existing_store()) as store:
        objects = folder_storage(here.lake).objects
        return erase(
            objects,
            request,
            lambda find: _erase(here, store, find, report_progress),
            report_progress,
        )


def _erase(
    here: LocalLake, store: TrackingStore, find: FindPlan, report_progress: ReportProgress
) -> Receipt:
    from metriccare.pipeline import runs
    from metriccare.upkeep.erase import remove_everywhere

    run = begin(here, store, None)
    with operations_published(here, store):
        with runs.failure_noted(run, here.clock), engine_of(run, report_progress) as engine:
            receipt = remove_everywhere(engine, run, LocalCopies(), find, report_progress)
        runs.end_erasure(run, here.clock())
    return receipt
