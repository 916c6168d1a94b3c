"""The deployed stack from the first plan to the last alert, in that order.

Each test continues with the stack of the one before: applying it again would take minutes.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from data_generator import GeneratorConfig, generate
from metriccare.aws.queues import SqsDeadLetters
from metriccare.naming import DEFAULT_TIME_ZONE
from metriccare.report.truth import RESULTS_SQL, Truth, compare, read_truth
from metriccare.settings import Lake
from metriccare.tracking.states import FileRecord, FileState, RunState
from metriccare.upkeep.redrive import redrive
from metriccare.wiring.queries import open_engine
from scripts.terraform_tool import REPOSITORY
from tests.twin.journey import Journey
from tests.twin.stack import PLAN_ROLE, STATE_BUCKET, Twin, wait_for

pytestmark = [pytest.mark.twin, pytest.mark.timeout(2400)]

METRICCARE = Path(sys.executable).with_name("metriccare")
# The deployed job with a gate that refuses the tenant, whatever it is shown.
REFUSING_GOLD = b"""
import sys
from metriccare.wiring.glue import job_arguments, now, run_job
from metriccare.errors import Refusal
from metriccare.pipeline.gold import stage as gold

def refuse(*_):
    return (Refusal("north", "share_dropped", "40 stays where 100 were."),)

compute = gold.run
gold.run = lambda engine, context, *_: compute(engine, context, refuse)
run_job(job_arguments(sys.argv[1:]), ["gold"], now)
"""
# The deployed job with one rule less, as after a fix.
FIXED_UPKEEP = b"""
import sys
from metriccare.wiring.glue import now
from metriccare.wiring.glue_upkeep import run_upkeep
from metriccare.wiring.upkeep_arguments import upkeep_arguments
from metriccare.quality import rules

rules.RULES = tuple(rule for rule in rules.RULES if rule.id != "encounter_class_unknown")
run_upkeep(upkeep_arguments(sys.argv[1:]), now)
"""


@pytest.fixture(scope="session")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return synthetic FHIR whose answer key is for today, the day of the deployed run."""
    today = datetime.now(ZoneInfo(DEFAULT_TIME_ZONE)).date()
    folder = Path(tmp_path_factory.mktemp("hospital"))
    start = date(today.year - 1, 1, 1)
    generate(GeneratorConfig(folder, patients=30, seed=3, start=start, end=today, force=True))
    return folder


def fhir_files(folder: Path) -> dict[str, bytes]:
    found = sorted((folder / "json").rglob("*.ndjson"))
    return {path.relative_to(folder / "json").as_posix(): path.read_bytes() for path in found}


def upload_event(file: FileRecord) -> dict[str, Any]:
    """Return the event S3 sent of a file that is registered already."""
    bucket, _, rest = file.location.removeprefix("s3://").partition("/")
    key, _, version = rest.partition("?versionId=")
    found = {"key": key, "size": file.size, "eTag": "", "versionId": version}
    at = file.registered_at.isoformat()
    return {"eventTime": at, "s3": {"bucket": {"name": bucket}, "object": found}}


def test_a_second_plan_changes_nothing(twin: Twin):
    plan = twin.terraform("plan", "-detailed-exitcode", "-input=false", role=PLAN_ROLE)
    assert "No changes." in plan.stdout


def test_a_second_apply_at_the_same_time_is_refused_with_a_sentence(twin: Twin):
    lock = {"ID": "other", "Operation": "OperationTypeApply", "Who": "a colleague"}
    place = {"Bucket": STATE_BUCKET, "Key": "metriccare/dev/terraform.tfstate.tflock"}
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
    journey.wait_for_stage(2, "silver")
    # The next run starts by itself; its silver job is killed.
    with journey.script("silver", b"raise SystemExit(137)"):
        assert journey.wait_for_run(2).files == len(files)
        published, failed = journey.alert(seconds=120), journey.alert(seconds=180)
    assert published["Subject"].startswith(f"[MetricCare dev] Published: {len(files)} files, ")
    assert "run-000002" in published["Message"]
    assert failed["Subject"] == "[MetricCare dev] FAILED: metriccare_silver_job_dev FAILED"
    assert "Files:   2; " in failed["Message"]
    assert "readers see the last results" in failed["Message"]
    assert sum(file.state == FileState.LOADED for file in journey.files()) == 2
    journey.wait_until_idle()


def test_the_results_are_the_truth_and_a_job_that_is_killed_leaves_them(
    journey: Journey, hospital: Path
):
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


def test_events_that_come_again_several_to_a_message_and_in_reverse_change_nothing(
    journey: Journey,
):
    before = journey.files()
    records = [upload_event(file) for file in reversed(before)] * 2
    for _ in range(3):
        journey.send_event(json.dumps({"Records": records}))
    wait_for("the messages are taken", lambda: journey.queue_length("uploads") == 0)
    assert journey.files() == before
    assert len(journey.store.runs()) == 3


def test_a_foreign_object_harms_nothing_and_is_said_in_the_log(journey: Journey):
    before = journey.files()
    bucket = journey.twin.outputs["raw_bucket"]
    journey.twin.client("s3").put_object(Bucket=bucket, Key="readme.txt", Body=b"hello")
    said = "ignored: no object in a tenant's folder, <tenant>/<file>"
    wait_for("the log says it", lambda: said in journey.function_log("register_files"))
    assert journey.files() == before


def test_a_poison_message_ends_alone_among_the_dead_letters_and_can_be_sent_again(
    journey: Journey,
):
    queues = journey.twin.outputs["queues"]
    sqs = journey.twin.client("sqs")
    journey.send_event("{ no event")
    journey.send_event(json.dumps({"Records": [upload_event(journey.files()[0])]}))
    wait_for("it is given up", lambda: journey.queue_length("uploads_dead") == 1)
    wait_for("the other is taken", lambda: journey.queue_length("uploads") == 0)
    letters = SqsDeadLetters(sqs, queues["uploads_dead"], queues["uploads"])
    assert redrive(letters, limit=1) == 1
    wait_for("it is given up again", lambda: journey.queue_length("uploads_dead") == 1)


def test_the_sweep_takes_over_and_a_tenant_that_is_refused_alerts_and_keeps_its_last_results(
    journey: Journey,
):
    results = journey.query(RESULTS_SQL)
    with journey.script("gold", REFUSING_GOLD):
        journey.fire_schedule()
        run = journey.wait_for_run(4)
    assert run.state == RunState.PARTLY_REFUSED
    assert run.refused_tenants == {"north"}
    alert = journey.alert()
    assert "REFUSED: 1 tenant; all others are published" in alert["Subject"]
    assert "tenant north: 40 stays where 100 were." in alert["Message"]
    assert "section tenant_refused" in alert["Message"]
    assert journey.query(RESULTS_SQL) == results
    assert any(file.state == FileState.LOADED for file in journey.files())
    journey.wait_until_idle()


def test_the_smoke_test_of_an_account_passes_and_takes_along_what_waited(journey: Journey):
    done = subprocess.run(
        [sys.executable, "scripts/smoke_aws.py", "--workspace", "dev"],
        cwd=REPOSITORY,
        env=journey.twin.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASS: " in done.stdout
    assert {file.state for file in journey.files()} == {FileState.PUBLISHED}
    journey.wait_until_idle()


def test_results_name_the_edition_of_the_deployed_code_sets(journey: Journey):
    versions = journey.query("select distinct measure_version as v from gold.measure_result")
    assert versions
    assert all("+" in row["v"] for row in versions)


def test_a_person_erased_from_the_deployed_lake_is_nowhere_and_stays_out(
    journey: Journey, hospital: Path, monkeypatch: pytest.MonkeyPatch
):
    (one,) = journey.query("select person_id from gold.stay where tenant = 'north' limit 1")
    person = one["person_id"]
    lake = journey.twin.outputs["lake"]
    done = operator(journey, "erase", person, "--tenant", "north", "--reason", "asked for", "--yes")
    (receipt,) = json.loads(done.stdout)
    assert receipt["rows"]["silver.patient"] == 1
    assert receipt["raw_files_rewritten"] > 0
    assert receipt["stored_versions_removed"] > 0
    assert any("point-in-time" in line for line in receipt["not_reached"])
    assert holders(journey, person) == []
    uploads = len(journey.files())
    files = fhir_files(hospital)
    (sent,) = (c for n, c in files.items() if n.startswith("patients") and person.encode() in c)
    journey.upload({"sent-again/patients.ndjson": sent})
    wait_for("it is published", lambda: len(journey.files(FileState.PUBLISHED)) > uploads, 300)
    for name, value in journey.twin.environment().items():
        monkeypatch.setenv(name, value)
    engine = open_engine(Lake(lake))
    found = "select count(*) as n from {} where tenant = 'north' and {} = '" + person + "'"
    for table, column in (("bronze.resource", "resource_id"), ("silver.patient", "id")):
        assert engine.query(found.format(table, column)).rows == ((0,),)
    journey.wait_until_idle()


def test_the_newest_run_is_rolled_back_and_replayed_in_the_deployed_lake(journey: Journey):
    newest, before = journey.store.runs()[0], results_of(journey)
    operator(journey, "rollback", newest.run_id)
    assert journey.store.runs()[0].state == RunState.ROLLED_BACK
    assert len(journey.files(FileState.REGISTERED)) == newest.files
    day = f"{datetime.now(UTC).date()}"
    operator(journey, "replay", "--since", day, "--until", day)
    assert {file.state for file in journey.files()} == {FileState.PUBLISHED}
    assert results_of(journey) == before


def test_rejected_records_are_listed_and_redriven_in_the_deployed_lake(journey: Journey):
    published = len(journey.files(FileState.PUBLISHED))
    patient = {"resourceType": "Patient", "id": "redriven", "gender": "female"}
    bed = {"resourceType": "Encounter", "id": "in-a-bed", "status": "finished"}
    bed |= {"class": {"code": "BED"}, "subject": {"reference": "Patient/redriven"}}
    lines = [json.dumps(patient), json.dumps(bed), "{ no record"]
    journey.upload({"ward.ndjson": "\n".join(lines).encode()})
    wait_for("it is published", lambda: len(journey.files(FileState.PUBLISHED)) > published, 300)
    journey.wait_until_idle()
    assert rejected(journey) == {
        (2, "encounter_class_unknown", "open"),
        (3, "json_invalid", "open"),
    }
    with journey.script("upkeep", FIXED_UPKEEP):
        operator(journey, "quarantine", "redrive", "--rule", "encounter_class_unknown")
    assert rejected(journey) == {
        (2, "encounter_class_unknown", "redriven"),
        (3, "json_invalid", "open"),
    }
    alert = journey.alert_about("Published: 1 files, 2 rows, 1 rejected", seconds=120)
    assert journey.store.runs()[0].run_id in alert["Message"]


def test_the_alert_topic_hears_of_an_upkeep_job_that_fails(journey: Journey):
    refused = operator(journey, "rollback", "run-1", expect=1)
    assert "The upkeep job failed" in refused.stderr
    alert = journey.alert_about("FAILED: metriccare_upkeep_job_dev FAILED", seconds=120)
    assert "section Upkeep of a deployed lake" in alert["Message"]


def rejected(journey: Journey) -> set[tuple[int, str, str]]:
    """Return the rejected records of one upload, as an operator lists them."""
    done = operator(journey, "quarantine", "list", "--all", "--format", "json")
    rows = [row for row in json.loads(done.stdout) if row["source_file"].endswith("ward.ndjson")]
    return {(row["source_line"], row["rule_id"], row["state"]) for row in rows}


def results_of(journey: Journey) -> list[str]:
    """Return every result in a fixed order; the order of stored rows may differ."""
    return sorted(map(str, journey.query(RESULTS_SQL)))


def operator(journey: Journey, *words: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command as an operator of the deployed lake does; it must end as expected."""
    done = subprocess.run(
        [METRICCARE, *words, "--lake", journey.twin.outputs["lake"]],
        cwd=journey.twin.folder,
        env=journey.twin.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return done


def holders(journey: Journey, person: str) -> list[str]:
    """Return the objects of which any version, in raw or lake, holds a person's id."""
    s3, found = journey.twin.client("s3"), []
    for bucket in (journey.twin.outputs["buckets"][use] for use in ("raw", "lake")):
        pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket)
        for one in (one for page in pages for one in page.get("Versions", [])):
            place = {"Bucket": bucket, "Key": one["Key"], "VersionId": one["VersionId"]}
            content = s3.get_object(**place)["Body"].read()
            if person in readable(one["Key"], content):
                found.append(f"{bucket}/{one['Key']}")
    return found


def readable(key: str, content: bytes) -> str:
    """Return all that can be read in an object."""
    if key.endswith(".parquet"):
        return str(pq.read_table(io.BytesIO(content)).to_pylist())
    return content.decode("utf-8", "replace")
