"""A DuckDB that reads exactly the files it was given and can do nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from metriccare import naming
from metriccare.interruption import stop_queries_of
from metriccare.query.duckdb.json_numbers import json_is_plain, json_number_text
from metriccare.query.duckdb.lake_files import LakeFiles
from metriccare.query.duckdb.sql_text import sql_list
from metriccare.query.translate.macros import macros_for
from metriccare.tables import BY_NAME
from metriccare.tables.types import duckdb_cast

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NO_EXTENSIONS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}


def open_session(
    files: Mapping[str, Sequence[str]], read_from: LakeFiles, statements: Iterable[str] = ()
) -> DuckDBPyConnection:
    """Return a session with one view per table over its files, closed to everything else.

    `files` maps full table names to the places of their newest files; `read_from`
    says how those are read; `statements` are what it will run, whose macros it gets.
    """
    import duckdb  # a fifth of a second

    session = duckdb.connect(config=_NO_EXTENSIONS)
    stop_queries_of(session)
    session.execute("SET TimeZone = 'UTC'")
    for layer in naming.LAYERS:
        session.execute(f"CREATE SCHEMA {layer}")
    session.execute(f"USE {naming.PUBLISH}")
    session.create_function("json_number_text", json_number_text, ["VARCHAR", "VARCHAR"], "VARCHAR")
    session.create_function("json_is_plain", json_is_plain, ["VARCHAR"], "BOOLEAN")
    for macro in macros_for(statements):
        session.execute(f"CREATE MACRO {macro}")
    places = [place for found in files.values() for place in found]
    _lock(session, read_from.readable(places))
    for full_name, found in files.items():
        source = read_from.source(session, full_name, found) if found else None
        _create_table(session, full_name, source)
    return session


def _lock(session: DuckDBPyConnection, places: Sequence[str]) -> None:
    """Let the session read these files only; the last setting forbids to change the others."""
    session.execute(f"SET allowed_paths = {sql_list(places)}")
    session.execute("SET enable_external_access = false")
    session.execute("SET lock_configuration = true")


def _create_table(session: DuckDBPyConnection, full_name: str, source: str | None) -> None:
    select = _select_newest(session, full_name, source) if source else _select_nothing(full_name)
    session.execute(f"CREATE VIEW {full_name} AS {select}")


def _select_newest(session: DuckDBPyConnection, full_name: str, source: str) -> str:
    first = session.execute(f"SELECT * FROM {source} LIMIT 0")  # noqa: S608 - places, quoted
    found = {item[0] for item in first.description or ()}
    # Files older than the column's declaration do not have it: it reads as null.
    items = [
        duckdb_cast(column, f'"{column.name}"' if column.name in found else "NULL")
        for column in BY_NAME[full_name].columns
    ]
    return f"SELECT {', '.join(items)} FROM {source}"  # noqa: S608 - names are declared ones


def _select_nothing(full_name: str) -> str:
    items = [duckdb_cast(column, "NULL") for column in BY_NAME[full_name].columns]
    return f"SELECT {', '.join(items)} WHERE false"
