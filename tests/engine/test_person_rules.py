"""Rules over so many persons that several processes share them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from metriccare.engine.duckdb import person_rules
from metriccare.engine.duckdb.engine import DuckDbEngine
from metriccare.engine.duckdb.worker_processes import answers_of
from metriccare.errors import EngineFailed
from metriccare.local.folder_store import FolderStore
from metriccare.settings import Lake
from metriccare.tables import Column

PERSON = [Column("person_id", "string", ""), Column("days", "array<int>", "")]


def first_day(person: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    if person["days"] == [7]:
        raise ValueError(person["person_id"])
    return {"made": [{"person_id": person["person_id"], "days": person["days"][:1]}]}


def leave(_: int) -> int:
    raise SystemExit


@pytest.fixture
def many(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> DuckDbEngine:
    """Return an engine for which more than two batches are many."""
    monkeypatch.setattr(person_rules, "_MANY_BATCHES", 2)
    monkeypatch.setattr(person_rules, "processors", lambda: 2)
    return DuckDbEngine(FolderStore(lake.folder), lambda: None)


def persons(engine: DuckDbEngine, count: int, last: int) -> Any:
    rows = [[f"{n:05}", [n, 0]] for n in range(count)]
    return engine.from_rows(PERSON, [*rows, ["last", [last]]])


def test_several_processes_give_the_rows_in_the_order_of_the_persons(many: DuckDbEngine):
    made = many.map_people(persons(many, 2_000, 9), first_day, {"made": PERSON})["made"]
    wanted = [{"person_id": f"{n:05}", "days": [n]} for n in range(2_000)]
    assert many.rows(made) == [*wanted, {"person_id": "last", "days": [9]}]


def test_an_error_of_the_rule_in_another_process_is_raised_as_it_is(many: DuckDbEngine):
    with pytest.raises(ValueError, match="last"):
        many.map_people(persons(many, 1_000, 7), first_day, {"made": PERSON})


def test_a_process_that_exits_is_reported():
    with pytest.raises(EngineFailed, match="ended before its work was done"):
        list(answers_of(leave, range(3)))
