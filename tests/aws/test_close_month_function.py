"""The scheduled close against moto: it starts the upkeep job for the month that is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import boto3
import pytest

from lambda_functions.close_month.handler import handler
from metriccare.wiring import lambda_functions
from tests.aws.stack import UPKEEP, Stack, create
from tests.aws.tracking_table import tracking_table


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with tracking_table() as dynamodb:
        built = create(dynamodb)
        for name, value in built.environment.items():
            monkeypatch.setenv(name, value)
        yield built


@pytest.mark.parametrize(
    ("day", "month"),
    [((2024, 3, 5), "2024-02"), ((2024, 1, 7), "2023-12"), ((2024, 12, 26), "2024-11")],
)
def test_the_schedule_closes_the_month_before(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, day: tuple[int, int, int], month: str
):
    monkeypatch.setattr(lambda_functions, "now", lambda: datetime(*day, 15, tzinfo=UTC))
    handler({}, None)
    (run,) = boto3.client("glue").get_job_runs(JobName=UPKEEP)["JobRuns"]
    # No tenant: every one where the month is still open.
    assert run["Arguments"] == {"--task": "close", "--month": month}
