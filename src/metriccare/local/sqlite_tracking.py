"""Tracking in a SQLite file beside the lake's tables."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from metriccare.errors import LeaseHeld, LeaseLost, Refusal
from metriccare.tracking.states import (
    ALLOWED_MOVES,
    READ_FIELDS,
    FileRecord,
    FileState,
    Lease,
    RunRecord,
    RunState,
)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS file (
  file_id TEXT PRIMARY KEY, tenant TEXT NOT NULL, source_file TEXT NOT NULL,
  location TEXT NOT NULL, size INTEGER NOT NULL, registered_at TEXT NOT NULL,
  state TEXT NOT NULL, sequence INTEGER UNIQUE, run_id TEXT,
  rows_loaded INTEGER NOT NULL, rows_quarantined INTEGER NOT NULL, reason TEXT);
CREATE INDEX IF NOT EXISTS file_by_state ON file (state);
CREATE TABLE IF NOT EXISTS run (
  run_id TEXT PRIMARY KEY, epoch INTEGER NOT NULL, state TEXT NOT NULL,
  started_at TEXT NOT NULL, as_of TEXT NOT NULL, stage TEXT NOT NULL, ended_at TEXT,
  files INTEGER NOT NULL, rows_in INTEGER NOT NULL, rows_loaded INTEGER NOT NULL,
  rows_quarantined INTEGER NOT NULL, message TEXT, refused TEXT NOT NULL DEFAULT '[]',
  persons_not_computed INTEGER NOT NULL DEFAULT 0, rebuild TEXT NOT NULL DEFAULT '[]');
CREATE TABLE IF NOT EXISTS lease (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1), owner TEXT, epoch INTEGER NOT NULL);
INSERT OR IGNORE INTO lease (only_row, owner, epoch) VALUES (1, NULL, 0);
"""
# Columns that databases of earlier versions do not have.
_ADDED_COLUMNS = (
    ("file", "replays", "INTEGER NOT NULL DEFAULT 0"),
    *(("file", name, "INTEGER") for name in READ_FIELDS),
    ("run", "refused", "TEXT NOT NULL DEFAULT '[]'"),
    ("run", "persons_not_computed", "INTEGER NOT NULL DEFAULT 0"),
    ("run", "rebuild", "TEXT NOT NULL DEFAULT '[]'"),
    ("run", "edition", "TEXT NOT NULL DEFAULT ''"),
    ("lease", "pause_reason", "TEXT"),
)
_FILE_COLUMNS = tuple(f.name for f in fields(FileRecord))
_RUN_COLUMNS = tuple(f.name for f in fields(RunRecord))
_CHANGEABLE = frozenset(
    {"run_id", "rows_loaded", "rows_quarantined", "reason", "replays", *READ_FIELDS}
)


class SqliteTracking:
    """The tracking store of a lake on this machine. Several processes may use it at once."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._use(_connected(path, "rwc"))
        self._connection.executescript(_SCHEMA)
        self._add_missing_columns()

    @classmethod
    def read_only(cls, path: Path) -> Self:
        """Open the database of a lake that may be mounted read-only; nothing is changed."""
        store = cls.__new__(cls)
        store._use(_connected_to_read(path))
        return store

    def _use(self, connection: sqlite3.Connection) -> None:
        # Jobs check the lease from several threads; the lock lets one transaction in at a time.
        self._lock = threading.RLock()
        self._connection = connection
        self._connection.row_factory = sqlite3.Row

    def close(self) -> None:
        """Close the database file."""
        self._connection.close()

    def _add_missing_columns(self) -> None:
        """Bring a database of an earlier version up to date; processes may do so at once."""
        with self._transaction() as db:
            for table, column, declared in _ADDED_COLUMNS:
                known = {row["name"] for row in db.execute(f"PRAGMA table_info({table})")}
                if column not in known:
                    db.execute(f"ALTER TABLE {table} ADD COLUMN {column} {declared}")

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the write lock from the first statement on, so that reads decide writes safely."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def register(self, file: FileRecord) -> bool:
        """Add an object version; False when it is known already."""
        with self._transaction() as db:
            return _insert(db, "file", _row(file), "OR IGNORE").rowcount == 1

    def files(self, state: FileState | None = None, run_id: str | None = None) -> list[FileRecord]:
        """Return files by state and run, in order of arrival."""
        rows = self._connection.execute(
            "SELECT * FROM file WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR run_id = ?2)"
            " ORDER BY sequence IS NULL, sequence, registered_at, source_file",
            (state, run_id),
        )
        return [_file(row) for row in rows]

    def files_registered(self, first: date, last: date) -> list[FileRecord]:
        """Return the files registered on some days (UTC, both included), in order of arrival."""
        # Times are stored with the zone they came in, so they are not compared as text.
        return [f for f in self.files() if first <= f.registered_at.astimezone(UTC).date() <= last]

    def claim(self, lease: Lease, run_id: str) -> list[FileRecord]:
        """Claim every registered file for a run."""
        with self._transaction() as db:
            _require_current(db, lease)
            waiting = db.execute(
                "SELECT file_id FROM file WHERE state = ? AND sequence IS NULL"
                " ORDER BY registered_at, source_file",
                (FileState.REGISTERED,),
            ).fetchall()
            last = db.execute("SELECT coalesce(max(sequence), 0) FROM file").fetchone()[0]
            db.executemany(
                "UPDATE file SET sequence = ? WHERE file_id = ?",
                [(last + place, row["file_id"]) for place, row in enumerate(waiting, 1)],
            )
            db.execute(
                "UPDATE file SET state = ?, run_id = ? WHERE state = ?",
                (FileState.CLAIMED, run_id, FileState.REGISTERED),
            )
        return self.files(FileState.CLAIMED, run_id)

    def move(
        self,
        lease: Lease,
        file_ids: Iterable[str],
        from_state: FileState,
        to_state: FileState,
        changes: Mapping[str, Mapping[str, object]] | None = None,
    ) -> None:
        """Move files between states, all or none."""
        if (from_state, to_state) not in ALLOWED_MOVES:
            raise ValueError(f"A file cannot move from {from_state} to {to_state}.")
        with self._transaction() as db:
            _require_current(db, lease)
            for file_id in file_ids:
                _move_one(db, file_id, from_state, to_state, (changes or {}).get(file_id, {}))

    def acquire_lease(self, owner: str, is_ended: Callable[[str], bool]) -> Lease:
        """Take the lease, or take it over from an owner that has ended."""
        with self._transaction() as db:
            holder = db.execute("SELECT owner, epoch FROM lease").fetchone()
            if holder["owner"] is not None and not is_ended(holder["owner"]):
                raise LeaseHeld(
                    f"Another run ({holder['owner']}) is writing this lake."
                    " Wait until it has ended; files registered meanwhile are not lost."
                )
            lease = Lease(owner, holder["epoch"] + 1)
            db.execute("UPDATE lease SET owner = ?, epoch = ?", (lease.owner, lease.epoch))
        return lease

    def check_lease(self, lease: Lease) -> None:
        """Raise LeaseLost unless the lease is still the current one."""
        with self._lock:
            _require_current(self._connection, lease)

    def release_lease(self, lease: Lease) -> None:
        """Give the lease up."""
        with self._transaction() as db:
            db.execute(
                "UPDATE lease SET owner = NULL WHERE owner = ? AND epoch = ?",
                (lease.owner, lease.epoch),
            )

    def current_lease(self) -> Lease | None:
        """Return the lease that is held, if any."""
        row = self._connection.execute("SELECT owner, epoch FROM lease").fetchone()
        return Lease(row["owner"], row["epoch"]) if row["owner"] is not None else None

    def pause(self, reason: str) -> None:
        """Let no run begin until `resume`."""
        self._note_pause(reason)

    def resume(self) -> None:
        """Let runs begin again."""
        self._note_pause(None)

    def _note_pause(self, reason: str | None) -> None:
        with self._transaction() as db:
            db.execute("UPDATE lease SET pause_reason = ?", (reason,))

    def pause_reason(self) -> str | None:
        """Return why no run may begin; None if one may."""
        row = self._connection.execute("SELECT * FROM lease").fetchone()
        # A database of an earlier version that may only be read has no such column.
        return row["pause_reason"] if "pause_reason" in row.keys() else None  # noqa: SIM118

    def put_run(self, run: RunRecord) -> None:
        """Add or replace a run's record."""
        with self._transaction() as db:
            _insert(db, "run", _row(run), "OR REPLACE")

    def runs(self, limit: int | None = None) -> list[RunRecord]:
        """Return runs, newest first."""
        rows = self._connection.execute(
            "SELECT * FROM run ORDER BY epoch DESC LIMIT ?", (-1 if limit is None else limit,)
        )
        return [_run(row) for row in rows]


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    address = f"file:{quote(str(path.resolve()))}?mode={mode}"
    return sqlite3.connect(
        address, uri=True, timeout=30, isolation_level=None, check_same_thread=False
    )


def _connected_to_read(path: Path) -> sqlite3.Connection:
    """Return a connection that only reads.

    A writer that died leaves a journal that a reader cannot apply. Then a user who may write
    applies it, and one who may not reads the database without it (`immutable`).
    """
    for mode in ("ro", "rw"):
        connection = _connected(path, mode)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as error:
            connection.close()
            if not error.sqlite_errorname.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")):
                raise
        else:
            return connection
    return _connected(path, "ro&immutable=1")


def _insert(
    db: sqlite3.Connection, table: str, row: Mapping[str, Any], conflict: str
) -> sqlite3.Cursor:
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    statement = f"INSERT {conflict} INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - our names
    return db.execute(statement, tuple(row.values()))


def _move_one(
    db: sqlite3.Connection,
    file_id: str,
    from_state: FileState,
    to_state: FileState,
    changes: Mapping[str, object],
) -> None:
    unknown = set(changes) - _CHANGEABLE
    if unknown:
        raise ValueError(f"A move cannot change {', '.join(sorted(unknown))}.")
    sets = "".join(f", {name} = ?" for name in changes)
    moved = db.execute(
        f"UPDATE file SET state = ?{sets} WHERE file_id = ? AND state = ?",  # noqa: S608 - our names
        (to_state, *changes.values(), file_id, from_state),
    )
    if moved.rowcount != 1:
        raise ValueError(f"File {file_id} is not in state {from_state}.")


def _require_current(db: sqlite3.Connection, lease: Lease) -> None:
    row = db.execute("SELECT owner, epoch FROM lease").fetchone()
    if (row["owner"], row["epoch"]) != (lease.owner, lease.epoch):
        raise LeaseLost(
            f"The lease of {lease.owner} (epoch {lease.epoch}) was taken over"
            f" (epoch {row['epoch']}). This run stops before its next commit."
        )


def _row(record: FileRecord | RunRecord) -> dict[str, Any]:
    return {name: _plain(value) for name, value in asdict(record).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(value) if isinstance(value, tuple) else value


def _file(row: sqlite3.Row) -> FileRecord:
    # A database of an earlier version that may only be read keeps its columns.
    values = {name: row[name] for name in _FILE_COLUMNS if name in row.keys()}  # noqa: SIM118
    values["registered_at"] = datetime.fromisoformat(values["registered_at"])
    values["state"] = FileState(values["state"])
    return FileRecord(**values)


def _run(row: sqlite3.Row) -> RunRecord:
    # A database of an earlier version that may only be read keeps its columns.
    values = {name: row[name] for name in _RUN_COLUMNS if name in row.keys()}  # noqa: SIM118
    values["refused"] = tuple(Refusal(*each) for each in json.loads(values.get("refused", "[]")))
    values["rebuild"] = tuple(json.loads(values.get("rebuild", "[]")))
    for name in ("started_at", "ended_at"):
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    values["state"] = RunState(values["state"])
    return RunRecord(**values)
