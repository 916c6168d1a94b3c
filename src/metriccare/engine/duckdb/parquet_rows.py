"""Rows of parts of files, written to a Parquet file by the process that reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from metriccare.engine.arrow import has_arrow
from metriccare.engine.duckdb.arrow_batches import PendingArrow, arrow_schema
from metriccare.engine.duckdb.quoting import text
from metriccare.engine.duckdb.row_inserter import DuckDbRelation, RowInserter
from metriccare.tables import Column


class ArrowFile:
    """A Parquet file that takes rows in batches; LZ4 compresses text in almost no time."""

    def __init__(self, location: str, columns: Sequence[Column]) -> None:
        import pyarrow.parquet as pq

        self._pending = PendingArrow(columns)
        self._writer = pq.ParquetWriter(
            location, arrow_schema(columns), compression="lz4", write_statistics=False
        )

    def append(self, values: Mapping[str, Sequence[Any]]) -> None:
        """Add a batch: the values of each column, by its name."""
        self._pending.add(values)
        if self._pending.is_large:
            self._write()

    def close(self) -> None:
        """Complete the file."""
        self._write()
        self._writer.close()

    def _write(self) -> None:
        rows = self._pending.take()
        if rows is not None:
            self._writer.write_table(rows)


class CopiedFile:
    """The same without pyarrow: a table in its own session, copied to the file at the end."""

    def __init__(self, location: str, columns: Sequence[Column]) -> None:
        import duckdb

        self._location = location
        self._session = duckdb.connect()
        target = DuckDbRelation("rows_of_file", is_table=True)
        self._rows = RowInserter(self._session, target, columns, Path(location).parent)
        self.append = self._rows.append

    def close(self) -> None:
        """Write the file."""
        name = self._rows.relation().name
        self._session.execute(
            f"COPY {name} TO {text(self._location)} (FORMAT parquet, COMPRESSION lz4)"
        )
        self._session.close()


def read_into(
    location: str, parts: Sequence[Any], function: Callable[..., Any], columns: Sequence[Column]
) -> list[Any]:
    """Write the rows of parts into a new Parquet file; return their outcomes."""
    rows = (ArrowFile if has_arrow() else CopiedFile)(location, columns)
    outcomes = [function(part, rows.append) for part in parts]
    rows.close()
    return outcomes
