"""What leaves a Hudi table without Spark: broken-off writes, old file versions, old instants.

Each deletion leaves a table that every reader understands, so a kill between two of them is
harmless, and the next write goes on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from metriccare.engine.duckdb.snapshot import TIMELINE, DataFile, Snapshot, TableFiles

# As Spark's writer: ten commits back can be rolled back to, thirty can be looked up.
_VERSIONS_OF_COMMITS = 10
_COMMITS_IN_TIMELINE = 30
_MARKERS = f"{TIMELINE}/.temp/"


def has_unfinished(snapshot: Snapshot) -> bool:
    """Return True if a killed writer left something in the table."""
    is_marked = any(path.startswith(_MARKERS) for path in snapshot.sizes)
    return is_marked or bool(snapshot.pending()) or len(snapshot.files) > len(snapshot.committed)


def remove_unfinished(files: TableFiles, snapshot: Snapshot) -> None:
    """Remove what killed writers of either engine left: files, markers, then pending instants.

    The caller holds the lease: nobody else is writing. Plans of unfinished cleanings and rollbacks
    go too. The instant goes last: as long as it is pending, no reader takes its files for rows.
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
        # The completed state goes last: without it the instant would look broken off.
        for path in (*instant.pending_paths, instant.completed_path):
            files.store.delete(files.path(path))


def remove_replaced(files: TableFiles, snapshot: Snapshot) -> int:
    """Delete every file but the newest version of each; return how many went.

    Afterwards nothing older can be read or rolled back to.
    """
    newest = set(snapshot.newest_files())
    old = [file for file in snapshot.committed if file not in newest]
    for file in old:
        files.store.delete(files.path(file.path))
    return len(old)


def _replaced(snapshot: Snapshot) -> Iterator[DataFile]:
    """Give the versions that none of the newest ten commits, nor the one before them, shows."""
    if len(snapshot.commits) <= _VERSIONS_OF_COMMITS:
        return
    earliest = snapshot.commits[-_VERSIONS_OF_COMMITS].time
    before: defaultdict[str, list[DataFile]] = defaultdict(list)
    for file in snapshot.committed:
        if file.instant < earliest:
            before[file.file_id].append(file)
    for versions in before.values():
        yield from versions[:-1]
