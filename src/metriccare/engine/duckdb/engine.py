"""The engine in this process: DuckDB computes, the native Hudi reader and writer read and write."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from metriccare.engine.duckdb.failures import sanitized
from metriccare.engine.duckdb.file_reading import is_worth_processes, read_in_processes
from metriccare.engine.duckdb.lake_tables import LakeTables
from metriccare.engine.duckdb.person_rules import map_batches
from metriccare.engine.duckdb.quoting import identifier, text, texts
from metriccare.engine.duckdb.resource_texts import readable_texts
from metriccare.engine.duckdb.row_inserter import DuckDbRelation, RowInserter
from metriccare.engine.duckdb.session import open_session
from metriccare.engine.duckdb.translations import expression_to_duckdb, to_duckdb, translations
from metriccare.engine.duckdb.workbench import WorkbenchStore
from metriccare.engine.protocol import (
    Changes,
    Emit,
    OutcomeT,
    PartT,
    Row,
    StoredCommit,
    Value,
)
from metriccare.engine.resource_model import resource_model
from metriccare.interruption import stop_queries_of
from metriccare.object_store import ObjectStore
from metriccare.sources.fhir.declarations import Resource
from metriccare.tables import Column, Table
from metriccare.tables.commit_note import CommitNote
from metriccare.tables.types import duckdb_cast

# 10,000 rows: a batch costs little beside its rows, and takes a few megabytes.
_BATCH = 10_000


class DuckDbEngine:
    """Implements `engine.protocol.Engine`; one thread at a time uses it.

    `check_lease` is called before the first and the last step of each commit. `scratch` is the
    folder for data that does not fit into memory and for rows read from files; it holds health
    records.
    """

    def __init__(
        self,
        store: ObjectStore,
        check_lease: Callable[[], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        scratch: Path | None = None,
    ) -> None:
        self._folder = TemporaryDirectory(prefix="metriccare-", dir=scratch)
        self._session = open_session(Path(self._folder.name))
        self._tables = LakeTables(self._session, store, check_lease, now)
        self._numbers = count()
        # By relation: the folder of the rows that were read from files.
        self._folders: dict[str, TemporaryDirectory[str]] = {}

    def __enter__(self) -> DuckDbEngine:
        """Return the engine; leaving the block closes it."""
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Close the engine."""
        self.close()

    def close(self) -> None:
        """End the session and remove what it keeps on disk."""
        self._session.close()
        translations().save()
        for folder in (*self._folders.values(), self._folder):
            folder.cleanup()

    def read(self, table: Table, tenants: Collection[str] | None = None) -> DuckDbRelation:
        """Return a table's newest rows as of now: later commits do not change them."""
        return self._view(self._tables.newest(table, tenants))

    def sql(
        self,
        model: str,
        parameters: Mapping[str, Value] | None = None,
        **relations: DuckDbRelation,
    ) -> DuckDbRelation:
        """Return a model's rows as a view over its relations."""
        names = {name: relation.name for name, relation in relations.items()}
        return self._view(to_duckdb(model, names, parameters or {}))

    def rows(self, relation: DuckDbRelation) -> list[Row]:
        """Return a relation's rows, in order."""
        with sanitized("A model"):
            result = self._session.execute(f"FROM {identifier(relation.name)}")
            names = [item[0] for item in result.description or ()]
            return [dict(zip(names, values, strict=True)) for values in result.fetchall()]

    def from_rows(self, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> DuckDbRelation:
        """Return rows as a table, inserted in batches."""
        target = self._new_table(columns)
        remaining = iter(rows)
        while batch := list(islice(remaining, _BATCH)):
            values = zip(*batch, strict=True)
            target.append(dict(zip(target.names, values, strict=True)))
        return target.relation()

    def map_people(
        self,
        relation: DuckDbRelation,
        function: Callable[[Row], Mapping[str, Iterable[Row]]],
        outputs: Mapping[str, Sequence[Column]],
    ) -> Mapping[str, DuckDbRelation]:
        """Return what a rule computes from each row; other processes help if there are many."""
        targets = {name: self._new_table(columns) for name, columns in outputs.items()}
        # A separate cursor: inserting rows in between would end the reading.
        with sanitized("A model"):
            cursor = self._session.cursor()
            stop_queries_of(cursor)
            people = cursor.execute(f"FROM {identifier(relation.name)}")
        for output in map_batches(people, function, outputs):
            for name, target in targets.items():
                target.append(output[name])
        return {name: target.relation() for name, target in targets.items()}

    def parse(self, rows: DuckDbRelation, resource: Resource) -> DuckDbRelation:
        """Return bronze rows as silver columns; texts that DuckDB would misread are respelled."""
        model = resource_model(resource)
        return self.sql(model, bronze=self._view(readable_texts(rows, resource)))

    def read_files(
        self,
        parts: Sequence[PartT],
        function: Callable[[PartT, Emit], OutcomeT],
        columns: Sequence[Column],
    ) -> tuple[DuckDbRelation, Sequence[OutcomeT]]:
        """Return the rows a function reads from each part; other processes help with many bytes."""
        if is_worth_processes(parts):
            return self._read_in_processes(parts, function, columns)
        target = self._new_table(columns)
        outcomes = [function(part, target.append) for part in parts]
        return target.relation(), outcomes

    def _read_in_processes(
        self,
        parts: Sequence[PartT],
        function: Callable[[PartT, Emit], OutcomeT],
        columns: Sequence[Column],
    ) -> tuple[DuckDbRelation, Sequence[OutcomeT]]:
        folder = TemporaryDirectory(dir=self._folder.name)
        files, outcomes = read_in_processes(parts, function, columns, Path(folder.name))
        items = ", ".join(duckdb_cast(column, identifier(column.name)) for column in columns)
        relation = self._view(f"SELECT {items} FROM read_parquet({texts(map(str, files))})")
        self._folders[relation.name] = folder
        return relation, outcomes

    def _new_table(self, columns: Sequence[Column]) -> RowInserter:
        relation = DuckDbRelation(self._new_name(), is_table=True)
        return RowInserter(self._session, relation, columns, Path(self._folder.name))

    def materialize(self, relation: DuckDbRelation) -> DuckDbRelation:
        """Return the relation as a table."""
        name = self._new_name()
        source = identifier(relation.name)
        with sanitized("A model"):
            self._session.execute(f"CREATE TABLE {identifier(name)} AS FROM {source}")
        return DuckDbRelation(name, is_table=True)

    def measure(self, relation: DuckDbRelation, sums: Mapping[str, str]) -> Row:
        """Return aggregates, computed in one pass."""
        items = ", ".join(
            f"{expression_to_duckdb(text)} AS {identifier(name)}" for name, text in sums.items()
        )
        return self.rows(self._view(f"SELECT {items} FROM {identifier(relation.name)}"))[0]

    def write_parquet(self, relation: DuckDbRelation, columns: Sequence[Column], file: Path) -> int:
        """Copy the relation to a file."""
        items = ", ".join(_exported(column) for column in columns)
        copy_rows = (
            f"COPY (SELECT {items} FROM {identifier(relation.name)}) TO {text(str(file))}"
            " (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)"
        )
        with sanitized("Writing a published mart"):
            copied = self._session.execute(copy_rows).fetchone()
        return int(copied[0]) if copied else 0

    def release(self, relation: DuckDbRelation) -> None:
        """Drop the relation."""
        table_or_view = "TABLE" if relation.is_table else "VIEW"
        self._session.execute(f"DROP {table_or_view} {identifier(relation.name)}")
        folder = self._folders.pop(relation.name, None)
        if folder is not None:
            folder.cleanup()

    def commits(self, table: Table) -> Sequence[Mapping[str, str]]:
        """Return the metadata of the commits in the timeline, newest first."""
        return self._tables.commits(table)

    def misfiled(self, table: Table) -> DuckDbRelation:
        """Return rows that are filed under another row's key."""
        return self._view(self._tables.misfiled(table))

    def create(self, table: Table, note: CommitNote) -> None:
        """Create a table."""
        self._tables.create(table, note)

    def commit(self, changes: Changes[DuckDbRelation], note: CommitNote) -> None:
        """Write changes natively."""
        rows = identifier(changes.rows.name)
        self._tables.write(changes.table, rows, changes.operation, note)

    def history(self, table: Table) -> Sequence[StoredCommit]:
        """Return the commits in the timeline, newest first."""
        return self._tables.history(table)

    def can_roll_back(self, commits: Sequence[StoredCommit]) -> bool:
        """Return True if the files from before the commits still exist."""
        return self._tables.can_roll_back(commits)

    def roll_back(self, commit: StoredCommit) -> None:
        """Remove a table's newest commit and the files it wrote."""
        self._tables.roll_back(commit)

    def remove_old_files(self, table: Table) -> int:
        """Delete files that newer versions replace, and those that killed writers left."""
        return self._tables.remove_old_files(table)

    @contextmanager
    def workbench(self, folder: str, tables: Collection[Table]) -> Iterator[DuckDbEngine]:
        """Give an engine over the same session with some tables in a folder."""
        store = self._tables.store
        bench = copy(self)
        bench._tables = LakeTables(
            self._session,
            WorkbenchStore(store, folder, [table.path for table in tables]),
            self._tables.check_lease,
            self._tables.now,
        )
        store.delete_folder(folder)
        try:
            yield bench
        finally:
            store.delete_folder(folder)

    def _view(self, select: str) -> DuckDbRelation:
        name = self._new_name()
        with sanitized("A model"):
            self._session.execute(f"CREATE VIEW {identifier(name)} AS {select}")
        return DuckDbRelation(name)

    def _new_name(self) -> str:
        return f"relation_{next(self._numbers)}"


def _exported(column: Column) -> str:
    """Return a column for readers outside: our instants have no zone and are in UTC."""
    cast = duckdb_cast(column, identifier(column.name))
    if column.type != "timestamp":
        return cast
    return f"timezone('UTC', {identifier(column.name)}) AS {identifier(column.name)}"
