"""What is taken in, what is left out and said, and what one file at fault does to the others."""

from __future__ import annotations

import gzip
import os
import socket
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from metriccare.errors import UsageError
from metriccare.ingest.downloads import sent_by
from metriccare.ingest.sent_files import Fault, LeftOut, Sent, find_files, left_out_text
from metriccare.local.raw_zone import ingest
from metriccare.local.sqlite_tracking import SqliteTracking
from metriccare.settings import Lake

PATIENT = b'{"resourceType":"Patient","id":"1"}\n'
# A process with all rights can read every file.
needs_refusal = pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sent").mkdir()
    return tmp_path / "sent"


@pytest.fixture
def store(lake: Lake) -> SqliteTracking:
    return SqliteTracking(lake.folder / "tracking.db")


def names(sent: Sent) -> list[str]:
    return [file.name for file in sent.files]


def test_files_are_taken_by_their_ending_and_others_named(folder: Path):
    (folder / "Patient.ndjson").write_bytes(PATIENT)
    for other in ("export.zip", "Observation.ndjson.bz2", "notes.txt", "more.txt"):
        (folder / other).write_bytes(PATIENT)
    sent = find_files([folder])
    assert names(sent) == ["sent/Patient.ndjson"]
    assert left_out_text(sent.left_out) == (
        "4 other files (2 .txt, 1 .bz2, 1 .zip): sent/Observation.ndjson.bz2, sent/export.zip,"
        " sent/more.txt, sent/notes.txt"
    )


@pytest.mark.parametrize(
    ("content", "is_taken"),
    [
        (PATIENT, True),
        (b"\xef\xbb\xbf\r\n  [1]", True),
        (gzip.compress(PATIENT), True),
        (b"name,birth\n", False),
        (b"", False),
    ],
)
@pytest.mark.parametrize("name", ["Encounter", "2.16.840.1"])
def test_a_file_without_an_ending_is_taken_when_it_begins_as_json_or_gzip(
    folder: Path, name: str, content: bytes, is_taken: bool
):
    (folder / "Patient.ndjson").write_bytes(PATIENT)
    (folder / name).write_bytes(content)
    sent = find_files([folder])
    assert (f"sent/{name}" in names(sent)) is is_taken
    assert (LeftOut(f"sent/{name}", "without an ending") in sent.left_out) is not is_taken


def test_pipes_and_sockets_of_a_folder_are_passed_over_and_named(folder: Path):
    (folder / "Patient.ndjson").write_bytes(PATIENT)
    os.mkfifo(folder / "pipe.ndjson")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "door.ndjson"))
        sent = find_files([folder])
    assert names(sent) == ["sent/Patient.ndjson"]
    assert set(sent.left_out) == {
        LeftOut("sent/door.ndjson", "socket"),
        LeftOut("sent/pipe.ndjson", "named pipe"),
    }


def test_a_linked_folder_is_followed_once_and_never_round(folder: Path, tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "Patient.ndjson").write_bytes(PATIENT)
    for link in ("a", "b"):
        (folder / link).symlink_to(elsewhere)
    (elsewhere / "round").symlink_to(folder)
    assert names(find_files([folder])) == ["sent/a/Patient.ndjson"]


def test_a_real_folder_comes_before_a_link_to_it(folder: Path):
    (folder / "real").mkdir()
    (folder / "real" / "Patient.ndjson").write_bytes(PATIENT)
    (folder / "a-link").symlink_to(folder / "real")
    assert names(find_files([folder])) == ["sent/real/Patient.ndjson"]


def test_odd_names_do_not_hold_up_the_others(folder: Path, lake: Lake, store: SqliteTracking):
    (folder / "Patient.ndjson").write_bytes(PATIENT)
    (folder / ("n" * 246 + ".ndjson")).write_bytes(PATIENT)
    (folder / "two\nlines.ndjson").write_bytes(PATIENT)
    Path(os.fsdecode(os.fsencode(folder) + b"/M\xfcller.ndjson")).write_bytes(PATIENT)
    done = ingest(lake, store, find_files([folder]), "north")
    assert (done.registered, done.faults) == (4, ())
    stored = {file.source_file: Path(file.location).read_bytes() for file in store.files()}
    assert set(stored.values()) == {PATIENT}
    assert {"sent/M\\xfcller.ndjson", "sent/two\\nlines.ndjson"} <= stored.keys()
    assert ingest(lake, store, find_files([folder]), "north").known == 4


def test_what_vanished_or_leads_nowhere_is_named_after_the_others_are_taken(
    folder: Path, lake: Lake, store: SqliteTracking
):
    for name in ("a.ndjson", "b.ndjson", "c.ndjson"):
        (folder / name).write_bytes(PATIENT + name.encode())
    (folder / "d.ndjson").symlink_to("nowhere")
    sent = find_files([folder])
    (folder / "b.ndjson").unlink()
    done = ingest(lake, store, sent, "north")
    assert done.registered == 2
    assert [fault.name for fault in done.faults] == ["sent/d.ndjson", "sent/b.ndjson"]
    assert all("No such file or directory" in fault.cause for fault in done.faults)


@needs_refusal
def test_what_may_not_be_read_is_named(folder: Path, lake: Lake, store: SqliteTracking):
    (folder / "a.ndjson").write_bytes(PATIENT)
    (folder / "b.ndjson").write_bytes(PATIENT)
    (folder / "b.ndjson").chmod(0)
    done = ingest(lake, store, find_files([folder]), "north")
    assert (done.registered, done.faults[0].name) == (1, "sent/b.ndjson")
    assert done.faults[0].cause.startswith("Permission denied")


def test_a_folder_without_fhir_says_what_it_holds(folder: Path):
    (folder / "notes.txt").write_text("hello")
    with pytest.raises(
        UsageError, match=r"holds no FHIR file .* It holds 1 other file \(1 \.txt\)"
    ):
        find_files([folder])


def test_a_device_is_refused():
    with pytest.raises(UsageError, match="/dev/zero is a device"):
        find_files([Path("/dev/zero")])


def test_a_name_cannot_lead_out_of_the_raw_zone(lake: Lake, store: SqliteTracking, tmp_path: Path):
    source = tmp_path / "x.ndjson"
    source.write_bytes(PATIENT)
    (found,) = find_files([source]).files
    away = Sent((type(found)(source, "../../../away.ndjson", "s3://b/k", found.size),))
    ingest(lake, store, away, "north")
    (file,) = store.files()
    assert Path(file.location).is_relative_to(lake.folder / "raw" / "north")


def test_objects_are_judged_as_files_are(lake: Lake, store: SqliteTracking, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="sender")
        for key in (
            "d/Patient.ndjson",
            "d/Encounter",
            "d/export.zip",
            "d/empty",
            "d/",
            "d/" + "n" * 900,
        ):
            client.put_object(Bucket="sender", Key=key, Body=b"" if key == "d/empty" else PATIENT)
        with sent_by(["s3://sender/d"]) as sent:
            done = ingest(lake, store, sent, "north")
    assert done.registered == 3
    assert {file.name for file in done.left_out} == {"d/export.zip", "d/empty"}


def test_a_pipe_is_read_once_under_a_name(lake: Lake, store: SqliteTracking, tmp_path: Path):
    pipe = tmp_path / "feed"
    os.mkfifo(pipe)
    for _ in range(2):
        if not os.fork():
            pipe.write_bytes(PATIENT)
            os._exit(0)
        with sent_by([str(pipe)]) as sent:
            done = ingest(lake, store, sent, "north")
        os.wait()
    assert (done.registered, done.known) == (0, 1)
    assert [file.source_file for file in store.files()] == ["feed"]


def test_a_fault_is_a_name_and_a_cause(folder: Path):
    (folder / "d.ndjson").symlink_to("nowhere")
    cause = f"No such file or directory: {folder.resolve()}/d.ndjson."
    assert find_files([folder]).faults == (Fault("sent/d.ndjson", cause),)
