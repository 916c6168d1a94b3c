"""Registering files and starting the workflow for them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from metriccare.ingest.register_files import register, start_if_waiting
from metriccare.ingest.start_workflow import StillEndingError, start_after_end
from metriccare.local.sqlite_tracking import SqliteTracking
from metriccare.tracking.states import RunRecord, RunState
from metriccare.tracking.store import TrackingStore
from tests.monitoring.fakes import FakeWorkflow
from tests.tracked_runs import NOW, file_record, held_back, publish, run_record


@pytest.fixture
def store(tmp_path: Path) -> TrackingStore:
    return SqliteTracking(tmp_path / "tracking.db")


def test_a_new_file_starts_a_run(store):
    workflow = FakeWorkflow()
    assert start_if_waiting(store, workflow, register(store, [file_record("a")]))
    assert workflow.started == ["workflow"]


def test_a_file_that_arrives_during_a_run_starts_no_second_run(store):
    workflow = FakeWorkflow(running=True)
    assert not start_if_waiting(store, workflow, register(store, [file_record("a")]))
    assert workflow.started == []


def test_a_repeated_event_of_a_published_file_starts_nothing(store):
    register(store, [file_record("a")])
    publish(store, "a")
    workflow = FakeWorkflow()
    assert not start_if_waiting(store, workflow, register(store, [file_record("a")]))
    assert workflow.started == []


def test_a_repeated_event_starts_the_run_that_failed_to_start(store):
    register(store, [file_record("a")])
    workflow = FakeWorkflow()
    assert start_if_waiting(store, workflow, register(store, [file_record("a")]))


def test_no_file_starts_nothing(store):
    register(store, [file_record("a")])
    workflow = FakeWorkflow()
    assert not start_if_waiting(store, workflow, register(store, []))


def test_the_next_run_starts_when_the_ending_run_has_ended():
    workflow, pauses = FakeWorkflow(running=True, ending_for=3), []
    assert start_after_end(workflow, pauses.append)
    assert len(pauses) == 3


def test_a_running_workflow_is_left_alone():
    workflow, pauses = FakeWorkflow(running=True), []
    assert not start_after_end(workflow, pauses.append)
    assert pauses == []


def test_a_run_that_never_ends_is_a_retryable_error():
    with pytest.raises(StillEndingError) as error:
        start_after_end(FakeWorkflow(running=True, ending_for=1000), lambda _: None)
    assert error.value.retryable


def test_uploads_one_by_one_start_at_most_one_run_each_half_hour(store):
    """A file a minute for three hours; a run takes five minutes and is followed by the next."""
    workflow, epoch, ends = FakeWorkflow(), 0, NOW
    for minute in range(180):
        now = NOW + timedelta(minutes=minute)
        if workflow.running and now >= ends:
            workflow.running = False
            start_after_end(held_back(store, workflow, now), lambda _: None)
        starter = held_back(store, workflow, now)
        started = start_if_waiting(
            store, starter, register(store, [file_record(f"f{minute}", -minute)])
        )
        if started:
            epoch, ends = epoch + 1, now + timedelta(minutes=5)
            store.put_run(RunRecord(f"run-{epoch}", epoch, RunState.SUCCEEDED, now, ""))
    assert epoch == 6


def test_the_end_of_a_run_does_not_wait_for_what_the_brake_holds_back(store):
    store.put_run(run_record(0.1))
    pauses: list[float] = []
    workflow = FakeWorkflow(running=True, ending_for=3)
    assert not start_after_end(held_back(store, workflow, NOW), pauses.append)
    assert pauses == []
