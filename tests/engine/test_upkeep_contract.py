"""What every engine does for upkeep; the engines are those of the other contract tests."""

from __future__ import annotations

from typing import Any

from metriccare.engine.protocol import Changes, Engine, Operation
from tests.engine.lakes import EVERY_TYPE, expected, note, row
from tests.engine.test_engine_contract import engine, given, make, read, write

__all__ = ["engine", "make"]


def test_the_history_names_the_commits_newest_first(engine: Engine[Any]):
    assert engine.history(EVERY_TYPE) == []
    write(engine, [row("k1")], "run-1")
    write(engine, [row("k2")], "run-2")
    newest, oldest = engine.history(EVERY_TYPE)
    assert (note("run-2").is_in(newest.metadata), note("run-1").is_in(oldest.metadata)) == (
        True,
        True,
    )
    assert newest.instant > oldest.instant
    assert newest.table == EVERY_TYPE


def test_commits_are_rolled_back_newest_first(engine: Engine[Any]):
    write(engine, [row("k1"), row("k2")], "run-1", Operation.INSERT)
    write(engine, [row("k2", 2, big=5), row("k3", 2)], "run-2")
    write(engine, [row("k1")], "run-3", Operation.DELETE)
    history = engine.history(EVERY_TYPE)
    assert engine.can_roll_back(history)
    engine.roll_back(history[0])
    assert read(engine) == expected([row("k1"), row("k2", 2, big=5), row("k3", 2)])
    engine.roll_back(history[1])
    assert read(engine) == expected([row("k1"), row("k2")])
    # The same step can be committed again.
    write(engine, [row("k9")], "run-2")
    assert read(engine) == expected([row("k1"), row("k2"), row("k9")])


def test_without_old_files_nothing_can_be_rolled_back(engine: Engine[Any]):
    write(engine, [row("k1")], "run-1")
    write(engine, [row("k1", 2)], "run-2")
    assert engine.remove_old_files(EVERY_TYPE) == 1
    assert not engine.can_roll_back(engine.history(EVERY_TYPE)[:1])
    assert engine.remove_old_files(EVERY_TYPE) == 0
    assert read(engine) == expected([row("k1", 2)])


def test_a_workbench_separates_some_tables(engine: Engine[Any]):
    write(engine, [row("k1")], "run-1")
    with engine.workbench("gold/.apart", [EVERY_TYPE]) as bench:
        assert read(bench) == []
        bench.commit(Changes(EVERY_TYPE, given(engine, [row("k2")]), Operation.UPSERT), note("x"))
        both = engine.sql(
            "select id from a union all select id from b",
            a=engine.read(EVERY_TYPE),
            b=bench.read(EVERY_TYPE),
        )
        assert sorted(each["id"] for each in engine.rows(both)) == ["k1", "k2"]
    assert read(engine) == expected([row("k1")])
    with engine.workbench("gold/.apart", [EVERY_TYPE]) as bench:
        assert bench.history(EVERY_TYPE) == []
