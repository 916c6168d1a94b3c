"""Saved views of a lake on this machine, in a database of their own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

from metriccare.api.saved_views import SavedView

_CREATE = (
    "CREATE TABLE IF NOT EXISTS view (id TEXT PRIMARY KEY, tenant TEXT, owner TEXT, name TEXT,"
    " page TEXT, state TEXT, publication TEXT, is_shared INTEGER, changed_at TEXT)"
)
_VISIBLE = "SELECT * FROM view WHERE tenant = ? AND (owner = ? OR is_shared)"


class SavedViewFile:
    """A SQLite file; each call opens it, so that several threads may use it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, tenant: str, reader: str) -> list[SavedView]:
        """Return the views a person may open."""
        with self._open() as database:
            rows = database.execute(f"{_VISIBLE} ORDER BY name, id", (tenant, reader)).fetchall()
        return [_view(row) for row in rows]

    def get(self, tenant: str, reader: str, view_id: str) -> SavedView | None:
        """Return a view a person may open."""
        with self._open() as database:
            row = database.execute(f"{_VISIBLE} AND id = ?", (tenant, reader, view_id)).fetchone()
        return None if row is None else _view(row)

    def put(self, view: SavedView) -> None:
        """Keep a new or changed view."""
        with self._open() as database:
            database.execute(
                "INSERT OR REPLACE INTO view VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", astuple(view)
            )

    def remove(self, view: SavedView) -> None:
        """Remove a view."""
        with self._open() as database:
            database.execute("DELETE FROM view WHERE id = ?", (view.id,))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with closing(sqlite3.connect(self._path, timeout=5)) as database, database:
            database.execute(_CREATE)
            yield database


def _view(row: tuple[Any, ...]) -> SavedView:
    view = SavedView(*row)
    return replace(view, is_shared=bool(view.is_shared))
