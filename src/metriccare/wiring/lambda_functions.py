"""Wiring of the Lambda functions: the AWS clients behind the protocols.

This module never imports Spark.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from metriccare.aws import bundles, events
from metriccare.aws.alerts import EveryNotifier, SlackNotifier, SnsNotifier
from metriccare.aws.clients import RETRIES
from metriccare.aws.dynamodb import DynamoReported, DynamoTracking
from metriccare.aws.environment import Deployment
from metriccare.aws.glue import GlueWorkflow, UpkeepJob
from metriccare.aws.log import emit, log
from metriccare.aws.metrics import MOST_VALUES
from metriccare.aws.small_run import Ended, Outcome, SmallRunFunction, call_of, ended_call
from metriccare.causes import cause_of
from metriccare.ingest import register_files as registration
from metriccare.ingest import start_workflow
from metriccare.monitoring import canary as monitoring_canary
from metriccare.monitoring import notify, service_level, sweep
from metriccare.tracking.jobs import JobRun
from metriccare.tracking.states import FileRecord, FileState, RunRecord
from metriccare.upkeep.month import month_before

_RUNS_LOOKED_AT = 50
# Files sent again later than this were published before; they do not measure the service.
_LONGEST_WAIT = timedelta(days=7)


def register_files(
    deployed: Deployment, records: Sequence[Mapping[str, Any]], now: datetime
) -> list[str]:
    """Register the uploads of queue messages and start a run; return the ids of failed messages."""
    store = _tracking(deployed.tracking_table)
    done, failed = registration.Registered(), []
    for record in records:
        try:
            found = events.uploads(record["body"], now)
            done += registration.register(store, found.files)
            found.refuse_malformed()
        except Exception as error:
            failed.append(record["messageId"])
            log("message failed", message=record["messageId"], error=cause_of(error))
        else:
            for key in found.foreign:
                log(
                    "ignored: no object in a tenant's folder, <tenant>/<file>", depth=key.count("/")
                )
    started = registration.start_if_waiting(store, _starter(deployed, store, now), done)
    log("registered", new=done.new, known=done.known, failed=len(failed), started=started)
    return failed


def notify_job_end(deployed: Deployment, event: Mapping[str, Any], now: datetime) -> None:
    """Report a job's end once, write its metrics, and start the next run if files wait."""
    workflow = _workflow(deployed)
    ended = events.job_run(event)
    known = workflow.job_run(ended.job, ended.job_run_id)
    job = JobRun(ended.job, ended.job_run_id, ended.state, known.started_at, ended.ended_at)
    store = _tracking(deployed.tracking_table)
    _report(deployed, job, notify.run_of(job, store.runs(limit=_RUNS_LOOKED_AT)), now)
    if job.job == deployed.last_job and not job.failed:
        _start_if_files_wait(deployed, store, now)


def notify_small_run_end(deployed: Deployment, event: Mapping[str, Any], now: datetime) -> None:
    """Report a small run once and start the next if files wait, or let the workflow continue.

    A run that was too large for one process is no failure: the workflow's end is reported.
    """
    ended, store = ended_call(event), _tracking(deployed.tracking_table)
    if ended.outcome == Outcome.HANDED_OVER:
        _free_lease(store, ended)
        emit({"SmallRunsHandedOver": 1}, {"Workspace": deployed.workspace}, now)
        started = start_workflow.start_after_end(_workflow(deployed), time.sleep)
        log("the workflow takes over", request=ended.request_id, started=started)
        return
    if ended.outcome == Outcome.NOTHING_TO_DO:
        return
    job = ended.job_run(deployed.small_run or "")
    run = next((run for run in store.runs(_RUNS_LOOKED_AT) if run.run_id == ended.run_id), None)
    _report(deployed, job, run, now)
    if not job.failed:
        _start_if_files_wait(deployed, store, now)


def _free_lease(store: DynamoTracking, ended: Ended) -> None:
    """Release the lease of a killed call, which could not release it itself."""
    lease = store.current_lease()
    call = call_of(lease.owner) if lease else None
    if lease is not None and call is not None and call.request_id == ended.request_id:
        store.release_lease(lease)


def _start_if_files_wait(deployed: Deployment, store: DynamoTracking, now: datetime) -> None:
    if store.files(FileState.REGISTERED):
        started = start_workflow.start_after_end(_starter(deployed, store, now), time.sleep)
        log("files waited at the end of the run", started=started)


def sweep_pipeline(deployed: Deployment, now: datetime) -> None:
    """Report job ends that events missed, write the lag, and start what is due."""
    store, workflow = _tracking(deployed.tracking_table), _workflow(deployed)
    for job in sweep.newly_ended(workflow.ended_job_runs(deployed.watched_jobs), now):
        _report(deployed, job, notify.run_of(job, store.runs(limit=_RUNS_LOOKED_AT)), now)
    emit(sweep.lag_of(store, now).metrics(), {"Workspace": deployed.workspace}, now)
    starter = _starter(deployed, store, now)
    started = sweep.start_what_is_due(store, starter, deployed.daily_run_hour_utc, now)
    log("swept", started=started, paused=store.pause_reason())


def close_last_month(deployed: Deployment, now: datetime) -> None:
    """Start the upkeep job that closes last month for every tenant where it is still open."""
    job = UpkeepJob(boto3.client("glue", config=RETRIES), deployed.upkeep_job)
    month = f"{month_before(now.date()):%Y-%m}"
    log("closing", month=month, job_run=job.start({"--task": "close", "--month": month}))


def canary(deployed: Deployment, bucket: str, now: datetime) -> None:
    """Send the canary if today's is missing; show how long ago a published one was sent."""
    seen = monitoring_canary.look(_files_between(deployed, now - _LONGEST_WAIT, now), now)
    if seen.is_due:
        key, content = monitoring_canary.upload(now)
        boto3.client("s3", config=RETRIES).put_object(Bucket=bucket, Key=key, Body=content)
    hours = {"HoursSinceCanaryPublished": seen.hours_since_published}
    emit(hours, {"Workspace": deployed.workspace}, now)
    log("canary", sent=seen.is_due)


def keep_bundle(bucket: str, key: str) -> str:
    """Keep a copy of a bundle for the runs that use it and return its key."""
    kept = bundles.keep_bundle(boto3.client("s3", config=RETRIES), bucket, key)
    log("bundle kept", key=kept)
    return kept


def show_heartbeat(deployed: Deployment, now: datetime) -> None:
    """Write only the heartbeat; it calls no AWS service, because new rights may not work yet."""
    emit({"Heartbeat": 1.0}, {"Workspace": deployed.workspace}, now)


def _report(deployed: Deployment, job: JobRun, run: RunRecord | None, now: datetime) -> None:
    """Send the alert and write the metrics of an ended job, unless that was done."""
    reported = DynamoReported(boto3.client("dynamodb", config=RETRIES), deployed.tracking_table)
    message = _message(deployed, job, run)
    if message is None:
        fresh = reported.claim(job.job_run_id)
    else:
        fresh = notify.send_once(_notifier(deployed), reported, job.job_run_id, message)
    if fresh:
        workspace = {"Workspace": deployed.workspace}
        emit(notify.metrics_of(job, run, deployed.last_job_of(job.job)), workspace, now)
        emit({"JobMinutes": round(job.minutes, 2)}, {**workspace, "Job": job.job}, now)
        if run is not None and job.job == deployed.last_job_of(job.job) and not job.failed:
            _show_service_level(deployed, run, now)
    log("job ended", job=job.job, state=job.state, reported=fresh)


def _show_service_level(deployed: Deployment, run: RunRecord, now: datetime) -> None:
    """Write how long uploads waited until this run published them: as a metric, and by tenant.

    Tenants are lines of the log and no metrics, which would cost 0.30 USD each.
    """
    files = _files_between(deployed, run.started_at - _LONGEST_WAIT, now)
    by_tenant = service_level.minutes_to_publish(files, run)
    every = sorted(minutes for some in by_tenant.values() for minutes in some)
    if every:
        values = service_level.sample(every, MOST_VALUES)
        emit({"MinutesToPublish": values}, {"Workspace": deployed.workspace}, now)
    for tenant, minutes in by_tenant.items():
        p50, p95 = (service_level.percentile(minutes, share) for share in (0.5, 0.95))
        log("tenant published", tenant=tenant, files=len(minutes), minutes_p50=p50, minutes_p95=p95)


def _files_between(deployed: Deployment, first: datetime, last: datetime) -> list[FileRecord]:
    """Return the files registered on the days of two times and between them."""
    days = [time.astimezone(UTC).date() for time in (first, last)]
    return _tracking(deployed.tracking_table).files_registered(*days)


def _message(deployed: Deployment, job: JobRun, run: RunRecord | None) -> notify.Message | None:
    if job.job == deployed.upkeep_job:
        return notify.message_of_upkeep(deployed.workspace, job, run)
    return notify.message_of(deployed.workspace, job, run, deployed.last_job_of(job.job))


def _notifier(deployed: Deployment) -> notify.Notifier:
    topic = SnsNotifier(boto3.client("sns", config=RETRIES), deployed.topic_arn)
    if deployed.slack_secret is None:
        return topic
    secrets = boto3.client("secretsmanager", config=RETRIES)
    return EveryNotifier([topic, SlackNotifier(secrets, deployed.slack_secret)])


def _workflow(deployed: Deployment) -> GlueWorkflow:
    client = boto3.client("glue", config=RETRIES)
    return GlueWorkflow(client, deployed.workflow, deployed.jobs)


def _starter(
    deployed: Deployment, store: DynamoTracking, now: datetime
) -> start_workflow.WorkflowStarter:
    """Return the starter of runs: the workflow, or the one that chooses by the waiting bytes."""
    gap = timedelta(minutes=deployed.min_minutes_between_runs)
    return start_workflow.HeldBack(store, _by_size(deployed, store), gap, now)


def _by_size(deployed: Deployment, store: DynamoTracking) -> start_workflow.WorkflowStarter:
    workflow = _workflow(deployed)
    if deployed.small_run is None:
        return workflow
    client = boto3.client("lambda", config=RETRIES)
    return start_workflow.StartBySize(store, SmallRunFunction(client, deployed.small_run), workflow)


def _tracking(table: str) -> DynamoTracking:
    """Return the tracking store of the deployed lake."""
    return DynamoTracking(boto3.client("dynamodb", config=RETRIES), table)


def now() -> datetime:
    """Return the time; entry points pass it on."""
    return datetime.now(UTC)
