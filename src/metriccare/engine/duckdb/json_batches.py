"""Batches of rows that wait to be passed to DuckDB as JSON: the way without pyarrow.

A batch is one line of a file: an object with the values of each column. DuckDB reads it with the
declared types, so decimals and instants, written as text, stay exact.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

import orjson

from metriccare.engine.duckdb.quoting import identifier, text
from metriccare.tables import Column
from metriccare.tables.types import duckdb_type

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# 50,000 rows or 32 MB: passing rows to DuckDB takes milliseconds even for a few.
_MANY_ROWS, _MANY_BYTES = 50_000, 32 * 2**20
# DuckDB's default limit of a line; it is raised for longer ones.
_LINE_BYTES = 16 * 2**20


class PendingJson:
    """Batches of rows that wait until there are enough of them to pass to DuckDB."""

    def __init__(self, columns: Sequence[Column], folder: Path) -> None:
        self._columns, self._folder = columns, folder
        self._lines: list[bytes] = []
        self._rows = self._bytes = 0

    def add(self, values: Mapping[str, Sequence[Any]]) -> None:
        """Add a batch: the values of each column, by its name."""
        batch = {column.name: values[column.name] for column in self._columns}
        line = orjson.dumps(batch, _plain, orjson.OPT_PASSTHROUGH_DATETIME)
        self._lines.append(line)
        self._rows += len(next(iter(batch.values())))
        self._bytes += len(line)

    @property
    def is_large(self) -> bool:
        """Return True if there are enough rows to pass them on."""
        return self._rows >= _MANY_ROWS or self._bytes >= _MANY_BYTES

    @contextmanager
    def query(self, _: DuckDBPyConnection) -> Iterator[str | None]:
        """Give the waiting rows as a query, and forget them; None if there are none."""
        lines, rows = self._lines, self._rows
        self._lines, self._rows, self._bytes = [], 0, 0
        if not rows:
            yield None
            return
        with NamedTemporaryFile(dir=self._folder, suffix=".json") as file:
            file.writelines(line + b"\n" for line in lines)
            file.flush()
            yield self._select(file.name, max(map(len, lines)) + 1)

    def _select(self, location: str, longest: int) -> str:
        items, types = [], []
        for column in self._columns:
            items.append(f"unnest({identifier(column.name)}) AS {identifier(column.name)}")
            types.append(f"{text(column.name)}: {text(duckdb_type(column.type) + '[]')}")
        return (
            f"SELECT {', '.join(items)} FROM read_json({text(location)},"
            f" format = 'newline_delimited', records = true, columns = {{{', '.join(types)}}},"
            f" maximum_object_size = {max(longest, _LINE_BYTES)})"
        )


def _plain(value: object) -> str:
    """Return a value that orjson does not write as text; DuckDB casts it to the declared type."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dt.datetime):
        # DuckDB ignores a zone.
        return (value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value).isoformat(
            " "
        )
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)
