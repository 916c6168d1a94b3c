"""Rows that Python holds, taken over into a table of the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from metriccare.engine.duckdb.arrow_batches import Pending
from metriccare.engine.duckdb.failures import sanitized
from metriccare.engine.duckdb.quoting import identifier, names
from metriccare.tables import Column
from metriccare.tables.types import duckdb_type

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_GIVEN = "given_rows"


@dataclass(frozen=True)
class DuckDbRelation:
    """A view or a table of the engine's session."""

    name: str
    is_table: bool = False


@dataclass
class GivenRows:
    """A new table with these columns, which takes rows in batches."""

    session: DuckDBPyConnection
    target: DuckDbRelation
    columns: Sequence[Column]
    names: Sequence[str] = field(init=False)

    def __post_init__(self) -> None:
        """Create the table."""
        self.names = tuple(column.name for column in self.columns)
        declared = ", ".join(f"{identifier(c.name)} {duckdb_type(c.type)}" for c in self.columns)
        self.session.execute(f"CREATE TABLE {identifier(self.target.name)} ({declared})")
        self._pending = Pending(self.columns)

    def append(self, values: Mapping[str, Sequence[Any]]) -> None:
        """Take a batch over: the values of every column, by its name."""
        self._pending.add(values)
        if self._pending.is_large:
            self._insert()

    def relation(self) -> DuckDbRelation:
        """Return the table with all rows that were taken over."""
        self._insert()
        return self.target

    def _insert(self) -> None:
        given = self._pending.take()
        if given is None:
            return
        self.session.register(_GIVEN, given)
        try:
            with sanitized("Taking over rows"):
                target = identifier(self.target.name)
                self.session.execute(
                    f"INSERT INTO {target} SELECT {names(self.names)} FROM {_GIVEN}"
                )
        finally:
            self.session.unregister(_GIVEN)
