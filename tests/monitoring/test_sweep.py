"""The sweep: what it starts, and the lag it measures."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from metriccare.ingest.register_files import register, start_if_waiting
from metriccare.local.sqlite_tracking import SqliteTracking
from metriccare.monitoring.sweep import is_daily_due, lag_of, newly_ended, start_what_is_due
from metriccare.tracking.jobs import JobRun
from metriccare.tracking.states import FileState, RunState
from metriccare.tracking.store import TrackingStore
from tests.monitoring.fakes import FakeWorkflow
from tests.tracked_runs import NOW, file_record, held_back, run_record


@pytest.fixture
def store(tmp_path: Path) -> TrackingStore:
    return SqliteTracking(tmp_path / "tracking.db")


def test_the_first_sweep_of_a_new_lake_starts_a_run_that_creates_its_tables(store):
    workflow = FakeWorkflow()
    assert start_what_is_due(store, workflow, 9, NOW)
    assert workflow.started == ["workflow"]


def test_waiting_files_start_the_workflow_and_not_the_daily_job(store):
    store.put_run(run_record(hours_ago=40))
    register(store, [file_record("a")])
    workflow = FakeWorkflow()
    start_what_is_due(store, workflow, 9, NOW)
    assert workflow.started == ["workflow"]


def test_without_files_the_daily_job_starts_once(store):
    store.put_run(run_record(hours_ago=20))
    workflow = FakeWorkflow()
    start_what_is_due(store, workflow, 9, NOW)
    assert workflow.started == ["daily"]
    store.put_run(run_record(hours_ago=1, epoch=2))
    assert not start_what_is_due(store, FakeWorkflow(), 9, NOW)


@pytest.mark.parametrize("state", [RunState.REFUSED, RunState.PARTLY_REFUSED])
def test_a_refused_run_waits_for_new_files(store, state):
    lease = store.acquire_lease("writer", lambda _: True)
    register(store, [file_record("a")])
    store.claim(lease, "run-1")
    store.move(lease, ["a"], FileState.CLAIMED, FileState.LOADED)
    store.put_run(run_record(hours_ago=1, state=state))
    assert not start_what_is_due(store, FakeWorkflow(), 9, NOW)
    register(store, [file_record("b")])
    assert start_what_is_due(store, FakeWorkflow(), 9, NOW)


def test_a_refused_run_is_tried_again_when_a_file_was_set_aside(store):
    lease = store.acquire_lease("writer", lambda _: True)
    register(store, [file_record("a")])
    store.claim(lease, "run-1")
    store.move(lease, ["a"], FileState.CLAIMED, FileState.LOADED)
    store.put_run(run_record(hours_ago=1, state=RunState.REFUSED))
    store.move(lease, ["a"], FileState.LOADED, FileState.SET_ASIDE)
    assert start_what_is_due(store, FakeWorkflow(), 9, NOW)


def test_a_refused_run_is_tried_again_once_a_day(store):
    register(store, [file_record("a")])
    lease = store.acquire_lease("writer", lambda _: True)
    store.claim(lease, "run-1")
    store.move(lease, ["a"], FileState.CLAIMED, FileState.LOADED)
    store.put_run(run_record(hours_ago=20, state=RunState.REFUSED))
    workflow = FakeWorkflow()
    assert start_what_is_due(store, workflow, 9, NOW)
    assert workflow.started == ["workflow"]


def test_a_failed_rebuild_is_continued_without_files(store):
    failed = run_record(hours_ago=1, state=RunState.FAILED)
    store.put_run(failed)
    assert not start_what_is_due(store, FakeWorkflow(), 9, NOW)
    store.put_run(replace(failed, rebuild=("*",)))
    workflow = FakeWorkflow()
    assert start_what_is_due(store, workflow, 9, NOW)
    assert workflow.started == ["workflow"]


def test_the_daily_job_waits_for_its_hour():
    assert not is_daily_due([run_record(hours_ago=20)], 13, NOW)
    assert is_daily_due([run_record(hours_ago=20)], 12, NOW)


def test_lag_is_the_oldest_file_and_the_last_publication(store):
    store.put_run(run_record(hours_ago=3))
    store.put_run(run_record(hours_ago=1, state=RunState.FAILED, epoch=3))
    register(store, [file_record("a", minutes_ago=90), file_record("b", minutes_ago=5)])
    lag = lag_of(store, NOW)
    assert (lag.waiting_files, lag.oldest_waiting_minutes) == (2, 90)
    assert lag.hours_since_publication == 3
    assert lag.metrics()["Heartbeat"] == 1
    store.put_run(run_record(hours_ago=2, state=RunState.PARTLY_REFUSED, epoch=2))
    assert lag_of(store, NOW).hours_since_publication == 2


def test_a_lake_that_never_published_has_no_age_to_alarm_about(store):
    assert "HoursSincePublication" not in lag_of(store, NOW).metrics()


def test_only_job_runs_of_the_last_week_are_examined():
    old = JobRun("gold", "jr_1", "FAILED", ended_at=NOW - timedelta(days=8))
    new = JobRun("gold", "jr_2", "FAILED", ended_at=NOW - timedelta(hours=8))
    assert newly_ended([old, new], NOW) == [new]


def test_the_sweep_starts_what_the_brake_held_back(store):
    store.put_run(run_record(0.25))
    register(store, [file_record("a")])
    workflow = FakeWorkflow()
    assert not start_what_is_due(store, held_back(store, workflow, NOW), 9, NOW)
    later = NOW + timedelta(minutes=20)
    assert start_what_is_due(store, held_back(store, workflow, later), 9, later)
    assert workflow.started == ["workflow"]


def test_while_a_lake_is_paused_nothing_starts_and_files_are_registered(store):
    store.pause("copying the tracking table")
    workflow = FakeWorkflow()
    starter = held_back(store, workflow, NOW)
    assert not start_if_waiting(store, starter, register(store, [file_record("a")]))
    assert not start_what_is_due(store, starter, 9, NOW)
    assert not starter.start_daily()
    assert workflow.started == []
    store.resume()
    assert start_what_is_due(store, starter, 9, NOW)
