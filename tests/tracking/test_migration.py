"""The tracking table of earlier versions is copied whole, however often the copy is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from metriccare.aws.dynamodb import DynamoReported, DynamoTracking
from metriccare.aws.tracking_items import plain, serialized
from metriccare.aws.tracking_migration import Copied, copy_tracking
from metriccare.errors import UsageError
from metriccare.tracking.states import FileRecord, FileState, RunRecord, RunState
from scripts import migrate_tracking
from tests.aws.tracking_table import TABLE, tracking_table

OLD = "metriccare_tracking_test"
NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def client() -> Iterator[Any]:
    with tracking_table() as client:
        create_old_table(client, OLD)
        yield client


def create_old_table(client: Any, name: str) -> None:
    """Create the table as version 1 declared it."""

    def keys(sort_key: str) -> list[dict[str, str]]:
        return [
            {"AttributeName": "kind", "KeyType": "HASH"},
            {"AttributeName": sort_key, "KeyType": "RANGE"},
        ]

    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=keys("id"),
        AttributeDefinitions=[
            {"AttributeName": each, "AttributeType": "S"}
            for each in ("kind", "id", "state_order", "run_order")
        ],
        LocalSecondaryIndexes=[
            {
                "IndexName": index,
                "KeySchema": keys(sort_key),
                "Projection": {"ProjectionType": "ALL"},
            }
            for index, sort_key in (("by_state", "state_order"), ("by_run", "run_order"))
        ],
    )


def file(name: str, state: FileState, sequence: int | None = None) -> FileRecord:
    at = NOW + timedelta(days=sequence or 40)
    run_id = "run-1" if sequence else None
    return FileRecord(
        name, "north", f"{name}.ndjson", f"/raw/{name}", 10, at, state, sequence, run_id
    )


FILES = [
    file("a", FileState.PUBLISHED, 1),
    file("b", FileState.UNREADABLE, 2),
    file("c", FileState.LOADED, 3),
    file("d", FileState.SET_ASIDE, 4),
    file("e", FileState.REGISTERED),
]
RUNS = [
    RunRecord("run-2", 1002, RunState.FAILED, NOW, "", message="why"),
    RunRecord("run-1", 2, RunState.SUCCEEDED, NOW, "2024-04-30", ended_at=NOW),
]


def fill(client: Any, lease: dict[str, object]) -> None:
    """Put records into the old table as version 1 wrote them."""
    items = [
        *(
            {"kind": "file", "id": f.file_id, "state_order": f"{f.state}#{f.file_id}", **plain(f)}
            for f in FILES
        ),
        *(
            {"kind": "run", "id": r.run_id, "state_order": f"{r.epoch:012d}", **plain(r)}
            for r in RUNS
        ),
        {"kind": "lease", "id": "lake", "epoch": 1002, "last_sequence": 4, **lease},
        {"kind": "report", "id": "jr_1"},
    ]
    for item in items:
        client.put_item(TableName=OLD, Item=serialized(item))


def copy(client: Any) -> Copied:
    return copy_tracking(client, OLD, TABLE, lambda _: None)


def check_complete(client: Any) -> None:
    """Check that the new table says all that the old one said, and that work goes on there."""
    store = DynamoTracking(client, TABLE)
    assert store.pause_reason() is None
    assert store.files() == FILES
    for state in FileState:
        assert store.files(state) == [f for f in FILES if f.state == state]
    assert store.runs() == RUNS
    assert not DynamoReported(client, TABLE).claim("jr_1")
    lease = store.acquire_lease("one", bool)
    assert lease.epoch == 1003
    assert [(f.file_id, f.sequence) for f in store.claim(lease, "run-3")] == [("e", 5)]


def test_every_record_is_copied_and_the_numbers_go_on(client):
    fill(client, {})
    assert copy(client) == Copied(files=5, files_known=0, runs=2)
    check_complete(client)


def test_a_copy_that_was_stopped_is_finished_by_the_next(client):
    fill(client, {})

    class Stop(Exception):
        pass

    class Stopping:
        """The client, which is cut off at its third transaction."""

        def __init__(self) -> None:
            self.transactions = 0

        def __getattr__(self, name: str) -> Any:
            if name == "transact_write_items":
                self.transactions += 1
                if self.transactions > 2:
                    raise Stop
            return getattr(client, name)

    with pytest.raises(Stop):
        copy_tracking(Stopping(), OLD, TABLE, lambda _: None)
    assert "being copied" in str(DynamoTracking(client, TABLE).pause_reason())
    assert copy(client).files_known == 2
    check_complete(client)


def test_an_upload_announced_again_before_the_copy_keeps_what_became_of_it(client):
    fill(client, {})
    store = DynamoTracking(client, TABLE)
    for known in FILES[:3]:
        store.register(
            FileRecord(
                known.file_id, "north", known.source_file, known.location, 10, known.registered_at
            )
        )
    later = replace(file("f", FileState.REGISTERED), registered_at=NOW + timedelta(days=50))
    store.register(later)
    copy(client)
    assert store.files() == [*FILES, later]
    assert store.files(FileState.REGISTERED) == [FILES[4], later]


def test_nothing_is_copied_while_a_run_is_at_work_or_after_runs_on_the_new_table(client):
    fill(client, {"owner": "job/x/jr_1"})
    with pytest.raises(UsageError, match="holds the lease of metriccare_tracking_test"):
        copy(client)
    fill(client, {})
    store = DynamoTracking(client, TABLE)
    store.release_lease(store.acquire_lease("early", bool))
    with pytest.raises(UsageError, match="Runs began on metriccare_tracking_2_test before"):
        copy(client)


def test_a_table_that_is_complete_is_not_copied_into_again(client):
    fill(client, {})
    copy(client)
    store = DynamoTracking(client, TABLE)
    store.release_lease(store.acquire_lease("one", bool))
    with pytest.raises(UsageError, match="was copied already"):
        copy(client)
    assert store.acquire_lease("two", bool).epoch == 1004


def test_the_script_copies_the_tables_of_a_workspace(
    client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert migrate_tracking.main(["dev"]) == 1
    assert "There is no table metriccare_tracking_dev" in capsys.readouterr().err
    monkeypatch.setattr("tests.aws.tracking_table.TABLE", "metriccare_tracking_2_dev")
    from tests.aws import tracking_table as tables

    tables.create_tracking_table(boto3.client("dynamodb"))
    create_old_table(client, "metriccare_tracking_dev")
    assert migrate_tracking.main(["dev"]) == 0
    assert "metriccare_tracking_2_dev is complete: 0 files" in capsys.readouterr().out
