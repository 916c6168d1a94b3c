"""SQL over a lake without Spark: hudi-rs says which files, DuckDB reads them.

Every query reads the timeline again, so an engine that stays open sees new commits. It reads only
the timelines of tables that the query names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from metriccare.errors import UsageError
from metriccare.query import catalog
from metriccare.query.duckdb.file_slices import newest_files
from metriccare.query.duckdb.lake_files import LakeFiles
from metriccare.query.duckdb.result_values import with_instants, without_zones
from metriccare.query.duckdb.session import open_session
from metriccare.query.engine import Rows
from metriccare.query.published.table_files import TableFiles
from metriccare.query.statement import (
    Show,
    parse_for_sqlglot,
    parse_read_only,
    parse_view_as_written,
)
from metriccare.query.to_duckdb import Translated, bind, to_duckdb, to_duckdb_unchecked
from metriccare.query.translate.refusals import Refused
from metriccare.query.views import views
from metriccare.tables import BY_NAME

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# What the macros of `translate` fail with.
_OUR_SENTENCE = re.compile(r"not as in Athena: (?P<here>.+)|string 'Trino: (?P<there>[^']+)'")
# DuckDB's own sentences hold the value, which may be a patient's.
_WITHOUT_VALUES = {
    "Conversion Error": "a value does not fit the type it is cast to",
    "Out of Range Error": "a number leaves the range of its type",
}
_UNKNOWN_COLUMN = re.compile(r'(?:column|named) "?([A-Za-z_][A-Za-z0-9_]*)"? (?:not found|$)', re.M)


class DuckDbEngine:
    """The local SqlEngine: DuckDB over the newest files of a lake's tables.

    `table_files` finds the files of a table, or raises for one that may not be read; by default
    every table's newest files are read.
    """

    def __init__(self, files: LakeFiles, table_files: TableFiles | None = None) -> None:
        self._files = files
        self._table_files = table_files or partial(newest_files, files)

    def query(self, sql: str) -> Rows:
        """Return every row of a statement that only reads, with the values Athena gives.

        Raises Refused for a construct that has not been shown equal.
        """
        statement = parse_read_only(sql)
        if isinstance(statement, Show):
            return catalog.answer(statement)
        bound, names = bind(statement)
        wanted = to_duckdb(bound, names)
        with self._session(names, wanted) as session:
            return _run(session, wanted, names)

    def query_anyway(self, sql: str) -> Rows:
        """Return every row of a statement that only reads, with whatever values DuckDB gives."""
        statement = parse_read_only(sql)
        if isinstance(statement, Show):
            return catalog.answer(statement)
        bound, names = bind(parse_for_sqlglot(sql))
        wanted = to_duckdb_unchecked(bound, names)
        with self._session(names, wanted) as session:
            return _run(session, without_zones(session, wanted), names)

    def _session(self, names: Iterable[str], wanted: Translated) -> DuckDBPyConnection:
        """Open a session that knows the named tables and views and what those views read."""
        views_read = [name for name in names if catalog.is_view(name)]
        bodies: dict[str, str] = {}
        tables: set[str] = set()
        for name in views_read:
            body, read = bind(parse_view_as_written(views()[catalog.view_name(name)]))
            bodies[name] = to_duckdb(body, read).sql
            tables |= set(read)
        tables |= set(names) - set(views_read)
        newest = {name: self._table_files(BY_NAME[name]) for name in sorted(tables)}
        session = open_session(newest, self._files, (wanted.sql, *bodies.values()))
        for name, words in bodies.items():
            session.execute(f"CREATE VIEW {name} AS {words}")
        return session


def _run(session: DuckDBPyConnection, wanted: Translated, names: Iterable[str]) -> Rows:
    import duckdb  # already imported by the session

    try:
        cursor = session.execute(wanted.sql)
        columns = tuple(item[0] for item in cursor.description or ())
        rows = (with_instants(row, wanted.types) for row in cursor.fetchall())
        return Rows(columns, tuple(rows), wanted.types)
    except duckdb.Error as error:
        raise _failure(error, names) from error


def _failure(error: Exception, names: Iterable[str]) -> UsageError:
    """Say in one sentence what DuckDB says in a paragraph with a drawing."""
    message = str(error).split("\n\n")[0]
    known = _OUR_SENTENCE.search(message)
    if known and known["here"]:
        return Refused("a row holds what the two engines read differently", known["here"])
    if known:
        return UsageError(f"The query failed: {known['there']}.")
    for form, sentence in _WITHOUT_VALUES.items():
        if form in message:
            return UsageError(f"The query failed: {sentence}.")
    if "TRY can not be used" in message:
        return Refused("try() around this", "a refusal inside it would pass for NULL")
    unknown = _UNKNOWN_COLUMN.search(message)
    if unknown:
        column = unknown[1]
        where = ", ".join(names) or "the query"
        near = catalog.nearest_columns(column, names)
        return UsageError(f"There is no column {column} in {where}.{near}")
    first_line = message.splitlines()[0].partition(": ")[2] or message
    return UsageError(f"The query failed: {first_line}")
