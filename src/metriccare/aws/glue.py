"""The Glue workflow: start it, ask what its jobs did, find out if a lease holder has ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from metriccare.aws import small_run
from metriccare.errors import UsageError
from metriccare.tracking.jobs import JobRun

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient

_ENDED_WORKFLOW = frozenset({"COMPLETED", "STOPPED", "ERROR"})
_ENDED_JOB = frozenset({"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"})
# Newest runs that are asked for: more than a day's failures.
_LOOKED_AT = 25
_WORKFLOW, _JOB = "workflow", "job"


class GlueWorkflow:
    """The deployed workflow; `jobs` in the order they run."""

    def __init__(self, client: GlueClient, workflow: str, jobs: Sequence[str]) -> None:
        self._client = client
        self._workflow = workflow
        self._jobs = tuple(jobs)

    def start(self) -> bool:
        """Start a run; return False if one is running already, which is as good."""
        try:
            self._client.start_workflow_run(Name=self._workflow)
        except ClientError as error:
            return _raise_unless_running(error)
        return True

    def start_daily(self) -> bool:
        """Start the last job alone, which computes results again; return False if it is running."""
        try:
            self._client.start_job_run(JobName=self._jobs[-1])
        except ClientError as error:
            return _raise_unless_running(error)
        return True

    def is_ending(self) -> bool:
        """Return True if the newest run has nothing left to do although its state is RUNNING.

        For some seconds after its last job a workflow cannot be started again.
        """
        runs = self._client.get_workflow_runs(Name=self._workflow, MaxResults=_LOOKED_AT)["Runs"]
        running = [run for run in runs if run.get("Status") == "RUNNING"]
        return any(_is_done(run.get("Statistics", {})) for run in running)

    def ended_job_runs(self, jobs: Sequence[str]) -> list[JobRun]:
        """Return the newest runs of each of these jobs that have ended, oldest first."""
        found = [
            _job_run(run)
            for job in jobs
            for run in self._client.get_job_runs(JobName=job, MaxResults=_LOOKED_AT)["JobRuns"]
        ]
        ended = [run for run in found if run.state in _ENDED_JOB and run.ended_at is not None]
        return sorted(ended, key=lambda run: (run.ended_at, run.job_run_id))

    def job_run(self, job: str, job_run_id: str) -> JobRun:
        """Return one run of a job with its times."""
        return _job_run(self._client.get_job_run(JobName=job, RunId=job_run_id)["JobRun"])


class UpkeepJob:
    """The deployed job a person starts for an erasure, a replay, a redrive or a rollback."""

    def __init__(self, client: GlueClient, name: str) -> None:
        self._client = client
        self._name = name

    def start(self, arguments: Mapping[str, str]) -> str:
        """Start the job and return the id of its run.

        Raises UsageError if it is running already, or does not exist.
        """
        try:
            return self._client.start_job_run(JobName=self._name, Arguments=dict(arguments))[
                "JobRunId"
            ]
        except ClientError as error:
            if error.response["Error"]["Code"] == "EntityNotFoundException":
                raise UsageError(
                    f"There is no job {self._name} in this account and region."
                ) from error
            _raise_unless_running(error)
            raise UsageError(
                f"{self._name} is at work already; wait until it has ended."
            ) from error

    def ended(self, job_run_id: str) -> EndedJob | None:
        """Return how a run of the job ended; None while it is at work."""
        run: Any = self._client.get_job_run(JobName=self._name, RunId=job_run_id)["JobRun"]
        if run["JobRunState"] not in _ENDED_JOB:
            return None
        return EndedJob(run["JobRunState"] == "SUCCEEDED", run.get("ErrorMessage", ""))


@dataclass(frozen=True)
class EndedJob:
    """How a job's run ended, with Glue's message if it failed."""

    succeeded: bool
    message: str


def lease_owner(job: str, job_run_id: str, workflow: str | None, run_id: str | None) -> str:
    """Return who a job's lease belongs to: the run of its workflow, else the job's own run."""
    if workflow and run_id:
        return f"{_WORKFLOW}/{workflow}/{run_id}"
    return f"{_JOB}/{job}/{job_run_id}"


def is_ended(client: GlueClient, owner: str, now: datetime) -> bool:
    """Return True if a lease's owner has ended; Glue is asked, not the clock.

    One that Glue does not know any more (90 days, or deleted) has ended. Lambda cannot be asked:
    it ends a call at a time that the call's owner names.
    """
    if (call := small_run.call_of(owner)) is not None:
        return call.is_over(now)
    kind, _, rest = owner.partition("/")
    name, _, run_id = rest.partition("/")
    try:
        if kind == _WORKFLOW:
            run = client.get_workflow_run(Name=name, RunId=run_id)["Run"]
            return run.get("Status", "") in _ENDED_WORKFLOW
        job_run = client.get_job_run(JobName=name, RunId=run_id)["JobRun"]
        return job_run.get("JobRunState", "") in _ENDED_JOB
    except ClientError as error:
        if error.response["Error"]["Code"] == "EntityNotFoundException":
            return True
        raise


def _is_done(statistics: Any) -> bool:
    busy = int(statistics.get("RunningActions", 0)) + int(statistics.get("WaitingActions", 0))
    return busy == 0 and int(statistics.get("TotalActions", 0)) > 0


def _job_run(run: Any) -> JobRun:
    return JobRun(
        job=run["JobName"],
        job_run_id=run["Id"],
        state=run["JobRunState"],
        started_at=run.get("StartedOn"),
        ended_at=run.get("CompletedOn"),
    )


def _raise_unless_running(error: ClientError) -> bool:
    """Return False for "already running", in both forms Glue says it; raise anything else."""
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    if code == "ConcurrentRunsExceededException" or "concurrent runs exceeded" in message.lower():
        return False
    raise error
