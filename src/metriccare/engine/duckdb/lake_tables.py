"""The Hudi tables of one lake, read and written natively under a lease."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from metriccare.engine.duckdb.cleaning import remove_replaced, remove_unfinished
from metriccare.engine.duckdb.hudi_reader import misfiled_rows, newest_rows
from metriccare.engine.duckdb.hudi_writer import HudiWriter
from metriccare.engine.duckdb.rollback import can_roll_back, roll_back
from metriccare.engine.duckdb.snapshot import TableFiles
from metriccare.engine.protocol import Operation, StoredCommit
from metriccare.object_store import ObjectStore
from metriccare.tables import Table
from metriccare.tables.commit_note import CommitNote

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass
class LakeTables:
    """Reads and writes the tables of a lake; `check_lease` is called before each change."""

    session: DuckDBPyConnection
    store: ObjectStore
    check_lease: Callable[[], None]
    now: Callable[[], datetime]
    _files: dict[str, TableFiles] = field(default_factory=dict)

    def newest(self, table: Table, tenants: Collection[str] | None) -> str:
        """Return the SELECT of a table's newest rows."""
        return newest_rows(self.session, self._files_of(table), tenants)

    def misfiled(self, table: Table) -> str:
        """Return the SELECT of rows that are filed under another row's key."""
        return misfiled_rows(self.session, self._files_of(table))

    def commits(self, table: Table) -> list[Mapping[str, str]]:
        """Return the metadata of the commits in the timeline, newest first."""
        return [commit.metadata for commit in reversed(self._files_of(table).snapshot().commits)]

    def history(self, table: Table) -> list[StoredCommit]:
        """Return the commits in the timeline, newest first."""
        commits = self._files_of(table).snapshot().commits
        return [StoredCommit(table, commit.time, commit.metadata) for commit in reversed(commits)]

    def create(self, table: Table, note: CommitNote) -> None:
        """Create a table."""
        self._writer(table).create(note)

    def write(self, table: Table, rows: str, operation: Operation, note: CommitNote) -> None:
        """Write the rows of a relation with one commit."""
        writer = self._writer(table)
        write = {
            Operation.INSERT: writer.insert,
            Operation.UPSERT: writer.upsert,
            Operation.DELETE: writer.delete,
        }[operation]
        write(rows, note)

    def can_roll_back(self, commits: Sequence[StoredCommit]) -> bool:
        """Return True if the files from before the commits still exist."""
        by_table: defaultdict[Table, set[str]] = defaultdict(set)
        for commit in commits:
            by_table[commit.table].add(commit.instant)
        return all(
            can_roll_back(self._files_of(table).snapshot(), times)
            for table, times in by_table.items()
        )

    def roll_back(self, commit: StoredCommit) -> None:
        """Remove a table's newest commit and the files it wrote."""
        self.check_lease()
        roll_back(self._files_of(commit.table), commit.instant)

    def remove_old_files(self, table: Table) -> int:
        """Delete replaced file versions and the files of killed writers; return how many."""
        self.check_lease()
        files = self._files_of(table)
        snapshot = files.snapshot()
        unfinished = len(snapshot.files) - len(snapshot.committed)
        remove_unfinished(files, snapshot)
        return unfinished + remove_replaced(files, snapshot)

    def _writer(self, table: Table) -> HudiWriter:
        return HudiWriter(self.session, self._files_of(table), self.check_lease, self.now)

    def _files_of(self, table: Table) -> TableFiles:
        return self._files.setdefault(table.path, TableFiles(self.store, table))
