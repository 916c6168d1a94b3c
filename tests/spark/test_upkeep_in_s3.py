"""The deployed jobs' own wiring on a lake in S3: runs, erasure, rollback, replay, redrive."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import boto3
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from metriccare import naming
from metriccare.aws.dynamodb import DynamoTracking
from metriccare.cli import app
from metriccare.object_store import ObjectStore
from metriccare.quality import rules
from metriccare.settings import Lake
from metriccare.tables import TABLES
from metriccare.tables.declaration import PARTITION_COLUMN
from metriccare.tables.types import hive_type
from metriccare.tracking.documents import document_names, read_document, write_document
from metriccare.tracking.states import FileRecord, FileState, RunState
from metriccare.wiring.glue import job_arguments, run_job
from metriccare.wiring.glue_upkeep import run_upkeep
from metriccare.wiring.queries import open_engine
from metriccare.wiring.storage import storage_of
from metriccare.wiring.upkeep_arguments import upkeep_arguments
from tests.aws.buckets import every_version, put, versioned_bucket
from tests.aws.tracking_table import TABLE, create_tracking_table
from tests.faults import uploads
from tests.spark.s3_session import point_at_server

pytestmark = [pytest.mark.spark, pytest.mark.slow, pytest.mark.timeout(1800)]

LAKE, RAW, RESULTS = "lake-of-upkeep", "raw-of-upkeep", "results-of-upkeep"
ROOT = Lake(f"s3://{LAKE}")
NAMES = ('"p1"', "'p1'", "Patient/p1", "mrn-p1", "p1-a", "p1-b", "p1-c")
STAGES = ("bronze", "silver", "gold")
JOB = {
    "--lake": ROOT.root,
    "--workspace": "dev",
    "--tracking-table": TABLE,
    "--JOB_NAME": "job",
    "--JOB_RUN_ID": "jr_1",
    "--pipeline": "pipeline",
    "--results": f"s3://{RESULTS}/operators/",
}


def objects() -> ObjectStore:
    return storage_of(ROOT).objects


@pytest.fixture
def store(spark, aws: str) -> DynamoTracking:
    """Return the tracking of an empty deployed lake."""
    for bucket in (LAKE, RAW, RESULTS):
        versioned_bucket(bucket)
    dynamodb = boto3.client("dynamodb")
    create_tracking_table(dynamodb)
    glue = boto3.client("glue")
    glue.create_workflow(Name="pipeline")
    for layer in naming.LAYERS:
        glue.create_database(DatabaseInput={"Name": naming.database(layer, "dev")})
    for table in TABLES:
        columns = [
            {"Name": column.name, "Type": hive_type(column.type)}
            for column in table.columns
            if column.name != PARTITION_COLUMN
        ]
        described = {"Columns": columns, "Location": ROOT.path(table.path)}
        glue.create_table(
            DatabaseName=naming.database(table.layer, "dev"),
            TableInput={"Name": table.name, "StorageDescriptor": described},
        )
    point_at_server(spark, aws)
    return DynamoTracking(dynamodb, TABLE)


def now() -> datetime:
    return datetime.now(UTC)


def words(**more: str) -> list[str]:
    given = JOB | {f"--{name}": value for name, value in more.items()}
    return [word for pair in given.items() for word in pair]


def take_in(store: DynamoTracking, name: str, sent: bytes, stages=STAGES) -> None:
    """Upload a file and run stages of the pipeline as the deployed jobs do."""
    place = put(RAW, f"north/{name}", sent)
    store.register(FileRecord(name, "north", name, place, len(sent), now()))
    run_job(job_arguments(words()), stages, now)


def count(table: str, condition: str) -> int:
    sql = f"select count(*) from {table} where {condition}"
    return open_engine(ROOT).query(sql).rows[0][0]


def holders() -> list[str]:
    """Return the objects of which any version, in raw or lake, says anything of the person."""
    return [
        f"{bucket}/{key}"
        for bucket in (RAW, LAKE)
        for key, versions in every_version(bucket).items()
        for content in versions
        if any(name in readable(key, content) for name in NAMES)
    ]


def readable(key: str, content: bytes) -> str:
    if key.endswith(".parquet"):
        return str(pq.read_table(io.BytesIO(content)).to_pylist())
    return content.decode("utf-8", "replace")


def test_an_erased_person_is_nowhere_in_s3_and_stays_out(store: DynamoTracking):
    take_in(store, "history.ndjson", uploads.history())
    assert len(holders()) > 5
    put(RESULTS, "operators/q.csv", b"p1")
    request = {"tenant": "north", "patient_id": "p1", "reason": "asked for"}
    write_document(objects(), f"{naming.ERASURE_REQUESTS}/a.json", json.dumps(request))
    run_upkeep(upkeep_arguments(words(task="erase", request="a")), now)
    assert holders() == []
    assert every_version(RESULTS) == {}
    (receipt,) = (n for n in document_names(objects(), naming.ERASURES_FOLDER) if "/run-" in n)
    said = json.loads(read_document(objects(), receipt) or "")
    assert (said["rows"]["silver.patient"], said["raw_files_rewritten"]) == (1, 1)
    assert said["stored_versions_removed"] > 0
    assert document_names(objects(), naming.ERASURE_REQUESTS) == set()
    take_in(store, "sent-again.ndjson", uploads.history(), ("bronze",))
    assert count("bronze.resource", "resource_id = 'p2'") == 2
    assert count("bronze.resource", "resource_id in ('p1', 'p1-a', 'p1-c')") == 0


def test_a_run_is_rolled_back_and_replayed_in_s3(store: DynamoTracking):
    take_in(store, "history.ndjson", uploads.history())
    before = open_engine(ROOT).query("select * from silver.patient order by id").rows
    take_in(store, "day.ndjson", uploads.day())
    after = open_engine(ROOT).query("select id, sex from silver.patient order by id").rows
    run_upkeep(upkeep_arguments(words(task="rollback", run=store.runs()[0].run_id)), now)
    assert store.runs()[0].state is RunState.ROLLED_BACK
    assert len(store.files(FileState.REGISTERED)) == 1
    assert open_engine(ROOT).query("select * from silver.patient order by id").rows == before
    day = f"{now().date()}"
    run_upkeep(upkeep_arguments(words(task="replay", since=day, until=day)), now)
    assert {file.state for file in store.files()} == {FileState.PUBLISHED}
    assert open_engine(ROOT).query("select id, sex from silver.patient order by id").rows == after
    run_upkeep(upkeep_arguments(words(task="rebuild", read="raw")), now)
    assert (store.runs()[0].rebuild, store.runs()[0].files) == (("*",), 2)
    assert open_engine(ROOT).query("select id, sex from silver.patient order by id").rows == after
    left = boto3.client("s3").list_objects_v2(Bucket=LAKE, Prefix=naming.REBUILD_FOLDER)
    assert left["KeyCount"] == 0


def quarantine(*words: str) -> list[dict[str, str]]:
    """Return the rejected records the command prints of the lake in S3."""
    done = CliRunner().invoke(app, ["quarantine", *words, "--lake", ROOT.root, "--format", "json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_rejected_records_are_listed_and_redriven_in_s3(
    store: DynamoTracking, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    take_in(store, "history.ndjson", uploads.history())
    first = store.runs()[0].run_id
    rejected = {row["rule_id"]: row for row in quarantine("list")}
    assert rejected.keys() == {"date_invalid", "json_invalid"}
    (shown,) = quarantine("show", "--rule", "date_invalid")
    assert json.loads(shown["raw"])["id"] == "p3-bad"
    run_upkeep(upkeep_arguments(words(task="redrive", rule="shape_invalid")), now)
    assert "nothing to do: no such record is in quarantine" in capsys.readouterr().out
    assert len(store.runs()) == 1
    kept = tuple(rule for rule in rules.RULES if rule.id != "date_invalid")
    monkeypatch.setattr(rules, "RULES", kept)
    run_upkeep(upkeep_arguments(words(task="redrive", run=first)), now)
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "redriven" in line]
    assert [(one["loaded"], one["rejected"]) for one in said] == [(1, 1)]
    assert [row["rule_id"] for row in quarantine("list")] == ["json_invalid"]
    states = {row["rule_id"]: row["state"] for row in quarantine("list", "--all")}
    assert states == {"date_invalid": "redriven", "json_invalid": "open"}
    assert count("silver.encounter", "id = 'p3-bad'") == 1
    assert count("bronze.resource", "true") == len(uploads.history().splitlines()) - 1
    assert {file.state for file in store.files()} == {FileState.PUBLISHED}
