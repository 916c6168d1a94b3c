"""The canary's handler against moto: it sends one upload a day and shows how late it is."""

from __future__ import annotations

import json
from collections.abc import Iterator

import boto3
import pytest

from lambda_functions.canary.handler import handler
from metriccare.naming import CANARY_TENANT
from tests.aws.stack import Stack, create
from tests.aws.tracking_table import tracking_table

BUCKET = "metriccare-raw-123456789012-dev"


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with tracking_table() as dynamodb:
        built = create(dynamodb)
        for name, value in {**built.environment, "METRICCARE_RAW_BUCKET": BUCKET}.items():
            monkeypatch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield built


def test_the_canary_is_sent_and_its_age_is_a_metric(stack: Stack, capsys: pytest.CaptureFixture):
    handler({}, None)
    (sent,) = boto3.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    assert sent["Key"].startswith(f"{CANARY_TENANT}/")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["HoursSinceCanaryPublished"] for line in lines if "_aws" in line] == [0.0]
