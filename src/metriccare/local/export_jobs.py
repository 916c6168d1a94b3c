"""Exports of a lake on this machine: made by a thread, kept in a folder until the server ends."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from metriccare.api.export_making import make_file
from metriccare.api.exports import MOST_KEPT, Export, Wanted
from metriccare.api.published import PublishedReads

_log = logging.getLogger("metriccare.api")


class ExportJobs:
    """Makes exports one after the other in a folder of its own."""

    def __init__(
        self, folder: Path, published: PublishedReads, clock: Callable[[], datetime]
    ) -> None:
        self._folder, self._published, self._clock = folder, published, clock
        self._lock, self._exports = threading.Lock(), dict[str, Export]()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="export")

    def begin(self, owner: str, wanted: Wanted) -> Export:
        """Begin an export and return it."""
        export = Export(secrets.token_hex(16), owner, wanted, self._clock())
        self._remove_old(owner)
        self._keep(export)
        self._pool.submit(self._make, export)
        return export

    def get(self, owner: str, tenant: str, export_id: str) -> Export | None:
        """Return an export of a person in a tenant; None if it is not theirs or has expired."""
        with self._lock:
            found = self._exports.get(export_id)
        is_own = found is not None and (found.owner, found.wanted.scope.tenant) == (owner, tenant)
        return found if is_own and found and found.expires > self._clock() else None

    def of(self, owner: str, tenant: str) -> list[Export]:
        """Return the exports of a person in a tenant, the newest first."""
        with self._lock:
            ids = [export.id for export in self._exports.values()]
        found = [self.get(owner, tenant, each) for each in ids]
        return sorted((e for e in found if e), key=lambda e: e.created, reverse=True)

    def file(self, export: Export, media_type: str) -> Path:
        """Return the file of an export that is ready."""
        return self._path(export)

    def close(self) -> None:
        """Stop, and remove every file: exports end with the server."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            for export in self._exports.values():
                self._path(export).unlink(missing_ok=True)
            self._exports.clear()

    def _make(self, export: Export) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            made = make_file(self._published, export.wanted, self._path(export))
            self._keep(replace(export, state=made.state, rows=made.rows, hidden=made.hidden))
        except Exception as error:
            _log.error("export %s failed: %s", export.id, type(error).__name__)
            self._keep(replace(export, state="failed"))

    def _path(self, export: Export) -> Path:
        return self._folder / f"{export.id}.{export.wanted.form}"

    def _keep(self, export: Export) -> None:
        with self._lock:
            self._exports[export.id] = export

    def _remove_old(self, owner: str) -> None:
        """Remove what has expired, and a person's oldest beyond the number that is kept."""
        with self._lock:
            own = [e for e in self._exports.values() if e.owner == owner]
            own.sort(key=lambda e: e.created)
            old = [e for e in self._exports.values() if e.expires <= self._clock()]
            for export in {e.id: e for e in [*old, *own[: -MOST_KEPT + 1]]}.values():
                del self._exports[export.id]
                self._path(export).unlink(missing_ok=True)
