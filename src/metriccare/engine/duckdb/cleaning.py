"""Cleans a Hudi table without Spark: unfinished writes, old file versions, old instants.

After each deletion every reader understands the table. So a kill between two of them is harmless,
and the next write continues.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from metriccare.engine.duckdb.snapshot import TIMELINE, DataFile, Snapshot, TableFiles

# As Spark's writer: a table can be rolled back 10 commits; 30 commits can be looked up.
_VERSIONS_OF_COMMITS = 10
_COMMITS_IN_TIMELINE = 30
_MARKERS = f"{TIMELINE}/.temp/"


def has_unfinished(snapshot: Snapshot) -> bool:
    """Return True if a killed writer left an unfinished write in the table."""
    is_marked = any(path.startswith(_MARKERS) for path in snapshot.sizes)
    return is_marked or bool(snapshot.pending()) or len(snapshot.files) > len(snapshot.committed)


def remove_unfinished(files: TableFiles, snapshot: Snapshot) -> None:
    """Remove unfinished writes of either engine: files, markers, then pending instants.

    The caller holds the lease, so nobody else is writing. Unfinished cleanings and rollbacks are
    removed too. The instant is removed last: while it is pending, readers ignore its files.
    """
    committed = set(snapshot.committed)
    for file in snapshot.files:
        if file not in committed:
            files.store.delete(files.path(file.path))
    for path in snapshot.sizes:
        if path.startswith(_MARKERS):
            files.store.delete(files.path(path))
    for instant in snapshot.pending():
        for path in (instant.completed_path, *instant.pending_paths):
            files.store.delete(files.path(path))


def clean(files: TableFiles, snapshot: Snapshot) -> None:
    """Delete file versions that ten later commits have replaced, and instants beyond thirty."""
    for file in _replaced(snapshot):
        files.store.delete(files.path(file.path))
    if len(snapshot.commits) <= _COMMITS_IN_TIMELINE:
        return
    start = snapshot.commits[-_COMMITS_IN_TIMELINE].time
    old = {(i.time, i.action): i for i in snapshot.instants if i.time < start}
    for _, instant in sorted(old.items()):
        # The completed state is deleted last: without it the instant would look unfinished.
        for path in (*instant.pending_paths, instant.completed_path):
            files.store.delete(files.path(path))


def remove_replaced(files: TableFiles, snapshot: Snapshot) -> int:
    """Delete every file but the newest version of each; return how many.

    Nothing older can be read or rolled back to afterwards.
    """
    newest = set(snapshot.newest_files())
    old = [file for file in snapshot.committed if file not in newest]
    for file in old:
        files.store.delete(files.path(file.path))
    return len(old)


def _replaced(snapshot: Snapshot) -> Iterator[DataFile]:
    """Give the versions that neither the newest ten commits nor the one before them use."""
    if len(snapshot.commits) <= _VERSIONS_OF_COMMITS:
        return
    earliest = snapshot.commits[-_VERSIONS_OF_COMMITS].time
    before: defaultdict[str, list[DataFile]] = defaultdict(list)
    for file in snapshot.committed:
        if file.instant < earliest:
            before[file.file_id].append(file)
    for versions in before.values():
        yield from versions[:-1]
