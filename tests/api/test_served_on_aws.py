"""The functions that serve published results, from an event of the gateway to the answer."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from metriccare.access import audit
from metriccare.access.audit import Line
from metriccare.api.registry import ENDPOINTS
from metriccare.aws.serving.gateway import as_asked
from metriccare.errors import SetupError
from metriccare.wiring.serving_published import SERVED, PublishedFunction
from tests.api.served_on_aws import (
    EVENT,
    HOST,
    LAKE_BUCKET,
    READER,
    RESULTS,
    STREAM,
    TABLE,
    Deployed,
    audit_rows,
    deployed,
)
from tests.publishing.mart_lake import MartLake

_PURPOSE = {"metriccare-purpose": "operations"}


@pytest.fixture(scope="module")
def aws(published_lake: MartLake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """Two tenants' marts, served by the functions."""
    with deployed(published_lake.folder, tmp_path_factory.mktemp("issuer")) as functions:
        yield functions


def test_a_browser_signs_in_and_reads_through_several_instances(aws: Deployed) -> None:
    cookies = aws.signed_in("analyst")
    assert set(cookies) == {"__Host-mc_session"}
    aws.new_instance()
    me = aws.ask("GET", "/v1/me", cookies=cookies).json()

    assert (me["subject"], me["tenant"], me["events"]) == ("analyst", "default", "poll")
    signed_out = aws.ask("POST", "/auth/logout", {"x-csrf": me["csrf_token"]}, cookies=cookies)
    assert signed_out.status == 200
    aws.new_instance()
    assert aws.ask("GET", "/v1/me", cookies=cookies).status == 401


def test_each_tenant_reads_its_own_results(aws: Deployed) -> None:
    address = "/v1/measures/readmission_30d/results?grain=all"
    own = aws.ask("GET", address, aws.program("analyst"))
    other = aws.ask("GET", address, aws.program("other_quality"))

    assert own.status == other.status == 200
    assert own.headers["content-encoding"] == "gzip"
    assert own.headers["strict-transport-security"]
    assert gzip.decompress(own.content) != gzip.decompress(other.content)
    foreign = {**aws.program("analyst"), "metriccare-tenant": "second"}
    assert aws.ask("GET", address, foreign).status == 403


def test_an_answer_that_is_known_is_not_sent_again(aws: Deployed) -> None:
    address = "/v1/measures/readmission_30d/results?grain=all"
    first = aws.ask("GET", address, aws.program("analyst"))
    again = {**aws.program("analyst"), "if-none-match": first.headers["etag"]}

    assert aws.ask("GET", address, again).status == 304


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/v1/evidence/denials", 404),
        ("/v1//evidence/denials", 404),
        ("/v1/%2e%2e/v1/evidence/denials", 404),
        ("/v1/runs", 404),
        ("/v1/audit", 404),
        ("/metrics", 404),
        ("/v1/events/stream", 501),
    ],
)
def test_what_reads_no_published_mart_is_not_served(
    aws: Deployed, address: str, status: int
) -> None:
    found = aws.ask("GET", address, {**aws.program("finance"), **_PURPOSE})
    assert found.status == status, found.content


def test_only_evidence_runs_audit_and_counters_are_left_out() -> None:
    left_out = {endpoint.path for endpoint in ENDPOINTS if endpoint not in SERVED}
    assert left_out == {
        *(e.path for e in ENDPOINTS if e.path.startswith("/v1/evidence/")),
        *("/v1/runs", "/v1/runs/{id}", "/v1/drift", "/v1/audit", "/metrics"),
    }


def test_every_read_is_in_the_stream_as_a_chain(aws: Deployed) -> None:
    aws.new_instance()
    before = len(audit_rows())
    for _ in range(3):
        aws.ask("GET", "/v1/measures", aws.program("analyst"))
    rows = audit_rows()[before:]

    assert [row["seq"] for row in rows] == [1, 2, 3]
    assert {row["tenant"] for row in rows} == {"default"}
    lines = [Line("stream", audit.canonical(row)) for row in rows]
    assert list(audit.faults(lines, ())) == []


def test_no_audit_no_data(aws: Deployed) -> None:
    firehose = boto3.client("firehose")
    described = firehose.describe_delivery_stream(DeliveryStreamName=STREAM)
    kept = described["DeliveryStreamDescription"]["Destinations"][0]
    firehose.delete_delivery_stream(DeliveryStreamName=STREAM)
    try:
        refused = aws.ask("GET", "/v1/measures", aws.program("analyst"))
        assert refused.status == 503
        assert b"audit" in refused.content
    finally:
        own = kept["ExtendedS3DestinationDescription"]
        firehose.create_delivery_stream(
            DeliveryStreamName=STREAM,
            ExtendedS3DestinationConfiguration={
                name: own[name] for name in ("RoleARN", "BucketARN", "Prefix")
            },
        )


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_an_export_is_made_by_its_function_and_fetched_from_the_bucket(
    aws: Deployed, form: str
) -> None:
    analyst = {**aws.program("analyst"), **_PURPOSE}
    wanted = {
        "dataset": "measure_results",
        "filters": {"grain": ["all", "month"]},
        "sort": "-value",
        "format": form,
    }
    begun = aws.ask("POST", "/v1/exports", analyst, wanted)
    assert begun.status == 202, begun.content
    place = begun.headers["location"]
    assert aws.ask("GET", f"{place}/file", analyst).status == 409
    aws.make_exports()
    export = aws.ask("GET", place, analyst).json()
    assert (export["state"], export["rows"]) == ("ready", 29)
    fetched = aws.ask("GET", export["links"]["file"], analyst)
    assert fetched.status == 303

    parts = urlsplit(fetched.headers["location"])
    query = parse_qs(parts.query)
    assert query["X-Amz-Expires"] == ["300"]
    assert query["response-content-disposition"][0].startswith("attachment; filename=")
    assert parts.path.endswith(f"tenants/default/exports/{export['id']}.{form}")
    key = f"tenants/default/exports/{export['id']}.{form}"
    found = boto3.client("s3").get_object(Bucket=RESULTS, Key=key)["Body"].read()
    assert len(found) > 500
    for stranger in ("executive", "other_quality"):
        assert aws.ask("GET", place, {**aws.program(stranger), **_PURPOSE}).status == 404


def test_an_answer_larger_than_the_gateway_takes_names_the_export(
    aws: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("metriccare.wiring.serving_published._MOST_BYTES", 300)
    aws.new_instance()
    address = "/v1/measures/readmission_30d/results?grain=month"
    for _ in range(2):  # the second time from the cache
        refused = aws.ask("GET", address, aws.program("analyst"))
        assert (refused.status, refused.json()["exports"]) == (413, "/v1/exports")
    monkeypatch.undo()
    aws.new_instance()


def test_a_publication_that_is_replaced_is_served(aws: Deployed) -> None:
    first = aws.ask("GET", "/v1/publication", aws.program("other_quality")).json()
    assert first["publication"]
    boto3.client("s3").delete_object(Bucket=LAKE_BUCKET, Key="marts/second/current.json")
    aws.new_instance()
    gone = aws.ask("GET", "/v1/publication", aws.program("other_quality"))
    assert (gone.status, gone.json()["type"]) == (404, "/problems/not-published")


def test_the_server_is_ready_when_its_parts_answer(aws: Deployed) -> None:
    found = aws.ask("GET", "/health/ready", aws.program("data_engineer"))
    assert found.json()["failed_checks"] == []
    assert set(found.json()["checks"]) == {"publication", "identity", "audit", "cache"}


def test_the_address_that_is_noted_is_that_before_cloudfronts(aws: Deployed) -> None:
    assert as_asked(EVENT, HOST)["requestContext"]["http"]["sourceIp"] == READER


@pytest.mark.parametrize(
    "sent", ["127.0.0.1, 130.176.98.140", "::1, 130.176.98.140", "no address, 130.176.98.140"]
)
def test_nobody_is_taken_for_this_machine(sent: str) -> None:
    event = {**EVENT, "headers": {**EVENT["headers"], "x-forwarded-for": sent}}
    assert as_asked(event, HOST)["requestContext"]["http"]["sourceIp"] == "unknown"


def test_the_environment_must_name_everything(aws: Deployed) -> None:
    for name in aws.environment:
        others = {key: value for key, value in aws.environment.items() if key != name}
        with pytest.raises(SetupError, match=name):
            PublishedFunction(others)
    with pytest.raises(SetupError, match="issuer"):
        PublishedFunction({**aws.environment, "METRICCARE_OIDC": "{}"})


def test_the_shared_key_is_stored_encrypted_and_is_the_same_everywhere(aws: Deployed) -> None:
    table = boto3.client("dynamodb")
    key = {"kind": {"S": "key"}, "id": {"S": "shared"}}
    before = table.get_item(TableName=TABLE, Key=key)["Item"]["content"]["B"]
    aws.new_instance()
    cursor = aws.ask("GET", "/v1/measures/readmission_30d/results?limit=1", aws.program("analyst"))
    following = cursor.json()["meta"]["links"]["next"]
    aws.new_instance()

    assert aws.ask("GET", following, aws.program("analyst")).status == 200
    assert table.get_item(TableName=TABLE, Key=key)["Item"]["content"]["B"] == before


def test_the_beacon_is_everybodys(aws: Deployed) -> None:
    assert set(aws.ask("GET", "/beacon.json").json()) == {"run_id", "alerts"}
    boto3.client("s3").delete_object(Bucket=LAKE_BUCKET, Key="marts/beacon.json")
    assert aws.ask("GET", "/beacon.json").status == 404
