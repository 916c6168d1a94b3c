"""Which engine a command takes, and what a person without Java sees."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
LINES = (
    '{"resourceType":"Patient","id":"p1","birthDate":"1950-03-01"}\n'
    '{"resourceType":"Encounter","id":"e1","status":"finished","class":{"code":"IMP"},'
    '"subject":{"reference":"Patient/p1"},'
    '"period":{"start":"2024-01-01T10:00:00Z","end":"2024-01-04T10:00:00Z"}}\n'
)
NO_JAVA = "Error: Java did not start; no Java was found. Install a Java 17 runtime"


def metriccare(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command where there is no Java, with no engine named but in `env`."""
    plain = {k: v for k, v in os.environ.items() if k not in ("METRICCARE_ENGINE", "JAVA_HOME")}
    return subprocess.run(
        [BIN / "metriccare", *arguments],
        cwd=folder,
        env={**plain, "PATH": str(BIN), **env},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def received(tmp_path: Path) -> Path:
    """Return a folder whose lake has received a file."""
    (tmp_path / "export.ndjson").write_text(LINES)
    assert metriccare(tmp_path, "ingest", "export.ndjson").returncode == 0
    return tmp_path


def settings(folder: Path, engine: str) -> tuple[str, str]:
    (folder / "metriccare.toml").write_text(f'[run]\nengine = "{engine}"\n')
    return ("--config", "metriccare.toml")


def test_without_java_a_run_publishes_and_the_doctor_is_content(received: Path):
    done = metriccare(received, "run", "--as-of", "2024-06-30")
    assert (done.returncode, "Java" in done.stderr) == (0, False), done.stderr
    status = json.loads(metriccare(received, "status", "--format", "json").stdout)
    assert status["files"] == {"published": 1}
    doctor = metriccare(received, "doctor", "--format", "json")
    assert doctor.returncode == 0
    (java,) = [row for row in json.loads(doctor.stdout) if row["check"] == "Java"]
    assert (java["state"], java["found"]) == ("absent", "none")
    assert java["fix"].startswith("Only for --engine spark. Install a Java 17 runtime")


def test_spark_without_java_is_one_sentence_and_duckdb_goes_on(received: Path):
    config = settings(received, "spark")
    for done in (
        metriccare(received, "run", "--engine", "spark"),
        metriccare(received, "run", METRICCARE_ENGINE="spark"),
        metriccare(received, "run", *config),
    ):
        assert done.returncode == 1
        # Nothing that Spark's own script says of a Java that is not there.
        stage, sentence = done.stderr.splitlines()
        assert stage.startswith("Starting Spark failed after")
        assert sentence.startswith(NO_JAVA)
    (run, *_) = json.loads(metriccare(received, "status", "--format", "json").stdout)["runs"]
    assert run["message"].startswith("Java did not start")
    # The environment overrides the settings, and a flag overrides both.
    done = metriccare(received, "run", *config, "--engine", "duckdb", METRICCARE_ENGINE="spark")
    assert done.returncode == 0, done.stderr
    assert metriccare(received, "run", *config, METRICCARE_ENGINE="duckdb").returncode == 0


def test_an_engine_nobody_knows_is_wrong_use(received: Path):
    config = settings(received, "flink")
    for done in (
        metriccare(received, "run", "--engine", "flink"),
        metriccare(received, "run", METRICCARE_ENGINE="flink"),
        metriccare(received, "run", *config),
    ):
        assert done.returncode == 2
        assert "auto, duckdb or spark" in done.stderr
        assert "flink" in done.stderr
        assert "Traceback" not in done.stderr
