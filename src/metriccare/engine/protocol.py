"""What every engine can do: read, compute with declared SQL, write. A stage does not know which.

Relations are lazy until they are materialized, and belong to the engine that made them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from metriccare.errors import UsageError
from metriccare.sources.fhir.declarations import Resource
from metriccare.tables import Column, Table
from metriccare.tables.commit_note import CommitNote

RelationT = TypeVar("RelationT")
OutcomeT = TypeVar("OutcomeT")
Row = Mapping[str, Any]
# Takes a batch of rows, as the values of each column; text may be given as its UTF-8 bytes.
Emit = Callable[[Mapping[str, Sequence[Any]]], None]
# The types of a model's parameters.
Value = str | int | bool | Decimal | dt.date | dt.datetime | Sequence[str] | None


class FilePart(Protocol):
    """A file, or a range of one: what a worker reads at a time."""

    @property
    def size(self) -> int:
        """Return about how many bytes it has."""


PartT = TypeVar("PartT", bound=FilePart)


class Operation(Enum):
    """How rows are written to a table.

    INSERT: their keys are all new. UPSERT: the greater ordering wins, rows marked
    `_hoodie_is_deleted` are removed. DELETE: rows are removed by tenant and record key.
    """

    INSERT = "insert"
    UPSERT = "upsert"
    DELETE = "delete"


@dataclass(frozen=True)
class Changes(Generic[RelationT]):
    """Rows to write into one table with one commit."""

    table: Table
    rows: RelationT
    operation: Operation


@dataclass(frozen=True)
class StoredCommit:
    """A completed commit of a table.

    `instant` orders the commits of all tables by time; `metadata` has the note of its run.
    """

    table: Table
    instant: str
    metadata: Mapping[str, str]


def not_newest(table: Table, instant: str) -> UsageError:
    """Return the error for a commit that cannot be rolled back because it is not the newest."""
    return UsageError(
        f"{table.full_name}: {instant} is not the newest commit, and only that one can be"
        " rolled back. Roll back the newer commits first."
    )


class Engine(Protocol[RelationT]):
    """Reads, computes and writes the tables of one lake."""

    def read(self, table: Table, tenants: Collection[str] | None = None) -> RelationT:
        """Return a table's newest rows with the declared columns; no rows if it has no commit."""

    def sql(
        self, model: str, parameters: Mapping[str, Value] | None = None, **relations: RelationT
    ) -> RelationT:
        """Return the rows of one SELECT in Spark's SQL over named relations, lazily.

        `:name` in the model is a parameter. Raises UsageError for a relation or parameter that is
        not given, for a statement that is no SELECT, and for a function, operator or cast that is
        not listed in `engine/functions.py`.
        """

    def rows(self, relation: RelationT) -> list[Row]:
        """Return a small relation's rows by column name; instants are in UTC without a zone."""

    def from_rows(self, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> RelationT:
        """Return rows of Python values as a relation with these columns."""

    def map_people(
        self,
        relation: RelationT,
        function: Callable[[Row], Mapping[str, Iterable[Row]]],
        outputs: Mapping[str, Sequence[Column]],
    ) -> Mapping[str, RelationT]:
        """Return the rows that a Python rule computes from each row, by the name of an output.

        A row of the relation is one person with arrays of their records; instants in it are in UTC
        without a zone. `outputs` are the names and columns of the rule's results; a column that a
        result does not name is null. Everything is computed once. The function must be picklable;
        its errors are raised unchanged.
        """

    def parse(self, rows: RelationT, resource: Resource) -> RelationT:
        """Return rows of bronze, all of one resource type, as the columns of `resource_model`.

        `is_misshapen` is true if an element has another JSON type than declared, or a number is out
        of range; then the elements of the row have no meaning.
        """

    def read_files(
        self,
        parts: Sequence[PartT],
        function: Callable[[PartT, Emit], OutcomeT],
        columns: Sequence[Column],
    ) -> tuple[RelationT, Sequence[OutcomeT]]:
        """Return the rows that a function reads from each part of some files, and its outcomes.

        The function emits its rows in batches and returns its outcome after the last one. Rows and
        outcomes are in the order of the parts, computed once. Function, parts and outcomes must be
        picklable, because other processes may read; an error of the function is raised unchanged.
        """

    def materialize(self, relation: RelationT) -> RelationT:
        """Return the relation computed once; relations built on it read the result."""

    def measure(self, relation: RelationT, sums: Mapping[str, str]) -> Row:
        """Return aggregates over a relation: name -> value of the Spark SQL expression."""

    def write_parquet(self, relation: RelationT, columns: Sequence[Column], file: Path) -> int:
        """Write a relation's rows, in order, as one Parquet file (zstd); return how many.

        The relation has these columns. Instants are in UTC. Rows of a publication fit into memory.
        Equal rows make equal bytes.
        """

    def release(self, relation: RelationT) -> None:
        """Free the memory of a materialized relation; it cannot be read again."""

    def commits(self, table: Table) -> Sequence[Mapping[str, str]]:
        """Return the metadata of the completed commits in the timeline, newest first.

        It includes a `CommitNote`. A table without commits has never been written.
        """

    def misfiled(self, table: Table) -> RelationT:
        """Return the rows whose own record key is not the one they are filed under, with that key.

        Commits of earlier versions could shift the columns of rows: see docs/adr/0035-rebuild.md.
        """

    def create(self, table: Table, note: CommitNote) -> None:
        """Create a table empty, unless it has a commit."""

    def commit(self, changes: Changes[RelationT], note: CommitNote) -> None:
        """Write changes with one commit, unless the timeline has the step of the note already.

        Raises LeaseLost, ClockBehind or SchemaMismatch; then no reader sees any of the changes.
        """

    def history(self, table: Table) -> Sequence[StoredCommit]:
        """Return the completed commits of the timeline, newest first."""

    def can_roll_back(self, commits: Sequence[StoredCommit]) -> bool:
        """Return True if these newest commits can be rolled back: the files before them exist."""

    def roll_back(self, commit: StoredCommit) -> None:
        """Remove a table's newest commit; the table has the rows from before it.

        Raises LeaseLost, and UsageError if another commit of the table is newer. A crash leaves an
        unfinished write, which the next write removes.
        """

    def remove_old_files(self, table: Table) -> int:
        """Delete every file but the newest version of each; return how many.

        Nothing older can be read afterwards, and no commit can be rolled back.
        """

    def workbench(
        self, folder: str, tables: Collection[Table]
    ) -> AbstractContextManager[Engine[RelationT]]:
        """Give an engine of the same relations that has some tables in a folder of their own.

        The folder is empty at first and deleted at the end; all other tables are the lake's.
        """
