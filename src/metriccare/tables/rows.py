"""Rows of a table from objects: a column is the attribute of its name, or what the builder says.

The columns are those of the table's declaration, so that there is no second list of them: a column
that no attribute gives fails when the first row is built, one that is not declared at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from operator import attrgetter
from typing import Any, Generic, TypeVar

from metriccare.tables.declaration import Table

SourceT = TypeVar("SourceT")
Row = dict[str, Any]


class RowBuilder(Generic[SourceT]):
    """Builds rows of a table, without the columns that a run stamps.

    `given` computes columns whose value is no attribute of the source, `paths` names the attribute
    (`coding.system`) where it has another name, and `added` are columns that the caller adds.
    """

    def __init__(
        self,
        table: Table,
        given: Mapping[str, Callable[[SourceT], Any]] | None = None,
        paths: Mapping[str, str] | None = None,
        added: Collection[str] = (),
    ) -> None:
        self._given, paths = given or {}, paths or {}
        names = [column.name for column in table.computed_columns]
        unknown = {*self._given, *paths, *added} - set(names)
        if unknown:
            raise ValueError(f"{table.full_name} declares no {', '.join(sorted(unknown))}.")
        self._names = [name for name in names if name not in self._given and name not in added]
        # One call for all attributes: rows are built for a hundred thousand persons.
        self._values = attrgetter(*(paths.get(name, name) for name in self._names))

    def __call__(self, source: SourceT) -> Row:
        """Return the row of a source, a value for each column that is not added."""
        row: Row = dict(zip(self._names, self._values(source), strict=True))
        for name, value in self._given.items():
            row[name] = value(source)
        return row
