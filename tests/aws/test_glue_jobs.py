"""Glue jobs at a deploy and in a pause: what they do before any engine is started."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from metriccare.aws.dynamodb import DynamoTracking
from metriccare.errors import EditionChanged
from metriccare.tracking.states import FileRecord, RunState
from metriccare.wiring.glue import _begin_or_join, job_arguments, run_job
from tests.aws.stack import WORKFLOW, create
from tests.aws.tracking_table import TABLE, tracking_table

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoTracking]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with tracking_table() as client:
        yield create(client).store


def words(edition: str) -> list[str]:
    return [
        *("--lake", "s3://metriccare-lake-123456789012-test", "--workspace", "test"),
        *("--tracking-table", TABLE, "--JOB_NAME", "job", "--JOB_RUN_ID", "jr_1"),
        *("--WORKFLOW_NAME", WORKFLOW, "--WORKFLOW_RUN_ID", "wr_1"),
        *("--edition", edition, "--region", "us-east-1"),
    ]


def upload(store: DynamoTracking) -> None:
    store.register(FileRecord("a", "north", "a.ndjson", "s3://raw/north/a.ndjson", 10, NOW))


def test_a_job_of_another_bundle_than_its_run_ends_the_run_with_one_sentence(store):
    upload(store)
    begun = _begin_or_join(job_arguments(words("old")), ["bronze"], NOW)
    assert begun is not None
    assert store.runs()[0].edition == "old"
    with pytest.raises(EditionChanged, match="it began with bundle old, and this job has new"):
        run_job(job_arguments(words("new")), ["silver"], lambda: NOW)
    (run,) = store.runs()
    assert (run.state, store.current_lease()) == (RunState.FAILED, None)
    assert "A deploy came in the middle" in str(run.message)


def test_a_job_of_the_same_bundle_joins_its_run(store):
    upload(store)
    begun = _begin_or_join(job_arguments(words("old")), ["bronze"], NOW)
    joined = _begin_or_join(job_arguments(words("old")), ["silver"], NOW)
    assert begun is not None
    assert joined is not None
    assert joined.record == begun.record


def test_in_a_pause_no_job_begins_a_run(store):
    upload(store)
    store.pause("maintenance")
    run_job(job_arguments(words("old")), ["bronze"], lambda: NOW)
    assert (store.runs(), store.current_lease()) == ([], None)
