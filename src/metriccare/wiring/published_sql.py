"""Wiring of SQL over what is published: for the report, and for people who read by a role."""

from __future__ import annotations

from pathlib import Path

from metriccare.access.scope import Scope
from metriccare.errors import UsageError
from metriccare.naming import DEFAULT_TENANT
from metriccare.query.duckdb.engine import DuckDbEngine
from metriccare.query.duckdb.lake_files import FolderFiles
from metriccare.query.published.table_files import files_of_scope, published_files
from metriccare.settings import Lake
from metriccare.wiring.published import published_files_of, scope_of_role
from metriccare.wiring.queries import open_engine


def open_sql(lake: Lake, role: str | None, tenant: str | None) -> DuckDbEngine:
    """Return what answers SQL: for the operator over every layer, for a role over what it may."""
    if role is not None:
        return open_sql_of_scope(lake, scope_of_role(role, tenant or DEFAULT_TENANT))
    if tenant is not None:
        raise UsageError("--tenant chooses whose results a role reads: add --role.")
    return open_engine(lake)


def open_published_sql(lake: Lake, role: str | None, tenant: str | None) -> DuckDbEngine:
    """Return what answers SQL over published tables and views, as published.

    The operator reads every tenant unless one is named, a role what it may of one.
    """
    if role is not None:
        return open_sql_of_scope(lake, scope_of_role(role, tenant or DEFAULT_TENANT))
    files = published_files_of(lake)
    chosen = files.tenants() if tenant is None else (tenant,)
    return DuckDbEngine(_ON_THIS_MACHINE, published_files(files, chosen))


def open_sql_of_scope(lake: Lake, scope: Scope) -> DuckDbEngine:
    """Return what answers SQL over what a scope may read of the published tables and views."""
    return DuckDbEngine(_ON_THIS_MACHINE, files_of_scope(published_files_of(lake), scope))


# Files of a bucket are fetched before they are read.
_ON_THIS_MACHINE = FolderFiles(Path("/"))
