"""Rows put into a lake's tables, as a run before would have left them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from metriccare.engine.duckdb.engine import DuckDbEngine
from metriccare.engine.protocol import Changes, Operation
from metriccare.incremental.context import RunContext
from metriccare.local.folder_store import FolderStore, LocalRawFiles
from metriccare.settings import Lake
from metriccare.tables import BY_NAME
from metriccare.tables.commit_note import CommitNote
from metriccare.tables.keys import joined

RUN = "run-000002-20240601T000000Z"
AT = datetime(2024, 6, 1, tzinfo=UTC)


def engine_of(lake: Lake) -> DuckDbEngine:
    return DuckDbEngine(FolderStore(lake.folder), lambda: None)


def context_of(lake: Lake, run_id: str = RUN, **more: Any) -> RunContext:
    pending = {"pending_runs": {run_id: None}, **more}
    return RunContext(run_id, lake, AT, date(2024, 6, 1), LocalRawFiles(), **pending)


def store(
    engine: DuckDbEngine, name: str, rows: Iterable[Mapping[str, Any]], run_id: str = RUN
) -> None:
    """Write rows of a table with a commit of a run; columns not given are null."""
    table = BY_NAME[name]
    full = [
        _full(name, {"tenant": "north", "run_id": run_id, "ordering": 1, **row}) for row in rows
    ]
    relation = engine.from_rows(table.columns, [[r[c] for c in table.column_names] for r in full])
    note = CommitNote(run_id, f"{name} {len(engine.commits(table))}")
    engine.commit(Changes(table, relation, Operation.UPSERT), note)


def remove(engine: DuckDbEngine, name: str, which: str) -> None:
    table = BY_NAME[name]
    rows = engine.sql(f"select * from stored where {which}", stored=engine.read(table))
    engine.commit(Changes(table, rows, Operation.DELETE), CommitNote("run-lost", which))


def _full(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    table = BY_NAME[name]
    key = joined(*(row.get(part) for part in table.key))
    return {**dict.fromkeys(table.column_names), "record_key": key, **row}
