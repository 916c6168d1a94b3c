"""What waits to be processed, asked of the tracking store."""

from __future__ import annotations

from metriccare.tracking.states import FileState
from metriccare.tracking.store import TrackingStore


def is_pending(store: TrackingStore) -> bool:
    """Tell whether any file waits: new, left by a run that died, or loaded and not published."""
    waiting = (FileState.REGISTERED, FileState.CLAIMED, FileState.LOADED)
    return any(store.files(state) for state in waiting)


def pending_runs(store: TrackingStore, run_id: str) -> tuple[str, ...]:
    """Return the runs whose rows are in bronze and not yet published, this one included."""
    loaded = {file.run_id for file in store.files(FileState.LOADED) if file.run_id}
    return tuple(sorted(loaded | {run_id}))
