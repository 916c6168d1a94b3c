"""`sql-server` says why Trino did not start, and needs no place in the lake. No JVM: a stand-in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from metriccare.errors import MetricCareError
from metriccare.query.trino import server as module
from metriccare.query.trino.install import HOME_VARIABLE, JAVA
from metriccare.query.trino.server import TrinoServer
from metriccare.settings import Lake
from tests.query.shown.recorded import free_port


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    (tmp_path / "lake").mkdir()
    return Lake(str(tmp_path / "lake"))


def _java_that(runs: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put our own `java` where a JDK is expected, and an installed Trino beside it."""
    jdk, home = folder / "jdk", folder / "trino"
    (jdk / "bin").mkdir(parents=True)
    (home / "plugin" / "hudi").mkdir(parents=True)
    (home / "plugin" / "hudi" / "services.jar").touch()
    (jdk / "release").write_text(f'JAVA_VERSION="{JAVA}.0.1"\n')
    (jdk / "bin" / "javac").touch()
    (jdk / "bin" / "java").write_text(f"#!/bin/sh\n{runs}\n")
    (jdk / "bin" / "java").chmod(0o755)
    monkeypatch.setenv(f"JAVA{JAVA}_HOME", str(jdk))
    monkeypatch.setenv(HOME_VARIABLE, str(home))


def test_a_start_that_takes_too_long_says_that_time_ran_out(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _java_that("exec sleep 60", tmp_path, monkeypatch)
    monkeypatch.setattr(module, "_READY_SECONDS", 1)
    monkeypatch.setattr(module, "_SAY_SECONDS", 0)
    said: list[str] = []
    with pytest.raises(MetricCareError, match=r"not ready after 1 s.*time ran out") as caught:
        TrinoServer(lake, free_port(), said.append).start()
    assert str(lake.folder / ".trino" / "server.log") in str(caught.value)
    assert "still starts" in said[0]


def test_a_server_that_ends_says_so_at_once_and_keeps_its_log(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _java_that("echo out of memory; exit 3", tmp_path, monkeypatch)
    with pytest.raises(MetricCareError, match="exit code 3") as caught:
        TrinoServer(lake, free_port()).start()
    log = Path(str(caught.value).rpartition("its log is ")[2].rstrip("."))
    assert "out of memory" in log.read_text()


def test_a_lake_that_cannot_be_written_is_served_from_a_temporary_folder(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (lake.folder / ".trino").write_text("no folder can be made here")
    before = sorted(os.listdir(lake.folder))
    _java_that("exit 3", tmp_path, monkeypatch)
    with pytest.raises(MetricCareError) as caught:
        TrinoServer(lake, free_port()).start()
    log = Path(str(caught.value).rpartition("its log is ")[2].rstrip("."))
    assert lake.folder not in log.parents
    catalog = (log.parent / "etc" / "catalog" / "hudi.properties").read_text()
    assert f"local.location={log.parent}" in catalog
    assert (log.parent / "lake").resolve() == lake.folder.resolve()
    assert sorted(os.listdir(lake.folder)) == before
