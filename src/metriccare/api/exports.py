"""Exports: files of up to a million rows, made in the background, kept for a day.

An export is its owner's: for everybody else it does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from metriccare.access.scope import Scope
from metriccare.api.encoding import instant
from metriccare.query.datasets.conditions import Condition
from metriccare.query.datasets.declaration import Dataset
from metriccare.query.published.statements import Sort

KEPT = timedelta(hours=24)
# Exports of a person that wait or are kept; the oldest makes room.
MOST_KEPT = 50


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

    @property
    def expires(self) -> datetime:
        """Return when the file is removed."""
        return self.created + KEPT

    @property
    def is_ready(self) -> bool:
        """Return True if there is a file."""
        return self.state == "ready"

    @property
    def file_name(self) -> str:
        """Return what a reader's copy of the file is called."""
        return f"{self.wanted.dataset.name}-{self.wanted.publication}.{self.wanted.form}"

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
            "links": {"self": address, "file": f"{address}/file" if self.is_ready else None},
        }


class Exports(Protocol):
    """Makes exports and keeps their files."""

    def begin(self, owner: str, wanted: Wanted) -> Export:
        """Begin an export and return it."""
        ...

    def get(self, owner: str, tenant: str, export_id: str) -> Export | None:
        """Return an export of a person in a tenant; None if it is not theirs or has expired."""
        ...

    def of(self, owner: str, tenant: str) -> list[Export]:
        """Return the exports of a person in a tenant, the newest first."""
        ...

    def file(self, export: Export, media_type: str) -> Path | str:
        """Return the file of an export that is ready, or the address it is fetched from."""
        ...
