"""Rows that Python holds, taken over into a table of the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from metriccare.engine.arrow_types import batch_of
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
    relation: DuckDbRelation
    columns: Sequence[Column]
    names: Sequence[str] = field(init=False)

    def __post_init__(self) -> None:
        """Create the table."""
        self.names = tuple(column.name for column in self.columns)
        declared = ", ".join(f"{identifier(c.name)} {duckdb_type(c.type)}" for c in self.columns)
        self.session.execute(f"CREATE TABLE {identifier(self.relation.name)} ({declared})")

    def append(self, values: Mapping[str, Sequence[Any]]) -> None:
        """Take a batch over: the values of every column, by its name."""
        import pyarrow as pa  # half a second, and only for rows that Python holds

        given = batch_of(self.columns, values)
        if not given.num_rows:
            return
        self.session.register(_GIVEN, pa.Table.from_batches([given]))
        try:
            with sanitized("Taking over rows"):
                target = identifier(self.relation.name)
                self.session.execute(
                    f"INSERT INTO {target} SELECT {names(self.names)} FROM {_GIVEN}"
                )
        finally:
            self.session.unregister(_GIVEN)
