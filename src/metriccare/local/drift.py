"""Drift of a lake, counted from bronze when somebody asks: it costs a run nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from metriccare.fhir.drift import drift_of
from metriccare.local.duckdb_session import open_session
from metriccare.local.file_slices import newest_files
from metriccare.local.lake_files import files_of
from metriccare.settings import Lake
from metriccare.sql.engine import Rows
from metriccare.tables import bronze

_COLUMNS = ("tenant", "resource_type", "field_path", "first_seen", "row_count")
_SQL = "SELECT tenant, resource_type, ingested_at, raw FROM bronze.resource WHERE NOT deleted"
_BATCH = 10_000


def drift(lake: Lake) -> Rows:
    """Return the fields nobody reads, by tenant and type, those most often sent first."""
    found = drift_of(_received(lake))
    rows = [(*path, seen.first_seen, seen.rows) for path, seen in found.items()]
    return Rows(_COLUMNS, tuple(sorted(rows, key=lambda row: (*row[:2], -row[4], row[2]))))


def _received(lake: Lake) -> Iterator[tuple[str, str, datetime, str]]:
    read_from = files_of(lake)
    table = bronze.RESOURCE
    files = {table.full_name: newest_files(lake, table, read_from.hudi_options)}
    with open_session(files, read_from) as session:
        cursor = session.execute(_SQL)
        while batch := cursor.fetchmany(_BATCH):
            yield from batch
