"""Drift of a lake: as its runs counted it, or counted again and deeper on request."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from metriccare.query.duckdb.file_slices import newest_files
from metriccare.query.duckdb.lake_files import LakeFiles
from metriccare.query.duckdb.session import open_session
from metriccare.query.engine import Rows, SqlEngine
from metriccare.sources.fhir.drift import drift_of, is_unread
from metriccare.tables import bronze

_COLUMNS = ("tenant", "resource_type", "field_path", "first_seen", "row_count")
_KEPT = (
    "SELECT tenant, resource_type, field_path, min(first_seen) AS first_seen,"
    " cast(sum(row_count) AS bigint) AS row_count FROM bronze.drift"
    " GROUP BY tenant, resource_type, field_path"
)
_SQL = "SELECT tenant, resource_type, ingested_at, raw FROM bronze.resource WHERE NOT deleted"
# Rows at a time: a resource is some kilobytes, so a batch is some tens of megabytes.
_BATCH = 10_000


def drift(engine: SqlEngine) -> Rows:
    """Return the fields nobody reads, by tenant and type, those most often sent first.

    A field that a declaration reads by now is left out.
    """
    kept = engine.query(_KEPT).rows
    return _in_order([row for row in kept if _is_unread(str(row[1]), str(row[2]))])


def _is_unread(type_: str, name: str) -> bool:
    """Return True if no declaration reads a field today; columns of feeds are not looked up."""
    return type_.startswith("feed:") or is_unread(type_, name)


def deep_drift(files: LakeFiles) -> Rows:
    """Return the same counted from bronze, inside complex elements too: it reads every resource."""
    found = drift_of(_resources(files))
    return _in_order([(*path, seen.first_seen, seen.rows) for path, seen in found.items()])


def _in_order(rows: list[tuple[Any, ...]]) -> Rows:
    return Rows(_COLUMNS, tuple(sorted(rows, key=lambda row: (*row[:2], -row[4], row[2]))))


def _resources(files: LakeFiles) -> Iterator[tuple[str, str, datetime, str]]:
    newest = {bronze.RESOURCE.full_name: newest_files(files, bronze.RESOURCE)}
    with open_session(newest, files) as session:
        cursor = session.execute(_SQL)
        while batch := cursor.fetchmany(_BATCH):
            yield from batch
