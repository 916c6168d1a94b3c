"""The engine in this process: DuckDB computes, the native Hudi reader and writer read and write."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from metriccare.engine.duckdb.cleaning import remove_broken_off, remove_replaced
from metriccare.engine.duckdb.failures import sanitized
from metriccare.engine.duckdb.file_reading import is_worth_processes, read_in_processes
from metriccare.engine.duckdb.given_rows import DuckDbRelation, GivenRows
from metriccare.engine.duckdb.hudi_reader import misfiled_rows, newest_rows
from metriccare.engine.duckdb.hudi_writer import HudiWriter
from metriccare.engine.duckdb.people import made_of
from metriccare.engine.duckdb.quoting import identifier, texts
from metriccare.engine.duckdb.resource_texts import readable_texts
from metriccare.engine.duckdb.session import open_session
from metriccare.engine.duckdb.snapshot import TableFiles
from metriccare.engine.duckdb.taking_back import can_take_back, take_back
from metriccare.engine.duckdb.translations import expression_to_duckdb, to_duckdb, translations
from metriccare.engine.duckdb.workbench import WorkbenchStore
from metriccare.engine.protocol import (
    Changes,
    Emit,
    Operation,
    OutcomeT,
    PartT,
    Row,
    StoredCommit,
    Value,
)
from metriccare.engine.resource_model import resource_model
from metriccare.fhir.forms import Resource
from metriccare.object_store import ObjectStore
from metriccare.tables import Column, Table
from metriccare.tables.commit_note import CommitNote
from metriccare.tables.types import duckdb_cast

# Rows taken over at a time.
_BATCH = 10_000


class DuckDbEngine:
    """Implements `engine.protocol.Engine`; one thread at a time uses it.

    `check_lease` is called before each commit's first step and before its last. `scratch` is the
    folder for what does not fit into memory, and what is read from files; it holds health records.
    """

    def __init__(
        self,
        store: ObjectStore,
        check_lease: Callable[[], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        scratch: Path | None = None,
    ) -> None:
        self._store, self._check_lease, self._now = store, check_lease, now
        # For what does not fit into memory.
        self._folder = TemporaryDirectory(prefix="metriccare-", dir=scratch)
        self._session = open_session(Path(self._folder.name))
        self._numbers = count()
        self._files: dict[str, TableFiles] = {}
        # Where the rows of a relation are that is read from files; they go with the engine.
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
        """Return a table's newest rows as they are now: later commits do not change them."""
        return self._view(newest_rows(self._session, self._files_of(table), tenants))

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
        """Return a relation's rows in the order in which they come."""
        with sanitized("A model"):
            result = self._session.execute(f"FROM {identifier(relation.name)}")
            names = [item[0] for item in result.description or ()]
            return [dict(zip(names, values, strict=True)) for values in result.fetchall()]

    def from_rows(self, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> DuckDbRelation:
        """Return rows as a table, taken over in batches."""
        target = self._new_table(columns)
        left = iter(rows)
        while batch := list(islice(left, _BATCH)):
            values = zip(*batch, strict=True)
            target.append(dict(zip(target.names, values, strict=True)))
        return target.relation()

    def map_people(
        self,
        relation: DuckDbRelation,
        function: Callable[[Row], Mapping[str, Iterable[Row]]],
        outputs: Mapping[str, Sequence[Column]],
    ) -> Mapping[str, DuckDbRelation]:
        """Return what a rule makes of each row; other processes help if there are many."""
        targets = {name: self._new_table(columns) for name, columns in outputs.items()}
        # A cursor of its own: taking rows over would end the reading.
        with sanitized("A model"):
            cursor = self._session.cursor()
            people = cursor.execute(f"FROM {identifier(relation.name)}")
        for made in made_of(people, function, outputs):
            for name, target in targets.items():
                target.append(made[name])
        return {name: target.relation() for name, target in targets.items()}

    def parse(self, rows: DuckDbRelation, resource: Resource) -> DuckDbRelation:
        """Return silver columns of rows of bronze; Python looks at texts others would misread."""
        model = resource_model(resource)
        return self.sql(model, bronze=self._view(readable_texts(rows, resource)))

    def read_files(
        self,
        parts: Sequence[PartT],
        function: Callable[[PartT, Emit], OutcomeT],
        columns: Sequence[Column],
    ) -> tuple[DuckDbRelation, Sequence[OutcomeT]]:
        """Return what a function reads from each part; other processes help if there is much."""
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
        places, outcomes = read_in_processes(parts, function, columns, Path(folder.name))
        items = ", ".join(duckdb_cast(column, identifier(column.name)) for column in columns)
        relation = self._view(f"SELECT {items} FROM read_parquet({texts(map(str, places))})")
        self._folders[relation.name] = folder
        return relation, outcomes

    def _new_table(self, columns: Sequence[Column]) -> GivenRows:
        relation = DuckDbRelation(self._new_name(), is_table=True)
        return GivenRows(self._session, relation, columns, Path(self._folder.name))

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

    def release(self, relation: DuckDbRelation) -> None:
        """Drop the relation."""
        kind = "TABLE" if relation.is_table else "VIEW"
        self._session.execute(f"DROP {kind} {identifier(relation.name)}")
        folder = self._folders.pop(relation.name, None)
        if folder is not None:
            folder.cleanup()

    def commits(self, table: Table) -> Sequence[Mapping[str, str]]:
        """Return the metadata of the commits in the timeline, newest first."""
        return [commit.metadata for commit in reversed(self._files_of(table).snapshot().commits)]

    def misfiled(self, table: Table) -> DuckDbRelation:
        """Return rows that are filed under the key of another."""
        return self._view(misfiled_rows(self._session, self._files_of(table)))

    def create(self, table: Table, note: CommitNote) -> None:
        """Create a table."""
        self._writer(table).create(note)

    def commit(self, changes: Changes[DuckDbRelation], note: CommitNote) -> None:
        """Write changes natively."""
        writer = self._writer(changes.table)
        write = {
            Operation.INSERT: writer.insert,
            Operation.UPSERT: writer.upsert,
            Operation.DELETE: writer.delete,
        }[changes.operation]
        write(identifier(changes.rows.name), note)

    def history(self, table: Table) -> Sequence[StoredCommit]:
        """Return the commits in the timeline, newest first."""
        commits = self._files_of(table).snapshot().commits
        return [StoredCommit(table, each.time, each.metadata) for each in reversed(commits)]

    def can_take_back(self, commits: Sequence[StoredCommit]) -> bool:
        """Return True if the files from before the commits are there."""
        by_table: defaultdict[Table, set[str]] = defaultdict(set)
        for commit in commits:
            by_table[commit.table].add(commit.instant)
        return all(
            can_take_back(self._files_of(table).snapshot(), times)
            for table, times in by_table.items()
        )

    def take_back(self, commit: StoredCommit) -> None:
        """Remove a table's newest commit and the files it wrote."""
        self._check_lease()
        take_back(self._files_of(commit.table), commit.instant)

    def remove_old_files(self, table: Table) -> int:
        """Delete what newer versions have replaced, and what killed writers left."""
        self._check_lease()
        files = self._files_of(table)
        snapshot = files.snapshot()
        broken_off = len(snapshot.files) - len(snapshot.committed)
        remove_broken_off(files, snapshot)
        return broken_off + remove_replaced(files, snapshot)

    @contextmanager
    def workbench(self, folder: str, tables: Collection[Table]) -> Iterator[DuckDbEngine]:
        """Give an engine over the same session with some tables in a folder."""
        bench = copy(self)
        bench._store = WorkbenchStore(self._store, folder, [table.path for table in tables])
        bench._files = {}
        self._store.delete_folder(folder)
        try:
            yield bench
        finally:
            self._store.delete_folder(folder)

    def _writer(self, table: Table) -> HudiWriter:
        return HudiWriter(self._session, self._files_of(table), self._check_lease, self._now)

    def _files_of(self, table: Table) -> TableFiles:
        return self._files.setdefault(table.path, TableFiles(self._store, table))

    def _view(self, select: str) -> DuckDbRelation:
        name = self._new_name()
        with sanitized("A model"):
            self._session.execute(f"CREATE VIEW {identifier(name)} AS {select}")
        return DuckDbRelation(name)

    def _new_name(self) -> str:
        return f"relation_{next(self._numbers)}"
