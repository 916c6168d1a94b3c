"""Acknowledgements of a lake on this machine, in a database that lets rows be added only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple
from pathlib import Path

from metriccare.api.acknowledgements import Acknowledgement

_CREATE = (
    "CREATE TABLE IF NOT EXISTS acknowledgement (tenant TEXT NOT NULL, alert_id TEXT NOT NULL,"
    " by TEXT NOT NULL, name TEXT NOT NULL, note TEXT NOT NULL, at TEXT NOT NULL)",
    *(
        f"CREATE TRIGGER IF NOT EXISTS no_{change.lower()} BEFORE {change} ON acknowledgement"
        " BEGIN SELECT RAISE(ABORT, 'acknowledgements are only ever added'); END"
        for change in ("UPDATE", "DELETE")
    ),
)


class AcknowledgementFile:
    """A SQLite file; each call opens it, so that several threads may use it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, tenant: str) -> list[Acknowledgement]:
        """Return those of a tenant's alerts, in order."""
        with self._open() as database:
            rows = database.execute(
                "SELECT * FROM acknowledgement WHERE tenant = ? ORDER BY rowid", (tenant,)
            ).fetchall()
        return [Acknowledgement(*row) for row in rows]

    def add(self, acknowledgement: Acknowledgement) -> None:
        """Keep one."""
        with self._open() as database:
            database.execute(
                "INSERT INTO acknowledgement VALUES (?, ?, ?, ?, ?, ?)", astuple(acknowledgement)
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with closing(sqlite3.connect(self._path, timeout=5)) as database, database:
            for statement in _CREATE:
                database.execute(statement)
            yield database
