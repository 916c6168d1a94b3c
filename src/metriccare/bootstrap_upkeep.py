"""Wiring of replay, rollback and erasure of a lake on this machine, each under the lease."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from metriccare.bootstrap import LocalLake, Tell, run_under_lease, stages
from metriccare.local import erasure, processes
from metriccare.steps.replay import Window, arrived_in, send_again
from metriccare.steps.rollback import give_up, run_to_roll_back
from metriccare.tracking.erased import load_erased, save_erased
from metriccare.tracking.erasure import Plan, Receipt
from metriccare.tracking.states import FileState, Lease, RunRecord
from metriccare.tracking.store import TrackingStore

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from metriccare.jobs.pipeline import Run


def replay_local(
    here: LocalLake, window: Window, as_of: date | None, tell: Tell
) -> RunRecord | None:
    """Take the files that arrived in the window through again, with whatever else waits.

    Returns None, without starting Spark, when none arrived in it.
    """
    with closing(here.existing_store()) as store:
        if not arrived_in(store, window):
            return None

        def work(run: Run) -> Run:
            count = send_again(run.store, run.lease, arrived_in(run.store, window))
            tell(f"Registered {count:,} {'file' if count == 1 else 'files'} again")
            return stages(run, tell)

        return run_under_lease(here, store, as_of, work)


def roll_back_local(here: LocalLake, run_id: str, tell: Tell) -> int:
    """Return silver, gold and publish to what they were before a run, its files to registered.

    Returns how many files wait again. Raises UsageError, having changed nothing, when the run
    cannot be rolled back.
    """
    with closing(here.existing_store()) as store, _lease(store) as lease:
        run = run_to_roll_back(store, run_id)
        return _roll_back(here, store, lease, run, tell)


def _roll_back(
    here: LocalLake, store: TrackingStore, lease: Lease, run: RunRecord, tell: Tell
) -> int:
    from metriccare.jobs import rollback
    from metriccare.spark.session import local_session

    tell("Starting Spark")
    spark = local_session()
    found = rollback.commits_of(spark, here.lake, run.run_id)
    waiting = give_up(store, lease, run)
    tell(f"Taking back {len(found):,} commits")
    rollback.take_back_all(spark, here.lake, found, lambda: store.check_lease(lease))
    return waiting


@dataclass(frozen=True)
class Request:
    """Whom to erase, and why."""

    tenant: str
    patient_id: str
    reason: str


def erase_local(here: LocalLake, request: Request, tell: Tell) -> list[Receipt]:
    """Remove a person for good and return the receipts, which are also kept with the lake.

    An erasure that broke off is finished first; its receipt then comes first.
    """
    with closing(here.existing_store()) as store:
        left = erasure.read_journal(here.lake)
        if left is None:
            return [_erase(here, store, lambda spark: _plan(here, spark, request), tell)]
        tell("Finishing an erasure that broke off")
        plan = Plan.of(left)
        receipts = [_erase(here, store, lambda _: plan, tell)]
        if not plan.is_of(request.tenant, request.patient_id):
            receipts.append(_erase(here, store, lambda spark: _plan(here, spark, request), tell))
        return receipts


def _plan(here: LocalLake, spark: SparkSession, request: Request) -> Plan:
    from metriccare.jobs.person_search import holdings

    held = holdings(spark, here.lake, request.tenant, request.patient_id)
    plan = Plan(request.reason, held)
    erasure.write_journal(here.lake, plan.document())
    return plan


def _erase(
    here: LocalLake, store: TrackingStore, find: Callable[[SparkSession], Plan], tell: Tell
) -> Receipt:
    from metriccare.jobs import pipeline
    from metriccare.spark.session import local_session

    writer = pipeline.Writer(processes.owner(), processes.is_ended, datetime.now(UTC))
    run = pipeline.begin(here.lake, here.settings, store, writer, None)
    try:
        tell("Starting Spark")
        receipt = _remove_everywhere(local_session(), run, find, tell)
    except BaseException as error:
        pipeline.fail(run, error, datetime.now(UTC))
        raise
    pipeline.end_erasure(run, datetime.now(UTC))
    return receipt


def _remove_everywhere(
    spark: SparkSession, run: Run, find: Callable[[SparkSession], Plan], tell: Tell
) -> Receipt:
    """Remove in an order that lets nothing come back: first the list, then files, then rows."""
    from metriccare.jobs.erasure import erase_rows, remove_every_old_file

    tell("Looking for the person's records")
    plan = find(spark)
    save_erased(run.lake, plan.listed_in(load_erased(run.lake)))
    places = erasure.places_by_file([*plan.held.bronze, *plan.held.quarantine])
    tell("Blanking them in the raw files")
    raw_files = erasure.blank_raw(run.store.files(), places)
    # What is loaded and not published yet is counted anew, from what its files hold now.
    loaded = [file for file in run.store.files(FileState.LOADED) if file.file_id in places]
    send_again(run.store, run.lease, loaded)
    tell("Removing rows and computing results anew")
    rows = erase_rows(spark, run.context(), plan.held)
    tell("Removing older files")
    old_files = remove_every_old_file(spark, run.context())
    receipt = plan.receipt(run.lake, run.record, rows, (raw_files, old_files))
    erasure.write_receipt(run.lake, run.record.run_id, receipt.document())
    erasure.remove_journal(run.lake)
    return receipt


@contextmanager
def _lease(store: TrackingStore) -> Iterator[Lease]:
    lease = store.acquire_lease(processes.owner(), processes.is_ended)
    try:
        yield lease
    finally:
        store.release_lease(lease)
