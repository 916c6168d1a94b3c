"""A lake that may not be written can be looked at."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from metriccare.local.sqlite_tracking import SqliteTracking
from metriccare.tracking.states import FileRecord

FILE = FileRecord("a", "north", "a.ndjson", "/raw/a", 10, datetime(2024, 5, 1, tzinfo=UTC))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    store = SqliteTracking(tmp_path / "a lake?" / "tracking.db")
    store.register(FILE)
    store.close()
    return tmp_path / "a lake?" / "tracking.db"


def test_it_is_read_and_cannot_be_changed(place: Path):
    store = SqliteTracking.read_only(place)
    assert store.files() == [FILE]
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        store.register(FILE)


def test_a_database_of_an_earlier_version_is_read_as_it_is(place: Path):
    with sqlite3.connect(place) as database:
        database.execute("ALTER TABLE file DROP COLUMN replays")
    before = place.read_bytes()
    assert SqliteTracking.read_only(place).files() == [FILE]
    assert place.read_bytes() == before


def test_what_a_writer_left_half_done_when_it_died_is_not_seen(place: Path, tmp_path: Path):
    store = SqliteTracking(place)
    for number in range(200):
        store.register(replace(FILE, file_id=f"b{number}", source_file="x" * 500))
    store.close()
    writer = sqlite3.connect(place, isolation_level=None)
    # More than the cache holds is written before the commit.
    writer.execute("PRAGMA cache_size = 1")
    writer.execute("BEGIN")
    writer.execute("UPDATE file SET tenant = 'south'")
    died = tmp_path / "died"
    shutil.copytree(place.parent, died)
    assert (died / "tracking.db-journal").stat().st_size
    found = SqliteTracking.read_only(died / "tracking.db").files()
    assert {file.tenant for file in found} == {"north"}
