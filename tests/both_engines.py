"""Compares the rows of two lakes, table by table, without the columns about runs and times."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb

from metriccare.engine.duckdb.hudi_reader import newest_rows
from metriccare.engine.duckdb.snapshot import TableFiles
from metriccare.local.folder_store import FolderStore
from metriccare.settings import Lake
from metriccare.tables import TABLES, Table, quality

# Times and runs. Rows without a time of their own are ordered by the time of their run.
STAMPS = frozenset(
    {"run_id", "ingested_at", "ordering", "published_at", "since_run_id", "outcome_run_id"}
    | {"first_seen", "last_ingested_at", "redriven_run_id", "released_at"}
)
# The times of senders are earlier; those of runs are later.
BEGAN = datetime.now(UTC).replace(tzinfo=None)


def different_rows(one: Lake, other: Lake) -> dict[str, tuple[int, int]]:
    """Return, by table, how many rows only one lake has and only the other has."""
    session = duckdb.connect()
    session.execute("SET TimeZone = 'UTC'")
    differences = {}
    # Scores have a row of each run, and lakes of the same data may have had other runs.
    for table in (table for table in TABLES if table not in quality.TABLES):
        for name, lake in (("one", one), ("other", other)):
            rows = _content(session, lake, table)
            session.execute(f"CREATE OR REPLACE TABLE {name} AS {rows}")
        counts = tuple(
            _count(session, f"FROM {left} EXCEPT ALL FROM {right}")
            for left, right in (("one", "other"), ("other", "one"))
        )
        if any(counts):
            differences[table.full_name] = counts
    return differences


def count_of_rows(lake: Lake) -> int:
    """Return how many rows all tables of a lake have."""
    session = duckdb.connect()
    return sum(_count(session, _content(session, lake, table)) for table in TABLES)


def _content(session: duckdb.DuckDBPyConnection, lake: Lake, table: Table) -> str:
    names = [name for name in table.column_names if name not in STAMPS]
    columns = ", ".join(_column(name) for name in names)
    rows = newest_rows(session, TableFiles(FolderStore(lake.folder), table))
    return f"SELECT {columns} FROM ({rows})"


def _column(name: str) -> str:
    """Return a column; a time of the run, used because the sender gave none, is null."""
    if name in {"last_updated", "deleted_at", "updated_at"}:
        return f"CASE WHEN {name} < TIMESTAMP '{BEGAN}' THEN {name} END AS {name}"
    return f'"{name}"'


def _count(session: duckdb.DuckDBPyConnection, select: str) -> int:
    return session.sql(f"SELECT count(*) FROM ({select})").fetchall()[0][0]
