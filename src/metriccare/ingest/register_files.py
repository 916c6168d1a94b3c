"""Registering files: once each, however often and in whatever order they are announced."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from metriccare.ingest.start_workflow import WorkflowStarter
from metriccare.tracking.states import FileRecord, FileState
from metriccare.tracking.store import TrackingStore


@dataclass(frozen=True)
class Registered:
    """How many files were new, and how many known already."""

    new: int = 0
    known: int = 0

    def __add__(self, other: Registered) -> Registered:
        """Return the sums."""
        return Registered(self.new + other.new, self.known + other.known)


def register(store: TrackingStore, files: Iterable[FileRecord]) -> Registered:
    """Register files; one that is known changes nothing."""
    added = [store.register(file) for file in files]
    return Registered(sum(added), len(added) - sum(added))


def start_if_waiting(
    store: TrackingStore, starter: WorkflowStarter, registered: Registered
) -> bool:
    """Start a run when a file waits; a repeated event alone asks the store first.

    It is asked for known files too: a start that failed after registering is made up for when the
    message comes again.
    """
    if registered.new or (registered.known and store.files(FileState.REGISTERED)):
        return starter.start()
    return False
