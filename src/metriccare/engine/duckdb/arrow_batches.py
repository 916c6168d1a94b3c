"""Rows that Python holds, as Arrow has them."""

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

_GIVEN = "given_rows"
# Handing rows over costs milliseconds, however few they are.
_MANY_ROWS, _MANY_BYTES = 50_000, 32 * 2**20


class PendingArrow:
    """Batches of rows that wait until there are enough of them to be handed over."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._batches: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0

    def add(self, values: Mapping[str, Sequence[Any]]) -> None:
        """Take a batch: the values of every column, by its name."""
        batch = batch_of(self._columns, values)
        self._batches.append(batch)
        self._rows += batch.num_rows
        self._bytes += batch.nbytes

    @property
    def is_large(self) -> bool:
        """Tell whether there is enough to be worth handing over."""
        return self._rows >= _MANY_ROWS or self._bytes >= _MANY_BYTES

    @contextmanager
    def given(self, session: DuckDBPyConnection) -> Iterator[str | None]:
        """Give what waits as a query, and then wait for more; None for no rows."""
        rows = self.take()
        if rows is None:
            yield None
            return
        session.register(_GIVEN, rows)
        try:
            yield f"SELECT {names([column.name for column in self._columns])} FROM {_GIVEN}"
        finally:
            session.unregister(_GIVEN)

    def take(self) -> pa.Table | None:
        """Return what waits, which then waits no more; None for no rows."""
        pa = arrow()
        batches, rows = self._batches, self._rows
        self._batches, self._rows, self._bytes = [], 0, 0
        return pa.Table.from_batches(batches) if rows else None


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """Return the columns as Arrow's schema."""
    return arrow().schema([(column.name, arrow_type(column.type)) for column in columns])
