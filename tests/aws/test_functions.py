"""The handlers on raw events, against moto in this process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from moto.moto_api import state_manager

from lambda_functions.notify.handler import handler as notify
from lambda_functions.register_files.handler import handler as register_files
from lambda_functions.sweep.handler import handler as sweep
from metriccare.errors import SetupError
from metriccare.tracking.states import FileRecord, FileState, RunRecord, RunState
from tests.aws.stack import JOBS, UPKEEP, Stack, create
from tests.aws.test_events import event
from tests.aws.tracking_table import tracking_table

GOLD = JOBS[-1]


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with tracking_table() as dynamodb:
        state_manager.set_transition("glue::job_run", {"progression": "immediate"})
        built = create(dynamodb)
        for name, value in built.environment.items():
            monkeypatch.setenv(name, value)
        yield built
    state_manager.unset_transition("glue::job_run")


def ended_run(state: RunState = RunState.SUCCEEDED) -> RunRecord:
    now = datetime.now(UTC)
    return RunRecord(
        run_id="run-000001",
        epoch=1,
        state=state,
        started_at=now - timedelta(minutes=5),
        as_of="",
        stage="published",
        ended_at=now + timedelta(minutes=5),
        files=2,
        rows_in=10,
        rows_loaded=9,
        rows_quarantined=1,
    )


def job_event(name: str, job: str = GOLD) -> dict[str, object]:
    """Return an event about a run of a job that exists, at this moment."""
    run_id = boto3.client("glue").start_job_run(JobName=job)["JobRunId"]
    message = event(name)
    message["detail"]["jobName"] = job
    message["time"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    message["detail"]["jobRunId"] = run_id
    return message


def metrics(output: str) -> dict[str, float]:
    """Return every figure the log lines give to CloudWatch."""
    lines = [json.loads(line) for line in output.splitlines()]
    return {
        metric["Name"]: line[metric["Name"]]
        for line in lines
        if "_aws" in line
        for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    }


def test_an_upload_is_registered_and_starts_the_workflow(stack):
    assert register_files(event("put"), None) == {"batchItemFailures": []}
    assert [file.state for file in stack.store.files()] == [FileState.REGISTERED]
    assert len(stack.workflow_runs()) == 1


def test_ten_deliveries_of_one_event_register_one_file(stack):
    for _ in range(10):
        register_files(event("several"), None)
    assert len(stack.store.files()) == 3


def test_one_bad_message_fails_alone(stack):
    answer = register_files(event("poison_among_good"), None)
    failed = [one["itemIdentifier"] for one in answer["batchItemFailures"]]
    assert failed == ["message-1", "message-3"]
    assert len(stack.store.files()) == 1


def test_one_bad_record_does_not_hold_up_the_others_of_its_message(stack):
    message = event("put")
    body = json.loads(message["Records"][0]["body"])
    body["Records"].insert(0, {"s3": {"bucket": {}}})
    message["Records"][0]["body"] = json.dumps(body)
    answer = register_files(message, None)
    assert len(answer["batchItemFailures"]) == 1
    assert len(stack.store.files()) == 1
    assert len(stack.workflow_runs()) == 1


def test_foreign_objects_are_reported_and_change_nothing(stack, capsys):
    answer = register_files(event("foreign_objects"), None)
    assert answer == {"batchItemFailures": []}
    assert capsys.readouterr().out.count("no object in a tenant's folder") == 3
    assert [file.source_file for file in stack.store.files()] == ["Patient.ndjson"]


def test_names_of_files_stay_out_of_the_log(stack, capsys):
    register_files(event("put"), None)
    assert "Patient.ndjson" not in capsys.readouterr().out


def test_the_buckets_test_message_starts_nothing(stack):
    register_files(event("test_event"), None)
    assert stack.workflow_runs() == []


def test_a_missing_environment_is_named(stack, monkeypatch):
    monkeypatch.delenv("METRICCARE_TOPIC_ARN")
    with pytest.raises(SetupError, match="METRICCARE_TOPIC_ARN"):
        register_files(event("put"), None)


def test_a_failed_job_is_reported_once_without_the_text_of_the_service(stack):
    stack.store.put_run(replace(ended_run(RunState.FAILED), message="Py4JJavaError"))
    failed = job_event("job_failed")
    notify(failed, None)
    notify(failed, None)
    (message,) = stack.messages()
    assert message["Subject"] == f"[MetricCare dev] FAILED: {GOLD} FAILED"
    assert "Jane Doe" not in message["Message"]
    assert message["MessageAttributes"]["outcome"]["Value"] == "failed"


def test_a_published_run_is_reported_with_its_counts(stack, capsys):
    stack.store.put_run(ended_run())
    notify(job_event("job_succeeded"), None)
    (message,) = stack.messages()
    assert "2; records: 10 in, 9 loaded, 1 rejected" in message["Message"]
    assert metrics(capsys.readouterr().out)["RowsQuarantined"] == 1


def test_files_that_came_during_a_run_start_the_next(stack):
    stack.store.put_run(ended_run())
    register_files(event("put"), None)
    before = len(stack.workflow_runs())
    notify(job_event("job_succeeded"), None)
    assert len(stack.workflow_runs()) == before + 1


def test_a_failure_does_not_start_the_next_run_by_itself(stack):
    stack.store.put_run(ended_run(RunState.FAILED))
    register_files(event("put"), None)
    before = len(stack.workflow_runs())
    notify(job_event("job_failed"), None)
    assert len(stack.workflow_runs()) == before


def test_the_first_sweep_starts_a_run_and_shows_its_heartbeat(stack, capsys):
    sweep({}, None)
    assert len(stack.workflow_runs()) == 1
    assert metrics(capsys.readouterr().out)["Heartbeat"] == 1


def test_the_call_of_the_first_apply_shows_the_heartbeat_and_starts_nothing(stack, capsys):
    sweep({"only_heartbeat": True}, None)
    assert metrics(capsys.readouterr().out)["Heartbeat"] == 1
    assert stack.workflow_runs() == []


def test_a_run_that_ended_shows_how_long_each_tenants_uploads_took(stack, capsys):
    store, run = stack.store, ended_run()
    for tenant, minutes in (("north", 30), ("north", 90), ("south", 60)):
        at = run.started_at - timedelta(minutes=minutes)
        name = f"{tenant}{minutes}"
        store.register(FileRecord(name, tenant, name, f"s3://raw/{tenant}/{name}", 10, at))
    lease = store.acquire_lease("one", bool)
    names = [file.file_id for file in store.claim(lease, run.run_id)]
    store.move(lease, names, FileState.CLAIMED, FileState.LOADED)
    store.move(lease, names, FileState.LOADED, FileState.PUBLISHED)
    store.put_run(run)
    notify(job_event("job_succeeded"), None)
    written = capsys.readouterr().out
    assert metrics(written)["MinutesToPublish"] == [40.0, 70.0, 100.0]
    lines = [json.loads(line) for line in written.splitlines()]
    found = [line for line in lines if line.get("what") == "tenant published"]
    assert [(f["tenant"], f["files"], f["minutes_p50"], f["minutes_p95"]) for f in found] == [
        ("north", 2, 40.0, 100.0),
        ("south", 1, 70.0, 70.0),
    ]


def test_in_a_pause_uploads_are_registered_and_neither_they_nor_the_sweep_start_a_run(stack):
    stack.store.pause("maintenance")
    register_files(event("put"), None)
    sweep({}, None)
    assert len(stack.store.files(FileState.REGISTERED)) == 1
    assert stack.workflow_runs() == []
    stack.store.resume()
    sweep({}, None)
    assert len(stack.workflow_runs()) == 1


def test_an_upload_right_after_a_run_began_is_left_to_the_sweep(stack, monkeypatch):
    monkeypatch.setenv("METRICCARE_MIN_MINUTES_BETWEEN_RUNS", "30")
    began = datetime.now(UTC) - timedelta(minutes=10)
    stack.store.put_run(RunRecord("run-1", 1, RunState.SUCCEEDED, began, "", ended_at=began))
    register_files(event("put"), None)
    assert stack.workflow_runs() == []
    stack.store.put_run(
        RunRecord("run-1", 1, RunState.SUCCEEDED, began - timedelta(minutes=25), "", ended_at=began)
    )
    sweep({}, None)
    assert len(stack.workflow_runs()) == 1


def test_the_sweep_reports_what_the_event_did_not(stack):
    stack.store.put_run(ended_run())
    boto3.client("glue").start_job_run(JobName=GOLD)
    sweep({}, None)
    sweep({}, None)
    assert len(stack.messages()) == 1


def test_a_failed_upkeep_job_is_reported_once_and_not_as_a_run_that_succeeded(stack):
    stack.store.put_run(ended_run())
    failed = job_event("job_failed", UPKEEP)
    notify(failed, None)
    sweep({}, None)
    (message,) = stack.messages()
    assert message["Subject"] == f"[MetricCare dev] FAILED: {UPKEEP} FAILED"
    assert "section Upkeep of a deployed lake" in message["Message"]
    assert "run-000001" not in message["Message"]


def test_the_sweep_reports_an_upkeep_job_that_processed_files(stack):
    stack.store.put_run(ended_run())
    boto3.client("glue").start_job_run(JobName=UPKEEP)
    sweep({}, None)
    (message,) = stack.messages()
    assert message["Subject"] == "[MetricCare dev] Published: 2 files, 9 rows, 1 rejected"


def test_event_and_sweep_together_send_one_alert(stack):
    stack.store.put_run(ended_run())
    message = job_event("job_succeeded")
    notify(message, None)
    sweep({}, None)
    assert len(stack.messages()) == 1


def test_a_slack_that_is_down_does_not_hold_up_the_alert(stack, monkeypatch, capsys):
    boto3.client("secretsmanager").create_secret(
        Name="slack", SecretString="http://127.0.0.1:9/closed"
    )
    monkeypatch.setenv("METRICCARE_SLACK_SECRET", "slack")
    stack.store.put_run(ended_run())
    notify(job_event("job_succeeded"), None)
    assert len(stack.messages()) == 1
    assert "could not be sent everywhere" in capsys.readouterr().out
