"""Writes Hudi tables without a JVM: copy on write, one plain commit per write.

The subset of Hudi and its proof are in docs/adr/0007-native-hudi-writer.md. The writer must hold
the lake's lease; `check_lease` raises LeaseLost if it does not.
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
from metriccare.engine.duckdb.cleaning import clean, has_unfinished, remove_unfinished
from metriccare.engine.duckdb.commit_file import WrittenFile, markers, metadata, next_instant
from metriccare.engine.duckdb.failures import sanitized
from metriccare.engine.duckdb.file_rows import FileTask, StoredFile, rows_of
from metriccare.engine.duckdb.incoming import Hits
from metriccare.engine.duckdb.quoting import text
from metriccare.engine.duckdb.shares import LARGEST_FILE, shares
from metriccare.engine.duckdb.snapshot import (
    COMMIT,
    Commit,
    DataFile,
    Instant,
    Snapshot,
    TableFiles,
)
from metriccare.engine.duckdb.table_format import (
    PARTITION_FILE,
    PROPERTIES_FILE,
    avro_schema,
    footer,
    new_properties,
)
from metriccare.errors import SchemaMismatch
from metriccare.tables import Table
from metriccare.tables.commit_note import CommitNote
from metriccare.tables.declaration import DELETE_MARKER

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# 10,240 rows: DuckDB reads row groups in parallel; its default of 122,880 would use one core only.
_ROW_GROUP = 10_240
_LOCKS: defaultdict[str, Lock] = defaultdict(Lock)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class HudiWriter:
    """Writes one table. A step of a run that is in the timeline already is not written again."""

    session: DuckDBPyConnection
    files: TableFiles
    check_lease: Callable[[], None]
    now: Callable[[], datetime] = _utc_now
    largest_file: int = LARGEST_FILE

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

        Rows with a true `_hoodie_is_deleted` remove their keys.
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
            with incoming.incoming(self.session, rows, declared, all_deleted=is_delete):
                tasks = self._tasks(snapshot, operation)
                self._commit(snapshot, table, tasks, note, operation)

    def _columns_of(self, rows: str) -> list[str]:
        described = self.session.execute(f"DESCRIBE SELECT * FROM {rows}")
        return [row[0] for row in described.fetchall()]

    def _begin(self) -> Snapshot:
        """Return the table after removing what killed writers left in it."""
        snapshot = self.files.snapshot()
        self.check_lease()
        if has_unfinished(snapshot):
            remove_unfinished(self.files, snapshot)
            snapshot = self.files.snapshot()
        if not snapshot.is_created:
            content = new_properties(self.files.table)
            self.files.store.put_new(self.files.path(PROPERTIES_FILE), content)
        return snapshot

    def _tasks(self, snapshot: Snapshot, operation: str) -> list[FileTask]:
        """Return the files to write, each with the rows that go into it."""
        newest = snapshot.newest_files(incoming.tenants(self.session))
        files = {} if operation == "INSERT" else {self._local(file): file for file in newest}
        hits = incoming.locate(self.session, files, always=operation == "DELETE")
        tasks = {file: FileTask(file.partition, file, hit) for file, hit in hits.items()}
        new = []
        for share in shares(self.session, snapshot, self.largest_file):
            if share.file is None:
                new.append(FileTask(share.partition, None, _NO_HITS, share))
            else:
                task = tasks.get(share.file, FileTask(share.partition, share.file, _NO_HITS))
                tasks[share.file] = replace(task, share=share)
        return [*tasks.values(), *new]

    def _local(self, file: DataFile) -> str:
        return str(self.files.store.local_file(self.files.path(file.path)))

    def _commit(
        self,
        snapshot: Snapshot,
        table: Table,
        tasks: Sequence[FileTask],
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
            # A killed writer may have left an empty one.
            if not snapshot.sizes.get(path):
                with self.files.store.writing(self.files.path(path)) as local_file:
                    local_file.write_bytes(content)

    def _write_file(self, file: DataFile, task: FileTask, table: Table, schema: str) -> WrittenFile:
        """Write one file of rows; EngineFailed leaves the commit unfinished."""
        stored = None if task.previous is None else self._stored(task.previous)
        select = rows_of(file, task, table, stored)
        with self.files.store.writing(self.files.path(file.path)) as local_file:
            copy = (
                f"COPY ({select}) TO {text(str(local_file))} (FORMAT parquet, COMPRESSION zstd,"
                f" ROW_GROUP_SIZE {_ROW_GROUP}, USE_TMP_FILE false,"
                f" KV_METADATA {footer(schema)})"
            )
            with sanitized(f"Writing {self.files.table.full_name}"):
                copied = self.session.execute(copy).fetchone()
            file = replace(file, size=local_file.stat().st_size)
        rows = copied[0] if copied else 0
        inserted = task.share.rows if task.share else 0
        hits = task.hits
        return WrittenFile(file, task.previous, rows, inserted, hits.updated, hits.deleted)

    def _stored(self, file: DataFile) -> StoredFile:
        location = self._local(file)
        rows = f"read_parquet({text(location)}, hive_partitioning = false)"
        return StoredFile(location, frozenset(self._columns_of(rows)))


_NO_HITS = Hits(0, 0)


def _named(task: FileTask, number: int, instant: str) -> tuple[DataFile, FileTask]:
    file_id = task.previous.file_id if task.previous else f"{uuid.uuid4()}-0"
    path = f"{task.partition}/{file_id}_{number}-0-0_{instant}.parquet"
    return DataFile(path, task.partition, file_id, instant, 0), task


def _table_on_disk(table: Table, snapshot: Snapshot, incoming_columns: Sequence[str]) -> Table:
    """Return the table with the delete marker if its files have it or the incoming rows do.

    Raises SchemaMismatch if the files have a column that is not declared: rewriting would lose it.
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
    """Return the snapshot that a listing would show after the commit."""
    files = {new.file.file_id: (new.file.path, new.file.size) for new in written}
    commit = Commit(instant.time, note.options(), files)
    return replace(
        snapshot,
        sizes={**snapshot.sizes, **dict(files.values())},
        instants=(*snapshot.instants, instant),
        commits=(*snapshot.commits, commit),
    )
