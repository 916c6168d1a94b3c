"""Both engines write one table in turn, and every reader sees the same rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from metriccare.engine.spark import table_services, timeline
from metriccare.settings import Lake
from metriccare.tables.commit_note import CommitNote
from tests.engine.lakes import (
    EVERY_TYPE,
    FULL,
    NativeTable,
    Row,
    SparkTable,
    expected,
    hudi_rs_rows,
    row,
    todays_rows,
)

pytestmark = pytest.mark.spark

# One write: the engine, what it does, and the keys it does it to, each with its ordering.
KEYS = ("k1", "k2", "k3")
WRITES = st.tuples(
    st.sampled_from(("native", "spark")),
    st.sampled_from(("upsert", "upsert", "remove", "delete", "insert")),
    st.dictionaries(
        st.tuples(st.sampled_from("ab"), st.sampled_from(KEYS)), st.integers(0, 5), min_size=1
    ),
)


class Model:
    """What the table should hold: the rules of a write, on a dictionary."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Row] = {}

    def apply(self, action: str, rows: Sequence[Row]) -> None:
        for each in rows:
            key = (each["tenant"], each["record_key"])
            if action == "delete":
                self.rows.pop(key, None)
                continue
            stored = self.rows.get(key)
            if stored is not None and stored["ordering"] > each["ordering"]:
                continue
            if each.get("_hoodie_is_deleted"):
                self.rows.pop(key, None)
            else:
                self.rows[key] = each


def check(lake: Lake, spark_table: SparkTable, rows: Sequence[Row]) -> None:
    """Let four readers read the table."""
    wanted = expected(rows)
    assert NativeTable(lake).rows() == wanted
    assert spark_table.rows() == wanted
    assert hudi_rs_rows(lake) == wanted
    assert todays_rows(lake) == wanted


@seed(20240601)
@settings(
    max_examples=4,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=st.lists(WRITES, min_size=4, max_size=6))
def test_any_history_of_both_engines_ends_as_its_writes_say(
    spark, tmp_path_factory: pytest.TempPathFactory, history
):
    lake = Lake(str(tmp_path_factory.mktemp("history") / "lake"))
    engines = {"native": NativeTable(lake), "spark": SparkTable(spark, lake)}
    model = Model()
    for number, (engine, action, keys) in enumerate(history):
        rows = [
            row(key, ordering, tenant, **{**FULL, "big": number})
            for (tenant, key), ordering in sorted(keys.items())
        ]
        if action == "insert":
            rows = [row(f"{each['id']}-{number}", 1, each["tenant"]) for each in rows]
        if action == "remove":
            rows = [{**each, "_hoodie_is_deleted": each["id"] == "k1"} for each in rows]
        elif any("_hoodie_is_deleted" in str(c.metadata) for c in _commits(lake)):
            rows = [{**each, "_hoodie_is_deleted": False} for each in rows]
        table = engines[engine]
        if action == "delete":
            table.delete([_without_marker(each) for each in rows], f"run-{number}")
        else:
            table.upsert(rows, f"run-{number}")
        model.apply(action, rows)
    check(lake, engines["spark"], list(model.rows.values()))


def _commits(lake: Lake):
    return NativeTable(lake).files.snapshot().commits


def _without_marker(each: Row) -> Row:
    return {name: value for name, value in each.items() if name != "_hoodie_is_deleted"}


def test_spark_continues_a_native_table_and_the_native_writer_one_of_spark(spark, tmp_path: Path):
    lake = Lake(str(tmp_path / "lake"))
    native, by_spark = NativeTable(lake), SparkTable(spark, lake)
    native.insert([row("k1", **FULL), row("k2"), row("k1", tenant="b")], "run-1")
    by_spark.upsert([row("k2", 2, **FULL), row("k3", 2)], "run-2")
    native.upsert([row("k3", 3, **FULL), row("k4", 3, tenant="c")], "run-3")
    by_spark.insert([row("k5"), row("k5", tenant="d")], "run-4")
    native.delete([row("k1", 0)], "run-5")
    by_spark.delete([row("k2", 0)], "run-6")
    native.insert([row("k6", **FULL)], "run-7")
    rows = [
        row("k3", 3, **FULL),
        row("k5"),
        row("k6", **FULL),
        row("k1", tenant="b"),
        row("k4", 3, tenant="c"),
        row("k5", tenant="d"),
    ]
    check(lake, by_spark, rows)
    notes = [
        (n["metriccare.run_id"], n["metriccare.step"])
        for n in timeline.notes(spark, lake, EVERY_TYPE)
    ]
    assert notes == [(f"run-{number}", "rows") for number in range(7, 0, -1)]
    assert timeline.has_commit(spark, lake, EVERY_TYPE, CommitNote("run-3", "rows"))
    assert NativeTable(lake).files.snapshot().has_commit(CommitNote("run-2", "rows"))


def test_spark_reads_dates_of_all_centuries_that_the_native_writer_wrote(spark, tmp_path: Path):
    lake = Lake(str(tmp_path / "lake"))
    days = (dt.date(1, 1, 1), dt.date(1582, 10, 10), dt.date(1899, 12, 30), dt.date(9999, 12, 31))
    rows = [row(str(d), day=d, at=dt.datetime.combine(d, dt.time(12))) for d in days]
    NativeTable(lake).insert(rows, "run-1")
    check(lake, SparkTable(spark, lake), rows)


def test_spark_cleans_archives_and_rolls_back_native_commits(spark, tmp_path: Path):
    lake = Lake(str(tmp_path / "lake"))
    native, by_spark = NativeTable(lake), SparkTable(spark, lake)
    native.insert([row("k1"), row("k1", tenant="old")], "run-0")
    for number in range(1, 40):
        native.upsert([row("k1", number)], f"run-{number}")
    for number in range(40, 43):
        by_spark.upsert([row("k1", number)], f"run-{number}")
    names = [instant.action for instant in NativeTable(lake).files.snapshot().instants]
    assert "clean" in names
    assert len(NativeTable(lake).files.snapshot().commits) < 33, "Spark archived some"
    check(lake, by_spark, [row("k1", 42), row("k1", tenant="old")])
    native.upsert([row("k1", 50)], "run-50")
    newest, *_ = table_services.commits(spark, lake, EVERY_TYPE)
    assert newest.run_id == "run-50"
    assert table_services.can_roll_back(spark, lake, newest)
    table_services.roll_back(spark, lake, newest)
    check(lake, by_spark, [row("k1", 42), row("k1", tenant="old")])
    native.upsert([row("k1", 60)], "run-60")
    assert table_services.remove_old_files(spark, lake, EVERY_TYPE) > 0
    check(lake, by_spark, [row("k1", 60), row("k1", tenant="old")])
    native.upsert([row("k2", 61)], "run-61")
    check(lake, by_spark, [row("k1", 60), row("k2", 61), row("k1", tenant="old")])


def test_what_a_killed_spark_left_goes_with_the_next_native_write(spark, tmp_path: Path):
    """A pending Spark commit: its file, its marker, its instants."""
    lake = Lake(str(tmp_path / "lake"))
    native, by_spark = NativeTable(lake), SparkTable(spark, lake)
    native.insert([row("k1")], "run-1")
    by_spark.upsert([row("k1", 2)], "run-2")
    hoodie = lake.folder / EVERY_TYPE.path / ".hoodie"
    commit = max(hoodie.glob("*.commit"))
    commit.unlink()
    (hoodie / f".{commit.name}.crc").unlink()
    marker = (
        hoodie / ".temp" / commit.name.partition(".")[0] / "tenant=a" / "x.parquet.marker.MERGE"
    )
    marker.parent.mkdir(parents=True)
    marker.write_bytes(b"")
    assert native.rows() == expected([row("k1")])
    native.upsert([row("k2")], "run-3")
    check(lake, by_spark, [row("k1"), row("k2")])
    snapshot = native.files.snapshot()
    assert not snapshot.pending()
    assert not marker.exists()
    assert set(snapshot.files) == set(snapshot.committed)
