"""Wrong use gets one clear sentence and the right exit code, and harms nothing."""

from __future__ import annotations

import json
import os
import signal
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
        (("generate", "--seed", "99999999999999999999999"), "choose 0 to 18,446,744,073"),
        (("query", "SELECT 1", "--lake", "."), "There is no lake in ."),
        (("explain", "alos", "s1", "--lake", "."), "There is no lake in ."),
        (("report", "--lake", "."), "There is no lake in ."),
        (("drift", "--deep", "--lake", "."), "There is no lake in ."),
        (("quality", "--lake", "."), "There is no lake in ."),
        (("quarantine", "list", "--lake", "."), "There is no lake in ."),
        (("quarantine", "list", "--files", "--lake", "."), "There is no lake in ."),
        (("quarantine", "file", "a", "--reason", "odd"), "There is no lake in ./lake."),
        (("quarantine", "file", "a"), "wants --reason TEXT, or --release"),
        (("status", "--lake", "gs://bucket"), "A lake is a folder or s3://bucket/prefix"),
        (("status", "--lake", "s3a://bucket"), "Did you mean s3://bucket?"),
        (("status", "--lake", "file:///no/where"), "There is no lake in /no/where."),
        (("status", "--lake", "file://host/no"), "names another machine"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(tmp_path, arguments, sentence):
    done = metriccare(tmp_path, *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_home_folder_is_meant_by_its_sign(tmp_path):
    done = metriccare(tmp_path, "status", "--lake", "~/nowhere")
    assert f"There is no lake in {Path.home()}/nowhere." in done.stderr
    assert list(tmp_path.iterdir()) == []


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


def test_a_file_at_fault_is_named_after_the_others_are_taken(tmp_path):
    (tmp_path / "sent").mkdir()
    (tmp_path / "sent" / "Patient.ndjson").write_text("{}\n")
    (tmp_path / "sent" / "[old].ndjson").symlink_to("nowhere")
    (tmp_path / "sent" / "export.zip").touch()
    done = metriccare(tmp_path, "ingest", "sent")
    assert done.returncode == 1
    assert "sent/[old].ndjson was not taken in. No such file or directory: " in done.stderr
    assert "Left out: 1 other file (1 .zip): sent/export.zip." in done.stderr
    assert "1 registered, 0 known already, 1 left out, 1 not taken in" in done.stderr


def test_what_is_piped_in_is_taken_in_under_a_name(tmp_path):
    done = subprocess.run(
        ["bash", "-c", f"cat - | {METRICCARE} ingest /dev/stdin <(echo '[]') --config <(echo)"],
        cwd=tmp_path,
        input="{}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "2 registered, 0 known already." in done.stderr
    assert done.returncode == 0


def test_settings_and_sql_with_a_byte_order_mark_are_read(tmp_path, new_lake):
    (tmp_path / "q.sql").write_bytes(b"\xef\xbb\xbfSELECT 1 AS one")
    (tmp_path / "metriccare.toml").write_bytes(b'\xef\xbb\xbf[tenant.north]\nname = "N"\n')
    lake = ("--lake", new_lake.root)
    assert metriccare(tmp_path, "query", "@q.sql", "--format", "csv", *lake).stdout == "one\n1\n"
    assert metriccare(tmp_path, "status", *lake).returncode == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("SELECT 1".encode("utf-16"), "is not UTF-8 text: it is in UTF-16. Save it as UTF-8"),
        (b"SELECT '\xfc'", "is not UTF-8 text: it is in another encoding."),
    ],
)
def test_text_in_another_encoding_is_refused(tmp_path, new_lake, content, sentence):
    (tmp_path / "text").write_bytes(content)
    lake = ("--lake", new_lake.root)
    for arguments in (("query", "@text", *lake), ("status", "--config", "text", *lake)):
        done = metriccare(tmp_path, *arguments)
        assert done.returncode == 2
        assert sentence in done.stderr


def test_a_tenant_no_file_can_have_is_refused_in_the_settings(tmp_path, new_lake):
    (tmp_path / "metriccare.toml").write_text('[tenant."bad name"]\nname = "N"\n')
    done = metriccare(tmp_path, "status", "--lake", new_lake.root)
    assert done.returncode == 2
    assert "no tenant can be called 'bad name'" in done.stderr


def test_square_brackets_and_escapes_are_printed_as_they_are(tmp_path, new_lake):
    sql = "SELECT '[degF]' AS \"[/b]\", '[/min]' AS u, 'x [closed]' AS n, chr(27) AS e"
    done = metriccare(tmp_path, "query", sql, "--lake", new_lake.root)
    assert done.stdout.split() == [
        "[/b]",
        "u",
        "n",
        "e",
        "[degF]",
        "[/min]",
        "x",
        "[closed]",
        "\\x1b",
    ]


def test_the_cause_is_said_where_a_file_is_in_the_lakes_place(tmp_path):
    (tmp_path / "lake").touch()
    (tmp_path / "Patient.ndjson").write_text("{}\n")
    done = metriccare(tmp_path, "ingest", "Patient.ndjson")
    assert done.returncode == 1
    assert "Error: File exists: lake. A file is where a folder is wanted" in done.stderr


def test_a_damaged_tracking_database_is_named(tmp_path):
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "tracking.db").write_bytes(b"no database" * 1000)
    done = metriccare(tmp_path, "status")
    assert done.returncode == 1
    assert "tracking.db, is damaged. Bring it back from a backup" in done.stderr


def test_a_file_that_stops_a_run_is_named_in_one_sentence_without_a_trace(tmp_path):
    (tmp_path / "Patient.ndjson").write_text('{"resourceType":"Patient","id":"1"}\n')
    metriccare(tmp_path, "ingest", "Patient.ndjson")
    (raw,) = (tmp_path / "lake" / "raw").rglob("*.ndjson")
    raw.unlink()
    raw.mkdir()
    done = metriccare(tmp_path, "run", "--engine", "duckdb")
    assert done.returncode == 1
    said = done.stderr.splitlines()
    assert len(said) <= 4
    assert said[-1].startswith("Error: Is a directory: ")
    assert f"`metriccare quarantine file {raw.parent.name} --reason TEXT`" in said[-1]
    (run,) = json.loads(metriccare(tmp_path, "status", "--format", "json").stdout)["runs"]
    assert run["message"] in said[-1]
    traced = metriccare(tmp_path, "--debug", "run", "--engine", "duckdb")
    assert traced.returncode == 1
    assert "Traceback" in traced.stderr


def test_a_file_is_set_aside_shown_and_taken_back(tmp_path):
    for name in ("[odd].ndjson", "Patient.ndjson"):
        (tmp_path / name).write_text(f'{{"id":"{name}"}}\n')
    metriccare(tmp_path, "ingest", "[odd].ndjson", "Patient.ndjson")
    aside = metriccare(tmp_path, "quarantine", "file", "[odd].ndjson", "--reason", "stops [runs]")
    assert (aside.returncode, "is set aside." in aside.stderr) == (0, True)
    status = json.loads(metriccare(tmp_path, "status", "--format", "json").stdout)
    assert status["files"] == {"registered": 1, "set_aside": 1}
    (file,) = status["set_aside"]
    assert (file["source_file"], file["reason"]) == ("[odd].ndjson", "stops [runs]")
    said = metriccare(tmp_path, "status").stderr
    assert f"Set aside: [odd].ndjson ({file['file_id']}): stops [runs]" in said
    listed = metriccare(tmp_path, "quarantine", "list", "--files", "--format", "csv").stdout
    assert f"{file['file_id']},[odd].ndjson,default,set_aside,stops [runs]," in listed
    back = metriccare(tmp_path, "quarantine", "file", file["file_id"][:6], "--release")
    assert "waits for the next `metriccare run`" in back.stderr
    status = json.loads(metriccare(tmp_path, "status", "--format", "json").stdout)
    assert (status["files"], status["set_aside"]) == ({"registered": 2}, [])


@pytest.mark.parametrize("signal_name", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_a_command_with_a_sentence(tmp_path, signal_name):
    number = getattr(signal, signal_name)
    os.mkfifo(tmp_path / "feed")
    process = subprocess.Popen(
        [METRICCARE, "ingest", "feed"], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    # It has opened the pipe, and waits for what will be sent.
    with (tmp_path / "feed").open("w"):
        process.send_signal(number)
        _, said = process.communicate(timeout=30)
    assert said == "Interrupted; run it again to go on.\n"
    assert process.returncode == 128 + number


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
