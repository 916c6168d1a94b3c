"""The cause of every error is said, and nothing that a record holds."""

from __future__ import annotations

import errno
import sqlite3
import urllib.error
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from metriccare.causes import cause_of, naming_file, printable
from metriccare.errors import GateRefused
from metriccare.naming import bucket_and_key

SECRET = "Ludmilla"
WORKER = f"""
  An exception was thrown from the Python worker. Please see the stack trace below.
Traceback (most recent call last):
  File "/opt/python/lib/pyspark/worker.py", line 1247, in main
    process()
  File "/srv/lib/metriccare/marts/measures/person_rows.py", line 39, in {SECRET}
    return {SECRET}.code
           ^^^^^^^^^^^^^^
TypeError: {SECRET}
{SECRET}Error: second line of the message
  File "metriccare/{SECRET}.py", line 3
metriccare: tenant {SECRET}, file 00
metriccare: tenant north, file 0123456789abcdef
"""


class PythonException(Exception):
    """Looks as pyspark's does from outside."""

    __module__ = "pyspark.errors.exceptions.captured"


class Py4JJavaError(Exception):
    """Looks as py4j's does from outside."""

    __module__ = "py4j.protocol"


class Py4JError(Py4JJavaError):
    """Looks as py4j's does when nobody answered."""

    __module__ = "py4j.protocol"


def raised(error: Exception) -> Exception:
    """Return an error that was raised in this file."""
    try:
        raise error
    except type(error) as caught:
        return caught


def test_our_own_errors_are_said_as_they_are():
    assert cause_of(GateRefused("Too few stays: 40 of 100.")) == "Too few stays: 40 of 100."


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "No space left on device: lake/gold. Make room, then run it again."),
        (errno.ENAMETOOLONG, "File name too long: lake/gold. Give it a shorter name."),
        (errno.EROFS, "Read-only file system: lake/gold. Make it writable, or"),
        (errno.EACCES, "Permission denied: lake/gold. Give this user the right"),
        (errno.EEXIST, "File exists: lake/gold. A file is where a folder is wanted"),
    ],
)
def test_what_the_system_refused_is_said_with_the_path_and_the_next_step(number, sentence):
    assert cause_of(OSError(number, SECRET, "lake/gold")).startswith(sentence)


def test_the_address_in_an_error_of_the_web_is_not_said():
    error = urllib.error.HTTPError(f"https://hooks/{SECRET}", 404, SECRET, {}, None)  # type: ignore[arg-type]
    assert cause_of(error) == "HTTPError stopped the command."


def test_a_busy_a_read_only_and_a_damaged_tracking_database_are_told_apart(tmp_path: Path):
    place = tmp_path / "tracking.db"
    holder = sqlite3.connect(place, isolation_level=None)
    holder.execute("CREATE TABLE run (id)")
    holder.execute("BEGIN EXCLUSIVE")
    other = sqlite3.connect(place, timeout=0)
    with pytest.raises(sqlite3.OperationalError) as busy:
        other.execute("INSERT INTO run VALUES (1)")
    assert "tracking.db, is in use by another process" in cause_of(busy.value)
    holder.execute("ROLLBACK")
    with pytest.raises(sqlite3.OperationalError) as read_only:
        sqlite3.connect(f"file:{place}?mode=ro", uri=True).execute("INSERT INTO run VALUES (1)")
    assert "tracking.db, cannot be written" in cause_of(read_only.value)
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"no database at all, however long the text" * 100)
    with pytest.raises(sqlite3.DatabaseError) as broken:
        sqlite3.connect(damaged).execute("SELECT 1 FROM run")
    assert "tracking.db, is damaged" in cause_of(broken.value)


def test_aws_says_what_it_refused():
    denied = {"Error": {"Code": "AccessDenied", "Message": "no s3:GetObject on lake"}}
    assert "no s3:GetObject on lake" in cause_of(ClientError(denied, "GetObject"))
    assert "Set AWS_PROFILE" in cause_of(NoCredentialsError())
    unreachable = EndpointConnectionError(endpoint_url="http://10.0.0.1")
    assert "http://10.0.0.1" in cause_of(unreachable)


def test_the_name_of_an_uploaded_file_stays_out():
    message = f'not authorized to perform: s3:GetObject on "arn:aws:s3:::raw/north/{SECRET}.ndjson"'
    said = cause_of(
        ClientError({"Error": {"Code": "AccessDenied", "Message": message}}, "GetObject")
    )
    assert "arn:aws:s3:::raw/..." in said
    assert SECRET not in said


def test_an_error_of_a_spark_task_is_said_by_class_line_and_file():
    assert cause_of(PythonException(WORKER)) == (
        "TypeError at metriccare/marts/measures/person_rows.py:39"
        " (tenant north, file 0123456789abcdef) stopped a task of Spark."
        " `metriccare quarantine file 0123456789abcdef --reason TEXT` sets the file aside."
    )


def test_a_task_whose_error_java_wraps_is_said_alike():
    text = f"An error occurred while calling o1.save.\n: org.apache.hudi.HoodieException: {SECRET}"
    said = cause_of(Py4JJavaError(f"{text}\nCaused by: {WORKER}"))
    assert said.startswith("TypeError at metriccare/marts/measures/person_rows.py:39")
    assert SECRET not in said


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("java.io.IOException: No space left on device", "Spark failed: the disk is full"),
        ("java.lang.OutOfMemoryError: Java heap space", "Spark failed: Java's memory ran out"),
        (
            f"org.apache.spark.SparkException: {SECRET}\nCaused by: java.lang.Ex{SECRET}",
            "Spark failed (SparkException).",
        ),
        (f"com.{SECRET}.{SECRET}Exception", "Spark failed (Py4JJavaError)."),
    ],
)
def test_an_error_of_java_is_said_by_its_classes(text, sentence):
    assert cause_of(Py4JJavaError(text)).startswith(sentence)


def test_a_java_that_is_gone_is_said():
    gone = Py4JError("An error occurred while calling o42.save")
    assert cause_of(gone).startswith("Java ended before its work was done")


@pytest.mark.parametrize(
    "error",
    [
        ValueError(SECRET),
        KeyError(SECRET),
        UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, SECRET),
        OSError(SECRET),
        RuntimeError(f"first\n{SECRET}Error: second"),
        PythonException(WORKER),
        PythonException(f"{SECRET}\n{SECRET}: {SECRET}"),
        Py4JJavaError(f"java.lang.NumberFormatException: For input string: {SECRET}"),
        MemoryError(SECRET),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_message_of_a_foreign_error_is_said(error):
    said = cause_of(raised(error))
    assert SECRET not in said
    assert "\n" not in said


def test_an_unknown_error_is_said_by_its_class_and_our_line():
    with pytest.raises(AttributeError) as broken:
        bucket_and_key(None)  # type: ignore[arg-type]
    assert cause_of(broken.value).startswith("AttributeError at metriccare/naming.py:")


def within_file(error: Exception) -> str:
    with (
        pytest.raises(type(error)) as broken,
        naming_file("north", "0123456789abcdef"),
    ):
        raise error
    return cause_of(broken.value)


def test_an_error_within_a_file_names_the_file_and_how_to_do_without_it():
    aside = "`metriccare quarantine file 0123456789abcdef --reason TEXT` sets the file aside."
    said = within_file(ValueError(SECRET))
    assert "(tenant north, file 0123456789abcdef)" in said
    assert said.endswith(aside)
    assert within_file(IsADirectoryError(errno.EISDIR, SECRET, "lake/raw")) == (
        f"Is a directory: lake/raw. {aside}"
    )
    full = within_file(OSError(errno.ENOSPC, SECRET, "lake/raw"))
    assert full.endswith("Make room, then run it again.")


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("Müller.ndjson", "Müller.ndjson"),
        (b"M\xfcller".decode("utf-8", "surrogateescape"), "M\\xfcller"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\nb", "a\\nb"),
    ],
)
def test_a_name_is_spelt_so_that_it_can_be_stored_and_printed(name, spelt):
    assert printable(name) == spelt
    assert printable(name).encode()
