"""The gates of a run: judged by what its tables and its tracking say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from metriccare.engine.duckdb.engine import DuckDbEngine
from metriccare.errors import GateRefused, Refusal
from metriccare.local.sqlite_tracking import SqliteTracking
from metriccare.naming import TRACKING_FILE
from metriccare.pipeline.gold.outcome import Outcome, PersonsNotComputed
from metriccare.pipeline.publish.gates import build_gates, repeated_keys
from metriccare.quality.measured import Counted, Subject
from metriccare.settings import GateLimits, Lake, Settings
from metriccare.tables import BY_NAME
from metriccare.tracking.states import FileRecord, FileState, RunRecord, RunState
from tests.pipeline.stored_rows import AT, RUN, context_of, engine_of, store


@pytest.fixture
def engine(lake: Lake) -> DuckDbEngine:
    return engine_of(lake)


@pytest.fixture
def tracking(lake: Lake) -> Iterator[SqliteTracking]:
    """Give the tracking of a run that has loaded a file of two patients."""
    lake.folder.mkdir(parents=True)
    tracking = SqliteTracking(lake.folder / TRACKING_FILE)
    lease = tracking.acquire_lease("test", lambda _: True)
    tracking.put_run(RunRecord(RUN, lease.epoch, RunState.RUNNING, AT, ""))
    tracking.register(FileRecord("f", "north", "day.ndjson", "/raw/f", 9, AT))
    (file,) = tracking.claim(lease, RUN)
    loaded = {file.file_id: {"rows_loaded": 2}}
    tracking.move(lease, loaded, FileState.CLAIMED, FileState.LOADED, loaded)
    yield tracking
    tracking.close()


def load_patients(engine: DuckDbEngine, *kept: str) -> None:
    received = [
        {"file_id": "f", "source_line": n, "resource_type": "Patient", "resource_id": f"p{n}"}
        for n in (1, 2)
    ]
    store(engine, "bronze.resource", received)
    store(engine, "silver.patient", [{"id": id_, "deleted": False} for id_ in kept])


def outcome(uncomputed: Mapping[str, PersonsNotComputed] | None = None) -> Outcome[Any]:
    return Outcome((), (), {}, uncomputed or {})


def test_a_run_that_kept_everything_passes(engine: DuckDbEngine, lake: Lake, tracking):
    load_patients(engine, "p1", "p2")
    assert build_gates(engine, context_of(lake), tracking)(outcome()) == ()


def test_a_lost_resource_is_refused(engine: DuckDbEngine, lake: Lake, tracking):
    load_patients(engine, "p1")
    with pytest.raises(GateRefused, match=r"Patient of tenant north: wanted 1 .* found 0"):
        build_gates(engine, context_of(lake), tracking)(outcome())


def test_a_lost_record_is_refused(engine: DuckDbEngine, lake: Lake, tracking):
    with pytest.raises(GateRefused, match=r"day.ndjson .* wanted 2 records .* found 0"):
        build_gates(engine, context_of(lake), tracking)(outcome())


def test_a_doubt_passes_once_a_person_has_accepted_it(engine: DuckDbEngine, lake: Lake, tracking):
    load_patients(engine, "p1", "p2")
    found = outcome({"north": PersonsNotComputed(10, {(RUN, RUN): 1})})
    with pytest.raises(GateRefused, match="persons_computed"):
        build_gates(engine, context_of(lake), tracking)(found)
    refused = RunRecord("run-1", 1, RunState.REFUSED, AT, "")
    tracking.put_run(replace(refused, refused=(Refusal("north", "persons_computed", ""),)))
    settings = Settings(gates=GateLimits(accept="run-1"))
    context = context_of(lake, settings=settings)
    assert build_gates(engine, context, tracking)(found) == ()


def test_rows_that_share_a_key_are_counted_a_null_part_being_a_value(engine: DuckDbEngine):
    def relation(name: str, *rows: tuple[Any, ...]) -> Any:
        table = BY_NAME[f"gold.{name}"]
        return engine.from_rows([table.column(part) for part in table.key], rows)

    stays = relation("stay", ("a", "s1"), ("a", "s2"), ("a", "s1"), ("b", "s1"), ("a", "s1"))
    days = relation("stay_day", *[("b", "s1", None, None)] * 2, ("b", "s1", "ward", None))
    assert repeated_keys(engine, {"stay": stays, "stay_day": days}) == {
        Subject("a", "gold.stay"): Counted(3, 1),
        Subject("b", "gold.stay_day"): Counted(2, 1),
    }
    assert repeated_keys(engine, {}) == {}
