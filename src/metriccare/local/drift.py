"""Drift of a lake: as its runs counted it, or counted anew and deeper when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from metriccare.fhir.drift import drift_of, is_unread
from metriccare.query.duckdb.engine import open_engine
from metriccare.query.duckdb.file_slices import newest_files
from metriccare.query.duckdb.lake_files import files_of, require_lake
from metriccare.query.duckdb.session import open_session
from metriccare.query.engine import Rows
from metriccare.settings import Lake
from metriccare.tables import bronze

_COLUMNS = ("tenant", "resource_type", "field_path", "first_seen", "row_count")
_KEPT = (
    "SELECT tenant, resource_type, field_path, min(first_seen) AS first_seen,"
    " cast(sum(row_count) AS bigint) AS row_count FROM bronze.drift"
    " GROUP BY tenant, resource_type, field_path"
)
_SQL = "SELECT tenant, resource_type, ingested_at, raw FROM bronze.resource WHERE NOT deleted"
_BATCH = 10_000


def drift(lake: Lake) -> Rows:
    """Return the fields nobody reads, by tenant and type, those most often sent first.

    A field that a declaration has come to read since it was counted is left out.
    """
    kept = open_engine(lake).query(_KEPT).rows
    return _in_order([row for row in kept if is_unread(str(row[1]), str(row[2]))])


def deep_drift(lake: Lake) -> Rows:
    """Return the same counted from bronze, inside complex elements too: it reads every resource."""
    found = drift_of(_received(lake))
    return _in_order([(*path, seen.first_seen, seen.rows) for path, seen in found.items()])


def _in_order(rows: list[tuple[Any, ...]]) -> Rows:
    return Rows(_COLUMNS, tuple(sorted(rows, key=lambda row: (*row[:2], -row[4], row[2]))))


def _received(lake: Lake) -> Iterator[tuple[str, str, datetime, str]]:
    require_lake(lake)
    read_from = files_of(lake)
    table = bronze.RESOURCE
    files = {table.full_name: newest_files(lake, table, read_from.hudi_options)}
    with open_session(files, read_from) as session:
        cursor = session.execute(_SQL)
        while batch := cursor.fetchmany(_BATCH):
            yield from batch
