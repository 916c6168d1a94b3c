"""What a stage asks of an engine: read, compute with declared SQL, write. It does not know which.

Relations are lazy until they are materialized, and belong to the engine that made them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, Protocol, TypeVar

from metriccare.fhir.forms import Resource
from metriccare.tables import Column, Table
from metriccare.tables.commit_note import CommitNote

RelationT = TypeVar("RelationT")
OutcomeT = TypeVar("OutcomeT")
Row = Mapping[str, Any]
# Takes a batch of rows, as the values of each column; text may be given as its UTF-8 bytes.
Emit = Callable[[Mapping[str, Sequence[Any]]], None]
# What a parameter of a model may be.
Value = str | int | bool | Decimal | dt.date | dt.datetime | Sequence[str] | None


class FilePart(Protocol):
    """What a worker reads at a time: a file or a range of one."""

    @property
    def size(self) -> int:
        """Return about how many bytes there are to read."""


PartT = TypeVar("PartT", bound=FilePart)


class Operation(Enum):
    """How rows go into a table.

    INSERT: their keys are all new. UPSERT: the greater ordering wins, rows marked
    `_hoodie_is_deleted` go. DELETE: tenant and record key name the rows that go.
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

    `instant` orders the commits of all tables by time; `metadata` is what it says of itself.
    """

    table: Table
    instant: str
    metadata: Mapping[str, str]


class Engine(Protocol[RelationT]):
    """Reads, computes and writes the tables of one lake."""

    def read(self, table: Table, tenants: Collection[str] | None = None) -> RelationT:
        """Return a table's newest rows with the declared columns; no rows if it has no commit."""

    def sql(
        self, model: str, parameters: Mapping[str, Value] | None = None, **relations: RelationT
    ) -> RelationT:
        """Return the rows of one SELECT in Spark's SQL over named relations, lazily.

        `:name` in the model is a parameter. Raises UsageError for a relation or parameter that is
        not given, and for a statement that is no SELECT.
        """

    def rows(self, relation: RelationT) -> list[Row]:
        """Return a small relation's rows by column name; instants are in UTC without a zone."""

    def from_rows(self, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> RelationT:
        """Return rows that Python holds as a relation with these columns."""

    def map_people(
        self,
        relation: RelationT,
        function: Callable[[Row], Mapping[str, Iterable[Row]]],
        outputs: Mapping[str, Sequence[Column]],
    ) -> Mapping[str, RelationT]:
        """Return the rows that a Python rule makes of each row, by the name of an output.

        A row of the relation is one person with arrays of what belongs to them; instants in it
        are in UTC without a zone. `outputs` are the names and columns of what the rule may make;
        a column that a row of it does not name is null. All is computed once. The function must
        be picklable, and an error of it is raised as it is.
        """

    def parse(self, rows: RelationT, resource: Resource) -> RelationT:
        """Return rows of bronze, all of one resource type, as the columns of `resource_model`.

        `is_misshapen` is true where an element has another JSON type than declared, or a number is
        out of its range; such a row's elements mean nothing.
        """

    def read_files(
        self,
        parts: Sequence[PartT],
        function: Callable[[PartT, Emit], OutcomeT],
        columns: Sequence[Column],
    ) -> tuple[RelationT, Sequence[OutcomeT]]:
        """Return the rows that a function reads from each part of some files, and its outcomes.

        The function emits its rows in batches and returns what is known after the last one. Rows
        and outcomes come in the order of the parts, computed once. Function, parts and outcomes
        must be picklable, for other processes may do the reading; an error of the function is
        raised as it is.
        """

    def materialize(self, relation: RelationT) -> RelationT:
        """Return the relation computed once; what is built on it reads the result."""

    def measure(self, relation: RelationT, sums: Mapping[str, str]) -> Row:
        """Return aggregates over a relation: name -> value of the Spark SQL expression."""

    def release(self, relation: RelationT) -> None:
        """Free what a materialized relation holds; it cannot be read again."""

    def commits(self, table: Table) -> Sequence[Mapping[str, str]]:
        """Return what the completed commits of the timeline say of themselves, newest first.

        A `CommitNote` is among it; no commits means that the table has never been written.
        """

    def misfiled(self, table: Table) -> RelationT:
        """Return the rows whose own record key is not the one they are filed under, with that key.

        Commits of earlier versions could shift the columns of rows: see docs/adr/0035-rebuild.md.
        """

    def create(self, table: Table, note: CommitNote) -> None:
        """Create a table empty, unless it has a commit."""

    def commit(self, changes: Changes[RelationT], note: CommitNote) -> None:
        """Write changes with one commit; nothing happens if the timeline holds the note's step.

        Raises LeaseLost, ClockBehind, SchemaMismatch; then nothing of it can be seen.
        """

    def history(self, table: Table) -> Sequence[StoredCommit]:
        """Return the completed commits of the timeline, newest first."""

    def can_roll_back(self, commits: Sequence[StoredCommit]) -> bool:
        """Return True if these newest commits of a table can go: what was before is still there."""

    def roll_back(self, commit: StoredCommit) -> None:
        """Remove a table's newest commit: it holds the rows that it held before.

        Raises LeaseLost, and UsageError if another commit of the table is newer. A crash in between
        leaves a write that broke off, which the next one removes.
        """

    def remove_old_files(self, table: Table) -> int:
        """Delete every file but the newest version of each; return how many went.

        Afterwards nothing older can be read, and no commit before can be taken back.
        """

    def workbench(
        self, folder: str, tables: Collection[Table]
    ) -> AbstractContextManager[Engine[RelationT]]:
        """Give an engine of the same relations that has some tables in a folder of their own.

        The folder is empty at first and removed at the end; all other tables are the lake's.
        """
