"""Wiring of the operator's tasks on a deployed lake: start its upkeep job and wait for it."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import boto3

from metriccare import naming
from metriccare.aws.clients import RETRIES
from metriccare.aws.doctor import Account
from metriccare.aws.dynamodb import DynamoTracking
from metriccare.aws.glue import UpkeepJob
from metriccare.errors import MetricCareError
from metriccare.settings import Lake
from metriccare.tracking.documents import document_names, read_document
from metriccare.upkeep.erasure_plan import Request, write_request
from metriccare.wiring.storage import bucket_storage, workspace_of

ReportProgress = Callable[[str], None]
_LOOK_SECONDS = 10.0


def erase_deployed(
    lake: Lake, request: Request, report_progress: ReportProgress
) -> list[dict[str, Any]]:
    """Erase a person and return the receipts of this erasure.

    The request is stored in the lake, because everyone who may see a job can read its arguments.
    """
    job, name = _job(lake), uuid.uuid4().hex
    objects = bucket_storage(lake).objects
    before = document_names(objects, naming.ERASURES_FOLDER)
    write_request(objects, name, request)
    _finish(job, {"--task": "erase", "--request": name}, report_progress)
    made = document_names(objects, naming.ERASURES_FOLDER) - before
    return [
        json.loads(read_document(objects, name) or "{}") for name in sorted(made) if "/run-" in name
    ]


def replay_deployed(lake: Lake, days: Mapping[str, str], report_progress: ReportProgress) -> None:
    """Replay the files that arrived in these days."""
    _finish(_job(lake), {"--task": "replay", **days}, report_progress)


def rebuild_deployed(
    lake: Lake, choice: Mapping[str, str], report_progress: ReportProgress
) -> None:
    """Derive silver and gold again from bronze."""
    _finish(_job(lake), {"--task": "rebuild", **choice}, report_progress)


def close_deployed(lake: Lake, choice: Mapping[str, str], report_progress: ReportProgress) -> None:
    """Keep a month's KPIs as they are known on its last day."""
    _finish(_job(lake), {"--task": "close", **choice}, report_progress)


def redrive_deployed(
    lake: Lake, choice: Mapping[str, str], report_progress: ReportProgress
) -> None:
    """Process the files of rejected records again."""
    _finish(_job(lake), {"--task": "redrive", **choice}, report_progress)


def roll_back_deployed(lake: Lake, run_id: str, report_progress: ReportProgress) -> None:
    """Roll back the newest run."""
    _finish(_job(lake), {"--task": "rollback", "--run": run_id}, report_progress)


def set_aside_deployed(lake: Lake, word: str, reason: str, report_progress: ReportProgress) -> None:
    """Exclude a file from every run."""
    _finish(
        _job(lake), {"--task": "set_aside", "--file": word, "--reason": reason}, report_progress
    )


def release_deployed(lake: Lake, word: str, report_progress: ReportProgress) -> None:
    """Release a file that was set aside."""
    _finish(_job(lake), {"--task": "release", "--file": word}, report_progress)


def account_of(workspace: str) -> Account:
    """Return the account of this machine's credentials, for the checks of a workspace."""
    client: Callable[[str], Any] = partial(boto3.client, config=RETRIES)
    return Account(client, workspace, datetime.now(UTC))


def tracking_of(lake: Lake) -> DynamoTracking:
    """Return the tracking store of a deployed lake, for those who may read it."""
    name = naming.tracking_table(workspace_of(lake))
    return DynamoTracking(boto3.client("dynamodb", config=RETRIES), name)


def _job(lake: Lake) -> UpkeepJob:
    name = naming.upkeep_job(workspace_of(lake))
    return UpkeepJob(boto3.client("glue", config=RETRIES), name)


def _finish(job: UpkeepJob, arguments: Mapping[str, str], report_progress: ReportProgress) -> None:
    """Start the job and wait for its end; if this is interrupted, the job continues."""
    run_id = job.start(arguments)
    report_progress(f"The upkeep job works (run {run_id})")
    while (ended := job.ended(run_id)) is None:
        time.sleep(_LOOK_SECONDS)
    if not ended.succeeded:
        raise MetricCareError(
            f"The upkeep job failed: {ended.message or 'see its log'} (job run {run_id};"
            " docs/runbook.md, Upkeep of a deployed lake)."
        )
