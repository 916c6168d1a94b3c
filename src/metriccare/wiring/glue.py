"""Wiring of the Glue jobs: each runs its stages of one run, under the lease of that run."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from metriccare.aws.clients import RETRIES
from metriccare.aws.dynamodb import DynamoTracking
from metriccare.aws.glue import is_ended, lease_owner
from metriccare.aws.log import log, sanitized
from metriccare.errors import EditionChanged, LeaseHeld
from metriccare.object_store import Storage
from metriccare.settings import Lake, Settings
from metriccare.tracking.pending import is_pending, rebuilding, waiting_bytes
from metriccare.tracking.states import FileState, RunRecord
from metriccare.wiring.deployed_stages import (
    STAGES,
    deployed_settings,
    deployed_storage,
    end_run,
    operations_published,
    run_stage,
)

if TYPE_CHECKING:
    from metriccare.engine.protocol import Engine
    from metriccare.pipeline.runs import Run, Writer


@dataclass(frozen=True)
class JobArguments:
    """A job's arguments: the lake, its tracking, and which job of which workflow run it is."""

    lake: str
    workspace: str
    tracking_table: str
    job: str
    job_run_id: str
    workflow: str | None = None
    workflow_run_id: str | None = None
    as_of: date | None = None
    settings: str | None = None
    # The bundle the job was deployed with, and where it runs.
    edition: str = ""
    region: str | None = None

    @property
    def owner(self) -> str:
        """Return the owner name under which this job holds the lease."""
        return lease_owner(self.job, self.job_run_id, self.workflow, self.workflow_run_id)


def job_arguments(words: Sequence[str]) -> JobArguments:
    """Return the arguments that Glue passes to a script; those Glue adds itself are ignored."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in ("--lake", "--workspace", "--tracking-table", "--JOB_NAME", "--JOB_RUN_ID"):
        parser.add_argument(name, required=True)
    parser.add_argument("--edition", default="")
    for name in ("--WORKFLOW_NAME", "--WORKFLOW_RUN_ID", "--settings", "--region"):
        parser.add_argument(name)
    parser.add_argument("--as-of", type=date.fromisoformat)
    found, _ = parser.parse_known_args(words)
    return JobArguments(
        lake=found.lake,
        workspace=found.workspace,
        tracking_table=found.tracking_table,
        job=found.JOB_NAME,
        job_run_id=found.JOB_RUN_ID,
        workflow=found.WORKFLOW_NAME,
        workflow_run_id=found.WORKFLOW_RUN_ID,
        as_of=found.as_of,
        settings=found.settings,
        edition=found.edition,
        region=found.region,
    )


def settings_of(arguments: JobArguments) -> Settings:
    """Return the deployed settings with the files of their measures, or the defaults."""
    # The folder disappears with the job's container.
    folder = Path(tempfile.mkdtemp(prefix="metriccare-settings-"))
    return deployed_settings(Lake(arguments.lake), arguments.settings, folder)


def run_job(arguments: JobArguments, stages: Sequence[str], clock: Callable[[], datetime]) -> None:
    """Run stages of the pipeline as one job: begin or join the run, work, end or fail it.

    A job that finds nothing to do ends at once, without a Spark session. A run that publishes some
    tenants and refuses others is a job that did its work: its alert names the tenants refused.
    """
    from metriccare.pipeline import runs

    name_region(arguments)
    run = _begin_or_join(arguments, stages, clock())
    if run is None:
        return
    lake = run.lake
    with operations_published(run, clock, lambda: nullcontext(engine_over(lake, _no_lease))):
        try:
            with runs.failure_noted(run, clock):
                check_edition(run.record, arguments.edition)
                with engine_of(run) as engine:
                    for stage in stages:
                        run = run_stage(engine, run, stage, arguments.workspace)
        except Exception as error:
            raise sanitized(error) from None
        if stages[-1] == STAGES[-1]:
            end_run(run, clock())


def _no_lease() -> None:
    """Check nothing: published marts are replaced conditionally, after the lease was released."""


def _begin_or_join(arguments: JobArguments, stages: Sequence[str], now: datetime) -> Run | None:
    from metriccare.pipeline import runs

    store, storage = tracking(arguments), storage_of_job(arguments)
    settings = settings_of(arguments)
    if stages[0] != STAGES[0] and arguments.workflow_run_id:
        lease = store.current_lease()
        if lease is None or lease.owner != arguments.owner:
            log("nothing to do: this workflow run began no run")
            return None
        record = next(record for record in store.runs() if record.epoch == lease.epoch)
        return runs.Run(storage, settings, store, lease, record)
    if not _is_needed(store, arguments, stages):
        log("nothing to do: no file waits")
        return None
    if (reason := store.pause_reason()) is not None:
        log("nothing to do: the lake is paused", reason=reason)
        return None
    try:
        return runs.begin(storage, settings, store, writer(arguments, now), arguments.as_of)
    except LeaseHeld:
        log("nothing to do: another run is active; its end starts the next one")
        return None


def check_edition(record: RunRecord, edition: str) -> None:
    """Raise EditionChanged unless a run began with the bundle of this job."""
    if record.edition != edition:
        raise EditionChanged(
            f"A deploy came in the middle of {record.run_id}: it began with bundle"
            f" {record.edition or 'unknown'}, and this job has {edition or 'unknown'}. The run ends"
            " here, and the next one takes its files through with one bundle."
        )


def name_region(arguments: JobArguments) -> None:
    """Set the region for AWS clients; Glue may not set it in the environment."""
    if arguments.region:
        os.environ.setdefault("AWS_DEFAULT_REGION", arguments.region)


def storage_of_job(arguments: JobArguments) -> Storage:
    """Return the storage of the job's lake; Spark reads and writes the tables itself."""
    return deployed_storage(Lake(arguments.lake), Path(tempfile.gettempdir()))


def writer(arguments: JobArguments, now: datetime) -> Writer:
    """Return the job as a writer of the lake."""
    from metriccare.pipeline import runs

    client = boto3.client("glue", config=RETRIES)
    return runs.Writer(
        owner=arguments.owner,
        # An earlier attempt of this workflow run has ended: its jobs run one at a time.
        is_ended=lambda owner: owner == arguments.owner or is_ended(client, owner, now),
        now=now,
        edition=arguments.edition,
    )


def _is_needed(store: DynamoTracking, arguments: JobArguments, stages: Sequence[str]) -> bool:
    """Return True if there is work to do.

    A workflow run works for files that wait, once for a new lake, or when it is given a date. A
    job started alone is the daily computation; rows that silver has not seen must not be
    published by it, so then the workflow has to run.
    """
    if arguments.workflow_run_id is None:
        half_done = store.files(FileState.CLAIMED) or store.files(FileState.LOADED)
        return stages[0] == STAGES[0] or not (half_done or rebuilding(store.runs()))
    if arguments.as_of is not None or is_pending(store) or not store.runs(limit=1):
        return True
    return bool(rebuilding(store.runs()))


def tracking(arguments: JobArguments) -> DynamoTracking:
    """Return the tracking store of the deployed lake."""
    return DynamoTracking(boto3.client("dynamodb", config=RETRIES), arguments.tracking_table)


@contextmanager
def engine_of(run: Run) -> Iterator[Engine[Any]]:
    """Open the engine a run of this job computes on."""
    from metriccare.engine.spark.checkpoints import checkpoints_in
    from metriccare.engine.spark.engine import SparkEngine
    from metriccare.engine.spark.session import session_under_way

    spark, check_lease = session_under_way(), partial(run.store.check_lease, run.lease)
    with checkpoints_in(spark, run.lake, waiting_bytes(run.store)) as checkpoints:
        yield SparkEngine(spark, run.lake, check_lease, checkpoints.materialize)


def engine_of_erasure(run: Run) -> Engine[Any]:
    """Return the engine an erasure works on: it removes the rows of jobs that were killed.

    It keeps none itself: it removes the old versions of objects before it ends.
    """
    from metriccare.engine.spark.checkpoints import remove_leftovers
    from metriccare.engine.spark.session import session_under_way

    remove_leftovers(session_under_way(), run.lake)
    return engine_over(run.lake, partial(run.store.check_lease, run.lease))


def engine_over(lake: Lake, check_lease: Callable[[], None]) -> Engine[Any]:
    """Return an engine on Glue's session, whose settings come with the job's arguments."""
    from metriccare.engine.spark.engine import SparkEngine
    from metriccare.engine.spark.session import session_under_way

    return SparkEngine(session_under_way(), lake, check_lease)


def now() -> datetime:
    """Return the time; entry points pass it on."""
    return datetime.now(UTC)
