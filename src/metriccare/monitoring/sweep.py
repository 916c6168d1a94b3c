"""The regular look at the pipeline: start what waits, report what events missed, show the lag."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from metriccare.ingest.start_workflow import WorkflowStarter
from metriccare.tracking.jobs import JobRun
from metriccare.tracking.pending import is_pending, rebuilding, set_aside_with_rows
from metriccare.tracking.states import PUBLISHED_RUNS, FileState, RunRecord, RunState
from metriccare.tracking.store import TrackingStore

_LOOKING_BACK = timedelta(days=7)
# A run that published some tenants is no sign of a pipeline that has stopped: each tenant it
# refused has an alert of its own.


@dataclass(frozen=True)
class Lag:
    """How many files wait, since when, and when results were last published."""

    waiting_files: int
    oldest_waiting_minutes: float
    hours_since_publication: float | None

    def metrics(self) -> dict[str, float]:
        """Return the figures, with a heartbeat whose absence is an alarm."""
        values = {
            "Heartbeat": 1.0,
            "WaitingFiles": float(self.waiting_files),
            "OldestWaitingMinutes": self.oldest_waiting_minutes,
        }
        if self.hours_since_publication is not None:
            values["HoursSincePublication"] = self.hours_since_publication
        return values


def lag_of(store: TrackingStore, now: datetime) -> Lag:
    """Return how far the pipeline is behind."""
    waiting = [file.registered_at for file in store.files(FileState.REGISTERED)]
    published = [run.ended_at for run in store.runs() if run.state in PUBLISHED_RUNS]
    newest = max((at for at in published if at), default=None)
    return Lag(
        waiting_files=len(waiting),
        oldest_waiting_minutes=round((now - min(waiting)).total_seconds() / 60, 1)
        if waiting
        else 0.0,
        hours_since_publication=round((now - newest).total_seconds() / 3600, 2) if newest else None,
    )


def start_what_is_due(
    store: TrackingStore, starter: WorkflowStarter, daily_hour_utc: int, now: datetime
) -> bool:
    """Start a run if files wait, a rebuild failed or there was never a run; else the daily
    computation if it is due.

    The very first run creates every table empty, so that views answer before the first upload.
    """
    runs = store.runs()
    waits = is_pending(store) or bool(rebuilding(runs))
    if not runs or (waits and not is_refused_again(store, runs)):
        return starter.start()
    if is_daily_due(runs, daily_hour_utc, now):
        return starter.start() if waits else starter.start_daily()
    return False


def is_refused_again(store: TrackingStore, runs: Sequence[RunRecord]) -> bool:
    """Return True if another run would meet the refusal of the last one: nothing has changed.

    Runs are newest first. A refusal waits for a person or for the day's run, not for each sweep.
    """
    refused = runs[0].state in (RunState.REFUSED, RunState.PARTLY_REFUSED)
    return refused and not store.files(FileState.REGISTERED) and not set_aside_with_rows(store)


def is_daily_due(runs: Sequence[RunRecord], daily_hour_utc: int, now: datetime) -> bool:
    """Return True if no run has begun since the hour of the daily one."""
    due = datetime.combine(now.astimezone(UTC).date(), time(daily_hour_utc), tzinfo=UTC)
    return now >= due and all(run.started_at < due for run in runs)


def newly_ended(ended: Sequence[JobRun], now: datetime) -> list[JobRun]:
    """Return the job runs of the last days; the caller reports each once."""
    since = now - _LOOKING_BACK
    return [run for run in ended if run.ended_at is not None and run.ended_at >= since]
