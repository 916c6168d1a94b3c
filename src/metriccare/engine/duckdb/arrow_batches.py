"""Batches of rows that wait to be passed to DuckDB, as Arrow tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from metriccare.engine.arrow import arrow
from metriccare.engine.arrow_types import arrow_type, batch_of
from metriccare.engine.duckdb.quoting import names
from metriccare.tables import Column

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

_REGISTERED = "pending_rows"
# 50,000 rows or 32 MB: passing rows to DuckDB takes milliseconds even for a few.
_MANY_ROWS, _MANY_BYTES = 50_000, 32 * 2**20


class PendingArrow:
    """Batches of rows that wait until there are enough of them to pass to DuckDB."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._batches: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0

    def add(self, values: Mapping[str, Sequence[Any]]) -> None:
        """Add a batch: the values of each column, by its name."""
        batch = batch_of(self._columns, values)
        self._batches.append(batch)
        self._rows += batch.num_rows
        self._bytes += batch.nbytes

    @property
    def is_large(self) -> bool:
        """Return True if there are enough rows to pass them on."""
        return self._rows >= _MANY_ROWS or self._bytes >= _MANY_BYTES

    @contextmanager
    def query(self, session: DuckDBPyConnection) -> Iterator[str | None]:
        """Give the waiting rows as a query, and forget them; None if there are none."""
        rows = self.take()
        if rows is None:
            yield None
            return
        session.register(_REGISTERED, rows)
        try:
            yield f"SELECT {names([column.name for column in self._columns])} FROM {_REGISTERED}"
        finally:
            session.unregister(_REGISTERED)

    def take(self) -> pa.Table | None:
        """Return the waiting rows, and forget them; None if there are none."""
        pa = arrow()
        batches, rows = self._batches, self._rows
        self._batches, self._rows, self._bytes = [], 0, 0
        return pa.Table.from_batches(batches) if rows else None


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """Return the columns as Arrow's schema."""
    return arrow().schema([(column.name, arrow_type(column.type)) for column in columns])
