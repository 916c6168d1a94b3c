"""Sets a whole file aside, for faults that no rule covers, and releases it again."""

from __future__ import annotations

from collections.abc import Sequence

from metriccare.errors import UsageError
from metriccare.tracking.states import FileRecord, FileState, Lease
from metriccare.tracking.store import TrackingStore

_CAN_BE_SET_ASIDE = (FileState.REGISTERED, FileState.CLAIMED, FileState.LOADED)
# 5 files: as many as a message can name and still be read.
_NAMED = 5


def named_file(store: TrackingStore, word: str) -> FileRecord:
    """Return the file with this id, beginning of an id, or name as it was sent.

    Raises UsageError if there is no such file, or several.
    """
    files = store.files()
    for matches in (
        [file for file in files if file.file_id == word],
        [file for file in files if file.source_file == word],
        [file for file in files if word and file.file_id.startswith(word)],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise UsageError(
                f"{len(matches):,} files are called {word!r}: {_listed(matches)}."
                " Give the id of one."
            )
    raise UsageError(
        f"There is no file {word!r}. Give an id, its first characters, or the name as it was"
        " sent; `metriccare status RUN --format json` has both."
    )


def _listed(files: Sequence[FileRecord]) -> str:
    shown = ", ".join(
        f"{file.file_id} ({file.tenant}, {file.source_file}, {file.state},"
        f" arrived {file.registered_at:%Y-%m-%d %H:%M})"
        for file in files[:_NAMED]
    )
    return shown + (", ..." if len(files) > _NAMED else "")


def set_aside(store: TrackingStore, lease: Lease, file: FileRecord, reason: str) -> None:
    """Keep a file that is not published out of every run.

    Rows of it that tables have already are removed by the next run. Raises UsageError, with the
    next step, for a file in another state.
    """
    if file.state not in _CAN_BE_SET_ASIDE:
        raise UsageError(_refusal(file))
    changes = {"reason": reason, "rows_loaded": 0, "rows_quarantined": 0}
    store.move(lease, [file.file_id], file.state, FileState.SET_ASIDE, {file.file_id: changes})


def _refusal(file: FileRecord) -> str:
    if file.state is FileState.SET_ASIDE:
        return f"{file.source_file} is set aside already: {file.reason}."
    if file.state is FileState.UNREADABLE:
        return f"{file.source_file} could not be read ({file.reason}), so no run processes it."
    return (
        f"{file.source_file} is published, by {file.run_id}. Roll that run back first"
        f" (`metriccare rollback {file.run_id}`), then set the file aside."
    )


def release(store: TrackingStore, lease: Lease, file: FileRecord) -> None:
    """Let the next run process a file that was set aside.

    If a run had claimed it, it is replayed: tables may have rows of it.
    """
    if file.state is not FileState.SET_ASIDE:
        raise UsageError(f"{file.source_file} is not set aside: it is {file.state}.")
    was_claimed = file.sequence is not None
    changes = {"reason": None, "replays": file.replays + was_claimed}
    store.move(
        lease, [file.file_id], FileState.SET_ASIDE, FileState.REGISTERED, {file.file_id: changes}
    )
