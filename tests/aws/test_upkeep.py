"""Upkeep of a deployed lake: what an operator's command asks for, and what the job makes of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import boto3
import pytest
from typer.testing import CliRunner

from metriccare import naming
from metriccare.aws.dynamodb import DynamoTracking
from metriccare.cli import app
from metriccare.errors import UsageError
from metriccare.settings import Lake
from metriccare.tracking.documents import read_document, write_document
from metriccare.tracking.states import FileRecord, FileState
from metriccare.wiring.glue_upkeep import run_upkeep
from metriccare.wiring.storage import storage_of
from metriccare.wiring.upkeep_arguments import upkeep_arguments
from tests.aws.buckets import every_version, versioned_bucket
from tests.aws.tracking_table import TABLE, create_tracking_table

BUCKET = "metriccare-lake-123456789012-dev"
LAKE = f"s3://{BUCKET}"
JOB = "metriccare_upkeep_job_dev"
NOW = datetime(2024, 6, 1, tzinfo=UTC)
WORDS = {
    "--lake": LAKE,
    "--workspace": "dev",
    "--tracking-table": TABLE,
    "--JOB_NAME": JOB,
    "--JOB_RUN_ID": "jr_1",
    "--pipeline": "metriccare_pipeline_workflow_dev",
    "--results": "s3://results/operators/",
}


@pytest.fixture
def stack(aws: str) -> None:
    versioned_bucket(BUCKET)
    create_tracking_table(boto3.client("dynamodb"))
    command = {"Name": "glueetl", "ScriptLocation": "s3://a/b.py"}
    boto3.client("glue").create_job(Name=JOB, Role="role", Command=command)


def ask(*words: str):
    return CliRunner().invoke(app, [*words, "--lake", LAKE])


def asked() -> dict[str, str]:
    """Return what the job's newest run was started with."""
    (run,) = boto3.client("glue").get_job_runs(JobName=JOB)["JobRuns"]
    return run["Arguments"]


def run(**more: str) -> None:
    given = WORDS | {f"--{name}": value for name, value in more.items()}
    run_upkeep(upkeep_arguments([word for pair in given.items() for word in pair]), lambda: NOW)


def test_the_person_to_erase_is_stored_in_the_lake_and_not_in_the_arguments(stack):
    done = ask("erase", "4711", "--tenant", "north", "--reason", "asked for", "--yes")
    assert (done.exit_code, json.loads(done.stdout)) == (0, [])
    arguments = asked()
    assert "4711" not in json.dumps(arguments)
    place = f"{naming.ERASURE_REQUESTS}/{arguments['--request']}.json"
    said = json.loads(read_document(storage_of(Lake(LAKE)).objects, place) or "")
    assert said == {"tenant": "north", "patient_id": "4711", "reason": "asked for"}


def test_replay_and_rollback_pass_on_their_arguments(stack):
    done = ask("replay", "--since", "2024-05-01", "--until", "2024-05-03", "--as-of", "2024-06-30")
    assert done.exit_code == 0
    assert asked() == {
        "--task": "replay",
        "--since": "2024-05-01",
        "--until": "2024-05-03",
        "--as-of": "2024-06-30",
    }


def test_a_rebuild_passes_on_whose_and_what_it_reads(stack):
    words = ("--tenant", "north", "--from-raw", "--as-of", "2024-06-30")
    assert ask("rebuild", *words).exit_code == 0
    given = {"--task": "rebuild", "--read": "raw", "--tenant": "north", "--as-of": "2024-06-30"}
    assert asked() == given


def test_a_rebuild_of_every_tenant_names_none(stack):
    assert ask("rebuild").exit_code == 0
    assert asked() == {"--task": "rebuild", "--read": "bronze"}


def test_a_close_passes_on_which_month_whose_and_why_again(stack):
    words = ("--tenant", "north", "--reopen", "late remits", "--as-of", "2024-06-30")
    done = ask("close", "2024-05", *words)
    assert (done.exit_code, "2024-05 is closed" in done.stderr) == (0, True)
    given = {"--task": "close", "--month": "2024-05", "--tenant": "north"}
    assert asked() == {**given, "--reason": "late remits", "--as-of": "2024-06-30"}


def test_a_month_that_is_none_starts_nothing(stack):
    assert isinstance(ask("close", "May").exception, UsageError)
    assert boto3.client("glue").get_job_runs(JobName=JOB)["JobRuns"] == []


def test_a_redrive_passes_on_which_records_it_is_for(stack):
    words = ("quarantine", "redrive", "--rule", "date_invalid", "--as-of", "2024-06-30")
    assert ask(*words).exit_code == 0
    assert asked() == {"--task": "redrive", "--rule": "date_invalid", "--as-of": "2024-06-30"}


def test_setting_a_file_aside_passes_on_which_and_why(stack):
    assert ask("quarantine", "file", "3f0c", "--reason", "stops every run").exit_code == 0
    assert asked() == {"--task": "set_aside", "--file": "3f0c", "--reason": "stops every run"}


def test_taking_a_file_back_passes_on_which(stack):
    assert ask("quarantine", "file", "3f0c", "--release").exit_code == 0
    assert asked() == {"--task": "release", "--file": "3f0c"}


def test_the_job_sets_a_file_aside_and_takes_it_back(stack):
    store = DynamoTracking(boto3.client("dynamodb"), TABLE)
    store.register(FileRecord("3f0c1a7e", "north", "odd.ndjson", "s3://raw/north/odd", 10, NOW))
    run(task="set_aside", file="3f0c", reason="stops every run")
    (file,) = store.files(FileState.SET_ASIDE)
    assert (file.file_id, file.reason, store.current_lease()) == (
        "3f0c1a7e",
        "stops every run",
        None,
    )
    boto3.client("glue").create_workflow(Name=WORDS["--pipeline"])
    run(task="release", file="odd.ndjson")
    assert [file.file_id for file in store.files(FileState.REGISTERED)] == ["3f0c1a7e"]
    with pytest.raises(UsageError, match="There is no file 'even'"):
        run(task="set_aside", file="even", reason="odd")
    with pytest.raises(UsageError, match="wants --file"):
        run(task="release")


def test_files_set_aside_in_a_deployed_lake_are_listed(aws, monkeypatch):
    monkeypatch.setattr("tests.aws.tracking_table.TABLE", "metriccare_tracking_2_dev")
    client = boto3.client("dynamodb")
    create_tracking_table(client)
    store = DynamoTracking(client, "metriccare_tracking_2_dev")
    store.register(FileRecord("3f0c1a7e", "north", "odd.ndjson", "s3://raw/north/odd", 10, NOW))
    lease = store.acquire_lease("one", lambda _: False)
    changes = {"3f0c1a7e": {"reason": "stops every run"}}
    store.move(lease, ["3f0c1a7e"], FileState.REGISTERED, FileState.SET_ASIDE, changes)
    done = ask("quarantine", "list", "--files", "--format", "csv")
    assert "3f0c1a7e,odd.ndjson,north,set_aside,stops every run," in done.stdout


def test_a_redrive_of_a_day_that_is_none_starts_nothing(stack):
    done = ask("quarantine", "redrive", "--as-of", "June")
    assert isinstance(done.exception, UsageError)
    assert boto3.client("glue").get_job_runs(JobName=JOB)["JobRuns"] == []


def test_a_bucket_without_a_deployed_lake_and_a_missing_job_are_reported(aws):
    versioned_bucket("elsewhere")
    words = ["rollback", "run-1", "--lake"]
    for lake, said in (("s3://elsewhere", "is no deployed lake"), (LAKE, f"no job {JOB}")):
        done = CliRunner().invoke(app, [*words, lake])
        assert isinstance(done.exception, UsageError)
        assert said in str(done.exception)


def test_the_job_refuses_what_it_cannot_do_with_a_sentence(stack):
    with pytest.raises(UsageError, match="no such request"):
        run(task="erase", request="unknown")
    with pytest.raises(UsageError, match="wants --since"):
        run(task="replay", since="2024-05-01")
    with pytest.raises(UsageError, match="There is no run run-1"):
        run(task="rollback", run="run-1")
    with pytest.raises(UsageError, match="no file of tenant north"):
        run(task="rebuild", tenant="north")
    with pytest.raises(UsageError, match="A close wants --month"):
        run(task="close")


def test_a_request_of_a_job_that_was_killed_does_not_stay_in_the_lake(stack):
    write_document(
        storage_of(Lake(LAKE)).objects,
        f"{naming.ERASURE_REQUESTS}/left.json",
        '{"patient_id": "4711"}',
    )
    run(task="erase")
    assert every_version(BUCKET) == {}


def test_a_window_without_files_and_nothing_to_finish_end_at_once(stack, capsys):
    run(task="replay", since="2024-05-01", until="2024-05-03")
    run(task="erase")
    assert "nothing to do" in capsys.readouterr().out
    assert every_version(BUCKET) == {}
