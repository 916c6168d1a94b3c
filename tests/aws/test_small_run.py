"""A small run: from the upload to what is published, in a moto of this process."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from lambda_functions.notify.handler import handler as notify
from lambda_functions.register_files.handler import handler as register_files
from metriccare.aws import glue
from metriccare.aws.object_store import S3Store
from metriccare.aws.small_run import Answer, Call, Outcome, SmallRunFunction, call_of
from metriccare.engine.duckdb.engine import DuckDbEngine
from metriccare.errors import OutOfMemory
from metriccare.ingest.start_workflow import is_small
from metriccare.query.published.file_list import PointerFiles
from metriccare.query.published.publication import OPERATIONS, Publication
from metriccare.query.published.verification import verified
from metriccare.settings import Lake
from metriccare.tables import TABLES, publish
from metriccare.tables.declaration import PARTITION_COLUMN
from metriccare.tables.types import hive_type
from metriccare.tracking.states import FileRecord, FileState, RunRecord, RunState
from metriccare.wiring import small_run
from metriccare.wiring.small_run import SmallRun, run_small
from tests.aws.buckets import put, versioned_bucket
from tests.aws.stack import Stack, create
from tests.aws.test_events import event
from tests.aws.test_functions import metrics
from tests.aws.tracking_table import TABLE, tracking_table

FUNCTION = "metriccare_run_small_dev"
LAKE = Lake("s3://metriccare-lake-123456789012-dev")
NOW = datetime.now(UTC)
PATIENTS = [
    {"resourceType": "Patient", "id": f"p{n}", "birthDate": "1950-01-01", "gender": "female"}
    for n in range(3)
]
STAYS = [
    {
        "resourceType": "Encounter",
        "id": f"e{n}",
        "status": "finished",
        "class": {"code": "IMP"},
        "subject": {"reference": f"Patient/p{n % 3}"},
        "period": {"start": f"2024-0{n + 1}-01T08:00:00Z", "end": f"2024-0{n + 1}-05T08:00:00Z"},
    }
    for n in range(6)
]


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with tracking_table() as dynamodb:
        built = create(dynamodb)
        for name, value in {**built.environment, "METRICCARE_SMALL_RUN": FUNCTION}.items():
            monkeypatch.setenv(name, value)
        yield built


@pytest.fixture
def lake(stack: Stack) -> Lake:
    """Return a deployed lake: its bucket, and its tables in the catalog."""
    versioned_bucket(LAKE.root.removeprefix("s3://"))
    versioned_bucket("raw")
    client = boto3.client("glue")
    for layer in ("bronze", "silver", "gold", "publish"):
        client.create_database(DatabaseInput={"Name": f"metriccare_{layer}_dev"})
    for table in TABLES:
        columns = [
            {"Name": column.name, "Type": hive_type(column.type)}
            for column in table.columns
            if column.name != PARTITION_COLUMN
        ]
        client.create_table(
            DatabaseName=f"metriccare_{table.layer}_dev",
            TableInput={
                "Name": table.name,
                "PartitionKeys": [{"Name": "tenant", "Type": "string"}],
                "StorageDescriptor": {"Columns": columns, "Location": LAKE.path(table.path)},
            },
        )
    return LAKE


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the starts of the function, which are only noted."""
    noted: list[str] = []
    monkeypatch.setattr(SmallRunFunction, "start", lambda self: noted.append(self._name))
    return noted


def small(minutes: float = 15, request_id: str = "request-1") -> SmallRun:
    call = Call(FUNCTION, request_id, datetime.now(UTC) + timedelta(minutes=minutes))
    return SmallRun(LAKE, "dev", TABLE, None, call, lambda: datetime.now(UTC))


def upload(stack: Stack, name: str, resources: list[dict[str, Any]]) -> None:
    content = "".join(json.dumps(each) + "\n" for each in resources).encode()
    place = put("raw", f"north/{name}", content)
    stack.store.register(FileRecord(name, "north", name, place, len(content), datetime.now(UTC)))


def waits(stack: Stack, size: int, name: str = "file") -> None:
    stack.store.register(FileRecord(name, "north", name, f"s3://raw/{name}", size, NOW))


def ended(answer: Answer | None, request_id: str = "request-1") -> dict[str, Any]:
    """Return what EventBridge passes on when a call has ended; None for a call that was killed."""
    word = "Success" if answer else "Failure"
    payload: Mapping[str, Any] = answer.as_json() if answer else {"errorType": "Runtime.ExitError"}
    return {
        "source": "lambda",
        "detail-type": f"Lambda Function Invocation Result - {word}",
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "detail": {"requestContext": {"requestId": request_id}, "responsePayload": payload},
    }


def published(tmp_path: Any) -> list[Mapping[str, Any]]:
    store = S3Store(boto3.client("s3"), LAKE, tmp_path)
    with DuckDbEngine(store, lambda: None) as engine:
        return list(engine.rows(engine.read(publish.MEASURE)))


def marts(folder: Any) -> Publication:
    """Return what is published of the tenant, after every file was compared with its hash."""
    files = PointerFiles(S3Store(boto3.client("s3"), LAKE, folder))
    assert files.tenants() == ("north",)
    assert [one for one in verified(files, "north") if one.problem] == []
    found = files.current("north")
    assert found is not None
    return found


def test_an_upload_is_published_by_one_call_and_reported_like_a_job(stack, lake, tmp_path, capsys):
    upload(stack, "patients.ndjson", PATIENTS)
    upload(stack, "stays.ndjson", STAYS)
    answer = run_small(small())
    assert answer.outcome == Outcome.SUCCEEDED
    assert {file.state for file in stack.store.files()} == {FileState.PUBLISHED}
    assert stack.store.current_lease() is None
    overall = {row["measure_id"]: row for row in published(tmp_path) if row["grain"] == "all"}
    assert "readmission_30d" in overall
    partitions = boto3.client("glue").get_partitions(
        DatabaseName="metriccare_publish_dev", TableName="measure"
    )["Partitions"]
    assert [each["Values"] for each in partitions] == [["north"]]
    first = marts(tmp_path / "first")
    assert first.pointer.run_id == answer.run_id
    assert first.manifests["measure"].rows == len(published(tmp_path))
    operations = PointerFiles(S3Store(boto3.client("s3"), LAKE, tmp_path / "runs"), OPERATIONS)
    ended_run = operations.current("north")
    assert ended_run is not None
    assert ended_run.pointer.run_id == answer.run_id
    assert ended_run.manifests["run"].rows == 1

    notify(ended(answer), None)
    notify(ended(answer), None)
    (message,) = stack.messages()
    assert message["Subject"] == "[MetricCare dev] Published: 2 files, 9 rows"
    assert metrics(capsys.readouterr().out)["RowsIn"] == 9

    # Nothing waits: the next call ends at once; what comes later joins what is there.
    assert run_small(small()).outcome == Outcome.NOTHING_TO_DO
    upload(stack, "more.ndjson", [{**STAYS[0], "id": "later"}])
    later = run_small(small())
    assert later.outcome == Outcome.SUCCEEDED
    second = marts(tmp_path / "second")
    assert second.pointer.run_id == later.run_id
    assert second.pointer.sequence == first.pointer.sequence + 1


def test_what_was_uploaded_starts_the_function_or_the_workflow_by_its_size(stack, calls):
    register_files(event("put"), None)
    assert (calls, stack.workflow_runs()) == ([FUNCTION], [])
    waits(stack, 200 * 2**20)
    register_files(event("several"), None)
    assert (len(calls), len(stack.workflow_runs())) == (1, 1)


def test_compressed_files_count_unpacked(stack):
    waits(stack, 20 * 2**20, "x.ndjson.gz")
    assert not is_small(stack.store)


@pytest.mark.parametrize(
    ("state", "rebuild", "expected"),
    [
        (RunState.SUCCEEDED, (), True),
        (RunState.REFUSED, (), True),
        (RunState.FAILED, (), False),
        (RunState.RUNNING, ("*",), False),
    ],
)
def test_after_a_failure_and_for_a_rebuild_the_workflow_is_the_way(stack, state, rebuild, expected):
    stack.store.put_run(RunRecord("run-1", 1, state, NOW, "", rebuild=rebuild))
    assert is_small(stack.store) is expected


def test_what_would_rewrite_too_much_is_handed_over(stack, lake, monkeypatch):
    boto3.client("s3").put_object(
        Bucket=lake.root.removeprefix("s3://"), Key="silver/x/tenant=a/f.parquet", Body=b"12345"
    )
    waits(stack, 1)
    monkeypatch.setattr(small_run, "_MOST_REWRITTEN", 4)
    answer = run_small(small())
    assert answer.outcome == Outcome.HANDED_OVER
    assert stack.store.runs() == []
    notify(ended(answer), None)
    assert len(stack.workflow_runs()) == 1
    assert stack.messages() == []


@pytest.mark.parametrize(
    ("minutes", "error"), [(0.1, None), (15, MemoryError()), (15, OutOfMemory("full"))]
)
def test_a_run_without_time_or_memory_is_noted_and_the_workflow_takes_over(
    stack, lake, monkeypatch, capsys, minutes, error
):
    def stage(*_: Any) -> None:
        raise error

    if error:
        monkeypatch.setattr(small_run, "run_stage", stage)
    upload(stack, "patients.ndjson", PATIENTS)
    answer = run_small(small(minutes))
    assert answer.outcome == Outcome.HANDED_OVER
    assert stack.store.runs()[0].state == RunState.FAILED
    assert stack.store.current_lease() is None
    notify(ended(answer), None)
    assert len(stack.workflow_runs()) == 1
    assert metrics(capsys.readouterr().out)["SmallRunsHandedOver"] == 1


def test_of_a_call_that_was_killed_the_lease_is_given_up_and_the_workflow_takes_over(stack):
    stack.store.acquire_lease(small(request_id="killed").call.owner, lambda _: True)
    notify(ended(None, "another"), None)
    assert stack.store.current_lease() is not None
    notify(ended(None, "killed"), None)
    assert stack.store.current_lease() is None
    assert len(stack.workflow_runs()) == 2


def test_any_other_failure_is_reported_like_a_failed_job_and_starts_nothing(
    stack, lake, monkeypatch, calls
):
    def stage(*_: Any) -> None:
        raise ValueError("Jane Doe")

    monkeypatch.setattr(small_run, "run_stage", stage)
    upload(stack, "patients.ndjson", PATIENTS)
    answer = run_small(small())
    assert answer.outcome == Outcome.FAILED
    notify(ended(answer), None)
    (message,) = stack.messages()
    assert message["Subject"] == f"[MetricCare dev] FAILED: {FUNCTION} FAILED"
    assert "(CloudWatch, request request-1)" in message["Message"]
    assert "Jane Doe" not in message["Message"]
    assert (calls, stack.workflow_runs()) == ([], [])


def test_a_run_that_holds_the_lease_is_left_alone(stack, lake):
    owner = "workflow/metriccare_pipeline_workflow_test/wr_1"
    run = boto3.client("glue").start_workflow_run(Name="metriccare_pipeline_workflow_test")
    stack.store.acquire_lease(owner.replace("wr_1", run["RunId"]), lambda _: True)
    waits(stack, 1)
    assert run_small(small()).outcome == Outcome.NOTHING_TO_DO


def test_files_that_came_meanwhile_start_the_next_small_run(stack, calls):
    waits(stack, 1)
    run = RunRecord("run-1", 1, RunState.SUCCEEDED, NOW, "", stage="published", ended_at=NOW)
    stack.store.put_run(replace(run, files=1))
    notify(ended(Answer(Outcome.SUCCEEDED, NOW, "run-1")), None)
    assert calls == [FUNCTION]


def test_a_call_has_ended_when_lambda_has_ended_it():
    call = call_of(small(minutes=1).call.owner)
    assert call is not None
    client: Any = None
    assert not glue.is_ended(client, call.owner, call.until - timedelta(seconds=5))
    assert glue.is_ended(client, call.owner, call.until + timedelta(seconds=2))
