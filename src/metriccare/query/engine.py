"""The seam every reader of a lake goes through: one statement in, rows out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from metriccare.query.translate.trino_types import Type


@dataclass(frozen=True)
class Rows:
    """The answer to a statement: column names and rows in the same order.

    `types` are the columns' Trino types, or nothing where an engine does not know them.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    types: tuple[Type, ...] = ()

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.rows)

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield each row as column name -> value."""
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)


class SqlEngine(Protocol):
    """Something that answers read-only SQL in Athena's dialect over a lake.

    Views and publish tables are found unqualified, tables of the layers as `gold.stay`.
    """

    def query(self, sql: str) -> Rows:
        """Return every row; UsageError if the statement is not one that only reads."""
        ...
