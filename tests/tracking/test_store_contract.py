"""What every tracking store must do; each implementation passes the same tests."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from metriccare.aws.dynamodb import DynamoTracking
from metriccare.errors import LeaseHeld, LeaseLost, UsageError
from metriccare.fhir.byte_account import ByteAccount
from metriccare.local.sqlite_tracking import SqliteTracking
from metriccare.steps.replay import Window, arrived_in, send_again
from metriccare.steps.rollback import give_up, run_to_roll_back
from metriccare.tracking.pending import ERASED, is_pending, pending_runs, taken_again
from metriccare.tracking.states import (
    FileRecord,
    FileState,
    RunRecord,
    RunState,
    read_fields,
)
from metriccare.tracking.store import TrackingStore
from tests.aws.tracking_table import TABLE, tracking_table

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "dynamodb"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TrackingStore]:
    if request.param == "sqlite":
        yield SqliteTracking(tmp_path / "tracking.db")
        return
    with tracking_table() as client:
        yield DynamoTracking(client, TABLE)


def file(name: str, minutes: int = 0) -> FileRecord:
    at = NOW + timedelta(minutes=minutes)
    return FileRecord(name, "north", f"{name}.ndjson", f"/raw/{name}", 10, at)


def alive(_: str) -> bool:
    return False


def ended(_: str) -> bool:
    return True


def test_an_object_version_is_registered_once(store):
    assert store.register(file("a")) is True
    assert store.register(file("a")) is False
    assert [f.file_id for f in store.files()] == ["a"]


def test_a_claim_takes_all_waiting_files_in_order_of_arrival(store):
    for name, minutes in (("late", 5), ("early", 1)):
        store.register(file(name, minutes))
    lease = store.acquire_lease("one", alive)
    claimed = store.claim(lease, "run-1")
    assert [(f.file_id, f.sequence, f.run_id) for f in claimed] == [
        ("early", 1, "run-1"),
        ("late", 2, "run-1"),
    ]


def test_a_file_keeps_its_place_when_it_is_claimed_again(store):
    store.register(file("a"))
    lease = store.acquire_lease("one", alive)
    store.claim(lease, "run-1")
    store.move(lease, ["a"], FileState.CLAIMED, FileState.REGISTERED)
    store.register(file("b", -5))
    assert [(f.file_id, f.sequence) for f in store.claim(lease, "run-2")] == [("a", 1), ("b", 2)]


def test_a_claim_with_nothing_new_takes_nothing_and_still_asks_for_the_lease(store):
    store.register(file("a"))
    old = store.acquire_lease("one", alive)
    store.claim(old, "run-1")
    new = store.acquire_lease("two", ended)
    assert store.claim(new, "run-2") == []
    with pytest.raises(LeaseLost):
        store.claim(old, "run-1")


def test_a_move_that_is_not_allowed_is_refused(store):
    store.register(file("a"))
    lease = store.acquire_lease("one", alive)
    with pytest.raises(ValueError, match="cannot move from registered to published"):
        store.move(lease, ["a"], FileState.REGISTERED, FileState.PUBLISHED)


def test_a_move_from_another_state_changes_nothing(store):
    store.register(file("a"))
    store.register(file("b"))
    lease = store.acquire_lease("one", alive)
    store.claim(lease, "run-1")
    store.move(lease, ["b"], FileState.CLAIMED, FileState.LOADED)
    with pytest.raises(ValueError, match="not in state claimed"):
        store.move(lease, ["a", "b"], FileState.CLAIMED, FileState.LOADED)
    assert [f.state for f in store.files() if f.file_id == "a"] == [FileState.CLAIMED]


def test_counts_travel_with_a_move(store):
    store.register(file("a"))
    lease = store.acquire_lease("one", alive)
    store.claim(lease, "run-1")
    changes = {"a": {"rows_loaded": 7, "rows_quarantined": 1, "reason": None}}
    store.move(lease, ["a"], FileState.CLAIMED, FileState.LOADED, changes)
    (found,) = store.files(FileState.LOADED, "run-1")
    assert (found.rows_loaded, found.rows_quarantined, found.reason) == (7, 1, None)


def test_the_account_of_a_files_bytes_travels_with_a_move(store):
    store.register(file("a"))
    lease = store.acquire_lease("one", alive)
    store.claim(lease, "run-1")
    (claimed,) = store.files()
    assert (claimed.bytes_content, claimed.bytes_accounted, claimed.rows_passed) == (None,) * 3
    account = ByteAccount(10, records=4, quarantined=1, passed=2, space=3, entries_passed=1)
    store.move(lease, ["a"], FileState.CLAIMED, FileState.LOADED, {"a": read_fields(account)})
    (loaded,) = store.files()
    assert (loaded.bytes_content, loaded.bytes_accounted, loaded.rows_passed) == (10, 10, 1)
    assert (loaded.bytes_loaded, loaded.bytes_quarantined, loaded.bytes_envelope) == (4, 1, 0)


def test_files_tracked_by_an_earlier_version_have_no_account(tmp_path):
    old = sqlite3.connect(tmp_path / "tracking.db")
    old.execute(
        "CREATE TABLE file (file_id TEXT PRIMARY KEY, tenant TEXT NOT NULL, source_file TEXT NOT"
        " NULL, location TEXT NOT NULL, size INTEGER NOT NULL, registered_at TEXT NOT NULL, state"
        " TEXT NOT NULL, sequence INTEGER UNIQUE, run_id TEXT, rows_loaded INTEGER NOT NULL,"
        " rows_quarantined INTEGER NOT NULL, reason TEXT)"
    )
    row = ("a", "north", "a", "/raw/a", 10, NOW.isoformat(), "published", 1, "run-1", 7, 1, None)
    old.execute(f"INSERT INTO file VALUES ({', '.join('?' * len(row))})", row)
    old.commit()
    old.close()
    (found,) = SqliteTracking(tmp_path / "tracking.db").files()
    assert (found.rows_loaded, found.replays, found.bytes_accounted) == (7, 0, None)


def test_a_move_takes_more_files_than_one_transaction(store):
    names = [f"file-{number:03d}" for number in range(250)]
    for name in names:
        store.register(file(name))
    lease = store.acquire_lease("one", alive)
    assert [f.sequence for f in store.claim(lease, "run-1")] == list(range(1, 251))
    store.move(lease, names, FileState.CLAIMED, FileState.LOADED)
    assert len(store.files(FileState.LOADED)) == 250


def test_a_lease_is_not_taken_from_an_owner_that_lives(store):
    store.acquire_lease("one", alive)
    with pytest.raises(LeaseHeld, match="one"):
        store.acquire_lease("two", alive)


def test_a_lease_taken_over_has_a_higher_epoch_and_stops_the_old_owner(store):
    store.register(file("a"))
    old = store.acquire_lease("one", alive)
    new = store.acquire_lease("two", ended)
    assert new.epoch > old.epoch
    with pytest.raises(LeaseLost):
        store.check_lease(old)
    with pytest.raises(LeaseLost):
        store.claim(old, "run-1")
    store.check_lease(new)


def test_giving_up_an_old_lease_leaves_the_new_one(store):
    old = store.acquire_lease("one", alive)
    new = store.acquire_lease("two", ended)
    store.release_lease(old)
    assert store.current_lease() == new
    store.release_lease(new)
    assert store.current_lease() is None


def test_epochs_rise_even_when_the_lease_was_given_up(store):
    first = store.acquire_lease("one", alive)
    store.release_lease(first)
    assert store.acquire_lease("one", alive).epoch == first.epoch + 1


def test_runs_come_newest_first_and_are_replaced_by_id(store):
    run = RunRecord("run-1", 1, RunState.RUNNING, NOW, "2024-04-30")
    store.put_run(run)
    store.put_run(RunRecord("run-2", 2, RunState.FAILED, NOW, "", message="why"))
    store.put_run(RunRecord("run-1", 1, RunState.SUCCEEDED, NOW, "2024-04-30", ended_at=NOW))
    assert [(r.run_id, r.state) for r in store.runs()] == [
        ("run-2", RunState.FAILED),
        ("run-1", RunState.SUCCEEDED),
    ]
    assert len(store.runs(limit=1)) == 1


def test_files_loaded_and_not_published_keep_their_run_pending(store):
    store.register(file("a"))
    assert is_pending(store)
    lease = store.acquire_lease("one", alive)
    store.claim(lease, "run-1")
    store.move(lease, ["a"], FileState.CLAIMED, FileState.LOADED)
    assert pending_runs(store, "run-2") == ("run-1", "run-2")
    store.move(lease, ["a"], FileState.LOADED, FileState.PUBLISHED)
    assert not is_pending(store)


def test_a_file_sent_again_is_claimed_in_its_old_place_and_tells_so(store):
    for name in ("a", "b"):
        store.register(file(name))
    lease = store.acquire_lease("one", alive)
    first = store.claim(lease, "run-1")
    for state, after in (
        (FileState.CLAIMED, FileState.LOADED),
        (FileState.LOADED, FileState.PUBLISHED),
    ):
        store.move(lease, ["a", "b"], state, after)
    assert taken_again(store) == ()
    window = Window(NOW.date(), NOW.date())
    assert send_again(store, lease, arrived_in(store, window)[1:]) == 1
    store.register(file("c"))
    again = store.claim(lease, "run-2")
    assert [(f.file_id, f.sequence, f.replays) for f in again] == [
        ("b", first[1].sequence, 1),
        ("c", 3, 0),
    ]
    store.move(lease, ["b", "c"], FileState.CLAIMED, FileState.LOADED)
    assert [f.file_id for f in taken_again(store)] == ["b"]


def test_runs_since_the_last_that_published_are_pending_but_an_erasure_ends_nothing(store):
    for epoch, (state, stage) in enumerate(
        [
            (RunState.SUCCEEDED, "published"),
            (RunState.RUNNING, "silver"),
            (RunState.SUCCEEDED, ERASED),
            (RunState.REFUSED, "silver"),
        ],
        1,
    ):
        store.put_run(RunRecord(f"run-{epoch}", epoch, state, NOW, "", stage=stage))
    assert pending_runs(store, "run-5") == ("run-2", "run-3", "run-4", "run-5")


def test_only_the_newest_run_that_stands_is_rolled_back_with_what_it_published(store):
    for name in ("a", "b", "c"):
        store.register(file(name))
        lease = store.acquire_lease("one", ended)
        store.claim(lease, f"run-{name}")
        store.move(lease, [name], FileState.CLAIMED, FileState.LOADED)
        if name == "a":
            store.move(lease, ["a"], FileState.LOADED, FileState.PUBLISHED)
    store.move(lease, ["b", "c"], FileState.LOADED, FileState.PUBLISHED)
    states = {"a": RunState.SUCCEEDED, "b": RunState.RUNNING, "c": RunState.SUCCEEDED}
    for epoch, (name, state) in enumerate(states.items(), 1):
        store.put_run(RunRecord(f"run-{name}", epoch, state, NOW, "", stage="published"))
    with pytest.raises(UsageError, match="run-c came after run-a"):
        run_to_roll_back(store, "run-a")
    assert give_up(store, lease, run_to_roll_back(store, "run-c")) == 2
    assert [f.file_id for f in store.files(FileState.REGISTERED)] == ["b", "c"]
    with pytest.raises(UsageError, match="rolled back already"):
        run_to_roll_back(store, "run-c")
    assert run_to_roll_back(store, "run-b").run_id == "run-b"
