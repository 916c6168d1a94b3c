"""Silver gets the rows that bronze gives today; runs that are rolled back can be repeated."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from metriccare import naming
from metriccare.engine.protocol import Changes, Operation
from metriccare.incremental.context import RunContext
from metriccare.pipeline.gold import stage as gold
from metriccare.pipeline.silver import stage as silver
from metriccare.tables import BY_NAME, TABLES
from metriccare.tables.commit_note import CommitNote
from metriccare.upkeep import rebuild
from metriccare.upkeep.rollback import commits_of, roll_back_all
from tests.faults import uploads
from tests.pipeline.bronze_lake import BronzeLake

STAMPS = ("run_id", "ordering", "redriven_run_id")
# A log of what runs released.
LOG = "silver.released_patient"


class LoadedLake(BronzeLake):
    """Runs continue to silver and gold."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.last: RunContext | None = None

    def load(self, **files: bytes) -> str:
        """Take files in with a run; return its name."""
        self.run(
            *(self.file(content, f"{name}-{self.files}.ndjson") for name, content in files.items())
        )
        context = self.again()
        silver.run(self.engine, context)
        gold.run(self.engine, context)
        return context.run_id

    def again(self, **more: Any) -> RunContext:
        """Return the context of the newest run."""
        self.runs -= 1
        context = self.context()
        return replace(context, **{"pending_runs": {context.run_id: None}, **more})

    def content(self, layers: Iterable[str] = naming.LAYERS) -> dict[str, list[str]]:
        tables = [t for t in TABLES if t.layer in layers and t.full_name != LOG]
        return {
            table.full_name: [
                repr(row)
                for row in self.rows(
                    table.full_name,
                    "record_key",
                    *(c for c in table.column_names if c not in STAMPS),
                )
            ]
            for table in tables
        }

    def rebuild(self, *tenants: str) -> None:
        self.runs += 1
        context = self.again(rebuild=frozenset(tenants or [naming.EVERY_TENANT]))
        rebuild.run(self.engine, context)

    def change(self, table: str, columns: str, which: str) -> None:
        """Write rows with other values into a table, newer than any."""
        declared = BY_NAME[table]
        given = dict(item.split(" as ")[::-1] for item in columns.split(", "))
        given.setdefault("ordering", "ordering + 1")
        items = ", ".join(
            f"cast({given.get(c.name, c.name)} as {c.type}) as {c.name}" for c in declared.columns
        )
        rows = self.engine.sql(f"select {items} from t where {which}", t=self.engine.read(declared))
        changes = Changes(declared, self.engine.materialize(rows), Operation.UPSERT)
        self.engine.commit(changes, CommitNote("run-of-old", columns))

    def lose(self, table: str, which: str) -> None:
        declared = BY_NAME[table]
        rows = self.engine.sql(f"select * from t where {which}", t=self.engine.read(declared))
        self.engine.commit(Changes(declared, rows, Operation.DELETE), CommitNote("run-lost", which))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a lake that one run has loaded."""
    folder = tmp_path_factory.mktemp("loaded")
    LoadedLake(folder).load(history=uploads.history())
    return folder


@pytest.fixture
def loaded(folder: Path, tmp_path: Path) -> LoadedLake:
    """Return a copy of the loaded lake."""
    loaded = LoadedLake(tmp_path)
    shutil.copytree(folder / "lake", loaded.lake.folder, dirs_exist_ok=True)
    loaded.runs = loaded.files = 1
    return loaded


def test_rows_that_are_wrong_lost_or_too_many_are_put_right(loaded: LoadedLake):
    wanted = loaded.content(["bronze", "silver"])
    loaded.change("silver.encounter", "'p8' as patient_id", "id = 'p1-a'")
    loaded.change(
        "silver.encounter", "'p1-x' as id, 'north|Encounter|p1-x' as record_key", "id = 'p1-a'"
    )
    loaded.lose("silver.patient", "id = 'p2'")
    loaded.lose("silver.unresolved_reference", "true")
    loaded.lose("silver.encounter_detail", "encounter_id = 'p3-a'")
    loaded.change("bronze.quarantine", "'run-of-old' as redriven_run_id", "resource_id = 'p3-bad'")
    assert loaded.content(["silver"]) != {n: r for n, r in wanted.items() if n[0] == "s"}
    loaded.rebuild()
    assert loaded.content(["bronze", "silver"]) == wanted
    assert not (loaded.lake.folder / naming.REBUILD_FOLDER).exists()


def test_what_the_rules_reject_no_longer_is_settled(loaded: LoadedLake):
    row = loaded.rows("bronze.resource", "record_key")[0][0]
    table = BY_NAME["bronze.quarantine"]
    reject = {
        **dict.fromkeys(table.column_names),
        "tenant": "north",
        "record_key": f"{row}|rule_of_old",
        "rule_id": "rule_of_old",
        "ordering": 1,
    }
    rows = loaded.engine.from_rows(table.columns, [list(reject.values())])
    loaded.engine.commit(Changes(table, rows, Operation.UPSERT), CommitNote("run-of-old", "x"))
    loaded.rebuild()
    settled = {r[0]: r[1] for r in loaded.rows("bronze.quarantine", "rule_id", "redriven_run_id")}
    assert settled.pop("rule_of_old") == "run-2"
    assert set(settled.values()) == {None}


def test_where_nothing_is_wrong_no_row_is_written(loaded: LoadedLake):
    commits = {table.full_name: loaded.commits(table.full_name) for table in TABLES}
    loaded.rebuild()
    assert {table.full_name: loaded.commits(table.full_name) for table in TABLES} == commits


def test_other_tenants_wait_for_a_rebuild_of_their_own(loaded: LoadedLake):
    loaded.change("silver.encounter", "'p8' as patient_id", "id = 'p1-a'")
    before = loaded.content(["silver"])
    loaded.rebuild("south")
    assert loaded.content(["silver"]) == before


def test_a_rebuild_that_breaks_off_is_finished_by_the_next(
    loaded: LoadedLake, monkeypatch: pytest.MonkeyPatch
):
    wanted = loaded.content(["silver"])
    loaded.change("silver.encounter", "'p8' as patient_id", "id = 'p1-a'")
    loaded.lose("silver.patient", "id = 'p2'")
    with monkeypatch.context() as disk:
        disk.setattr(type(loaded.engine), "commit", full_when_rows_are_replaced(loaded))
        with pytest.raises(OSError, match="full"):
            loaded.rebuild()
    assert loaded.content(["silver"]) != wanted
    loaded.rebuild()
    assert loaded.content(["silver"]) == wanted


def full_when_rows_are_replaced(loaded: LoadedLake):
    commit = type(loaded.engine).commit

    def commit_or_fail(engine: Any, changes: Changes[Any], note: CommitNote) -> None:
        if note.step == f"{rebuild.STEP}-rows":
            raise OSError("the disk is full")
        commit(engine, changes, note)

    return commit_or_fail


def test_a_run_taken_back_leaves_the_state_before_and_comes_again(loaded: LoadedLake):
    before = loaded.content()
    run_id = loaded.load(day=uploads.day(), deletes=uploads.deletes())
    after = loaded.content()
    roll_back_all(loaded.engine, commits_of(loaded.engine, run_id))
    layers = ("silver", "gold", "publish")
    assert loaded.content(layers) == {n: r for n, r in before.items() if n.startswith(layers)}
    assert loaded.content(["bronze"]) == {n: r for n, r in after.items() if n.startswith("bronze")}
    context = loaded.again()
    silver.run(loaded.engine, context)
    gold.run(loaded.engine, context)
    assert loaded.content() == after


def test_a_rollback_that_breaks_off_is_finished_by_the_next_run(loaded: LoadedLake):
    run_id = loaded.load(day=uploads.day())
    after = loaded.content()
    roll_back_all(loaded.engine, commits_of(loaded.engine, run_id)[:4])
    assert loaded.content() != after
    context = loaded.again()
    silver.run(loaded.engine, context)
    gold.run(loaded.engine, context)
    assert loaded.content() == after
