"""What every tracking store must do; each implementation passes the same tests."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from metriccare.aws.dynamodb import DynamoTracking
from metriccare.errors import LeaseHeld, LeaseLost, Refusal, UsageError
from metriccare.local.sqlite_tracking import SqliteTracking
from metriccare.sources.fhir.byte_account import ByteAccount
from metriccare.tracking.again import send_again
from metriccare.tracking.pending import (
    ERASED,
    is_pending,
    last_judged,
    last_published,
    pending_runs,
    rebuilding,
    rebuilt,
    set_aside_with_rows,
    taken_again,
)
from metriccare.tracking.states import (
    FileRecord,
    FileState,
    RunRecord,
    RunState,
    read_fields,
)
from metriccare.tracking.store import TrackingStore
from metriccare.upkeep.replay import Window, arrived_in
from metriccare.upkeep.rollback_runs import give_up, run_to_roll_back
from metriccare.upkeep.set_aside import named_file, release, set_aside
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
    # DynamoDB takes 99 files at once, and 49 where files go through or come back.
    names = [f"file-{number:03d}" for number in range(120)]
    for name in names:
        store.register(file(name))
    lease = store.acquire_lease("one", alive)
    assert [f.sequence for f in store.claim(lease, "run-1")] == list(range(1, 121))
    store.move(lease, names, FileState.CLAIMED, FileState.LOADED)
    assert len(store.files(FileState.LOADED)) == 120
    store.move(lease, names, FileState.LOADED, FileState.PUBLISHED)
    assert (store.files(FileState.LOADED), len(store.files(FileState.PUBLISHED))) == ([], 120)
    assert [f.file_id for f in store.files(run_id="run-1")] == names


def test_a_file_that_is_not_known_cannot_be_moved(store):
    lease = store.acquire_lease("one", alive)
    with pytest.raises(ValueError, match="File a is not in state registered"):
        store.move(lease, ["a"], FileState.REGISTERED, FileState.CLAIMED)


def test_an_unreadable_file_is_listed_and_comes_back_as_waiting(store):
    store.register(file("a"))
    lease = store.acquire_lease("one", alive)
    store.claim(lease, "run-1")
    store.move(lease, ["a"], FileState.CLAIMED, FileState.UNREADABLE, {"a": {"reason": "odd"}})
    assert [f.reason for f in store.files(FileState.UNREADABLE)] == ["odd"]
    assert store.files(FileState.CLAIMED) == []
    store.move(lease, ["a"], FileState.UNREADABLE, FileState.REGISTERED)
    assert [f.file_id for f in store.claim(lease, "run-2")] == ["a"]


def test_a_file_known_in_any_state_is_not_registered_again(store):
    store.register(file("a"))
    lease = store.acquire_lease("one", alive)
    store.claim(lease, "run-1")
    store.move(lease, ["a"], FileState.CLAIMED, FileState.LOADED)
    store.move(lease, ["a"], FileState.LOADED, FileState.PUBLISHED)
    assert store.register(replace(file("a"), registered_at=NOW + timedelta(days=40))) is False
    assert not is_pending(store)


def test_files_are_listed_by_the_day_they_were_registered_in_utc(store):
    lagos = timezone(timedelta(hours=1))
    for name, at in {
        "march": datetime(2024, 3, 31, 23, 59, tzinfo=UTC),
        "april": datetime(2024, 4, 1, 0, tzinfo=UTC),
        "late": datetime(2024, 5, 1, 0, 30, tzinfo=lagos),
        "may": datetime(2024, 5, 1, 0, tzinfo=UTC),
    }.items():
        store.register(replace(file(name), registered_at=at))
    april = (date(2024, 4, 1), date(2024, 4, 30))
    assert [f.file_id for f in store.files_registered(*april)] == ["april", "late"]
    assert [f.file_id for f in store.files_registered(april[0], april[0])] == ["april"]
    assert store.files_registered(date(2024, 6, 1), date(2024, 7, 1)) == []
    assert len(store.files_registered(date(2023, 1, 1), date(2025, 1, 1))) == 4


def test_a_pause_is_kept_with_its_reason_until_it_ends(store):
    assert store.pause_reason() is None
    store.pause("maintenance")
    store.pause("still maintenance")
    assert store.pause_reason() == "still maintenance"
    # What is at work goes on, and files are registered.
    store.register(file("a"))
    lease = store.acquire_lease("one", alive)
    assert store.claim(lease, "run-1")
    assert store.current_lease() == lease
    store.resume()
    store.resume()
    assert store.pause_reason() is None


def test_a_run_keeps_the_edition_it_began_with(store):
    run = RunRecord("run-1", 1, RunState.RUNNING, NOW, "", edition="3f0c1a7e90b2")
    store.put_run(run)
    assert store.runs() == [run]


def test_runs_are_in_order_however_many_there_are(store):
    for epoch in (9, 999, 1000, 12345):
        store.put_run(RunRecord(f"run-{epoch}", epoch, RunState.SUCCEEDED, NOW, ""))
    assert [r.epoch for r in store.runs()] == [12345, 1000, 999, 9]
    assert [r.epoch for r in store.runs(limit=3)] == [12345, 1000, 999]


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


def test_a_waiting_file_that_is_set_aside_is_claimed_by_no_run_until_it_is_taken_back(store):
    for name in ("a", "b"):
        store.register(file(name))
    lease = store.acquire_lease("one", alive)
    set_aside(store, lease, named_file(store, "a.ndjson"), "stops every run")
    assert [f.file_id for f in store.claim(lease, "run-1")] == ["b"]
    (aside,) = store.files(FileState.SET_ASIDE)
    assert (aside.file_id, aside.reason) == ("a", "stops every run")
    assert set_aside_with_rows(store) == ()
    release(store, lease, aside)
    (back,) = store.claim(lease, "run-2")
    assert (back.file_id, back.reason, back.replays) == ("a", None, 0)


@pytest.mark.parametrize("reached", [FileState.CLAIMED, FileState.LOADED, FileState.REGISTERED])
def test_rows_of_a_file_a_run_had_claimed_are_taken_out_and_read_again(store, reached):
    store.register(file("a"))
    lease = store.acquire_lease("one", alive)
    store.claim(lease, "run-1")
    if reached is not FileState.CLAIMED:
        store.move(lease, ["a"], FileState.CLAIMED, reached, {"a": {"rows_loaded": 7}})
    set_aside(store, lease, named_file(store, "a"), "odd")
    (aside,) = set_aside_with_rows(store)
    assert (aside.run_id, aside.rows_loaded) == ("run-1", 0)
    assert is_pending(store)
    assert taken_again(store) == (aside,)
    store.move(lease, ["a"], FileState.SET_ASIDE, FileState.SET_ASIDE, {"a": {"run_id": None}})
    assert not is_pending(store)
    assert taken_again(store) == ()
    release(store, lease, named_file(store, "a"))
    assert [(f.sequence, f.replays) for f in store.files(FileState.REGISTERED)] == [(1, 1)]


def test_a_published_and_an_unreadable_file_are_not_set_aside_and_it_is_said_what_to_do(store):
    for name in ("a", "b", "c"):
        store.register(file(name))
    lease = store.acquire_lease("one", alive)
    store.claim(lease, "run-1")
    store.move(lease, ["a"], FileState.CLAIMED, FileState.LOADED)
    store.move(lease, ["a"], FileState.LOADED, FileState.PUBLISHED)
    store.move(lease, ["b"], FileState.CLAIMED, FileState.UNREADABLE)
    for name, sentence in (("a", "metriccare rollback run-1"), ("b", "so no run processes it")):
        with pytest.raises(UsageError, match=sentence):
            set_aside(store, lease, named_file(store, name), "odd")
        with pytest.raises(UsageError, match="is not set aside"):
            release(store, lease, named_file(store, name))
    set_aside(store, lease, named_file(store, "c"), "odd")
    with pytest.raises(UsageError, match="set aside already: odd"):
        set_aside(store, lease, named_file(store, "c"), "again")


def test_a_file_is_named_by_id_its_beginning_or_its_name_but_never_by_guess(store):
    for file_id, name in (("aa1", "x"), ("aa2", "y"), ("b1", "y")):
        store.register(replace(file(file_id), source_file=name))
    assert named_file(store, "aa1").file_id == "aa1"
    assert named_file(store, "b").file_id == "b1"
    assert named_file(store, "x").file_id == "aa1"
    for word, sentence in (
        ("aa", "2 files are called 'aa': aa1"),
        ("y", "2 files are called 'y': aa2"),
        ("z", "There is no file 'z'"),
        ("", "There is no file ''"),
    ):
        with pytest.raises(UsageError, match=sentence):
            named_file(store, word)


def test_a_rollback_brings_rows_of_a_file_set_aside_back_and_has_them_taken_out_again(store):
    for name in ("a", "b"):
        store.register(file(name))
    lease = store.acquire_lease("one", alive)
    store.claim(lease, "run-1")
    set_aside(store, lease, named_file(store, "a"), "odd")
    store.move(lease, ["a"], FileState.SET_ASIDE, FileState.SET_ASIDE, {"a": {"run_id": None}})
    store.put_run(RunRecord("run-1", 1, RunState.SUCCEEDED, NOW, "", stage="published"))
    give_up(store, lease, run_to_roll_back(store, "run-1"))
    assert [f.file_id for f in set_aside_with_rows(store)] == ["a"]


def test_files_loaded_and_not_published_keep_their_run_pending(store):
    store.register(file("a"))
    assert is_pending(store)
    lease = store.acquire_lease("one", alive)
    store.claim(lease, "run-1")
    store.move(lease, ["a"], FileState.CLAIMED, FileState.LOADED)
    assert pending_runs(store, "run-2") == {"run-1": None, "run-2": None}
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
    assert list(pending_runs(store, "run-5")) == ["run-2", "run-3", "run-4", "run-5"]


def judged(epoch: int, *tenants: str, state: RunState | None = None) -> RunRecord:
    refused = tuple(Refusal(tenant, "share_dropped", "found 3") for tenant in tenants)
    ended_as = state or (RunState.PARTLY_REFUSED if tenants else RunState.SUCCEEDED)
    return RunRecord(f"run-{epoch}", epoch, ended_as, NOW, "", stage="published", refused=refused)


def test_of_a_run_that_refused_some_tenants_only_their_rows_are_pending(store):
    for run in (judged(1), judged(2, state=RunState.FAILED), judged(3, "a", "b"), judged(4, "b")):
        store.put_run(run)
    b = frozenset({"b"})
    # Run 4 published tenant a, with what run 3 had written of it.
    assert pending_runs(store, "run-5") == {"run-2": b, "run-3": b, "run-4": b, "run-5": None}
    store.put_run(judged(5, "c"))
    assert pending_runs(store, "run-6") == {"run-5": frozenset({"c"}), "run-6": None}
    assert store.runs(limit=1)[0].refused == (Refusal("c", "share_dropped", "found 3"),)


def test_a_rebuild_is_pending_until_it_is_published(store):
    store.put_run(judged(1))
    asked = replace(judged(2, state=RunState.FAILED), rebuild=("*",))
    store.put_run(asked)
    assert store.runs(limit=1) == [asked]
    assert rebuilding(store.runs()) == {"*"}
    # The next run takes it on, and is refused two tenants.
    store.put_run(judged(3, "a", "b"))
    assert rebuilding(store.runs()) == {"a", "b"}
    store.put_run(replace(judged(4, "b"), rebuild=("b",)))
    assert rebuilding(store.runs()) == {"b"}
    store.put_run(judged(5))
    assert rebuilding(store.runs()) == frozenset()


def test_the_last_rebuild_of_a_tenant_is_known(store):
    every, of_a = ("*",), ("a",)
    for run, rebuild in ((judged(1, "b"), every), (judged(2), of_a), (judged(3), ())):
        store.put_run(replace(run, rebuild=rebuild))
    newest_of = {tenant: rebuilt(store.runs(), tenant) for tenant in ("a", "b", "c")}
    assert {tenant: run.run_id for tenant, run in newest_of.items() if run} == {
        "a": "run-2",
        "c": "run-1",
    }


def test_the_last_run_that_published_a_tenant_is_known(store):
    for run in (judged(1), judged(2, "a"), judged(3, state=RunState.FAILED)):
        store.put_run(run)
    assert last_published(store.runs(), "a") == "run-1"
    assert last_published(store.runs(), "b") == "run-2"
    assert last_judged(store.runs()).run_id == "run-2"


def test_a_rollback_sends_again_what_the_run_published_and_nothing_a_run_before_it_did(store):
    """Run 2 published tenant north and refused south; run 3 published both."""
    lease = store.acquire_lease("one", ended)
    for run_id, files in {
        "run-2": {"n2": "north", "s2": "south"},
        "run-3": {"n3": "north"},
    }.items():
        for name, tenant in files.items():
            store.register(replace(file(name), tenant=tenant))
        store.claim(lease, run_id)
        store.move(lease, files, FileState.CLAIMED, FileState.LOADED)
    store.move(lease, ["n2", "s2", "n3"], FileState.LOADED, FileState.PUBLISHED)
    store.put_run(judged(2, "south"))
    store.put_run(judged(3))
    assert give_up(store, lease, run_to_roll_back(store, "run-3")) == 2
    assert [f.file_id for f in store.files(FileState.REGISTERED)] == ["s2", "n3"]


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
