"""The engine in this process: DuckDB computes, the native Hudi reader and writer read and write."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, islice
from typing import TYPE_CHECKING, Any

from metriccare.engine.duckdb.failures import sanitized
from metriccare.engine.duckdb.hudi_reader import newest_rows
from metriccare.engine.duckdb.hudi_writer import HudiWriter
from metriccare.engine.duckdb.quoting import identifier
from metriccare.engine.duckdb.snapshot import TableFiles
from metriccare.engine.duckdb.spark_sql import expression_to_duckdb, to_duckdb
from metriccare.engine.object_store import ObjectStore
from metriccare.engine.protocol import Changes, Operation, Row, Value
from metriccare.tables import Column, Table
from metriccare.tables.commit_note import CommitNote
from metriccare.tables.types import duckdb_cast, duckdb_type

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_BATCH = 10_000
_GIVEN = "given_rows"
# Extensions are fetched at run time, which no run may depend on.
_SETTINGS: Mapping[str, str] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}


@dataclass(frozen=True)
class DuckDbRelation:
    """A view or a table of the engine's session."""

    name: str
    is_table: bool = False


class DuckDbEngine:
    """Implements `engine.protocol.Engine`; one thread at a time uses it.

    `check_lease` is called before each commit's first step and before its last.
    """

    def __init__(
        self,
        store: ObjectStore,
        check_lease: Callable[[], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._check_lease, self._now = store, check_lease, now
        self._session = _open_session()
        self._numbers = count()
        self._files: dict[str, TableFiles] = {}

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
        relation = DuckDbRelation(self._new_name(), is_table=True)
        declared = ", ".join(f"{identifier(c.name)} {duckdb_type(c.type)}" for c in columns)
        self._session.execute(f"CREATE TABLE {identifier(relation.name)} ({declared})")
        left = iter(rows)
        while batch := list(islice(left, _BATCH)):
            self._append(relation, columns, batch)
        return relation

    def _append(
        self, relation: DuckDbRelation, columns: Sequence[Column], batch: Sequence[Sequence[Any]]
    ) -> None:
        import pyarrow as pa  # half a second, and only for rows that Python holds

        values = dict(zip((c.name for c in columns), zip(*batch, strict=True), strict=True))
        given = pa.table({name: pa.array(column) for name, column in values.items()})
        self._session.register(_GIVEN, given)
        try:
            items = ", ".join(duckdb_cast(c, identifier(c.name)) for c in columns)
            with sanitized("Taking over rows"):
                target = identifier(relation.name)
                self._session.execute(f"INSERT INTO {target} SELECT {items} FROM {_GIVEN}")
        finally:
            self._session.unregister(_GIVEN)

    def map_people(
        self,
        relation: DuckDbRelation,
        function: Callable[[Row], Iterable[Sequence[Any]]],
        columns: Sequence[Column],
    ) -> DuckDbRelation:
        """Return what a rule makes of each row, in this process."""
        # A cursor of its own: taking rows over would end the reading.
        with sanitized("A model"):
            cursor = self._session.cursor()
            batches = cursor.execute(f"FROM {identifier(relation.name)}").to_arrow_reader(_BATCH)
        people = (person for batch in batches for person in batch.to_pylist())
        return self.from_rows(columns, (row for person in people for row in function(person)))

    def read_files(
        self,
        files: Sequence[str],
        function: Callable[[str], Iterable[Sequence[Any]]],
        columns: Sequence[Column],
    ) -> DuckDbRelation:
        """Return what a function reads from each file, in this process."""
        return self.from_rows(columns, (row for file in files for row in function(file)))

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


def _open_session() -> DuckDBPyConnection:
    import duckdb  # a fifth of a second

    session = duckdb.connect(config=dict(_SETTINGS))
    session.execute("SET TimeZone = 'UTC'")
    return session
