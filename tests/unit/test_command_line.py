"""Wrong use gets one clear sentence and the right exit code, and harms nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

METRICCARE = Path(sys.executable).with_name("metriccare")


def metriccare(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [METRICCARE, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("ingest", "nowhere"), "There is no file or folder nowhere."),
        (("run",), "There is no lake in ./lake."),
        (("run", "--as-of", "yesterday"), "--as-of wants a date such as 2024-12-31"),
        (("run", "--lake", "s3://bucket/lake"), "is run by its deployed workflow"),
        (("status",), "There is no lake in ./lake."),
        (("metrics",), "There is no lake in ./lake."),
        (("query", "@missing.sql"), "There is no SQL file missing.sql."),
        (("run", "--config", "missing.toml"), "There is no settings file missing.toml."),
        (("erase", "4711"), "erase wants --reason TEXT"),
        (("erase", "4711", "--reason", "asked for", "--yes"), "There is no lake in ./lake."),
        (("rollback", "run-1"), "There is no lake in ./lake."),
        (("replay", "--since", "2024-05-03", "--until", "2024-05-01"), "is after --until"),
        (("replay", "--since", "May", "--until", "2024-05-01"), "--since wants a date"),
        (("generate", "--start", "2024-12-31", "--end", "2020-01-01"), "Error: "),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(tmp_path, arguments, sentence):
    done = metriccare(tmp_path, *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_folder_without_fhir_is_refused(tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "readme.txt").write_text("hello")
    done = metriccare(tmp_path, "ingest", "notes")
    assert (done.returncode, "holds no FHIR file" in done.stderr) == (2, True)


def test_an_empty_file_is_registered_with_a_warning(tmp_path):
    (tmp_path / "Patient.ndjson").touch()
    done = metriccare(tmp_path, "ingest", "Patient.ndjson")
    assert done.returncode == 0
    assert "Patient.ndjson is empty" in done.stderr


def test_the_same_file_again_is_known(tmp_path):
    (tmp_path / "Patient.ndjson").write_text('{"resourceType":"Patient","id":"1"}\n')
    metriccare(tmp_path, "ingest", "Patient.ndjson")
    done = metriccare(tmp_path, "ingest", "Patient.ndjson")
    assert "0 registered, 1 known already" in done.stderr
    status = metriccare(tmp_path, "status", "--format", "json")
    assert json.loads(status.stdout)["files"] == {"registered": 1}


def test_a_setting_nobody_knows_is_refused(tmp_path):
    (tmp_path / "metriccare.toml").write_text('[tenant.north]\nzone = "UTC"\n')
    (tmp_path / "Patient.ndjson").write_text("{}\n")
    done = metriccare(tmp_path, "ingest", "Patient.ndjson")
    assert done.returncode == 2
    assert "unknown key 'zone'" in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        *("generate", "ingest", "run", "demo", "metrics", "query", "status", "report", "doctor"),
        *("replay", "rollback", "erase"),
    ],
)
def test_every_command_shows_an_example_in_its_help(tmp_path, command):
    assert f"metriccare {command}" in metriccare(tmp_path, command, "--help").stdout
