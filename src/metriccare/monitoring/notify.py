"""The messages people get when a run ends: what, which run, how much, why, what to do next.

Messages carry counts, names of ours and our own sentences; never content of a record, and never
the text of a foreign error, which could hold some.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeGuard

from metriccare.tracking.jobs import JobRun
from metriccare.tracking.states import RunRecord, RunState

_FAILED, _SUCCEEDED, _ATTENTION = "failed", "succeeded", "attention"
# An alert's subject and first line are read on a telephone.
_NAMED_TENANTS = 5
_ENDED_FROM_OUTSIDE = {
    "TIMEOUT": "the job ran longer than its time limit.",
    "STOPPED": "somebody stopped the job.",
}


class Notifier(Protocol):
    """Where messages go."""

    def send(self, subject: str, body: str, outcome: str) -> None:
        """Send one message; `outcome` is failed, succeeded or attention."""
        ...


class ReportedOnce(Protocol):
    """Who reports what: a key can be claimed once."""

    def claim(self, key: str) -> bool:
        """Take over the report of `key`; False when another has."""
        ...

    def forget(self, key: str) -> None:
        """Undo a claim whose report could not be sent."""
        ...


@dataclass(frozen=True)
class Message:
    """One message: its subject, its text, and the outcome a subscriber may filter by."""

    subject: str
    body: str
    outcome: str


def send_once(notifier: Notifier, reported: ReportedOnce, key: str, message: Message) -> bool:
    """Send a message unless `key` was reported; one that fails to go out can be sent again."""
    if not reported.claim(key):
        return False
    try:
        notifier.send(message.subject, message.body, message.outcome)
    except BaseException:
        reported.forget(key)
        raise
    return True


def run_of(job: JobRun, runs: Sequence[RunRecord]) -> RunRecord | None:
    """Return the run a job worked in, of runs newest first: the one whose time meets the job's."""
    return next((run for run in runs if _meets(job, run)), None)


def _meets(job: JobRun, run: RunRecord) -> bool:
    ended_before = run.ended_at and job.started_at and run.ended_at < job.started_at
    began_after = job.ended_at and run.started_at > job.ended_at
    return not ended_before and not began_after


def message_of(workspace: str, job: JobRun, run: RunRecord | None, last_job: str) -> Message | None:
    """Return what to say of a job that ended; None when nobody needs to know.

    A daily computation that went well is no news; a run that took files in is, and a refusal.
    """
    if job.failed:
        return _failure(workspace, job, run)
    if job.job == last_job and _is_partly_refused(run):
        return _partly_refused(workspace, job, run)
    if job.job == last_job and run is not None and run.files:
        return _success(workspace, run)
    return None


def message_of_upkeep(workspace: str, job: JobRun, run: RunRecord | None) -> Message | None:
    """Return what to say of an upkeep job that ended; None when it took no files through."""
    if _is_partly_refused(run):
        return _partly_refused(workspace, job, run)
    if not job.failed:
        return _success(workspace, run) if run is not None and run.files else None
    if run is not None and run.state == RunState.REFUSED:
        return _failure(workspace, job, run)
    return _upkeep_failure(workspace, job, run)


def _upkeep_failure(workspace: str, job: JobRun, run: RunRecord | None) -> Message:
    """Name a run only if it failed: one that goes on is another's, for which the job stood back."""
    own = run if run is not None and run.state == RunState.FAILED else None
    said = own.message if own else None
    reason = said or _ENDED_FROM_OUTSIDE.get(job.state, "its command says it, and so does its log.")
    lines = [
        f"What:    {job.job} {job.state}. What a person asked of it is not done, or not wholly.",
        *(_run_lines(own) if own else []),
        f"Why:     {reason}",
        f"Do:      1. Read the log of {job.job} (CloudWatch, {job.log_word} {job.job_run_id}).",
        "         2. Follow docs/runbook.md, section Upkeep of a deployed lake.",
        "         3. Ask again once the cause is fixed.",
        f"Job run: {job.job} {job.job_run_id}",
    ]
    subject = f"[MetricCare {workspace}] FAILED: {job.job} {job.state}"
    return Message(subject, "\n".join(lines), _FAILED)


def _failure(workspace: str, job: JobRun, run: RunRecord | None) -> Message:
    refused = run is not None and run.state == RunState.REFUSED
    what = "a quality gate refused to publish" if refused else f"{job.job} {job.state}"
    lines = [
        f"What:    {what}. Nothing was published; readers see the last results.",
        *_run_lines(run),
        f"Why:     {_reason(job, run)}",
        *_next_steps(job, "gate_refused" if refused else "run_failed"),
        f"Job run: {job.job} {job.job_run_id}",
    ]
    return Message(f"[MetricCare {workspace}] FAILED: {what}", "\n".join(lines), _FAILED)


def _is_partly_refused(run: RunRecord | None) -> TypeGuard[RunRecord]:
    return run is not None and run.state == RunState.PARTLY_REFUSED


def _partly_refused(workspace: str, job: JobRun, run: RunRecord) -> Message:
    """Say which tenants were refused: it counts as a failure, for theirs are the old results."""
    count = len(run.refused)
    who = f"{count:,} {'tenant' if count == 1 else 'tenants'}"
    lines = [
        f"What:    a quality gate refused to publish {who}: {_names(run)}. Their readers see the"
        " last results; all other tenants have new ones.",
        *_run_lines(run),
        f"Why:     {run.message}",
        *_next_steps(job, "tenant_refused"),
        f"Job run: {job.job} {job.job_run_id}",
    ]
    subject = f"[MetricCare {workspace}] REFUSED: {who}; all others are published"
    return Message(subject, "\n".join(lines), _FAILED)


def _names(run: RunRecord) -> str:
    tenants = sorted(run.refused_tenants)
    more = len(tenants) - _NAMED_TENANTS
    return ", ".join(tenants[:_NAMED_TENANTS]) + (f" and {more:,} more" if more > 0 else "")


def _reason(job: JobRun, run: RunRecord | None) -> str:
    if run is None:
        return "the job ended before it began a run: packages, rights or settings."
    if run.message:
        return run.message
    killed = "the job was killed before it could say why, most often for memory."
    return _ENDED_FROM_OUTSIDE.get(job.state, killed)


def _next_steps(job: JobRun, section: str) -> list[str]:
    if section == "run_failed":
        first = f"1. Read the log of {job.job} (CloudWatch, {job.log_word} {job.job_run_id})."
        last = "the sweep starts the next run."
    else:
        first = "1. Run the named query check_measure_totals in the operators workgroup."
        last = "the next upload starts a run, and so does the new day."
    return [
        f"Do:      {first}",
        f"         2. Follow docs/runbook.md, section {section}.",
        f"         3. Nothing else: the files wait, and {last}",
    ]


def _success(workspace: str, run: RunRecord) -> Message:
    rejected, failed = run.rows_quarantined, run.persons_not_computed
    actions = []
    if rejected:
        actions.append(
            "look at the rejected records (view data_quality_summary; metriccare quarantine list)."
        )
    if failed:
        actions.append(
            f"the rules failed on {failed:,} persons, whose rows stay as they were; follow"
            " docs/runbook.md, section person_not_computed."
        )
    lines = [
        "What:    new results are published.",
        *_run_lines(run),
        f"Do:      {' Also: '.join(actions) or 'nothing.'}",
    ]
    subject = f"[MetricCare {workspace}] Published: {run.files:,} files, {run.rows_loaded:,} rows"
    if rejected:
        subject = f"{subject}, {rejected:,} rejected"
    if actions:
        return Message(subject, "\n".join(lines), _ATTENTION)
    return Message(subject, "\n".join(lines), _SUCCEEDED)


def _run_lines(run: RunRecord | None) -> list[str]:
    if run is None:
        return ["Run:     none had begun"]
    return [
        f"Run:     {run.run_id}, reached: {run.stage or 'nothing'}",
        f"Files:   {run.files:,}; records: {run.rows_in:,} in, {run.rows_loaded:,} loaded,"
        f" {run.rows_quarantined:,} rejected",
    ]


def metrics_of(job: JobRun, run: RunRecord | None, last_job: str) -> dict[str, float]:
    """Return the figures of an ended job: of the whole run after its last job."""
    if job.failed:
        return {"RunsFailed": 1}
    # A run that is refused as a whole fails its job.
    if run is None or job.job != last_job:
        return {}
    return {
        "RunsSucceeded": 1,
        "TenantsRefused": len(run.refused),
        "PersonsNotComputed": run.persons_not_computed,
        "Files": run.files,
        "RowsIn": run.rows_in,
        "RowsLoaded": run.rows_loaded,
        "RowsQuarantined": run.rows_quarantined,
        "RunMinutes": round((run.ended_at - run.started_at).total_seconds() / 60, 2)
        if run.ended_at
        else 0.0,
    }
