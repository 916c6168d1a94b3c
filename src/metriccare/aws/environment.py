"""What a deployed function reads from its environment: names of things, never secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from metriccare.errors import SetupError

WORKSPACE = "METRICCARE_WORKSPACE"
TRACKING_TABLE = "METRICCARE_TRACKING_TABLE"
WORKFLOW = "METRICCARE_WORKFLOW"
JOBS = "METRICCARE_JOBS"
UPKEEP_JOB = "METRICCARE_UPKEEP_JOB"
TOPIC_ARN = "METRICCARE_TOPIC_ARN"
DAILY_RUN_HOUR_UTC = "METRICCARE_DAILY_RUN_HOUR_UTC"
MIN_MINUTES_BETWEEN_RUNS = "METRICCARE_MIN_MINUTES_BETWEEN_RUNS"
SMALL_RUN = "METRICCARE_SMALL_RUN"
RAW_BUCKET = "METRICCARE_RAW_BUCKET"
SLACK_SECRET = "METRICCARE_SLACK_SECRET"  # noqa: S105 - the name of a secret's name


@dataclass(frozen=True)
class Deployment:
    """The deployed stack a function belongs to; `jobs` are the pipeline's, in their order."""

    workspace: str
    tracking_table: str
    workflow: str
    jobs: tuple[str, ...]
    upkeep_job: str
    topic_arn: str
    daily_run_hour_utc: int
    slack_secret: str | None
    # The function for small runs, in a workspace that has one.
    small_run: str | None = None
    # The least time between the beginnings of two runs; 0 for none.
    min_minutes_between_runs: int = 0

    @property
    def last_job(self) -> str:
        """Return the job whose success is the run's."""
        return self.jobs[-1]

    def last_job_of(self, job: str) -> str:
        """Return the job whose success is that of a run a job worked in; a small run is one job."""
        return job if job == self.small_run else self.last_job

    @property
    def watched_jobs(self) -> tuple[str, ...]:
        """Return the jobs whose end is reported."""
        return (*self.jobs, self.upkeep_job)


def deployment(environment: Mapping[str, str]) -> Deployment:
    """Read the stack's names; SetupError says which is missing."""
    missing = [name for name in _REQUIRED if not environment.get(name)]
    if missing:
        raise SetupError(
            f"The environment has no {', '.join(missing)}; terraform/alerts.tf sets them."
        )
    return Deployment(
        workspace=environment[WORKSPACE],
        tracking_table=environment[TRACKING_TABLE],
        workflow=environment[WORKFLOW],
        jobs=tuple(environment[JOBS].split(",")),
        upkeep_job=environment[UPKEEP_JOB],
        topic_arn=environment[TOPIC_ARN],
        daily_run_hour_utc=int(environment[DAILY_RUN_HOUR_UTC]),
        slack_secret=environment.get(SLACK_SECRET) or None,
        small_run=environment.get(SMALL_RUN) or None,
        min_minutes_between_runs=int(environment.get(MIN_MINUTES_BETWEEN_RUNS) or 0),
    )


_REQUIRED = (WORKSPACE, TRACKING_TABLE, WORKFLOW, JOBS, UPKEEP_JOB, TOPIC_ARN, DAILY_RUN_HOUR_UTC)
