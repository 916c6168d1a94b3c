"""Fixtures every test may use: one Spark session per process, a lake in a temporary folder."""

from __future__ import annotations

import os
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from metriccare.local.sqlite_tracking import SqliteTracking
from metriccare.naming import TRACKING_FILE
from metriccare.settings import DUCKDB, SPARK, Lake

if TYPE_CHECKING:
    from moto.server import ThreadedMotoServer
    from pyspark.sql import SparkSession


# Processor seconds that the tests of one file may take together, so that the suite stays fast. The
# slowest took 80 when this was written, and machines differ; the slow tests and those of Spark have
# no budget.
FILE_BUDGET = 240.0
_SPENT: Counter[str] = Counter()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Add up what each file's tests take, with the processes they start and wait for."""
    before = sum(os.times()[:4])
    yield
    if not any(item.get_closest_marker(name) for name in ("spark", "slow", "twin", "trino")):
        _SPENT[item.location[0]] += sum(os.times()[:4]) - before


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the session if a file is over its budget."""
    over = {file: spent for file, spent in _SPENT.items() if spent > FILE_BUDGET}
    for file, spent in over.items():
        print(
            f"\nFAILED {file} took {spent:.0f} processor seconds, its budget is {FILE_BUDGET:.0f}."
        )
    if over and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


# Which engine the tests of behavior run on; `make test-spark` runs them on the other one too.
ENGINE_VARIABLE = "METRICCARE_ENGINE"


@pytest.fixture(scope="session")
def engine_kind(request: pytest.FixtureRequest) -> str:
    """Return the engine of this test process; a test that does not care asks for this one."""
    kind = os.environ.setdefault(ENGINE_VARIABLE, DUCKDB)
    if kind == SPARK:
        request.getfixturevalue("spark")
    return kind


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """Return the one session of this test process."""
    from metriccare.engine.spark.jars import jars
    from metriccare.engine.spark.jvm import JAVA_VERSIONS, java_version
    from metriccare.engine.spark.session import local_session
    from metriccare.errors import SetupError

    try:
        jars()
    except SetupError as error:
        pytest.skip(str(error))
    if java_version() not in JAVA_VERSIONS:
        pytest.skip("Spark needs Java 17.")

    session = local_session(memory="2g")
    yield session
    session.stop()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Return an empty lake."""
    return Lake(str(tmp_path / "lake"))


@pytest.fixture
def new_lake(tmp_path: Path) -> Lake:
    """Return a lake that has received nothing and has no tables."""
    SqliteTracking(tmp_path / "new" / TRACKING_FILE).close()
    return Lake(str(tmp_path / "new"))


@pytest.fixture(scope="session")
def moto_server() -> Iterator[ThreadedMotoServer]:
    """Return a server that speaks as AWS does, on this machine."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def aws(moto_server: ThreadedMotoServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """Point every client of the test at an empty account; return the address."""
    host, port = moto_server.get_host_and_port()
    address = f"http://{host}:{port}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    request = urllib.request.Request(f"{address}/moto-api/reset", method="POST")
    urllib.request.urlopen(request, timeout=10).close()
    return address
