"""Rows of Python values, inserted into a table of the session in batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metriccare.engine.arrow import has_arrow
from metriccare.engine.duckdb.arrow_batches import PendingArrow
from metriccare.engine.duckdb.failures import sanitized
from metriccare.engine.duckdb.json_batches import PendingJson
from metriccare.engine.duckdb.quoting import identifier
from metriccare.tables import Column
from metriccare.tables.types import duckdb_type

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class DuckDbRelation:
    """A view or a table of the engine's session."""

    name: str
    is_table: bool = False


@dataclass
class RowInserter:
    """Creates a table with these columns and inserts rows into it, by way of `folder`."""

    session: DuckDBPyConnection
    target: DuckDbRelation
    columns: Sequence[Column]
    folder: Path
    names: Sequence[str] = field(init=False)

    def __post_init__(self) -> None:
        """Create the table."""
        self.names = tuple(column.name for column in self.columns)
        declared = ", ".join(f"{identifier(c.name)} {duckdb_type(c.type)}" for c in self.columns)
        self.session.execute(f"CREATE TABLE {identifier(self.target.name)} ({declared})")
        self._pending = _pending(self.columns, self.folder)

    def append(self, values: Mapping[str, Sequence[Any]]) -> None:
        """Add a batch: the values of each column, by its name."""
        self._pending.add(values)
        if self._pending.is_large:
            self._insert()

    def relation(self) -> DuckDbRelation:
        """Return the table with all rows that were added."""
        self._insert()
        return self.target

    def _insert(self) -> None:
        with self._pending.query(self.session) as select, sanitized("Inserting rows"):
            if select is not None:
                self.session.execute(f"INSERT INTO {identifier(self.target.name)} {select}")


def _pending(columns: Sequence[Column], folder: Path) -> PendingArrow | PendingJson:
    return PendingArrow(columns) if has_arrow() else PendingJson(columns, folder)
