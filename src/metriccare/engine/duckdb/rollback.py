"""Rolls commits back without Spark, the newest first. Source: docs/adr/0037-native-rollback.md."""

from __future__ import annotations

from collections.abc import Collection

from metriccare.engine.duckdb.cleaning import remove_unfinished
from metriccare.engine.duckdb.commit_file import markers
from metriccare.engine.duckdb.snapshot import COMMIT, Instant, Snapshot, TableFiles
from metriccare.engine.protocol import not_newest


def can_roll_back(snapshot: Snapshot, times: Collection[str]) -> bool:
    """Return True if every file from before these newest commits still exists.

    Cleaning removes file versions and old instants. If no instant were left, files from before the
    timeline would count as unfinished writes.
    """
    kept = {(file.file_id, file.instant) for file in snapshot.files}
    taken = [commit for commit in snapshot.commits if commit.time in times]
    before = ((id_, time) for commit in taken for id_, time in commit.replaced.items())
    if not all(file in kept for file in before if file[1] not in times):
        return False
    is_emptied = len(taken) == len(snapshot.commits)
    return not (is_emptied and any(file.instant not in times for file in snapshot.committed))


def roll_back(files: TableFiles, time: str) -> None:
    """Remove the newest commit as if it were an unfinished write.

    Its markers are written again first: with them Spark finds its files too, if this is
    interrupted. Raises UsageError if there is a newer commit.
    """
    snapshot = files.snapshot()
    newest = snapshot.commits[-1].time if snapshot.commits else None
    if newest != time:
        raise not_newest(files.table, time)
    commit = snapshot.commits[-1]
    written = [file for file in snapshot.files if file.instant == time]
    marks = markers(time, [(f, f if f.file_id in commit.replaced else None) for f in written])
    for path, content in marks.items() if written else ():
        if path not in snapshot.sizes:
            files.store.put_new(files.path(path), content)
    files.store.delete(files.path(Instant(time, COMMIT).completed_path))
    remove_unfinished(files, files.snapshot())
