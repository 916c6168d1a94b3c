"""Registering, starting, sweeping and redriving, told as behaviours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from metriccare.ingest.register_files import register, start_if_waiting
from metriccare.ingest.start_workflow import HeldBack, StillEndingError, start_after_end
from metriccare.local.sqlite_tracking import SqliteTracking
from metriccare.monitoring.sweep import is_daily_due, lag_of, newly_ended, start_what_is_due
from metriccare.tracking.jobs import JobRun
from metriccare.tracking.states import FileRecord, FileState, RunRecord, RunState
from metriccare.tracking.store import TrackingStore
from metriccare.upkeep.redrive import redrive
from tests.monitoring.fakes import FakeLetters, FakeWorkflow

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> TrackingStore:
    return SqliteTracking(tmp_path / "tracking.db")


def file(name: str, minutes_ago: int = 0) -> FileRecord:
    at = NOW - timedelta(minutes=minutes_ago)
    return FileRecord(name, "north", f"{name}.ndjson", f"s3://raw/{name}", 10, at)


def run(hours_ago: float, state: RunState = RunState.SUCCEEDED, epoch: int = 1) -> RunRecord:
    at = NOW - timedelta(hours=hours_ago)
    return RunRecord(f"run-{epoch}", epoch, state, at, "", ended_at=at)


def publish(store: TrackingStore, *names: str) -> None:
    lease = store.acquire_lease("test", lambda _: False)
    store.claim(lease, "run-1")
    store.move(lease, names, FileState.CLAIMED, FileState.LOADED)
    store.move(lease, names, FileState.LOADED, FileState.PUBLISHED)
    store.release_lease(lease)


def test_a_new_file_starts_a_run(store):
    workflow = FakeWorkflow()
    assert start_if_waiting(store, workflow, register(store, [file("a")]))
    assert workflow.started == ["workflow"]


def test_a_run_under_way_is_success(store):
    workflow = FakeWorkflow(running=True)
    assert not start_if_waiting(store, workflow, register(store, [file("a")]))
    assert workflow.started == []


def test_a_repeated_event_of_a_published_file_starts_nothing(store):
    register(store, [file("a")])
    publish(store, "a")
    workflow = FakeWorkflow()
    assert not start_if_waiting(store, workflow, register(store, [file("a")]))
    assert workflow.started == []


def test_a_repeated_event_makes_up_for_a_start_that_failed(store):
    register(store, [file("a")])
    workflow = FakeWorkflow()
    assert start_if_waiting(store, workflow, register(store, [file("a")]))


def test_no_file_starts_nothing(store):
    register(store, [file("a")])
    workflow = FakeWorkflow()
    assert not start_if_waiting(store, workflow, register(store, []))


def test_the_next_run_starts_as_soon_as_the_ending_one_lets_go():
    workflow, pauses = FakeWorkflow(running=True, ending_for=3), []
    assert start_after_end(workflow, pauses.append)
    assert len(pauses) == 3


def test_a_run_at_work_is_left_alone():
    workflow, pauses = FakeWorkflow(running=True), []
    assert not start_after_end(workflow, pauses.append)
    assert pauses == []


def test_a_run_that_never_lets_go_is_an_error_to_try_again():
    with pytest.raises(StillEndingError) as error:
        start_after_end(FakeWorkflow(running=True, ending_for=1000), lambda _: None)
    assert error.value.retryable


def test_the_first_sweep_of_a_new_lake_starts_a_run_that_creates_its_tables(store):
    workflow = FakeWorkflow()
    assert start_what_is_due(store, workflow, 9, NOW)
    assert workflow.started == ["workflow"]


def test_waiting_files_start_the_workflow_and_not_the_daily_job(store):
    store.put_run(run(hours_ago=40))
    register(store, [file("a")])
    workflow = FakeWorkflow()
    start_what_is_due(store, workflow, 9, NOW)
    assert workflow.started == ["workflow"]


def test_without_files_the_daily_job_starts_once(store):
    store.put_run(run(hours_ago=20))
    workflow = FakeWorkflow()
    start_what_is_due(store, workflow, 9, NOW)
    assert workflow.started == ["daily"]
    store.put_run(run(hours_ago=1, epoch=2))
    assert not start_what_is_due(store, FakeWorkflow(), 9, NOW)


@pytest.mark.parametrize("state", [RunState.REFUSED, RunState.PARTLY_REFUSED])
def test_a_refused_run_waits_for_new_files(store, state):
    lease = store.acquire_lease("writer", lambda _: True)
    register(store, [file("a")])
    store.claim(lease, "run-1")
    store.move(lease, ["a"], FileState.CLAIMED, FileState.LOADED)
    store.put_run(run(hours_ago=1, state=state))
    assert not start_what_is_due(store, FakeWorkflow(), 9, NOW)
    register(store, [file("b")])
    assert start_what_is_due(store, FakeWorkflow(), 9, NOW)


def test_a_refused_run_is_tried_again_when_a_file_was_set_aside(store):
    lease = store.acquire_lease("writer", lambda _: True)
    register(store, [file("a")])
    store.claim(lease, "run-1")
    store.move(lease, ["a"], FileState.CLAIMED, FileState.LOADED)
    store.put_run(run(hours_ago=1, state=RunState.REFUSED))
    store.move(lease, ["a"], FileState.LOADED, FileState.SET_ASIDE)
    assert start_what_is_due(store, FakeWorkflow(), 9, NOW)


def test_a_refused_run_is_tried_again_once_a_day_from_its_files_on(store):
    register(store, [file("a")])
    lease = store.acquire_lease("writer", lambda _: True)
    store.claim(lease, "run-1")
    store.move(lease, ["a"], FileState.CLAIMED, FileState.LOADED)
    store.put_run(run(hours_ago=20, state=RunState.REFUSED))
    workflow = FakeWorkflow()
    assert start_what_is_due(store, workflow, 9, NOW)
    assert workflow.started == ["workflow"]


def test_a_rebuild_that_broke_off_is_taken_on_without_files(store):
    failed = run(hours_ago=1, state=RunState.FAILED)
    store.put_run(failed)
    assert not start_what_is_due(store, FakeWorkflow(), 9, NOW)
    store.put_run(replace(failed, rebuild=("*",)))
    workflow = FakeWorkflow()
    assert start_what_is_due(store, workflow, 9, NOW)
    assert workflow.started == ["workflow"]


def test_the_daily_job_waits_for_its_hour():
    assert not is_daily_due([run(hours_ago=20)], 13, NOW)
    assert is_daily_due([run(hours_ago=20)], 12, NOW)


def test_lag_is_the_oldest_file_and_the_last_publication(store):
    store.put_run(run(hours_ago=3))
    store.put_run(run(hours_ago=1, state=RunState.FAILED, epoch=3))
    register(store, [file("a", minutes_ago=90), file("b", minutes_ago=5)])
    lag = lag_of(store, NOW)
    assert (lag.waiting_files, lag.oldest_waiting_minutes) == (2, 90)
    assert lag.hours_since_publication == 3
    assert lag.metrics()["Heartbeat"] == 1
    store.put_run(run(hours_ago=2, state=RunState.PARTLY_REFUSED, epoch=2))
    assert lag_of(store, NOW).hours_since_publication == 2


def test_a_lake_that_never_published_has_no_age_to_alarm_about(store):
    assert "HoursSincePublication" not in lag_of(store, NOW).metrics()


def test_job_runs_of_last_week_only_are_looked_at():
    old = JobRun("gold", "jr_1", "FAILED", ended_at=NOW - timedelta(days=8))
    new = JobRun("gold", "jr_2", "FAILED", ended_at=NOW - timedelta(hours=8))
    assert newly_ended([old, new], NOW) == [new]


def test_redrive_sends_every_message_through_again_and_counts():
    letters = FakeLetters(dead=["a", "b", "c"])
    assert redrive(letters, limit=100) == 3
    assert (letters.queue, letters.dead) == (["a", "b", "c"], [])


def test_redrive_stops_at_its_limit():
    class Circling(FakeLetters):
        def give_back(self, receipt: str, body: str) -> None:
            self.queue.append(body)

    letters = Circling(dead=["poison"])
    assert redrive(letters, limit=5) == 5


def held_back(store: TrackingStore, workflow: FakeWorkflow, now: datetime) -> HeldBack:
    return HeldBack(store, workflow, timedelta(minutes=30), now)


def test_uploads_that_trickle_in_start_no_more_than_a_run_each_half_hour(store):
    """A file a minute for three hours; a run takes five minutes and is followed by the next."""
    workflow, epoch, ends = FakeWorkflow(), 0, NOW
    for minute in range(180):
        now = NOW + timedelta(minutes=minute)
        if workflow.running and now >= ends:
            workflow.running = False
            start_after_end(held_back(store, workflow, now), lambda _: None)
        starter = held_back(store, workflow, now)
        started = start_if_waiting(store, starter, register(store, [file(f"f{minute}", -minute)]))
        if started:
            epoch, ends = epoch + 1, now + timedelta(minutes=5)
            store.put_run(RunRecord(f"run-{epoch}", epoch, RunState.SUCCEEDED, now, ""))
    assert epoch == 6


def test_the_sweep_starts_what_the_brake_held_back(store):
    store.put_run(run(0.25))
    register(store, [file("a")])
    workflow = FakeWorkflow()
    assert not start_what_is_due(store, held_back(store, workflow, NOW), 9, NOW)
    later = NOW + timedelta(minutes=20)
    assert start_what_is_due(store, held_back(store, workflow, later), 9, later)
    assert workflow.started == ["workflow"]


def test_the_end_of_a_run_does_not_wait_for_what_the_brake_holds_back(store):
    store.put_run(run(0.1))
    pauses: list[float] = []
    workflow = FakeWorkflow(running=True, ending_for=3)
    assert not start_after_end(held_back(store, workflow, NOW), pauses.append)
    assert pauses == []


def test_while_a_lake_is_paused_nothing_starts_and_files_are_registered(store):
    store.pause("copying the tracking table")
    workflow = FakeWorkflow()
    starter = held_back(store, workflow, NOW)
    assert not start_if_waiting(store, starter, register(store, [file("a")]))
    assert not start_what_is_due(store, starter, 9, NOW)
    assert not starter.start_daily()
    assert workflow.started == []
    store.resume()
    assert start_what_is_due(store, starter, 9, NOW)
