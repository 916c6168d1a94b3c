"""Files and runs of a tracking store, for tests of what starts a run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from metriccare.ingest.start_workflow import HeldBack
from metriccare.tracking.states import FileRecord, FileState, RunRecord, RunState
from metriccare.tracking.store import TrackingStore
from tests.monitoring.fakes import FakeWorkflow

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


def file_record(name: str, minutes_ago: int = 0) -> FileRecord:
    """Return the record of a file of the tenant north, as an arrival creates it."""
    at = NOW - timedelta(minutes=minutes_ago)
    return FileRecord(name, "north", f"{name}.ndjson", f"s3://raw/{name}", 10, at)


def run_record(hours_ago: float, state: RunState = RunState.SUCCEEDED, epoch: int = 1) -> RunRecord:
    """Return a run that ended some hours ago."""
    at = NOW - timedelta(hours=hours_ago)
    return RunRecord(f"run-{epoch}", epoch, state, at, "", ended_at=at)


def publish(store: TrackingStore, *names: str) -> None:
    """Take files through a run to the state PUBLISHED."""
    lease = store.acquire_lease("test", lambda _: False)
    store.claim(lease, "run-1")
    store.move(lease, names, FileState.CLAIMED, FileState.LOADED)
    store.move(lease, names, FileState.LOADED, FileState.PUBLISHED)
    store.release_lease(lease)


def held_back(store: TrackingStore, workflow: FakeWorkflow, now: datetime) -> HeldBack:
    """Return a starter that starts at most one run each half hour."""
    return HeldBack(store, workflow, timedelta(minutes=30), now)
