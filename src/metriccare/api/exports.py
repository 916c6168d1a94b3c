"""Exports: files of up to a million rows, made in the background, kept for a day.

An export is its owner's: for everybody else it does not exist.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from metriccare.access.scope import Scope
from metriccare.api.encoding import instant
from metriccare.api.export_files import write_csv, write_workbook
from metriccare.api.published import PublishedReads
from metriccare.query.datasets.conditions import Condition
from metriccare.query.datasets.declaration import Dataset
from metriccare.query.published.engine import MOST_ROWS
from metriccare.query.published.parquet_file import parquet_of
from metriccare.query.published.statements import Page, Sort

_log = logging.getLogger("metriccare.api")
MOST_EXPORTED_ROWS = 1_000_000
_KEPT = timedelta(hours=24)
# Exports of a person that wait or are kept; the oldest makes room.
_MOST_KEPT = 50


class Form(StrEnum):
    """The forms of file."""

    CSV = "csv"
    PARQUET = "parquet"
    XLSX = "xlsx"


@dataclass(frozen=True)
class Wanted:
    """What an export is of: rows of one publication for one scope."""

    scope: Scope
    dataset: Dataset
    conditions: tuple[Condition, ...]
    sort: tuple[Sort, ...]
    form: Form
    publication: str
    filters: str


@dataclass(frozen=True)
class Export:
    """One export and how far it is: waiting, ready, failed or too_large."""

    id: str
    owner: str
    wanted: Wanted
    created: datetime
    state: str = "waiting"
    rows: int | None = None
    hidden: int | None = None
    path: Path | None = None

    @property
    def expires(self) -> datetime:
        """Return when the file is removed."""
        return self.created + _KEPT

    def described(self) -> dict[str, Any]:
        """Return the export as JSON."""
        address = f"/v1/exports/{self.id}"
        return {
            "id": self.id,
            "dataset": self.wanted.dataset.name,
            "format": self.wanted.form,
            "filters": self.wanted.filters,
            "publication": self.wanted.publication,
            "state": self.state,
            "rows": self.rows,
            "hidden": self.hidden,
            "created_at": instant(self.created),
            "expires_at": instant(self.expires),
            "links": {"self": address, "file": f"{address}/file" if self.path else None},
        }


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

    def close(self) -> None:
        """Stop, and remove every file: exports end with the server."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            for export in self._exports.values():
                _remove(export)
            self._exports.clear()

    def _make(self, export: Export) -> None:
        try:
            self._keep(self._made(export))
        except Exception as error:
            _log.error("export %s failed: %s", export.id, type(error).__name__)
            self._keep(replace(export, state="failed"))

    def _made(self, export: Export) -> Export:
        wanted = export.wanted
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{export.id}.{wanted.form}"
        rows = _Rows(self._published, wanted)
        if rows.total > MOST_EXPORTED_ROWS:
            return replace(export, state="too_large", rows=rows.total)
        names = wanted.dataset.column_names
        if wanted.form is Form.XLSX:
            write_workbook(path, names, rows, _about(rows))
        elif wanted.form is Form.CSV:
            write_csv(path, names, rows)
        else:
            draft = path.with_suffix(".csv")
            write_csv(draft, names, rows, is_safe=False)
            notes = {"publication": wanted.publication, "dataset": wanted.dataset.name}
            path = parquet_of(draft, wanted.dataset, notes)
            draft.unlink()
        return replace(export, state="ready", rows=rows.total, hidden=rows.hidden, path=path)

    def _keep(self, export: Export) -> None:
        with self._lock:
            self._exports[export.id] = export

    def _remove_old(self, owner: str) -> None:
        """Remove what has expired, and a person's oldest beyond the number that is kept."""
        with self._lock:
            own = [e for e in self._exports.values() if e.owner == owner]
            own.sort(key=lambda e: e.created)
            old = [e for e in self._exports.values() if e.expires <= self._clock()]
            for export in {e.id: e for e in [*old, *own[: -_MOST_KEPT + 1]]}.values():
                del self._exports[export.id]
                _remove(export)


class _Rows:
    """The rows of an export, read page by page."""

    def __init__(self, published: PublishedReads, wanted: Wanted) -> None:
        self._published, self.wanted = published, wanted
        self._first = self._page(None)
        self.total, self.hidden = self._first.total, 0

    def __iter__(self) -> Iterator[Sequence[Any]]:
        """Yield every row."""
        answer = self._first
        while True:
            self.hidden += answer.hidden
            yield from answer.rows
            if answer.next is None:
                return
            answer = self._page(answer.next)

    @property
    def as_of(self) -> str:
        """Return the date up to which the data is complete."""
        return str(self._first.as_of)

    def _page(self, after: tuple[Any, ...] | None) -> Any:
        wanted = self.wanted
        page = Page(wanted.sort, MOST_ROWS, after)
        return self._published.rows(
            wanted.scope, wanted.dataset, wanted.conditions, page, wanted.publication
        )


def _about(rows: _Rows) -> dict[str, str]:
    wanted = rows.wanted
    return {
        "Title": wanted.dataset.title,
        "Meaning": wanted.dataset.meaning,
        "Filters": wanted.filters or "none",
        "Publication": wanted.publication,
        "Complete to": rows.as_of,
        "Hidden": "Rows with suppressed = TRUE have no figures: a count could identify people.",
    }


def _remove(export: Export) -> None:
    if export.path is not None:
        export.path.unlink(missing_ok=True)
