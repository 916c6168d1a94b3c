"""Wiring of the upkeep job: erasure, replay, rebuild, redrive, rollback, files set aside on AWS.

Each goes under the lease. Whom to erase stands in a document of the lake, not among the job's
arguments: whoever may see a job may read those. Source: docs/adr/0033-upkeep-on-aws.md.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import boto3

from metriccare import naming
from metriccare.aws.clients import RETRIES
from metriccare.aws.erasure import S3Copies
from metriccare.aws.glue import GlueWorkflow
from metriccare.aws.log import log, sanitized
from metriccare.errors import UsageError
from metriccare.settings import Lake
from metriccare.tracking.again import send_again
from metriccare.tracking.documents import document_names, read_document, remove_document
from metriccare.tracking.states import FileRecord, FileState, Lease, RunRecord
from metriccare.tracking.store import TrackingStore
from metriccare.upkeep import set_aside
from metriccare.upkeep.erasure_plan import Receipt, Request
from metriccare.upkeep.rebuild_request import Rebuild
from metriccare.upkeep.replay import Window, arrived_in, with_ids
from metriccare.upkeep.rollback_runs import run_to_roll_back
from metriccare.upkeep.set_aside import named_file
from metriccare.wiring.deployed_stages import run_stage
from metriccare.wiring.glue import (
    JobArguments,
    engine_of,
    engine_over,
    job_arguments,
    settings_of,
    storage_of_job,
    tracking,
    writer,
)

if TYPE_CHECKING:
    from metriccare.pipeline.runs import Run
    from metriccare.upkeep.erase import Find

Clock = Callable[[], datetime]
_STAGES = ("bronze", "silver", "gold")


@dataclass(frozen=True)
class UpkeepArguments:
    """What the job is told besides what every job is; `--task` says what it is to do."""

    job: JobArguments
    task: str
    pipeline: str
    results: str
    request: str | None = None
    since: date | None = None
    until: date | None = None
    run: str | None = None
    rule: str | None = None
    file: str | None = None
    reason: str | None = None
    tenant: str | None = None
    read: str | None = None

    @property
    def lake(self) -> Lake:
        """Return the deployed lake."""
        return Lake(self.job.lake)


def upkeep_arguments(words: Sequence[str]) -> UpkeepArguments:
    """Read what Glue passes to the script."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--task", required=True, choices=tuple(_TASKS))
    for name in ("--pipeline", "--results"):
        parser.add_argument(name, required=True)
    for name in ("--request", "--run", "--rule", "--file", "--reason", "--tenant"):
        parser.add_argument(name)
    # What a rebuild begins with: the rows of bronze as they are, or the uploads read once more.
    parser.add_argument("--read", choices=("bronze", "raw"))
    for name in ("--since", "--until"):
        parser.add_argument(name, type=date.fromisoformat)
    found, _ = parser.parse_known_args(words)
    return UpkeepArguments(job_arguments(words), **vars(found))


def run_upkeep(arguments: UpkeepArguments, clock: Clock) -> None:
    """Do what the job was started for; what it raises says nothing of a person."""
    try:
        _TASKS[arguments.task](arguments, clock)
    except Exception as error:
        raise sanitized(error) from None


def _erase(arguments: UpkeepArguments, clock: Clock) -> None:
    from metriccare.upkeep.erase import erase

    objects, request = storage_of_job(arguments.job).objects, _request(arguments)
    try:
        receipts = erase(objects, request, lambda find: _remove(arguments, find, clock), _tell)
    finally:
        # They name persons, and one such job is at work: what was begun stands in the journal, and
        # a request that a killed job left behind has to be made again.
        for name in document_names(objects, naming.ERASURE_REQUESTS):
            remove_document(objects, name)
    for receipt in receipts:
        log("erased", erasure=receipt.erasure, rows=sum(receipt.rows.values()))
    _start_if_files_wait(arguments)


def _request(arguments: UpkeepArguments) -> Request | None:
    """Return whom to erase; nobody when only what broke off is to be finished."""
    if arguments.request is None:
        return None
    text = read_document(storage_of_job(arguments.job).objects, _place(arguments))
    if text is None:
        raise UsageError(
            "There is no such request; `metriccare erase PATIENT --lake s3://...` makes one."
        )
    return Request(**json.loads(text))


def _place(arguments: UpkeepArguments) -> str:
    return f"{naming.ERASURE_REQUESTS}/{arguments.request}.json"


def _remove(arguments: UpkeepArguments, find: Find, clock: Clock) -> Receipt:
    from metriccare.pipeline import runs
    from metriccare.upkeep.erase import remove_everywhere

    copies = S3Copies(boto3.client("s3", config=RETRIES), arguments.lake, arguments.results)
    run = _begin(arguments, clock())
    with runs.failure_noted(run, clock):
        receipt = remove_everywhere(engine_of(run), run, copies, find, _tell)
    runs.end_erasure(run, clock())
    return receipt


def _replay(arguments: UpkeepArguments, clock: Clock) -> None:
    if arguments.since is None or arguments.until is None:
        raise UsageError("A replay wants --since and --until, dates such as 2024-12-31.")
    window = Window(arguments.since, arguments.until)
    if not arrived_in(tracking(arguments.job), window):
        log("nothing to do: no file that went through arrived in these days")
        return
    record = _take_through_again(arguments, clock, lambda store: arrived_in(store, window))
    _start_if_files_wait(arguments)
    # A person waits for this job's answer: it names the tenants that were refused.
    record.require_all_published()


def _redrive(arguments: UpkeepArguments, clock: Clock) -> None:
    """Send the files of rejected records through again; a file is read whole, nothing doubles."""
    from metriccare.incremental.pending_rows import count_of
    from metriccare.pipeline.bronze.quarantine import select_rejects, still_rejected

    # It is read only: what is written is written under the lease of the run.
    engine = engine_over(arguments.lake, _never_lost)
    wanted = select_rejects(engine, arguments.run, arguments.rule)
    if not wanted.file_ids:
        log("nothing to do: no such record is in quarantine")
        return
    ids = wanted.file_ids
    record = _take_through_again(arguments, clock, lambda store: with_ids(store, ids))
    rejected = still_rejected(engine, wanted)
    log("redriven", loaded=count_of(engine, wanted.records) - rejected, rejected=rejected)
    _start_if_files_wait(arguments)
    record.require_all_published()


def _rebuild(arguments: UpkeepArguments, clock: Clock) -> None:
    """Derive silver and gold again from bronze, of one tenant or of all."""
    rebuild = Rebuild(arguments.tenant or naming.EVERY_TENANT, arguments.read == "raw")
    rebuild.check(tracking(arguments.job))
    raw_files = storage_of_job(arguments.job).raw_files
    record = _take_through_again(
        arguments, clock, lambda store: rebuild.files(store, raw_files), rebuild.noted_in
    )
    _start_if_files_wait(arguments)
    record.require_all_published()


def _never_lost() -> None:
    """Stand for the lease where nothing is written."""


def _as_begun(record: RunRecord) -> RunRecord:
    return record


def _take_through_again(
    arguments: UpkeepArguments,
    clock: Clock,
    find: Callable[[TrackingStore], Sequence[FileRecord]],
    noted: Callable[[RunRecord], RunRecord] = _as_begun,
) -> RunRecord:
    """Register files that went through once more and take them to gold, with whatever waits.

    `noted` adds to the run's record what it was asked for.
    """
    from metriccare.pipeline import runs

    run = _begin(arguments, clock())
    with runs.failure_noted(run, clock):
        run = replace(run, record=noted(run.record))
        run.store.put_run(run.record)
        count = send_again(run.store, run.lease, find(run.store))
        log("registered again", files=count)
        engine = engine_of(run)
        for stage in _STAGES:
            run = run_stage(engine, run, stage, arguments.job.workspace)
    return runs.end(run, clock()).record


def _roll_back(arguments: UpkeepArguments, clock: Clock) -> None:
    """Take the newest run back; its files wait, and the sweep or the next upload takes them up."""
    from metriccare.pipeline.runs import Run
    from metriccare.upkeep.rollback import roll_back

    if arguments.run is None:
        raise UsageError("A rollback wants --run, the newest run.")
    settings = settings_of(arguments.job)
    with _holding_lease(arguments, clock()) as (store, lease):
        record = run_to_roll_back(store, arguments.run)
        run = Run(storage_of_job(arguments.job), settings, store, lease, record)
        log("rolled back", run=arguments.run, files=roll_back(engine_of(run), run, _tell))


def _set_aside(arguments: UpkeepArguments, clock: Clock) -> None:
    """Keep a file out of every run; the next run takes out what tables hold of it."""
    word, reason = _file(arguments), arguments.reason
    if not reason:
        raise UsageError("Setting a file aside wants --reason TEXT.")
    with _holding_lease(arguments, clock()) as (store, lease):
        file = named_file(store, word)
        set_aside.set_aside(store, lease, file, reason)
    log("set aside", file=file.file_id, was=str(file.state))


def _release(arguments: UpkeepArguments, clock: Clock) -> None:
    """Have the next run take up a file that was set aside, and start it."""
    word = _file(arguments)
    with _holding_lease(arguments, clock()) as (store, lease):
        file = named_file(store, word)
        set_aside.release(store, lease, file)
    log("released", file=file.file_id)
    _start_if_files_wait(arguments)


def _file(arguments: UpkeepArguments) -> str:
    if not arguments.file:
        raise UsageError("This wants --file, the id of a file or its name as it was sent.")
    return arguments.file


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
    """Start the pipeline for files that arrived meanwhile: its runs stood back for this one."""
    if tracking(arguments.job).files(FileState.REGISTERED):
        client = boto3.client("glue", config=RETRIES)
        log("files wait", started=GlueWorkflow(client, arguments.pipeline, ()).start())


def _tell(what: str) -> None:
    log(what)


_TASKS: dict[str, Callable[[UpkeepArguments, Clock], None]] = {
    "erase": _erase,
    "replay": _replay,
    "rebuild": _rebuild,
    "redrive": _redrive,
    "rollback": _roll_back,
    "set_aside": _set_aside,
    "release": _release,
}
