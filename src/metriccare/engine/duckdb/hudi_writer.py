"""Writes Hudi tables without a JVM: copy on write, one plain commit per write.

The subset of Hudi and its proof are in docs/adr/0007-native-hudi-writer.md. Whoever writes holds
the lake's lease; `check_lease` raises LeaseLost when it does not.
"""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING

from metriccare.engine.duckdb import incoming
from metriccare.engine.duckdb.cleaning import clean, has_broken_off, remove_broken_off
from metriccare.engine.duckdb.commit_file import WrittenFile, markers, metadata, next_instant
from metriccare.engine.duckdb.failures import sanitized
from metriccare.engine.duckdb.incoming import Hits, Share
from metriccare.engine.duckdb.quoting import identifier, text
from metriccare.engine.duckdb.snapshot import (
    COMMIT,
    Commit,
    DataFile,
    Instant,
    Snapshot,
    TableFiles,
)
from metriccare.engine.duckdb.table_format import (
    META_COLUMNS,
    PARTITION_FILE,
    PROPERTIES_FILE,
    avro_schema,
    footer,
    new_properties,
)
from metriccare.errors import SchemaMismatch
from metriccare.tables import Table
from metriccare.tables.commit_note import CommitNote
from metriccare.tables.declaration import DELETE_MARKER, RECORD_KEY
from metriccare.tables.types import duckdb_type

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# DuckDB reads row groups side by side; its default of 122,880 would leave all but one core idle.
_ROW_GROUP = 10_240
_LOCKS: defaultdict[str, Lock] = defaultdict(Lock)
_TIME, _SEQUENCE, _KEY, _PARTITION, _FILE = META_COLUMNS


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class HudiWriter:
    """Writes one table. A write of a run's step that the timeline holds is not repeated."""

    session: DuckDBPyConnection
    files: TableFiles
    check_lease: Callable[[], None]
    now: Callable[[], datetime] = _utc_now
    largest_file: int = incoming.LARGEST_FILE

    def create(self, note: CommitNote) -> None:
        """Create the table empty, unless it has a commit."""
        with _LOCKS[self.files.table.path]:
            snapshot = self._begin()
            if not snapshot.commits:
                self._commit(snapshot, self.files.table, [], note, "BULK_INSERT")

    def insert(self, rows: str, note: CommitNote) -> None:
        """Add the rows of a relation, whose keys are all new, without looking the keys up."""
        self._write(rows, note, "INSERT")

    def upsert(self, rows: str, note: CommitNote) -> None:
        """Write a relation's rows: the greater ordering wins, new keys are added.

        Rows whose `_hoodie_is_deleted` is true remove their keys.
        """
        self._write(rows, note, "UPSERT")

    def delete(self, rows: str, note: CommitNote) -> None:
        """Remove rows by tenant and record key, whatever their ordering."""
        self._write(rows, note, "DELETE")

    def _write(self, rows: str, note: CommitNote, operation: str) -> None:
        with _LOCKS[self.files.table.path]:
            snapshot = self._begin()
            if snapshot.has_commit(note):
                return
            table = _table_on_disk(self.files.table, snapshot, self._columns_of(rows))
            declared = self.files.table
            is_delete = operation == "DELETE"
            with incoming.incoming(self.session, rows, declared, all_gone=is_delete):
                tasks = self._tasks(snapshot, operation)
                self._commit(snapshot, table, tasks, note, operation)

    def _columns_of(self, rows: str) -> list[str]:
        described = self.session.execute(f"DESCRIBE SELECT * FROM {rows}")
        return [row[0] for row in described.fetchall()]

    def _begin(self) -> Snapshot:
        """Return the table without what killed writers left in it."""
        snapshot = self.files.snapshot()
        self.check_lease()
        if has_broken_off(snapshot):
            remove_broken_off(self.files, snapshot)
            snapshot = self.files.snapshot()
        if not snapshot.is_created:
            content = new_properties(self.files.table)
            self.files.store.put_new(self.files.path(PROPERTIES_FILE), content)
        return snapshot

    def _tasks(self, snapshot: Snapshot, operation: str) -> list[_Task]:
        """Return the files to write, each with the rows that go into it."""
        newest = snapshot.newest_files(incoming.tenants(self.session))
        places = {} if operation == "INSERT" else {self._place(file): file for file in newest}
        hits = incoming.locate(self.session, places, always=operation == "DELETE")
        tasks = {file: _Task(file.partition, file, hit) for file, hit in hits.items()}
        new = []
        for share in incoming.shares(self.session, snapshot, self.largest_file):
            if share.file is None:
                new.append(_Task(share.partition, None, _NO_HITS, share))
            else:
                task = tasks.get(share.file, _Task(share.partition, share.file, _NO_HITS))
                tasks[share.file] = replace(task, share=share)
        return [*tasks.values(), *new]

    def _place(self, file: DataFile) -> str:
        return str(self.files.store.local_file(self.files.path(file.path)))

    def _commit(
        self,
        snapshot: Snapshot,
        table: Table,
        tasks: Sequence[_Task],
        note: CommitNote,
        operation: str,
    ) -> None:
        """Write requested, inflight, markers, data files and the commit, in this order."""
        instant = Instant(next_instant(snapshot.newest_time, self.now), COMMIT)
        inflight, requested = instant.pending_paths
        self._put(requested, b"")
        self._put(inflight, b"")
        planned = [_named(task, number, instant.time) for number, task in enumerate(tasks)]
        marks = markers(instant.time, [(file, task.previous) for file, task in planned])
        for path, content in marks.items() if planned else ():
            self._put(path, content)
        self._put_partitions(snapshot, {file.partition for file, _ in planned}, instant.time)
        schema = avro_schema(table)
        written = [self._write_file(file, task, table, schema) for file, task in planned]
        self.files.store.finish_writing()
        self.check_lease()
        content = metadata(written, schema, note.options(), operation)
        self._put(instant.completed_path, content)
        for path in marks if planned else ():
            self.files.store.delete(self.files.path(path))
        clean(self.files, _after(snapshot, instant, written, note))

    def _put(self, path: str, content: bytes) -> None:
        self.files.store.put_new(self.files.path(path), content)

    def _put_partitions(self, snapshot: Snapshot, partitions: set[str], instant: str) -> None:
        content = f"#partition metadata\ncommitTime={instant}\npartitionDepth=1\n".encode()
        for partition in sorted(partitions):
            path = f"{partition}/{PARTITION_FILE}"
            # An empty one was left by a killed writer.
            if not snapshot.sizes.get(path):
                with self.files.store.writing(self.files.path(path)) as place:
                    place.write_bytes(content)

    def _write_file(self, file: DataFile, task: _Task, table: Table, schema: str) -> WrittenFile:
        """Write one file of rows; EngineFailed leaves the commit unfinished."""
        old = None if task.previous is None else self._place(task.previous)
        select = _rows_of(file, task, table, (old, self._stored_columns(old)) if old else None)
        with self.files.store.writing(self.files.path(file.path)) as place:
            copy = (
                f"COPY ({select}) TO {text(str(place))} (FORMAT parquet, COMPRESSION zstd,"
                f" ROW_GROUP_SIZE {_ROW_GROUP}, USE_TMP_FILE false,"
                f" KV_METADATA {footer(schema)})"
            )
            with sanitized(f"Writing {self.files.table.full_name}"):
                copied = self.session.execute(copy).fetchone()
            file = replace(file, size=place.stat().st_size)
        rows = copied[0] if copied else 0
        inserted = task.share.rows if task.share else 0
        hits = task.hits
        return WrittenFile(file, task.previous, rows, inserted, hits.updated, hits.deleted)

    def _stored_columns(self, place: str) -> frozenset[str]:
        return frozenset(
            self._columns_of(f"read_parquet({text(place)}, hive_partitioning = false)")
        )


@dataclass(frozen=True)
class _Task:
    """One file to write: the version it replaces, the rows hit in it, the new rows it takes in."""

    partition: str
    previous: DataFile | None
    hits: Hits
    share: Share | None = None


_NO_HITS = Hits(0, 0)


def _named(task: _Task, number: int, instant: str) -> tuple[DataFile, _Task]:
    file_id = task.previous.file_id if task.previous else f"{uuid.uuid4()}-0"
    path = f"{task.partition}/{file_id}_{number}-0-0_{instant}.parquet"
    return DataFile(path, task.partition, file_id, instant, 0), task


def _rows_of(
    file: DataFile, task: _Task, table: Table, old: tuple[str, frozenset[str]] | None
) -> str:
    """Return the query for a file's rows: those kept and replaced in their order, then new ones."""
    parts = []
    if old:
        parts.append(f"({_kept_and_replaced(*old, table)})")
    if task.share:
        new = incoming.new_rows(task.share, _declared(table))
        marker = f", false AS {DELETE_MARKER.name}" if DELETE_MARKER in table.columns else ""
        parts.append(f"SELECT NULL AS {_TIME}, NULL AS {_SEQUENCE}, *{marker} FROM ({new})")
    number = file.name.split("_")[1].partition("-")[0]
    sequence = f"'{file.instant}_{number}_' || (row_number() OVER () - 1)"
    columns = ", ".join(
        f"CAST({identifier(c.name)} AS {_stored_type(c.type)}) AS {identifier(c.name)}"
        for c in table.columns
    )
    return (
        f"SELECT coalesce({_TIME}, '{file.instant}') AS {_TIME},"
        f" coalesce({_SEQUENCE}, {sequence}) AS {_SEQUENCE}, {RECORD_KEY.name} AS {_KEY},"
        f" {text(file.partition)} AS {_PARTITION}, {text(file.name)} AS {_FILE}, {columns}"
        f" FROM ({' UNION ALL '.join(parts)})"
    )


def _kept_and_replaced(place: str, stored: frozenset[str], table: Table) -> str:
    """Return the query for a file's rows, with incoming rows in the place of those they replace."""
    is_new = f"n.{RECORD_KEY.name} IS NOT NULL"
    columns = []
    for column in table.columns:
        name, kind = identifier(column.name), duckdb_type(column.type)
        old = f"CAST(o.{name} AS {kind})" if column.name in stored else f"CAST(NULL AS {kind})"
        new = "false" if column == DELETE_MARKER else f"n.{name}"
        columns.append(f"CASE WHEN {is_new} THEN {new} ELSE {old} END AS {name}")
    kept = ", ".join(
        f"CASE WHEN {is_new} THEN NULL ELSE o.{name} END AS {name}" for name in (_TIME, _SEQUENCE)
    )
    return (
        f"SELECT {kept}, {', '.join(columns)}"
        f" FROM read_parquet({text(place)}, hive_partitioning = false, file_row_number = true) o"
        f" LEFT JOIN ({incoming.replacing_rows(place)}) n ON n.{RECORD_KEY.name} = o.{_KEY}"
        # A join gives the rows of a batch that have a partner first.
        f" WHERE NOT coalesce(n.{incoming.GONE}, false) ORDER BY o.file_row_number"
    )


def _declared(table: Table) -> list[str]:
    return [c.name for c in table.columns if c != DELETE_MARKER]


def _stored_type(spark_type: str) -> str:
    """Return the type for DuckDB's Parquet writer: Spark's timestamps are instants in UTC."""
    return duckdb_type(spark_type).replace("TIMESTAMP", "TIMESTAMPTZ")


def _table_on_disk(table: Table, snapshot: Snapshot, incoming_columns: Sequence[str]) -> Table:
    """Return the table with the delete marker if its files have it, or will from now on.

    Raises SchemaMismatch if they have a column that is not declared: rewriting would lose it.
    """
    schemas = (commit.metadata.get("schema") for commit in reversed(snapshot.commits))
    newest = json.loads(next(filter(None, schemas), '{"fields": []}'))
    stored = {field["name"] for field in newest["fields"]}
    unknown = sorted(stored - set(table.column_names) - {DELETE_MARKER.name})
    if unknown:
        raise SchemaMismatch(
            f"{table.full_name} has columns on disk that are not declared ({', '.join(unknown)})."
            " Was the lake written by a newer version? Upgrade MetricCare."
        )
    has_marker = DELETE_MARKER.name in stored or DELETE_MARKER.name in incoming_columns
    return replace(table, columns=(*table.columns, DELETE_MARKER)) if has_marker else table


def _after(
    snapshot: Snapshot, instant: Instant, written: Sequence[WrittenFile], note: CommitNote
) -> Snapshot:
    """Return what a listing would show after the commit."""
    files = {each.file.file_id: (each.file.path, each.file.size) for each in written}
    commit = Commit(instant.time, note.options(), files)
    return replace(
        snapshot,
        sizes={**snapshot.sizes, **dict(files.values())},
        instants=(*snapshot.instants, instant),
        commits=(*snapshot.commits, commit),
    )
