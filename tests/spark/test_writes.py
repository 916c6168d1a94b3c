"""Every date is written unchanged, and a commit with a row that cannot be written fails."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hudi import HudiTableBuilder
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from metriccare.engine.spark import hudi_reader, hudi_writer, timeline
from metriccare.engine.spark.schema import schema_of
from metriccare.errors import RowsNotWritten
from metriccare.query.duckdb.file_slices import newest_files
from metriccare.query.duckdb.lake_files import FolderFiles
from metriccare.settings import Lake
from metriccare.tables.commit_note import CommitNote
from metriccare.tables.declaration import DELETE_MARKER, ORDERING, RECORD_KEY, TENANT, Column, Table

pytestmark = pytest.mark.spark

DATED = Table(
    layer="silver",
    name="dated",
    meaning="dates and instants, plain and nested, before a list and a text",
    key=("tenant", "record_key"),
    columns=(
        TENANT,
        Column("day", "date", "a day"),
        Column("instant", "timestamp", "an instant"),
        Column("pair", "struct<day:date,instant:timestamp>", "both in one"),
        Column("days", "array<date>", "several days"),
        Column("pairs", "array<struct<day:date,instant:timestamp>>", "several of both"),
        Column("flags", "array<string>", "a list that may hold a null"),
        Column("neighbour", "string", "the row's own key, to see whether columns move"),
        RECORD_KEY,
        ORDERING,
    ),
)
DAYS = (
    date(1, 1, 1),
    date(1582, 10, 4),
    date(1582, 10, 10),
    date(1753, 1, 1),
    date(1899, 12, 30),
    date(1900, 1, 1),
    date(2024, 2, 29),
    date(9999, 12, 31),
)
OLD_LISTS = "parquet.avro.write-old-list-structure"
Write = Callable[[DataFrame, Lake, Table, CommitNote], None]


def replace_changed(frame: DataFrame, lake: Lake, table: Table, note: CommitNote) -> None:
    marked = frame.withColumn(DELETE_MARKER.name, F.expr("if(true, false, null)"))
    hudi_writer.replace_changed(marked, lake, table, note)


def instant_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, 59, 123456, tzinfo=UTC)


def rows(spark, *keys: str, day: date = DAYS[-2], flags: tuple[Any, ...] = ("x",)) -> DataFrame:
    """Return a row for each key, in one task, so that a row has neighbours."""
    both = (day, instant_of(day))
    found = [("a", *both, both, [day], [both], list(flags), key, key, 1) for key in keys]
    return spark.createDataFrame(found, schema_of(DATED)).coalesce(1)


def every_day(spark, prefix: str) -> DataFrame:
    frames = [rows(spark, f"{prefix}{number}", day=day) for number, day in enumerate(DAYS)]
    whole = frames[0]
    for frame in frames[1:]:
        whole = whole.unionByName(frame)
    return whole


def keys_in(spark, lake: Lake) -> list[tuple[str, str]]:
    found = hudi_reader.read(spark, lake, DATED).select("record_key", "neighbour").collect()
    return sorted(tuple(row) for row in found)


def beside(*keys: str) -> list[tuple[str, str]]:
    return sorted((key, key) for key in keys)


def note(step: str) -> CommitNote:
    return CommitNote("run-1", step)


def test_dates_of_all_years_are_what_they_were_for_every_reader(spark, lake: Lake):
    hudi_writer.write(every_day(spark, "first"), lake, DATED, note("bulk insert"))
    hudi_writer.append(every_day(spark, "added"), lake, DATED, note("insert"))
    # One row is changed, the others of its file are carried along.
    hudi_writer.write(rows(spark, "first3", "first4", day=DAYS[0]), lake, DATED, note("upsert"))
    wanted = {f"{p}{n}": day for p in ("first", "added") for n, day in enumerate(DAYS)}
    wanted |= {"first3": DAYS[0], "first4": DAYS[0]}
    columns = ("record_key", "day", "instant", "pair", "days", "pairs")

    table = HudiTableBuilder.from_base_uri(lake.path(DATED.path)).build()
    by_arrow = [row for batch in table.read() for row in batch.to_pylist()]
    files = list(newest_files(FolderFiles(lake.folder), DATED))
    by_duckdb = (
        duckdb.connect()
        .execute("SET TimeZone = 'UTC'")
        .execute(
            f"""SELECT record_key, day, make_timestamp(epoch_us(instant)),
        struct_pack(day := pair.day, instant := make_timestamp(epoch_us(pair.instant))), days,
        list_transform(pairs, p -> struct_pack(day := p.day,
        instant := make_timestamp(epoch_us(p.instant)))) FROM read_parquet({files!r})"""
        )
    )
    in_spark = hudi_reader.read(spark, lake, DATED).selectExpr(
        "record_key",
        "day",
        "cast(instant as timestamp_ntz) as instant",
        "struct(pair.day, cast(pair.instant as timestamp_ntz) as instant) as pair",
        "days",
        "transform(pairs, p -> struct(p.day, cast(p.instant as timestamp_ntz) as instant))"
        " as pairs",
    )
    readers = {
        "Spark": [row.asDict(recursive=True) for row in in_spark.collect()],
        "hudi-rs": by_arrow,
        "DuckDB": [dict(zip(columns, row, strict=True)) for row in by_duckdb.fetchall()],
    }
    for reader, found in readers.items():
        assert {r["record_key"]: _plain(r, columns) for r in found} == {
            key: _plain(_row(key, day), columns) for key, day in wanted.items()
        }, reader


def _row(key: str, day: date) -> dict[str, Any]:
    both = {"day": day, "instant": instant_of(day)}
    return {"record_key": key, **both, "pair": both, "days": [day], "pairs": [both]}


def _plain(row: Any, columns: tuple[str, ...]) -> str:
    def zoneless(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: zoneless(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [zoneless(inner) for inner in value]
        return value.replace(tzinfo=None) if isinstance(value, datetime) else value

    return repr([zoneless(row[name]) for name in columns])


@contextmanager
def lists_without_nulls(spark) -> Iterator[None]:
    """Let the Parquet writer refuse a null in a list: a row that really cannot be written."""
    hadoop = spark._jsc.hadoopConfiguration()
    before = hadoop.get(OLD_LISTS)
    hadoop.set(OLD_LISTS, "true")
    try:
        yield
    finally:
        hadoop.set(OLD_LISTS, before)


@contextmanager
def conf(spark, name: str, value: str) -> Iterator[None]:
    before = spark.conf.get(name)
    spark.conf.set(name, value)
    try:
        yield
    finally:
        spark.conf.set(name, before)


def with_one_bad_row(spark, *keys: str) -> DataFrame:
    first, *others = keys
    bad = rows(spark, first, flags=("x", None))
    return rows(spark, others[0]).unionByName(bad).unionByName(rows(spark, *others[1:])).coalesce(1)


def test_a_first_load_with_a_row_that_cannot_be_written_leaves_no_commit(spark, lake: Lake):
    with lists_without_nulls(spark), pytest.raises(RowsNotWritten, match=r"silver\.dated.*load"):
        hudi_writer.write(with_one_bad_row(spark, "k2", "k1", "k3"), lake, DATED, note("load"))
    assert not hudi_reader.exists(spark, lake, DATED)
    assert keys_in(spark, lake) == []
    hudi_writer.write(rows(spark, "k1", "k2", "k3"), lake, DATED, note("load"))
    assert keys_in(spark, lake) == beside("k1", "k2", "k3")


@pytest.mark.parametrize("write", [hudi_writer.append, hudi_writer.write, replace_changed])
def test_a_later_write_with_such_a_row_changes_nothing(spark, lake: Lake, write: Write):
    hudi_writer.write(rows(spark, "k1", "k2", "k3"), lake, DATED, note("load"))
    new = write is hudi_writer.append
    keys = ("n2", "n1", "n3") if new else ("k2", "k1", "n3")
    with lists_without_nulls(spark), pytest.raises(RowsNotWritten, match="table is as it was"):
        write(with_one_bad_row(spark, *keys), lake, DATED, note("again"))
    assert keys_in(spark, lake) == beside("k1", "k2", "k3")
    write(rows(spark, *keys), lake, DATED, note("again"))
    assert keys_in(spark, lake) == beside(*{"k1", "k2", "k3", *keys})


def test_a_removal_that_finds_such_a_row_removes_nothing(spark, lake: Lake):
    hudi_writer.write(rows(spark, "k1", "k2"), lake, DATED, note("load"))
    gone = rows(spark, "k1", day=DAYS[0])
    strict = conf(spark, "spark.sql.avro.datetimeRebaseModeInWrite", "EXCEPTION")
    with strict, pytest.raises(RowsNotWritten, match="step gone"):
        hudi_writer.remove(gone, lake, DATED, note("gone"))
    assert keys_in(spark, lake) == beside("k1", "k2")
    hudi_writer.remove(gone, lake, DATED, note("gone"))
    assert keys_in(spark, lake) == beside("k2")


def test_a_commit_that_left_rows_out_is_rolled_back(
    spark, lake: Lake, monkeypatch: pytest.MonkeyPatch
):
    """Hudi's row writer completes such a commit, its columns shifted: the settings avoid it."""
    mixed = (
        rows(spark, "k1").unionByName(rows(spark, "k2", day=DAYS[0])).unionByName(rows(spark, "k3"))
    )
    with monkeypatch.context() as by_rows:
        option = "hoodie.datasource.write.row.writer.enable"
        by_rows.setitem(hudi_writer._WRITER_OPTIONS, option, "true")  # type: ignore[arg-type]
        strict = conf(spark, "spark.sql.parquet.datetimeRebaseModeInWrite", "EXCEPTION")
        with strict, pytest.raises(RowsNotWritten, match="could not write 1 of the rows"):
            hudi_writer.write(mixed.coalesce(1), lake, DATED, note("load"))
    assert timeline.completed(spark, lake, DATED) == []
    assert list(Path(lake.path(DATED.path)).rglob("*.parquet")) == []
    hudi_writer.write(mixed.coalesce(1), lake, DATED, note("load"))
    assert keys_in(spark, lake) == beside("k1", "k2", "k3")


def test_a_failure_of_our_own_code_keeps_its_name(spark, lake: Lake):
    def fails(text: str) -> str:
        raise ValueError

    broken = rows(spark, "k1").withColumn("neighbour", F.udf(fails, "string")("neighbour"))
    with pytest.raises(Exception, match="ValueError") as raised:
        hudi_writer.write(broken, lake, DATED, note("load"))
    assert not isinstance(raised.value, RowsNotWritten)


def test_a_small_file_is_small(spark, lake: Lake):
    """By default each would carry a filter of 431 kB that nothing asks."""
    hudi_writer.write(rows(spark, "k1"), lake, DATED, note("load"))
    hudi_writer.append(rows(spark, "k2"), lake, DATED, note("more"))
    sizes = [file.stat().st_size for file in Path(lake.path(DATED.path)).rglob("*.parquet")]
    assert len(sizes) == 2
    assert max(sizes) < 20_000


def test_a_session_leaves_nothing_in_the_working_folder(tmp_path: Path):
    code = (
        "from metriccare.engine.spark.session import local_session\n"
        "from metriccare.engine.spark import hudi_reader, hudi_writer\n"
        "from metriccare.settings import Lake\n"
        "from metriccare.tables import BY_NAME\n"
        "from metriccare.tables.commit_note import CommitNote\n"
        "spark, lake = local_session(memory='1g'), Lake('lake')\n"
        "table, note = BY_NAME['publish.measure'], CommitNote('run-1', 'create')\n"
        "hudi_writer.create(spark, lake, table, note)\n"
        "hudi_reader.read(spark, lake, table).collect()\n"
        "spark.sql('show tables').collect()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["lake"]
