"""Rows that Python holds, handed over as JSON: the way without pyarrow.

A batch is one line of a file: an object with the values of each column. DuckDB reads it with the
columns as they are declared, so decimals and instants are text on the way and exact.
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

# Handing rows over costs milliseconds, however few they are.
_MANY_ROWS, _MANY_BYTES = 50_000, 32 * 2**20
# DuckDB's own limit of a line, which is raised for longer ones.
_LINE_BYTES = 16 * 2**20


class PendingJson:
    """Batches of rows that wait until there are enough of them to be handed over."""

    def __init__(self, columns: Sequence[Column], folder: Path) -> None:
        self._columns, self._folder = columns, folder
        self._lines: list[bytes] = []
        self._rows = self._bytes = 0

    def add(self, values: Mapping[str, Sequence[Any]]) -> None:
        """Take a batch: the values of every column, by its name."""
        batch = {column.name: values[column.name] for column in self._columns}
        line = orjson.dumps(batch, _plain, orjson.OPT_PASSTHROUGH_DATETIME)
        self._lines.append(line)
        self._rows += len(next(iter(batch.values())))
        self._bytes += len(line)

    @property
    def is_large(self) -> bool:
        """Tell whether there is enough to be worth handing over."""
        return self._rows >= _MANY_ROWS or self._bytes >= _MANY_BYTES

    @contextmanager
    def given(self, _: DuckDBPyConnection) -> Iterator[str | None]:
        """Give what waits as a query, and then wait for more; None for no rows."""
        lines, rows = self._lines, self._rows
        self._lines, self._rows, self._bytes = [], 0, 0
        if not rows:
            yield None
            return
        with NamedTemporaryFile(dir=self._folder, suffix=".json") as file:
            file.writelines(line + b"\n" for line in lines)
            file.flush()
            yield self._select(file.name, max(map(len, lines)) + 1)

    def _select(self, place: str, longest: int) -> str:
        items, kinds = [], []
        for column in self._columns:
            items.append(f"unnest({identifier(column.name)}) AS {identifier(column.name)}")
            kinds.append(f"{text(column.name)}: {text(duckdb_type(column.type) + '[]')}")
        return (
            f"SELECT {', '.join(items)} FROM read_json({text(place)},"
            f" format = 'newline_delimited', records = true, columns = {{{', '.join(kinds)}}},"
            f" maximum_object_size = {max(longest, _LINE_BYTES)})"
        )


def _plain(value: object) -> str:
    """Return what orjson does not know as text that DuckDB casts to the declared type."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dt.datetime):
        # DuckDB passes over a zone.
        return (value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value).isoformat(
            " "
        )
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)
