"""The engine in this process: DuckDB computes, the native Hudi reader and writer read and write."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count, islice
from typing import TYPE_CHECKING, Any

from metriccare.engine.duckdb.failures import sanitized
from metriccare.engine.duckdb.given_rows import DuckDbRelation, GivenRows
from metriccare.engine.duckdb.hudi_reader import misfiled_rows, newest_rows
from metriccare.engine.duckdb.hudi_writer import HudiWriter
from metriccare.engine.duckdb.quoting import identifier
from metriccare.engine.duckdb.resource_texts import readable_texts, register
from metriccare.engine.duckdb.snapshot import TableFiles
from metriccare.engine.duckdb.spark_sql import expression_to_duckdb, to_duckdb
from metriccare.engine.object_store import ObjectStore
from metriccare.engine.protocol import Changes, Emit, Operation, OutcomeT, PartT, Row, Value
from metriccare.engine.resource_model import resource_model
from metriccare.fhir.forms import Resource
from metriccare.tables import Column, Table
from metriccare.tables.commit_note import CommitNote

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Rows, and persons with all that belongs to them, taken over at a time.
_BATCH, _PEOPLE = 10_000, 1_000
# Extensions are fetched at run time, which no run may depend on.
_SETTINGS: Mapping[str, str] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}


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
        target = self._new_table(columns)
        left = iter(rows)
        while batch := list(islice(left, _BATCH)):
            values = zip(*batch, strict=True)
            target.append(dict(zip(target.names, values, strict=True)))
        return target.relation

    def map_people(
        self,
        relation: DuckDbRelation,
        function: Callable[[Row], Mapping[str, Iterable[Row]]],
        outputs: Mapping[str, Sequence[Column]],
    ) -> Mapping[str, DuckDbRelation]:
        """Return what a rule makes of each row, in this process."""
        targets = {name: self._new_table(columns) for name, columns in outputs.items()}
        # A cursor of its own: taking rows over would end the reading.
        with sanitized("A model"):
            cursor = self._session.cursor()
            cursor.execute(f"FROM {identifier(relation.name)}")
        names = [item[0] for item in cursor.description or ()]
        while people := cursor.fetchmany(_PEOPLE):
            made: dict[str, list[Row]] = {name: [] for name in outputs}
            for person in people:
                for name, rows in function(dict(zip(names, person, strict=True))).items():
                    made[name].extend(rows)
            for name, target in targets.items():
                rows = made[name]
                target.append({c: [row.get(c) for row in rows] for c in target.names})
        return {name: target.relation for name, target in targets.items()}

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
        """Return what a function reads from each part, in this process."""
        target = self._new_table(columns)
        outcomes = [function(part, target.append) for part in parts]
        return target.relation, outcomes

    def _new_table(self, columns: Sequence[Column]) -> GivenRows:
        relation = DuckDbRelation(self._new_name(), is_table=True)
        return GivenRows(self._session, relation, columns)

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
    register(session)
    return session
