"""Athena's answers come whole and typed; what goes wrong there is said in one sentence.

The calls are real, to moto's server; moto runs no SQL, so answers are queued in it.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import boto3
import pytest
from typer.testing import CliRunner

from metriccare import naming
from metriccare.commands.reading import app
from metriccare.errors import MetricCareError, UsageError
from metriccare.query.athena import AthenaEngine
from metriccare.query.engine import SqlEngine
from metriccare.settings import Lake
from metriccare.wiring.queries import athena_engine
from tests.aws.athena_server import (
    answer_in_pages,
    executions,
    fail_queries,
    go_on_at_once,
    queue_answer,
    refuse_unknown_workgroups,
    wait_at_every_state,
)

LAKE = Lake("s3://metriccare-lake-123456789012-dev")
OPERATORS = "metriccare_operators_dev"
RESULTS = "s3://results/operators/"


def make_workgroup(name: str, results: str | None = RESULTS) -> None:
    place = {"OutputLocation": results} if results else {}
    boto3.client("athena").create_work_group(
        Name=name,
        Configuration={"EnforceWorkGroupConfiguration": True, "ResultConfiguration": place},
    )


@pytest.fixture
def engine(aws: str) -> AthenaEngine:
    boto3.client("s3").create_bucket(Bucket="results")
    make_workgroup(OPERATORS)
    return athena_engine(LAKE, None, None)


def column(kind: str, precision: int = 0, scale: int = 0) -> tuple[str, str, int, int]:
    return ("x", kind, precision, scale)


@pytest.mark.parametrize(
    ("described", "text", "value"),
    [
        (column("boolean"), "true", True),
        (column("boolean"), "false", False),
        (column("integer"), "-2147483648", -(2**31)),
        (column("bigint"), "9223372036854775807", 2**63 - 1),
        (column("double"), "0.1", 0.1),
        (column("double"), "Infinity", float("inf")),
        (column("float"), "0.5", 0.5),
        (
            column("decimal", 38, 4),
            "12345678901234567890.1200",
            Decimal("12345678901234567890.1200"),
        ),
        (column("date"), "0001-01-01", date(1, 1, 1)),
        (
            column("timestamp"),
            "2024-03-10 02:30:00.125",
            datetime.fromisoformat("2024-03-10 02:30:00.125"),
        ),
        (
            column("timestamp with time zone"),
            "2024-07-01 12:00:00.000 America/New_York",
            datetime(2024, 7, 1, 12, tzinfo=ZoneInfo("America/New_York")),
        ),
        (
            column("timestamp with time zone"),
            "2024-07-01 12:00:00.000 UTC",
            datetime(2024, 7, 1, 12, tzinfo=UTC),
        ),
        (column("varchar"), "", ""),
        (column("varchar"), "NaN", "NaN"),
        (column("varbinary"), "00 ff", b"\x00\xff"),
        (column("array"), "[1, 2]", "[1, 2]"),
        (column("bigint"), None, None),
        (column("varchar"), None, None),
    ],
)
def test_a_value_has_the_type_that_athena_names(
    aws: str, engine: AthenaEngine, described: tuple[str, str, int, int], text: str, value: object
) -> None:
    queue_answer(aws, [described], [[text]])
    rows = engine.query("select x from (values 1) as t (x)")
    ((found,),) = rows.rows
    assert (found, type(found)) == (value, type(value))
    assert rows.columns == ("x",)
    assert rows.types[0].name == ("real" if described[1] == "float" else described[1])
    assert rows.types[0].params == (described[2:] if described[1] == "decimal" else ())


def test_an_instant_keeps_its_offset(aws: str, engine: AthenaEngine) -> None:
    queue_answer(aws, [column("timestamp with time zone")], [["2024-07-01 12:00:00.000 -05:00"]])
    ((found,),) = engine.query("select 1 as x").rows
    assert found.utcoffset() == timedelta(hours=-5)


def test_columns_of_one_name_are_both_there(aws: str, engine: AthenaEngine) -> None:
    queue_answer(aws, [column("bigint"), column("varchar")], [["1", "a"]])
    rows = engine.query("select 1 as x, 'a' as x")
    assert (rows.columns, rows.rows) == (("x", "x"), ((1, "a"),))


@pytest.mark.parametrize("count", [0, 1, 998, 999, 1000, 2500])
def test_every_row_is_returned_for_any_number_of_pages(
    aws: str, engine: AthenaEngine, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    pages = answer_in_pages(monkeypatch)
    queue_answer(aws, [column("bigint")], [[str(number)] for number in range(count)])
    rows = engine.query("select x from (values 1) as t (x)").rows
    assert rows == tuple((number,) for number in range(count))
    assert (sum(pages), len(pages)) == (count + 1, count // 1000 + 1)


def test_layers_are_asked_for_by_their_databases_and_nothing_else_is_changed(
    aws: str, engine: AthenaEngine
) -> None:
    queue_answer(aws, [column("bigint")], [["1"]])
    engine.query(
        "WITH gold AS (SELECT  1 AS n) -- gold.stay\n"
        "SELECT gold.stay.los_days, 'silver.x' FROM \"gold\" . stay, Silver.patient p, metric_alos;"
    )
    (execution,) = executions()
    assert execution.query == (
        "WITH gold AS (SELECT  1 AS n) -- gold.stay\n"
        "SELECT metriccare_gold_dev.stay.los_days, 'silver.x' FROM metriccare_gold_dev . stay,"
        " metriccare_silver_dev.patient p, metric_alos"
    )
    assert execution.context["Database"] == "metriccare_publish_dev"
    assert execution.workgroup.name == OPERATORS


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("delete from gold.stay", "Only one statement that reads"),
        ("select 1; select 2", "Only one statement that reads"),
        ("create table x as select 1 as n", "Only one statement that reads"),
        ("select * from gold.stays", r"no table or view gold\.stays"),
        ("select (", "The SQL has a mistake"),
    ],
)
def test_what_does_not_only_read_never_reaches_athena(
    engine: AthenaEngine, sql: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        engine.query(sql)
    assert executions() == []


def test_names_are_answered_without_athena(engine: SqlEngine) -> None:
    assert any("stay" in row for row in engine.query("show tables from gold").rows)
    assert executions() == []


def test_a_failed_query_gives_athenas_reason_in_one_sentence(
    engine: AthenaEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = "COLUMN_NOT_FOUND: line 1:8: Column 'numeratr' cannot be resolved\nThis query ran"
    fail_queries(monkeypatch, reason)
    with pytest.raises(UsageError) as raised:
        engine.query("select numeratr from metric_alos")
    assert str(raised.value) == f"Athena: {reason.partition(chr(10))[0]}."


def after_a_moment(work: Callable[..., object], *arguments: object) -> threading.Thread:
    """Do something once somebody waits for a query."""

    def when_looked_at() -> None:
        while not any(execution._tick for execution in executions()):
            time.sleep(0.05)
        work(*arguments)

    thread = threading.Thread(target=when_looked_at)
    thread.start()
    return thread


def stop_every_query() -> None:
    for execution in executions():
        boto3.client("athena").stop_query_execution(QueryExecutionId=execution.id)


def test_a_cancelled_query_is_reported_as_cancelled(aws: str, engine: AthenaEngine) -> None:
    wait_at_every_state(aws, 50)
    try:
        cancelling = after_a_moment(stop_every_query)
        with pytest.raises(MetricCareError, match="was cancelled"):
            engine.query("select 1 as n")
        cancelling.join()
    finally:
        go_on_at_once(aws)


# A shell has its background jobs ignore Ctrl-C, and Python does too if it is one of them. The
# command does not: it always handles the signal.
_ASK = """
from metriccare import interruption
from metriccare.settings import Lake
from metriccare.wiring.queries import athena_engine
interruption.raise_on_signals()
athena_engine(Lake({lake!r}), None, None).query("select 1 as n")
"""


def test_an_interrupt_stops_the_query_in_athena(aws: str, engine: AthenaEngine) -> None:
    wait_at_every_state(aws, 1000)
    asking = subprocess.Popen(
        [sys.executable, "-c", _ASK.format(lake=LAKE.root)], stderr=subprocess.DEVNULL
    )
    try:
        after_a_moment(asking.send_signal, signal.SIGINT).join()
        assert asking.wait(timeout=60) != 0
        (execution,) = executions()
        assert execution._status == "CANCELLED"
    finally:
        asking.kill()
        asking.wait()
        go_on_at_once(aws)


def test_a_missing_workgroup_is_reported_in_one_sentence(
    aws: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_unknown_workgroups(monkeypatch)
    with pytest.raises(UsageError, match=r"^Athena: WorkGroup nobodys is not found\.$"):
        athena_engine(LAKE, "nobodys", None).query("select 1 as n")


def test_a_workgroup_without_a_result_location_needs_one(aws: str) -> None:
    boto3.client("s3").create_bucket(Bucket="own")
    make_workgroup("bare", None)
    with pytest.raises(UsageError, match="--results"):
        athena_engine(LAKE, "bare", None).query("select 1 as n")
    queue_answer(aws, [column("bigint")], [["1"]])
    assert athena_engine(LAKE, "bare", "s3://own/x/").query("select 1 as x").rows == ((1,),)
    (execution,) = executions()
    assert execution.config["OutputLocation"].startswith("s3://own/x/")
    # awswrangler would make a bucket of its own.
    assert [each["Name"] for each in boto3.client("s3").list_buckets()["Buckets"]] == ["own"]


def test_only_a_deployed_lake_is_asked_of_athena() -> None:
    with pytest.raises(UsageError, match="no deployed lake"):
        athena_engine(Lake("./lake"), None, None)


def command(*words: str) -> Sequence[str]:
    return ["query", *words, "--lake", LAKE.root, "--format", "json"]


def test_the_command_prints_what_athena_answers(aws: str, engine: AthenaEngine) -> None:
    queue_answer(aws, [column("decimal", 5, 2), ("day", "date", 0, 0)], [["1.50", "2024-05-01"]])
    done = CliRunner().invoke(app, command("select 1.5 as x", "--engine", "athena"))
    assert json.loads(done.stdout) == [{"x": "1.50", "day": "2024-05-01"}]


def test_anyway_is_not_for_athena(aws: str) -> None:
    done = CliRunner().invoke(app, command("select 1 as x", "--engine", "athena", "--anyway"))
    assert isinstance(done.exception, UsageError)


def test_the_default_workgroup_is_the_one_terraform_makes() -> None:
    assert naming.operators_workgroup("dev") == OPERATORS
