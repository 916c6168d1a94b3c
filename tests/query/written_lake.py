"""Real Hudi tables for the tests of the query side, written from plain rows by either engine."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from metriccare.engine.protocol import Changes, Operation
from metriccare.settings import DUCKDB, Lake
from metriccare.tables import BY_NAME, Table
from metriccare.tables.commit_note import CommitNote
from metriccare.wiring.engines import open_engine
from tests.conftest import ENGINE_VARIABLE

Row = Mapping[str, object]


def write_rows(
    lake: Lake, full_name: str, rows: Iterable[Row], run: str = "run-1", kind: str | None = None
) -> None:
    """Upsert rows into a declared table with one commit; missing columns are null."""
    write_table(lake, BY_NAME[full_name], rows, run, kind)


def write_table(
    lake: Lake, table: Table, rows: Iterable[Row], run: str, kind: str | None = None
) -> None:
    """Upsert rows into a table that need not be a declared one."""
    tuples = [_tuple(table, row) for row in rows]
    with open_engine(lake, kind or _kind(), lambda: None) as engine:
        changes = Changes(table, engine.from_rows(table.columns, tuples), Operation.UPSERT)
        engine.commit(changes, CommitNote(run_id=run, step=table.full_name))


def create_empty(lake: Lake, full_names: Sequence[str], kind: str | None = None) -> None:
    """Create tables the way the first use of a lake does: one commit, no rows."""
    with open_engine(lake, kind or _kind(), lambda: None) as engine:
        for name in full_names:
            engine.create(BY_NAME[name], CommitNote(run_id="create", step=name))


def _kind() -> str:
    return os.environ.get(ENGINE_VARIABLE, DUCKDB)


def _tuple(table: Table, row: Row) -> tuple[object, ...]:
    unknown = set(row) - set(table.column_names)
    if unknown:
        raise AssertionError(f"{table.full_name} has no column {sorted(unknown)}")
    key = "|".join(str(row.get(name)) for name in table.key)
    whole = {"record_key": key, "ordering": 1, **row}
    return tuple(whole.get(name) for name in table.column_names)
