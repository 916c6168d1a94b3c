"""What a native write makes of a table, read back by the native reader, DuckDB and hudi-rs."""

from __future__ import annotations

import datetime as dt
import json
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from metriccare.engine.duckdb.cleaning import remove_replaced
from metriccare.errors import ClockBehind, DamagedTable, EngineFailed, LeaseLost, SchemaMismatch
from metriccare.local.folder_store import FolderStore
from metriccare.settings import Lake
from metriccare.tables.commit_note import CommitNote
from tests.engine.lakes import (
    EVERY_TYPE,
    FULL,
    NativeTable,
    Row,
    expected,
    hudi_rs_rows,
    row,
    todays_rows,
)

DATES = (dt.date(1, 1, 1), dt.date(1582, 10, 10), dt.date(1753, 1, 1), dt.date(9999, 12, 31))


@pytest.fixture
def native(lake: Lake) -> NativeTable:
    return NativeTable(lake)


def stored(native: NativeTable, columns: str = "*") -> list[tuple[Any, ...]]:
    """Return meta columns and others of the newest files, in the order of the rows in each."""
    files = [str(native.files.store.local_file(native.files.path(f.path))) for f in newest(native)]
    return native.session.execute(
        f"SELECT {columns} FROM read_parquet({files!r}, hive_partitioning = false)"
    ).fetchall()


def newest(native: NativeTable):
    return native.files.snapshot().newest_files()


def folder(lake: Lake) -> Path:
    return lake.folder / EVERY_TYPE.path


def check(native: NativeTable, lake: Lake, rows: list[Row]) -> None:
    assert native.rows() == expected(rows)
    assert todays_rows(lake) == expected(rows)
    assert hudi_rs_rows(lake) == expected(rows)


def test_rows_of_every_type_are_read_back_unchanged(native: NativeTable, lake: Lake):
    dated = [
        row(str(day), day=day, at=dt.datetime.combine(day, dt.time(23, 59, 59, 999999)))
        for day in DATES
    ]
    rows = [row("full", **FULL), row("empty", words=[], codes=[], tenant="b"), *dated]
    native.insert(rows, "run-1")
    check(native, lake, rows)


def test_an_upsert_replaces_adds_and_leaves_the_rest(native: NativeTable, lake: Lake):
    native.insert([row("k1", big=1), row("k2", big=1), row("k1", big=1, tenant="b")], "run-1")
    native.upsert([row("k2", 2, big=2), row("k3", big=2), row("k9", tenant="c")], "run-2")
    check(
        native,
        lake,
        [
            row("k1", big=1),
            row("k2", 2, big=2),
            row("k3", big=2),
            row("k1", big=1, tenant="b"),
            row("k9", tenant="c"),
        ],
    )


def test_the_greater_ordering_wins_and_of_equal_ones_the_later_write(
    native: NativeTable, lake: Lake
):
    native.insert([row("old", 5, big=1), row("same", 5, big=1), row("new", 5, big=1)], "run-1")
    native.upsert([row("old", 4, big=2), row("same", 5, big=2), row("new", 6, big=2)], "run-2")
    check(native, lake, [row("old", 5, big=1), row("same", 5, big=2), row("new", 6, big=2)])


def test_marked_rows_go_in_the_same_commit(native: NativeTable, lake: Lake):
    native.insert([row("k1"), row("k2"), row("k3", 9)], "run-1")
    native.upsert(
        [
            row("k1", 2, big=2, _hoodie_is_deleted=False),
            row("k2", 2, _hoodie_is_deleted=True),
            row("k3", 2, _hoodie_is_deleted=True),
            row("never-there", 2, _hoodie_is_deleted=True),
        ],
        "run-2",
    )
    check(native, lake, [row("k1", 2, big=2), row("k3", 9)])
    assert len(native.files.snapshot().commits) == 2


def test_a_delete_takes_rows_whatever_their_ordering(native: NativeTable, lake: Lake):
    native.insert([row("k1", 9), row("k1", 9, tenant="b")], "run-1")
    native.session.execute("CREATE TABLE keys AS SELECT 'a' AS tenant, 'k1' AS record_key")
    native.writer.delete("keys", CommitNote("run-2", "gone"))
    check(native, lake, [row("k1", 9, tenant="b")])
    native.delete([row("k1", tenant="b")], "run-3")
    check(native, lake, [])
    native.insert([row("k1", tenant="b")], "run-4")
    check(native, lake, [row("k1", tenant="b")])


def test_unchanged_rows_keep_their_commit_time_and_number(native: NativeTable):
    native.insert([row("k1"), row("k2"), row("k3")], "run-1")
    columns = "_hoodie_record_key, _hoodie_commit_time, _hoodie_commit_seqno"
    before = {key: rest for key, *rest in stored(native, columns)}
    native.upsert([row("k2", 2), row("k4", 2)], "run-2")
    after = {key: rest for key, *rest in stored(native, columns)}
    first, second = (commit.time for commit in native.files.snapshot().commits)
    assert (after["k1"], after["k3"]) == (before["k1"], before["k3"])
    assert before["k1"] == [first, f"{first}_0_0"]
    assert after["k2"] == [second, f"{second}_0_1"]
    assert after["k4"] == [second, f"{second}_0_3"]


def test_meta_columns_name_partition_and_file(native: NativeTable):
    native.insert([row("k1", tenant="north-1")], "run-1")
    native.upsert([row("k2", tenant="north-1")], "run-2")
    (file,) = newest(native)
    assert file.partition == "tenant=north-1"
    meta = stored(native, "_hoodie_record_key, _hoodie_partition_path, _hoodie_file_name")
    assert meta == [(key, "tenant=north-1", file.name) for key in ("k1", "k2")]


def test_rows_stay_in_their_order_and_new_ones_follow(native: NativeTable):
    native.insert([row(f"k{n}") for n in (5, 3, 9, 1, 7)], "run-1")
    native.upsert([row("z", 2), row("k9", 2), row("a", 2)], "run-2")
    assert [key for (key,) in stored(native, "id")] == ["k5", "k3", "k9", "k1", "k7", "z", "a"]


def test_a_file_keeps_its_id_and_only_files_with_changes_are_written(
    native: NativeTable, lake: Lake
):
    native.insert([row("k1"), row("k1", tenant="b")], "run-1")
    before = {file.partition: file for file in newest(native)}
    native.upsert([row("k1", 2)], "run-2")
    after = {file.partition: file for file in newest(native)}
    assert after["tenant=b"] == before["tenant=b"]
    assert after["tenant=a"].file_id == before["tenant=a"].file_id
    assert after["tenant=a"].instant > before["tenant=a"].instant


def test_rows_that_lose_write_no_file_and_the_commit_still_names_its_run(native: NativeTable):
    native.insert([row("k1", 5)], "run-1")
    before = newest(native)
    native.upsert([row("k1", 4), row("k2", 4, _hoodie_is_deleted=True)], "run-2")
    assert newest(native) == before
    assert native.files.snapshot().has_commit(CommitNote("run-2", "rows"))


def test_the_same_step_of_a_run_is_written_once(native: NativeTable):
    native.insert([row("k1")], "run-1")
    native.insert([row("k1")], "run-1")
    assert len(native.rows()) == 1
    assert len(native.files.snapshot().commits) == 1


def test_the_commit_says_what_sparks_would(native: NativeTable, lake: Lake):
    native.insert([row("k1"), row("k2"), row("k3")], "run-1")
    relation = native.relation(
        [row("k1", 2, _hoodie_is_deleted=True), row("k2", 2), row("k4", 2)], marked=True
    )
    native.writer.upsert(relation, CommitNote("run-2", "stays", ("file-1", "file-2")))
    first, second = sorted((folder(lake) / ".hoodie").glob("*.commit"))
    document = json.loads(second.read_text())
    (stat,) = document["partitionToWriteStats"]["tenant=a"]
    counts = ("numWrites", "numInserts", "numUpdateWrites", "numDeletes", "totalWriteErrors")
    assert [stat[name] for name in counts] == [3, 1, 1, 1, 0]
    assert stat["prevCommit"] == first.name.partition(".")[0]
    assert stat["fileSizeInBytes"] == (folder(lake) / stat["path"]).stat().st_size
    assert document["operationType"] == "UPSERT"
    extra = document["extraMetadata"]
    assert (extra["metriccare.run_id"], extra["metriccare.step"]) == ("run-2", "stays")
    assert json.loads(extra["metriccare.files"]) == ["file-1", "file-2"]
    assert "_hoodie_is_deleted" in extra["schema"]


def test_the_marker_column_stays_once_it_was_written(native: NativeTable):
    """Spark's Hudi refuses a table that has lost a column."""
    native.insert([row("k1")], "run-1")
    native.upsert([row("k1", 2, _hoodie_is_deleted=False)], "run-2")
    native.upsert([row("k2", 2)], "run-3")
    assert "_hoodie_is_deleted" in native.files.snapshot().commits[-1].metadata["schema"]
    assert stored(native, "id, _hoodie_is_deleted") == [("k1", False), ("k2", False)]


def test_a_column_declared_later_is_null_in_older_rows(lake: Lake):
    from dataclasses import replace

    older = replace(EVERY_TYPE, columns=tuple(c for c in EVERY_TYPE.columns if c.name != "words"))
    NativeTable(lake, older).insert([row("k1", big=1), row("k1", tenant="b")], "run-1")
    native = NativeTable(lake)
    assert native.rows() == expected([row("k1", big=1), row("k1", tenant="b")])
    native.upsert([row("k2", words=["w"])], "run-2")
    check(native, lake, [row("k1", big=1), row("k2", words=["w"]), row("k1", tenant="b")])
    with pytest.raises(SchemaMismatch, match=r"not declared \(words\)"):
        NativeTable(lake, older).upsert([row("k3")], "run-3")


def test_reading_some_tenants_opens_no_other_file(native: NativeTable, lake: Lake):
    native.insert([row("k1"), row("k1", tenant="b")], "run-1")
    (other,) = (folder(lake) / "tenant=b").glob("*.parquet")
    size = other.stat().st_size
    other.write_bytes(b"?" * size)
    assert native.rows(["a"]) == expected([row("k1")])
    assert native.rows(["nobody"]) == []
    with pytest.raises(DamagedTable):
        native.rows(["b"])


@pytest.mark.parametrize("damage", ["cut", "gone", "folder gone", "cut in its middle"])
def test_a_missing_or_cut_file_is_refused(damage: str, native: NativeTable, lake: Lake):
    native.insert([row("k1", tenant="b", **FULL)], "run-1")
    (place,) = (folder(lake) / "tenant=b").glob("*.parquet")
    content = place.read_bytes()
    if damage == "cut":
        place.write_bytes(content[:-100])
    elif damage == "gone":
        place.unlink()
    elif damage == "folder gone":
        place.unlink()
        (place.parent / ".hoodie_partition_metadata").unlink()
        place.parent.rmdir()
    else:
        place.write_bytes(content[: len(content) // 2].ljust(len(content), b"\0"))
    with pytest.raises(DamagedTable, match=r"gold\.every_type"):
        native.rows()
    if damage != "cut in its middle":
        with pytest.raises(DamagedTable):
            native.upsert([row("k2", tenant="b")], "run-2")


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([row("k1"), row("k1", 2)], "1 of 2 rows to write have a key twice"),
        ([row("k1", record_key=None)], "no key or no tenant"),
        ([row("k1", record_key="")], "no key or no tenant"),
        ([row("k1", tenant=None)], "no key or no tenant"),
        ([row("k1", tenant="../x")], "no key or no tenant"),
        ([row("k1", ordering=None)], "no ordering"),
    ],
)
def test_rows_that_cannot_be_kept_apart_are_refused(
    rows: list[Row], sentence: str, native: NativeTable, lake: Lake
):
    rows = [dict(each) for each in rows]
    with pytest.raises(SchemaMismatch, match=sentence):
        native.upsert(rows, "run-1")
    assert not list((folder(lake) / ".hoodie").glob("2*"))


def test_a_relation_that_does_not_fit_is_refused(native: NativeTable):
    native.relation([row("k1")])
    native.session.execute("ALTER TABLE given ALTER big TYPE INTEGER; ALTER TABLE given DROP flag")
    wanted = "big: wanted BIGINT, found INTEGER; flag: wanted BOOLEAN, found nothing"
    with pytest.raises(SchemaMismatch, match=wanted):
        native.writer.insert("given", CommitNote("run-1", "rows"))


@pytest.mark.parametrize("checks", [0, 1])
def test_a_lost_lease_stops_the_write_before_anyone_sees_it(checks: int, lake: Lake):
    NativeTable(lake).insert([row("k1")], "run-1")
    left = iter(range(checks))

    def check_lease() -> None:
        if next(left, None) is None:
            raise LeaseLost("taken over")

    with pytest.raises(LeaseLost):
        NativeTable(lake, check_lease=check_lease).upsert([row("k1", 2)], "run-2")
    native = NativeTable(lake)
    check(native, lake, [row("k1")])
    native.upsert([row("k1", 3)], "run-3")
    check(native, lake, [row("k1", 3)])
    assert len(list((folder(lake) / "tenant=a").glob("*.parquet"))) == 2


def _clock(*moments: dt.datetime) -> Iterator[dt.datetime]:
    yield from moments


def test_instants_are_utc_and_each_is_greater_than_the_last(lake: Lake):
    zone = dt.timezone(dt.timedelta(hours=-5))
    first = dt.datetime(2024, 6, 1, 7, 0, 0, 123456, tzinfo=zone)
    clock = _clock(first, first, first + dt.timedelta(milliseconds=1))
    native = NativeTable(lake, now=lambda: next(clock))
    native.insert([row("k1")], "run-1")
    native.upsert([row("k1", 2)], "run-2")
    times = [commit.time for commit in native.files.snapshot().commits]
    assert times == ["20240601120000123", "20240601120000124"]


def test_a_clock_behind_the_newest_commit_writes_nothing(lake: Lake):
    NativeTable(lake).insert([row("k1")], "run-1")
    before = sorted(path for path in lake.folder.rglob("*"))
    late = NativeTable(lake, now=lambda: dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    with pytest.raises(ClockBehind):
        late.upsert([row("k1", 2)], "run-2")
    assert sorted(path for path in lake.folder.rglob("*")) == before


def test_files_are_cut_at_the_largest_size_and_small_ones_filled(lake: Lake):
    native = NativeTable(lake, largest_file=40_000)
    text = "CAST(hash(i) AS VARCHAR) || CAST(hash(i + 1000000) AS VARCHAR)"
    native.relation([])
    native.session.execute(
        "INSERT INTO given (tenant, id, words, record_key, ordering)"
        f" SELECT 'a', {text}, [{text}], 'k' || i, 1 FROM range(4000) r(i)"
    )
    native.writer.insert("given", CommitNote("run-1", "rows"))
    sizes = [file.size for file in newest(native)]
    assert 4 <= len(sizes) <= 20
    assert max(sizes) < 60_000
    keys = [key for (key,) in stored(native, "record_key")]
    assert sorted(keys) == sorted(f"k{n}" for n in range(4000))
    before = {file.file_id for file in newest(native)}
    native.upsert([row("new")], "run-2")
    assert {file.file_id for file in newest(native)} == before


def test_large_tables_take_new_rows_into_new_files(native: NativeTable, lake: Lake):
    """A file above the limit, of at least 2 MB, is not rewritten for a new row."""
    native.relation([])
    native.session.execute(
        "INSERT INTO given (tenant, id, record_key, ordering)"
        " SELECT 'a', string_agg(CAST(hash(i * 1000 + j) AS VARCHAR), ''), 'k' || i, 1"
        " FROM range(300) r(i), range(1000) s(j) GROUP BY i"
    )
    native.writer.insert("given", CommitNote("run-1", "rows"))
    (large,) = newest(native)
    assert large.size > 2 * 2**20
    native.insert([row("new")], "run-2")
    assert len(newest(native)) == 2
    assert large in newest(native)


def test_versions_replaced_ten_commits_ago_go(native: NativeTable, lake: Lake):
    native.insert([row("k1"), row("k1", tenant="b")], "run-0")
    for number in range(1, 15):
        native.upsert([row("k1", 1 + number)], f"run-{number}")
    assert len(list((folder(lake) / "tenant=a").glob("*.parquet"))) == 11
    assert len(list((folder(lake) / "tenant=b").glob("*.parquet"))) == 1
    check(native, lake, [row("k1", 15), row("k1", tenant="b")])


def test_the_timeline_keeps_thirty_commits_and_older_files_still_count(
    native: NativeTable, lake: Lake
):
    native.insert([row("k1"), row("k1", tenant="b")], "run-0")
    for number in range(1, 35):
        native.upsert([row("k1", 1 + number)], f"run-{number}")
    names = sorted(path.name for path in (folder(lake) / ".hoodie").glob("2*"))
    assert len([name for name in names if name.endswith(".commit")]) == 30
    assert len(names) == 90
    (old,) = (folder(lake) / "tenant=b").glob("*.parquet")
    assert old.stem.split("_")[2] < names[0]
    check(native, lake, [row("k1", 35), row("k1", tenant="b")])


def test_every_older_version_can_be_removed(native: NativeTable, lake: Lake):
    for number in range(3):
        native.upsert([row("k1", number)], f"run-{number}")
    assert remove_replaced(native.files, native.files.snapshot()) == 2
    check(native, lake, [row("k1", 2)])


class FullDisk(FolderStore):
    """A folder on a disk that takes no more rows."""

    @contextmanager
    def writing(self, path: str) -> Iterator[Path]:
        yield Path("/dev/full")


def test_a_full_disk_fails_the_commit(native: NativeTable, lake: Lake):
    native.insert([row("k1")], "run-1")
    full = NativeTable(lake, store=FullDisk(lake.folder))
    with pytest.raises(EngineFailed, match=r"Writing gold\.every_type failed"):
        full.upsert([row("k1", 2)], "run-2")
    check(native, lake, [row("k1")])
    native.upsert([row("k1", 2)], "run-2")
    check(native, lake, [row("k1", 2)])


def test_an_error_of_the_rows_does_not_show_them(native: NativeTable):
    native.relation([row("k1")])
    native.session.execute(
        "CREATE VIEW odd AS SELECT * REPLACE (CAST('Jane ' || id AS INTEGER) AS small) FROM given"
    )
    with pytest.raises(EngineFailed, match="ConversionException") as caught:
        native.writer.insert("odd", CommitNote("run-1", "rows"))
    assert "Jane" not in "".join(traceback.format_exception(caught.value))


def test_a_folder_that_cannot_be_made_leaves_the_last_rows(native: NativeTable, lake: Lake):
    native.insert([row("k1")], "run-1")
    place = folder(lake) / "tenant=a"
    (native.files.store.local_file(native.files.path("tenant=b"))).write_bytes(b"no folder")
    with pytest.raises(FileExistsError):
        native.upsert([row("k1", 2), row("k2", tenant="b")], "run-2")
    assert native.rows() == expected([row("k1")])
    (folder(lake) / "tenant=b").unlink()
    native.upsert([row("k1", 2), row("k2", tenant="b")], "run-2")
    check(native, lake, [row("k1", 2), row("k2", tenant="b")])
    assert len(list(place.glob("*.parquet"))) == 2
