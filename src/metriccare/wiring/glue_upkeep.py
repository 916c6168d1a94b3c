"""Wiring of the upkeep job on AWS: erasure, replay, rebuild, redrive, rollback, close, set aside.

Each holds the lease. A document of the lake names the person to erase; the job's arguments do not,
because everyone who may see a job can read them. Source: docs/adr/0033-upkeep-on-aws.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import boto3

from metriccare.aws.clients import RETRIES
from metriccare.aws.erasure import S3Copies
from metriccare.aws.glue import GlueWorkflow
from metriccare.aws.log import log, sanitized
from metriccare.tracking.again import send_again
from metriccare.tracking.states import FileRecord, FileState, Lease, RunRecord
from metriccare.tracking.store import TrackingStore
from metriccare.upkeep import set_aside
from metriccare.upkeep.erasure_plan import Receipt, Request, read_request, remove_requests
from metriccare.upkeep.replay import arrived_in, with_ids
from metriccare.upkeep.rollback_runs import run_to_roll_back
from metriccare.upkeep.set_aside import named_file
from metriccare.wiring.deployed_stages import STAGES, run_stage
from metriccare.wiring.glue import (
    engine_of,
    engine_of_erasure,
    engine_over,
    name_region,
    settings_of,
    storage_of_job,
    tracking,
    writer,
)
from metriccare.wiring.upkeep_arguments import UpkeepArguments

if TYPE_CHECKING:
    from metriccare.pipeline.runs import Run
    from metriccare.upkeep.erase import FindPlan

Clock = Callable[[], datetime]


def run_upkeep(arguments: UpkeepArguments, clock: Clock) -> None:
    """Do the job's task; errors it raises contain nothing about a person."""
    name_region(arguments.job)
    try:
        _TASKS[arguments.task](arguments, clock)
    except Exception as error:
        raise sanitized(error) from None


def _erase(arguments: UpkeepArguments, clock: Clock) -> None:
    from metriccare.upkeep.erase import erase

    objects, request = storage_of_job(arguments.job).objects, _request(arguments)
    try:
        receipts = erase(
            objects, request, lambda find: _remove(arguments, find, clock), _report_progress
        )
    finally:
        # Requests name persons. Only one such job runs at a time. The journal holds a started
        # erasure; a request left by a killed job must be made again.
        remove_requests(objects)
    for receipt in receipts:
        log("erased", erasure=receipt.erasure, rows=sum(receipt.rows.values()))
    _start_if_files_wait(arguments)


def _request(arguments: UpkeepArguments) -> Request | None:
    """Return the person to erase; None if only an interrupted erasure is to be finished."""
    if arguments.request is None:
        return None
    return read_request(storage_of_job(arguments.job).objects, arguments.request)


def _remove(arguments: UpkeepArguments, find: FindPlan, clock: Clock) -> Receipt:
    from metriccare.pipeline import runs
    from metriccare.upkeep.erase import remove_everywhere

    copies = S3Copies(boto3.client("s3", config=RETRIES), arguments.lake, arguments.results)
    run = _begin(arguments, clock())
    with runs.failure_noted(run, clock):
        receipt = remove_everywhere(engine_of_erasure(run), run, copies, find, _report_progress)
    runs.end_erasure(run, clock())
    return receipt


def _replay(arguments: UpkeepArguments, clock: Clock) -> None:
    window = arguments.window
    if not arrived_in(tracking(arguments.job), window):
        log("nothing to do: no file that went through arrived in these days")
        return
    record = _process_again(arguments, clock, lambda store: arrived_in(store, window))
    _start_if_files_wait(arguments)
    # A person waits for this job's answer: it names the tenants that were refused.
    record.require_all_published()


def _redrive(arguments: UpkeepArguments, clock: Clock) -> None:
    """Process the files of rejected records again; whole files, and no record is doubled."""
    from metriccare.incremental.pending_rows import count_of
    from metriccare.pipeline.bronze.quarantine import select_rejects, still_rejected

    # It is read only: what is written is written under the lease of the run.
    engine = engine_over(arguments.lake, _check_no_lease)
    wanted = select_rejects(engine, arguments.run, arguments.rule)
    if not wanted.file_ids:
        log("nothing to do: no such record is in quarantine")
        return
    ids = wanted.file_ids
    record = _process_again(arguments, clock, lambda store: with_ids(store, ids))
    rejected = still_rejected(engine, wanted)
    log("redriven", loaded=count_of(engine, wanted.records) - rejected, rejected=rejected)
    _start_if_files_wait(arguments)
    record.require_all_published()


def _rebuild(arguments: UpkeepArguments, clock: Clock) -> None:
    """Derive silver and gold again from bronze, of one tenant or of all."""
    rebuild = arguments.rebuild
    rebuild.check(tracking(arguments.job))
    raw_files = storage_of_job(arguments.job).raw_files
    record = _process_again(
        arguments, clock, lambda store: rebuild.files(store, raw_files), rebuild.noted_in
    )
    _start_if_files_wait(arguments)
    record.require_all_published()


def _close(arguments: UpkeepArguments, clock: Clock) -> None:
    """Keep a month's KPIs: of one tenant, or of every tenant where the month is still open.

    It is a run like any other: waiting files are processed too, after the close.
    """
    from metriccare.pipeline import runs
    from metriccare.upkeep.close_month import MonthToClose, close_known, open_tenants

    month, named = arguments.month_to_close, arguments.tenant
    # It is read only: what is written is written under the lease of the run.
    tenants = (
        (named,) if named else open_tenants(engine_over(arguments.lake, _check_no_lease), month)
    )
    if not tenants:
        log("nothing to do: the month is closed for every tenant")
        return
    run = _begin(arguments, clock())
    with runs.failure_noted(run, clock), engine_of(run) as engine:
        asked = MonthToClose(month, tenants, arguments.reason)
        if not named:
            asked = asked.of_ended(run.context())
        closed = close_known(engine, run.context(), asked)
        log("closed", month=f"{month:%Y-%m}", tenants=len(asked.tenants), figures=closed.figures)
        for stage in STAGES:
            run = run_stage(engine, run, stage, arguments.job.workspace)
    record = runs.end(run, clock()).record
    _start_if_files_wait(arguments)
    record.require_all_published()


def _check_no_lease() -> None:
    """Check no lease: nothing is written."""


def _unchanged(record: RunRecord) -> RunRecord:
    return record


def _process_again(
    arguments: UpkeepArguments,
    clock: Clock,
    find: Callable[[TrackingStore], Sequence[FileRecord]],
    with_request: Callable[[RunRecord], RunRecord] = _unchanged,
) -> RunRecord:
    """Register processed files again and run all stages, with all other waiting files.

    `with_request` adds the request to the record of the run.
    """
    from metriccare.pipeline import runs

    run = _begin(arguments, clock())
    with runs.failure_noted(run, clock):
        run = replace(run, record=with_request(run.record))
        run.store.put_run(run.record)
        count = send_again(run.store, run.lease, find(run.store))
        log("registered again", files=count)
        with engine_of(run) as engine:
            for stage in STAGES:
                run = run_stage(engine, run, stage, arguments.job.workspace)
    return runs.end(run, clock()).record


def _roll_back(arguments: UpkeepArguments, clock: Clock) -> None:
    """Roll back the newest run; the sweep or the next upload starts a run for its files."""
    from metriccare.pipeline.runs import Run
    from metriccare.upkeep.rollback import roll_back

    settings, named = settings_of(arguments.job), arguments.run_to_roll_back
    with _holding_lease(arguments, clock()) as (store, lease):
        record = run_to_roll_back(store, named)
        run = Run(storage_of_job(arguments.job), settings, store, lease, record)
        with engine_of(run) as engine:
            files = roll_back(engine, run, _report_progress)
        log("rolled back", run=arguments.run, files=files)


def _set_aside(arguments: UpkeepArguments, clock: Clock) -> None:
    """Exclude a file from every run; the next run removes its rows from the tables."""
    word, reason = arguments.named_file, arguments.reason_to_set_aside
    with _holding_lease(arguments, clock()) as (store, lease):
        file = named_file(store, word)
        set_aside.set_aside(store, lease, file, reason)
    log("set aside", file=file.file_id, was=str(file.state))


def _release(arguments: UpkeepArguments, clock: Clock) -> None:
    """Release a file that was set aside, and start the run that processes it."""
    word = arguments.named_file
    with _holding_lease(arguments, clock()) as (store, lease):
        file = named_file(store, word)
        set_aside.release(store, lease, file)
    log("released", file=file.file_id)
    _start_if_files_wait(arguments)


@contextmanager
def _holding_lease(
    arguments: UpkeepArguments, now: datetime
) -> Iterator[tuple[TrackingStore, Lease]]:
    store, who = tracking(arguments.job), writer(arguments.job, now)
    lease = store.acquire_lease(who.owner, who.is_ended)
    try:
        yield store, lease
    finally:
        store.release_lease(lease)


def _begin(arguments: UpkeepArguments, now: datetime) -> Run:
    from metriccare.pipeline import runs

    job = arguments.job
    who = writer(job, now)
    return runs.begin(storage_of_job(job), settings_of(job), tracking(job), who, job.as_of)


def _start_if_files_wait(arguments: UpkeepArguments) -> None:
    """Start the pipeline for files that arrived during this job, while it held the lease."""
    if tracking(arguments.job).files(FileState.REGISTERED):
        client = boto3.client("glue", config=RETRIES)
        log("files wait", started=GlueWorkflow(client, arguments.pipeline, ()).start())


def _report_progress(what: str) -> None:
    log(what)


_TASKS: dict[str, Callable[[UpkeepArguments, Clock], None]] = {
    "erase": _erase,
    "replay": _replay,
    "rebuild": _rebuild,
    "redrive": _redrive,
    "rollback": _roll_back,
    "set_aside": _set_aside,
    "release": _release,
    "close": _close,
}
