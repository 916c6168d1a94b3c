"""What waits to be processed, asked of the tracking store."""

from __future__ import annotations

from itertools import takewhile

from metriccare.tracking.states import FileRecord, FileState, RunRecord, RunState
from metriccare.tracking.store import TrackingStore

# The stage of a run that erased a person.
ERASED = "erased"
_WAITING = (FileState.REGISTERED, FileState.CLAIMED, FileState.LOADED)
# A run in one of these states may have written a part of its tables.
_HALF_DONE = frozenset({RunState.RUNNING, RunState.FAILED})


def is_pending(store: TrackingStore) -> bool:
    """Return whether a run has work: files that wait, or rows of a file that was set aside."""
    return any(store.files(state) for state in _WAITING) or bool(set_aside_with_rows(store))


def waiting(store: TrackingStore) -> int:
    """Return how many files a run would take up or take on."""
    return sum(len(store.files(state)) for state in _WAITING)


def broke_off(store: TrackingStore) -> bool:
    """Tell whether the last run began and did not end well: its tables may be half written."""
    return any(run.state in _HALF_DONE for run in store.runs(limit=1))


def pending_runs(store: TrackingStore, run_id: str) -> tuple[str, ...]:
    """Return the runs whose rows are not published yet, this one included.

    Those whose files are loaded, and every run since the last that succeeded: one that died may
    have written silver rows of files another run had loaded.
    """
    loaded = {file.run_id for file in store.files(FileState.LOADED) if file.run_id}
    return tuple(sorted(loaded | {run.run_id for run in _unfinished(store)} | {run_id}))


def _unfinished(store: TrackingStore) -> list[RunRecord]:
    return list(takewhile(lambda run: not _published(run), store.runs()))


def _published(run: RunRecord) -> bool:
    """Tell whether a run published: an erasure succeeds too, and takes nothing in."""
    return run.state is RunState.SUCCEEDED and run.stage != ERASED


def taken_again(store: TrackingStore) -> tuple[FileRecord, ...]:
    """Return the files whose resources silver decides again.

    They are on their way through once more, by replay or after a rollback, or were set aside when
    tables held rows of them.
    """
    again = tuple(file for file in store.files(FileState.LOADED) if file.replays)
    return again + set_aside_with_rows(store)


def set_aside_with_rows(store: TrackingStore) -> tuple[FileRecord, ...]:
    """Return the files set aside of which tables may still hold rows."""
    return tuple(file for file in store.files(FileState.SET_ASIDE) if file.run_id)
