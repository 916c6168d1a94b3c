"""The deployed stack from the first plan to the last alert, told in the order it happens.

Each test goes on from where the one before left the stack: applying it anew would cost minutes.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from data_generator import GeneratorConfig, generate
from metriccare.aws.queues import SqsDeadLetters
from metriccare.naming import DEFAULT_TIME_ZONE
from metriccare.report.truth import RESULTS_SQL, Truth, compare, read_truth
from metriccare.steps.redrive import redrive
from metriccare.tracking.states import FileState, RunState
from tests.twin.journey import Journey
from tests.twin.stack import Twin, wait_for

pytestmark = [pytest.mark.twin, pytest.mark.timeout(2400)]


@pytest.fixture(scope="session")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return synthetic FHIR whose truth holds for today, which the deployed run computes for."""
    today = datetime.now(ZoneInfo(DEFAULT_TIME_ZONE)).date()
    folder = Path(tmp_path_factory.mktemp("hospital"))
    start = date(today.year - 1, 1, 1)
    generate(GeneratorConfig(folder, patients=30, seed=3, start=start, end=today, force=True))
    return folder


def fhir_files(folder: Path) -> dict[str, bytes]:
    found = sorted((folder / "json").rglob("*.ndjson"))
    return {path.relative_to(folder / "json").as_posix(): path.read_bytes() for path in found}


def upload_message(journey: Journey) -> dict[str, Any]:
    """Return the event S3 sent of a file that is registered already."""
    file = journey.files()[0]
    bucket, _, rest = file.location.removeprefix("s3://").partition("/")
    key, _, version = rest.partition("?versionId=")
    found = {"key": key, "size": file.size, "eTag": "", "versionId": version}
    at = file.registered_at.isoformat()
    return {"eventTime": at, "s3": {"bucket": {"name": bucket}, "object": found}}


def test_a_second_plan_changes_nothing(twin: Twin):
    plan = twin.terraform("plan", "-detailed-exitcode", "-input=false", "-no-color")
    assert "No changes." in plan.stdout


def test_a_second_apply_at_the_same_time_is_refused_with_a_sentence(twin: Twin):
    lock = {"ID": "other", "Operation": "OperationTypeApply", "Who": "a colleague"}
    place = {"Bucket": "metriccare-state", "Key": "metriccare/dev/terraform.tfstate.tflock"}
    s3 = twin.client("s3")
    s3.put_object(**place, Body=json.dumps(lock).encode())
    refused = twin.terraform("plan", "-input=false", "-no-color", expect=1)
    s3.delete_object(**place)
    assert "Error acquiring the state lock" in refused.stderr


def test_another_account_is_refused_with_a_sentence(twin: Twin):
    own = {"TF_VAR_account_ids": '{"dev": "999999999999"}'}
    refused = twin.terraform("plan", "-input=false", "-no-color", expect=1, **own)
    assert "AWS account ID not allowed: 123456789012" in refused.stderr


def test_the_first_sweep_makes_the_tables_and_every_view_answers(journey: Journey):
    journey.listen()
    journey.fire_schedule()
    run = journey.wait_for_run(1)
    assert (run.state, run.files) == (RunState.SUCCEEDED, 0), run.message
    views = journey.deployed_views()
    assert len(views) >= 9
    for name, sql in views.items():
        assert journey.query(sql) == [], name
    journey.wait_until_idle()


def test_an_upload_is_taken_in_and_later_uploads_wait_for_the_next_run(
    journey: Journey, hospital: Path
):
    files = fhir_files(hospital)
    journey.upload(files)
    wait_for("bronze claims the files", lambda: journey.files(FileState.CLAIMED), 90)
    again = {f"again/{n}": c for n, c in files.items() if "patients" in n or "locations" in n}
    assert len(again) == 2
    journey.upload(again)
    assert journey.wait_for_run(2).files == len(files)
    assert journey.wait_for_run(3).files == 2
    assert {file.state for file in journey.files()} == {FileState.PUBLISHED}


def test_each_run_sends_an_alert_a_person_can_act_on(journey: Journey):
    first, second = journey.alert(), journey.alert()
    assert first["Subject"].startswith("[MetricCare dev] Published: ")
    for alert, run in ((first, "run-000002"), (second, "run-000003")):
        assert run in alert["Message"]
        assert "rejected" in alert["Message"]
    journey.wait_until_idle()


def test_the_deployed_run_computes_the_truth(journey: Journey, hospital: Path):
    truth: Truth = read_truth(hospital / "truth.json")
    compared = compare(truth, journey.query(RESULTS_SQL))
    assert compared.different == ()
    assert compared.equal > 100


def test_every_view_answers_over_published_results(journey: Journey):
    for name, sql in journey.deployed_views().items():
        assert journey.query(sql) or name == "infection_by_snomed_code", name


def test_partitions_are_registered_for_the_tenant(journey: Journey):
    glue, databases = journey.twin.client("glue"), journey.twin.outputs["databases"]
    for layer, table in (("bronze", "resource"), ("gold", "stay"), ("publish", "measure")):
        found = glue.get_partitions(DatabaseName=databases[layer], TableName=table)["Partitions"]
        assert [partition["Values"] for partition in found] == [["north"]], table
        place = f"{journey.twin.outputs['lake']}/{layer}/{table}/tenant=north"
        assert found[0]["StorageDescriptor"]["Location"] == place


def test_repeated_events_change_nothing(journey: Journey):
    before = len(journey.files())
    records = [upload_message(journey)] * 3
    sqs, queue = journey.twin.client("sqs"), journey.twin.outputs["queues"]["uploads"]
    for _ in range(3):
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"Records": records}))
    wait_for("the messages are taken", lambda: journey.queue_length("uploads") == 0)
    assert len(journey.files()) == before
    assert len(journey.store.runs()) == 3


def test_a_foreign_object_harms_nothing(journey: Journey):
    before = len(journey.files())
    bucket = journey.twin.outputs["raw_bucket"]
    journey.twin.client("s3").put_object(Bucket=bucket, Key="readme.txt", Body=b"hello")
    wait_for("the message is taken", lambda: journey.queue_length("uploads") == 0)
    assert len(journey.files()) == before


def test_a_poison_message_ends_among_the_dead_letters_and_can_be_sent_again(journey: Journey):
    queues = journey.twin.outputs["queues"]
    sqs = journey.twin.client("sqs")
    sqs.send_message(QueueUrl=queues["uploads"], MessageBody="{ no event")
    wait_for("it is given up", lambda: journey.queue_length("uploads_dead") == 1)
    letters = SqsDeadLetters(sqs, queues["uploads_dead"], queues["uploads"])
    assert redrive(letters, limit=1) == 1
    wait_for("it is given up again", lambda: journey.queue_length("uploads_dead") == 1)


def test_a_job_that_is_killed_alerts_and_leaves_the_last_results(journey: Journey, hospital: Path):
    results = journey.query(RESULTS_SQL)
    s3, bucket = journey.twin.client("s3"), journey.twin.outputs["buckets"]["artifacts"]
    script = s3.get_object(Bucket=bucket, Key="scripts/silver.py")["Body"].read()
    s3.put_object(Bucket=bucket, Key="scripts/silver.py", Body=b"raise SystemExit(137)")
    name, content = next(iter(fhir_files(hospital).items()))
    journey.upload({f"late/{name}": content})
    alert = journey.alert(seconds=120)
    s3.put_object(Bucket=bucket, Key="scripts/silver.py", Body=script)
    assert "silver_job_dev FAILED" in alert["Subject"]
    assert "readers see the last results" in alert["Message"]
    assert journey.query(RESULTS_SQL) == results
    journey.wait_until_idle()


def test_the_sweep_takes_over_from_the_killed_run(journey: Journey):
    journey.fire_schedule()
    run = journey.wait_for_run(5)
    assert run.state == RunState.SUCCEEDED, run.message
    assert {file.state for file in journey.files()} == {FileState.PUBLISHED}
    journey.wait_until_idle()
