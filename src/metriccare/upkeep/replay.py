"""Selects received files to replay, for example after a fix of a mapping or a rule."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, date

from metriccare.errors import UsageError
from metriccare.tracking.again import THROUGH
from metriccare.tracking.states import FileRecord
from metriccare.tracking.store import TrackingStore


@dataclass(frozen=True)
class Window:
    """Days of arrival in UTC, both included."""

    since: date
    until: date

    def __post_init__(self) -> None:
        """Raise UsageError if the first day is after the last."""
        if self.since > self.until:
            raise UsageError(f"--since {self.since} is after --until {self.until}.")

    def holds(self, file: FileRecord) -> bool:
        """Return True if a file arrived in the window."""
        return self.since <= file.registered_at.astimezone(UTC).date() <= self.until


def arrived_in(store: TrackingStore, window: Window) -> list[FileRecord]:
    """Return the processed files of a window, in order of arrival."""
    registered = store.files_registered(window.since, window.until)
    return [file for file in registered if file.state in THROUGH]


def with_ids(store: TrackingStore, file_ids: Container[str]) -> list[FileRecord]:
    """Return the processed files with these ids, in order of arrival."""
    return [file for file in store.files() if file.state in THROUGH and file.file_id in file_ids]
