"""Replayed files have their rows of today in bronze; files set aside have none."""

from __future__ import annotations

from pathlib import Path

import pytest

from metriccare.engine.protocol import Changes, Operation
from metriccare.pipeline.bronze import stage
from metriccare.tables.bronze import RESOURCE
from metriccare.tables.commit_note import CommitNote
from metriccare.tracking.states import FileRecord
from tests.pipeline.bronze_lake import FIRST, BronzeLake, Killed, killed_after, ndjson, patient

BAD = {"resourceType": "X"}
ROW = ("resource_id", "source_line", "run_id", "ingested_at")
REJECT = ("source_line", "rule_id", "run_id", "redriven_run_id")


@pytest.fixture
def lake(tmp_path: Path) -> BronzeLake:
    return BronzeLake(tmp_path)


def gives(file: FileRecord, *resources: dict) -> None:
    """Read a file as if the rules had changed since."""
    Path(file.location).write_bytes(ndjson(*resources))


def test_a_replay_that_gives_the_same_writes_nothing(lake: BronzeLake):
    file = lake.file([patient("a", odd=1), BAD])
    (before,) = lake.run(file)
    rows = lake.rows("bronze.resource", *ROW), lake.rows("bronze.quarantine", *REJECT)
    assert lake.run_again(file) == [before]
    assert (lake.rows("bronze.resource", *ROW), lake.rows("bronze.quarantine", *REJECT)) == rows
    assert [lake.commits(f"bronze.{name}") for name in ("resource", "quarantine")] == [1, 1]


def test_only_what_differs_is_written_with_the_time_it_first_came(lake: BronzeLake):
    file, other = lake.file([patient("a"), patient("b"), patient("c")]), lake.file([patient("o")])
    lake.run(file, other)
    gives(file, patient("a"), patient("b", active=True))
    lake.run_again(file)
    first = FIRST.replace(tzinfo=None)
    assert lake.rows("bronze.resource", *ROW) == [
        ("a", 1, "run-1", first),
        ("b", 2, "run-2", first),
        ("o", 1, "run-1", first),
    ]


def test_rejects_that_are_loaded_or_rejected_by_another_rule_are_closed(lake: BronzeLake):
    file = lake.file([BAD, BAD, BAD])
    lake.run(file)
    gives(file, patient("a"), {"resourceType": "Patient"}, BAD)
    lake.run_again(file)
    unknown, invalid = "resource_type_unknown", "id_invalid"
    settled = [(1, unknown, "run-1", "run-2"), (2, unknown, "run-1", "run-2")]
    still = [(2, invalid, "run-2", None), (3, unknown, "run-1", None)]
    assert sorted(lake.rows("bronze.quarantine", *REJECT), key=str) == sorted(
        settled + still, key=str
    )
    gives(file, BAD)
    lake.run_again(file)
    found = lake.rows("bronze.quarantine", "source_line", "rule_id", "redriven_run_id")
    assert (1, unknown, None) in found
    assert {row for row in found if row[2] is None} == {(1, unknown, None)}


@pytest.mark.parametrize("commits", [0, 1, 2, 3])
def test_a_replay_that_crashes_is_finished_by_the_next(lake: BronzeLake, monkeypatch, commits):
    file = lake.file([BAD, patient("b"), patient("c", odd=1)])
    lake.run(file)
    gives(file, patient("a"), patient("b", active=True))
    with monkeypatch.context() as patched:
        patched.setattr(lake.engine, "commit", killed_after(lake.engine, commits))
        with pytest.raises(Killed):
            lake.run_again(file)
    lake.run_again(file)
    assert lake.rows("bronze.resource", "resource_id", "source_line") == [("a", 1), ("b", 2)]
    open_ = [row for row in lake.rows("bronze.quarantine", *REJECT) if row[3] is None]
    assert open_ == []
    assert lake.rows("bronze.drift", "field_path") == []


def test_rows_filed_under_the_key_of_another_give_way(lake: BronzeLake, monkeypatch):
    file = lake.file([patient("a"), patient("b")])
    lake.run(file)
    rows = lake.engine.read(RESOURCE)
    damaged = lake.engine.sql("select * from rows where resource_id = 'b'", rows=rows)
    monkeypatch.setattr(lake.engine, "misfiled", lambda _: damaged)
    lake.run_again(file)
    kept = lake.rows("bronze.resource", "resource_id", "run_id")
    assert kept == [("a", "run-1"), ("b", "run-2")]


def test_a_file_set_aside_leaves_every_table(lake: BronzeLake):
    odd, good = lake.file([patient("a", odd=1), BAD]), lake.file([patient("b", odd=2), BAD])
    lake.run(odd, good)
    for _ in range(2):
        stage.remove_files(lake.engine, lake.context(), [odd])
    assert lake.rows("bronze.resource", "resource_id") == [("b",)]
    assert lake.rows("bronze.drift", "file_id") == [(good.file_id,)]
    assert lake.rows("bronze.quarantine", "file_id", "redriven_run_id") == [
        (odd.file_id, "run-2"),
        (good.file_id, None),
    ]
    lake.run_again(odd)
    assert lake.rows("bronze.resource", "resource_id") == [("a",), ("b",)]
    assert {row[1] for row in lake.rows("bronze.quarantine", "file_id", "redriven_run_id")} == {
        None
    }


def test_rows_written_before_bundles_were_kept_read_null_and_are_written_again(lake: BronzeLake):
    bundle = {"resourceType": "Bundle", "entry": [{"resource": patient("a")}]}
    file = lake.file([bundle])
    lake.run(file)
    columns = ", ".join("null as bundle" if n == "bundle" else n for n in RESOURCE.column_names)
    model = f"select {columns} from rows".replace("null", "cast(null as string)")
    earlier = lake.engine.sql(model, rows=lake.engine.read(RESOURCE))
    lake.engine.commit(Changes(RESOURCE, earlier, Operation.UPSERT), CommitNote("run-0", "old"))
    assert lake.rows("bronze.resource", "bundle") == [(None,)]
    lake.run_again(file)
    assert lake.rows("bronze.resource", "bundle") == [("0",)]
