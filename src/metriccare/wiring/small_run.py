"""Wiring of the function for small runs: all stages of a run in this process.

This module never imports Spark. A run too large for one process is left to the workflow.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3

from metriccare.aws.clients import RETRIES
from metriccare.aws.dynamodb import DynamoTracking
from metriccare.aws.glue import is_ended
from metriccare.aws.log import log, sanitized
from metriccare.aws.small_run import Answer, Call, Outcome, call_of
from metriccare.engine.duckdb.engine import DuckDbEngine
from metriccare.engine.duckdb.sole_writer import SoleWriterStore
from metriccare.engine.duckdb.translations import CACHE_VARIABLE
from metriccare.errors import LeaseHeld, OutOfMemory, OutOfTime, SetupError
from metriccare.ingest.start_workflow import is_small
from metriccare.object_store import rewritten_bytes
from metriccare.pipeline import runs
from metriccare.settings import Lake
from metriccare.tracking.pending import is_pending
from metriccare.wiring.deployed_stages import (
    STAGES,
    deployed_settings,
    deployed_storage,
    end_run,
    operations_published,
    run_stage,
)

_MOST_REWRITTEN = 2 * 2**30
# What is left when no commit is begun any more: enough to write down how the run ended.
_LAST_SECONDS = timedelta(seconds=20)
# In the zip beside the packages: models that were translated when it was built.
_TRANSLATIONS = Path(__file__).parents[2] / "translations"


@dataclass(frozen=True)
class SmallRun:
    """One call of the function: the lake, its tracking, the owner and the deadline."""

    lake: Lake
    workspace: str
    tracking_table: str
    settings: str | None
    call: Call
    clock: Callable[[], datetime]

    def store(self) -> DynamoTracking:
        """Return the tracking store of the deployed lake."""
        return DynamoTracking(boto3.client("dynamodb", config=RETRIES), self.tracking_table)

    def writer(self) -> runs.Writer:
        """Return the call as a writer of the lake."""
        client, now = boto3.client("glue", config=RETRIES), self.clock()

        def ended(owner: str) -> bool:
            holder = call_of(owner)
            # The function has one call at a time: one before this has ended.
            own = holder is not None and holder.function == self.call.function
            return own or is_ended(client, owner, now)

        return runs.Writer(self.call.owner, ended, now)

    def check_time(self) -> None:
        """Raise OutOfTime when Lambda will end the call soon."""
        if self.clock() + _LAST_SECONDS > self.call.until:
            raise OutOfTime(
                "The function's time was nearly up; the workflow takes the files through."
            )


def small_run_of(environment: Mapping[str, str], call: Call) -> SmallRun:
    """Read the stack's names; SetupError says which is missing."""
    wanted = {name: environment.get(name) for name in _REQUIRED}
    missing = [name for name, value in wanted.items() if not value]
    if missing:
        raise SetupError(
            f"The environment has no {', '.join(missing)}; terraform/small_run.tf sets them."
        )
    return SmallRun(
        lake=Lake(environment["METRICCARE_DEPLOYED_LAKE"]),
        workspace=environment["METRICCARE_WORKSPACE"],
        tracking_table=environment["METRICCARE_TRACKING_TABLE"],
        settings=environment.get("METRICCARE_SETTINGS") or None,
        call=call,
        clock=lambda: datetime.now(UTC),
    )


_REQUIRED = ("METRICCARE_DEPLOYED_LAKE", "METRICCARE_WORKSPACE", "METRICCARE_TRACKING_TABLE")


def call_under_way(context: Any) -> Call:
    """Return the call of Lambda's context."""
    left = timedelta(milliseconds=context.get_remaining_time_in_millis())
    return Call(context.function_name, context.aws_request_id, datetime.now(UTC) + left)


def run_small(small: SmallRun) -> Answer:
    """Process the waiting files up to the published results, and return the outcome.

    Every error is returned as an answer, so a call that fails was killed.
    """
    if _TRANSLATIONS.is_dir():
        os.environ.setdefault(CACHE_VARIABLE, str(_TRANSLATIONS))
    started = small.clock()
    with tempfile.TemporaryDirectory(prefix="metriccare-") as folder:
        try:
            outcome, run_id = _process_waiting_files(small, Path(folder))
        except Exception as error:
            # `sanitized` logs where it happened.
            log("the run failed", error=str(sanitized(error)))
            outcome, run_id = Outcome.FAILED, None
    log("ended", outcome=outcome, run=run_id)
    return Answer(outcome, started, run_id)


def _process_waiting_files(small: SmallRun, folder: Path) -> tuple[Outcome, str | None]:
    store = small.store()
    if (reason := store.pause_reason()) is not None:
        log("nothing to do: the lake is paused", reason=reason)
        return Outcome.NOTHING_TO_DO, None
    if store.runs(limit=1) and not is_pending(store):
        return Outcome.NOTHING_TO_DO, None
    storage = deployed_storage(small.lake, folder / "objects")
    if not is_small(store) or rewritten_bytes(storage.objects) > _MOST_REWRITTEN:
        return Outcome.HANDED_OVER, None
    settings = deployed_settings(small.lake, small.settings, folder / "settings")
    try:
        run = runs.begin(storage, settings, store, small.writer(), None)
    except LeaseHeld:
        log("nothing to do: another run is active; its end starts the next one")
        return Outcome.NOTHING_TO_DO, None
    return _run_stages(small, run, folder), run.record.run_id


def _run_stages(small: SmallRun, run: runs.Run, folder: Path) -> Outcome:
    objects = SoleWriterStore(run.storage.objects)

    def open_engine() -> DuckDbEngine:
        return DuckDbEngine(objects, small.check_time, scratch=folder)

    with operations_published(run, small.clock, open_engine):
        return _staged(small, run, objects, folder)


def _staged(small: SmallRun, run: runs.Run, objects: SoleWriterStore, folder: Path) -> Outcome:
    def check() -> None:
        small.check_time()
        run.store.check_lease(run.lease)

    try:
        with (
            runs.failure_noted(run, small.clock),
            DuckDbEngine(objects, check, scratch=folder) as engine,
        ):
            done = run
            for stage in STAGES:
                small.check_time()
                done = run_stage(engine, done, stage, small.workspace)
    except (MemoryError, OutOfMemory, OutOfTime) as error:
        log("the run is left to the workflow", run=run.record.run_id, reason=type(error).__name__)
        return Outcome.HANDED_OVER
    except Exception as error:
        log("the run failed", run=run.record.run_id, error=str(sanitized(error)))
        return Outcome.FAILED
    end_run(done, small.clock())
    return Outcome.SUCCEEDED
