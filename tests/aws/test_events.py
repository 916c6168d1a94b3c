"""Raw AWS events, as the services send them, in our words."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from metriccare.aws.events import MalformedEventError, job_run, uploads

EVENTS = Path(__file__).parent / "events"
NOW = datetime(2024, 5, 1, 13, tzinfo=UTC)


def event(name: str) -> dict[str, Any]:
    return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))


def files_of(name: str) -> list[Any]:
    return [file for one in event(name)["Records"] for file in uploads(one["body"], NOW).files]


def test_an_upload_becomes_a_file_to_register():
    (file,) = files_of("put")
    assert (file.tenant, file.source_file) == ("north", "may 2024/Patient.ndjson")
    assert file.location == (
        "s3://metriccare-raw-123456789012-dev/north/may 2024/Patient.ndjson"
        "?versionId=096fKKXTRTtl3on89fVO.nfljtsv6qko"
    )
    assert file.registered_at == datetime(2024, 5, 1, 12, tzinfo=UTC)


def test_every_record_of_every_message_counts():
    names = [(f.tenant, f.source_file) for f in files_of("several")]
    assert names == [
        ("north", "été+1/Encounter.ndjson.gz"),
        ("north", "Patient.ndjson"),
        ("south", "Patient.ndjson"),
    ]


def test_keys_of_eventbridge_are_not_url_encoded():
    (file,) = files_of("eventbridge_upload")
    assert file.source_file == "may+2024/Patient.ndjson"


def test_the_same_object_version_has_one_identity_and_another_version_another():
    first, again = files_of("put")[0], files_of("put")[0]
    assert first.file_id == again.file_id
    ids = {file.file_id for file in files_of("several")}
    assert len(ids) == 3


def test_without_versions_content_and_sequencer_are_the_identity():
    (file,) = files_of("unversioned")
    assert file.location.endswith("/north/Patient.ndjson")
    assert file.file_id != files_of("foreign_objects")[0].file_id


def test_what_no_tenants_folder_holds_is_foreign():
    found = uploads(event("foreign_objects")["Records"][0]["body"], NOW)
    assert found.foreign == ("readme.txt", "north/", ".hidden/Patient.ndjson")
    assert [file.source_file for file in found.files] == ["Patient.ndjson"]


def test_the_buckets_own_test_message_means_nothing():
    assert files_of("test_event") == []


@pytest.mark.parametrize("message", ["{", "[]", '"text"', '{"hello": "world"}', "null"])
def test_a_message_that_is_no_event_is_refused_without_its_content(message):
    with pytest.raises(MalformedEventError) as refused:
        uploads(message, NOW)
    assert "hello" not in str(refused.value)


def test_a_job_state_change_is_a_job_run():
    run = job_run(event("job_failed"))
    assert (run.job, run.job_run_id, run.state) == ("metriccare_gold_job_dev", "jr_abc", "FAILED")
    assert run.failed


def test_another_event_is_no_job_run():
    with pytest.raises(MalformedEventError, match="Glue Job State Change"):
        job_run({"detail": {}})
