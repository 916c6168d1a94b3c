"""The smoke test waits for the alert of the run that took its own uploads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from metriccare.local.sqlite_tracking import SqliteTracking
from metriccare.tracking.states import FileRecord, RunRecord, RunState
from scripts.smoke_aws import Alert, OwnAlert, mailbox, upload
from tests.aws.buckets import versioned_bucket

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield


def register(store: SqliteTracking, name: str, location: str) -> None:
    store.register(FileRecord(name, "smoke", name, location, 10, NOW))


def take(store: SqliteTracking, run_id: str, epoch: int) -> None:
    lease = store.acquire_lease("test", lambda _: False)
    store.claim(lease, run_id)
    store.put_run(RunRecord(run_id, epoch, RunState.SUCCEEDED, NOW, ""))
    store.release_lease(lease)


def test_alerts_of_other_runs_and_of_a_run_that_took_only_a_part_are_not_its_own(tmp_path: Path):
    store = SqliteTracking(tmp_path / "tracking.db")
    waiting = [
        Alert("another tenant", "Run:     run-000001-x, reached: published"),
        Alert("a part", "Run:     run-000002-x, reached: published"),
        Alert("the rest", "Run:     run-000003-x, reached: published"),
    ]
    alert = OwnAlert(
        store,
        frozenset({"s3://raw/smoke/a", "s3://raw/smoke/b"}),
        NOW.date(),
        lambda: waiting.pop(0) if waiting else None,
    )
    register(store, "other", "s3://raw/north/a")
    take(store, "run-000001-x", 1)
    assert alert.subject() is None
    register(store, "a", "s3://raw/smoke/a")
    take(store, "run-000002-x", 2)
    assert alert.subject() is None
    register(store, "b", "s3://raw/smoke/b")
    assert alert.subject() is None
    # Its alert came before the run was asked for, and is kept.
    take(store, "run-000003-x", 3)
    assert alert.subject() == "the rest"


def test_uploads_are_known_by_their_versions(aws, tmp_path: Path):
    versioned_bucket("raw")
    (tmp_path / "json").mkdir()
    (tmp_path / "json" / "Patient.ndjson").write_text("{}")
    first, second = upload(tmp_path, "raw"), upload(tmp_path, "raw")
    assert first.isdisjoint(second)
    assert all(each.startswith("s3://raw/smoke/json/Patient.ndjson?versionId=") for each in first)


def test_the_mailbox_gives_each_alert_once(aws):
    sns = boto3.client("sns")
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    with mailbox(topic) as read:
        sns.publish(TopicArn=topic, Subject="Published", Message="Run:     run-1")
        assert read() == Alert("Published", "Run:     run-1")
        assert read() is None
