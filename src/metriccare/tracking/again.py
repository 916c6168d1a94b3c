"""Files that went through and are registered once more: by replay, rollback, rebuild or erasure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from metriccare.tracking.states import FileRecord, FileState, Lease
from metriccare.tracking.store import TrackingStore

# The states a file can be sent through again from; in the others it is on its way already.
THROUGH = (FileState.LOADED, FileState.PUBLISHED, FileState.UNREADABLE)


def send_again(store: TrackingStore, lease: Lease, files: Iterable[FileRecord]) -> int:
    """Register files that went through once more and return how many; the next run takes them."""
    by_state: dict[FileState, list[FileRecord]] = {}
    for file in files:
        by_state.setdefault(file.state, []).append(file)
    for state, some in by_state.items():
        _register_again(store, lease, some, state)
    return sum(map(len, by_state.values()))


def _register_again(
    store: TrackingStore, lease: Lease, files: Sequence[FileRecord], state: FileState
) -> None:
    changes = {file.file_id: {"replays": file.replays + 1, "reason": None} for file in files}
    store.move(lease, list(changes), state, FileState.REGISTERED, changes)
