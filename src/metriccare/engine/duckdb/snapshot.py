"""One listing of a Hudi table: its instants, its files, and the files with the newest rows.

A file belongs to the table if its instant is a completed commit or is older than the timeline: old
commits are removed from it, and their files stay. Source: Hudi's CompletionTime of timeline
layout 1, `containsOrBeforeTimelineStarts`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from metriccare.engine.duckdb.table_format import PROPERTIES_FILE, check_properties
from metriccare.errors import DamagedTable, UnsupportedTable
from metriccare.object_store import ObjectStore
from metriccare.tables import Table
from metriccare.tables.commit_note import CommitNote
from metriccare.tables.declaration import PARTITION_COLUMN

TIMELINE = ".hoodie"
COMMIT, CLEAN, ROLLBACK = "commit", "clean", "rollback"
# A commit in progress is named `.inflight` alone.
_INSTANT = re.compile(r"\.hoodie/(\d+)\.([a-z]+)(?:\.(requested|inflight))?")
_NUMBERED = re.compile(r"\.hoodie/\d[^/]*")
_DATA_FILE = re.compile(rf"({PARTITION_COLUMN}=[^/]+)/([^/_.][^/_]*)_[^/_]+_(\d+)\.parquet")
_METADATA_TABLE = f"{TIMELINE}/metadata/"


@dataclass(frozen=True, order=True)
class Instant:
    """A point of the timeline; `state` is None when it is completed."""

    time: str
    action: str
    state: str | None = None

    @property
    def path(self) -> str:
        """Return its file below the table's root."""
        if (self.action, self.state) == (COMMIT, "inflight"):
            return f"{TIMELINE}/{self.time}.inflight"
        return f"{TIMELINE}/{self.time}.{self.action}{'.' + self.state if self.state else ''}"

    @property
    def completed_path(self) -> str:
        """Return the file that marks the action as completed."""
        return Instant(self.time, self.action).path

    @property
    def pending_paths(self) -> tuple[str, str]:
        """Return the files that mark the action as begun, in reverse order of creation."""
        states = ("inflight", "requested")
        first, last = (Instant(self.time, self.action, state).path for state in states)
        return first, last


@dataclass(frozen=True)
class DataFile:
    """One version of a file of rows: `path` below the table's root, `size` in bytes."""

    path: str
    partition: str
    file_id: str
    instant: str
    size: int

    @property
    def name(self) -> str:
        """Return the file's name without its folder."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class Commit:
    """A completed commit: its metadata, and file id -> path and bytes of what it wrote.

    `replaced` is file id -> instant of the version that the written one replaces.
    """

    time: str
    metadata: Mapping[str, str]
    written: Mapping[str, tuple[str, int]]
    replaced: Mapping[str, str] = field(default_factory=dict)


@dataclass
class TableFiles:
    """The files of a table in a store. Commits never change, so each is read once."""

    store: ObjectStore
    table: Table
    _commits: dict[str, Commit] = field(default_factory=dict)

    def path(self, relative: str) -> str:
        """Return the path in the store of a path below the table's root."""
        return f"{self.table.path}/{relative}"

    def snapshot(self) -> Snapshot:
        """Return a new listing; UnsupportedTable for another form, DamagedTable if files miss."""
        sizes = self.store.sizes(self.table.path)
        if PROPERTIES_FILE in sizes:
            check_properties(self.table, self.store.read(self.path(PROPERTIES_FILE)))
        elif any(_NUMBERED.fullmatch(path) for path in sizes):
            raise DamagedTable(
                f"{self.table.full_name} has commits but no {PROPERTIES_FILE}. Restore that file"
                " from a backup."
            )
        instants = tuple(_instants(self.table, sizes))
        completed = [i for i in instants if i.action == COMMIT and i.state is None]
        commits = tuple(self._commit(instant) for instant in sorted(completed))
        return Snapshot(self.table, sizes, instants, commits)

    def _commit(self, instant: Instant) -> Commit:
        if instant.time not in self._commits:
            content = self.store.read(self.path(instant.path))
            self._commits[instant.time] = _commit(self.table, instant, content)
        return self._commits[instant.time]


@dataclass(frozen=True)
class Snapshot:
    """A table as one listing shows it; `commits` are the completed ones, oldest first."""

    table: Table
    sizes: Mapping[str, int]
    instants: tuple[Instant, ...]
    commits: tuple[Commit, ...]

    @property
    def is_created(self) -> bool:
        """Return True if the table has its properties file; it may still have no commit."""
        return PROPERTIES_FILE in self.sizes

    @property
    def newest_time(self) -> str:
        """Return the time of the newest instant of any action; empty if there is none."""
        return max((instant.time for instant in self.instants), default="")

    def pending(self) -> list[Instant]:
        """Return one instant for each action that was begun but not completed."""
        completed = {(i.time, i.action) for i in self.instants if i.state is None}
        begun = {(i.time, i.action) for i in self.instants if i.state is not None}
        return [Instant(time, action, "requested") for time, action in sorted(begun - completed)]

    @cached_property
    def files(self) -> tuple[DataFile, ...]:
        """Return every version of every data file, with those of unfinished writes."""
        matches = ((_DATA_FILE.fullmatch(path), size) for path, size in self.sizes.items())
        return tuple(
            DataFile(match[0], match[1], match[2], match[3], size)
            for match, size in matches
            if match
        )

    @cached_property
    def committed(self) -> tuple[DataFile, ...]:
        """Return the files that completed commits wrote, oldest first."""
        times = {commit.time for commit in self.commits}
        start = min(times, default="")
        files = (f for f in self.files if f.instant in times or f.instant < start)
        return tuple(sorted(files, key=lambda f: f.instant))

    def has_commit(self, note: CommitNote) -> bool:
        """Return True if the timeline holds this step of this run."""
        return any(note.is_in(commit.metadata) for commit in self.commits)

    def newest_files(self, tenants: Collection[str] | None = None) -> tuple[DataFile, ...]:
        """Return the files that hold the newest rows, of some tenants or of all, sorted by path.

        Raises DamagedTable if a file that a commit names is missing or has another size.
        """
        newest = {file.file_id: file for file in self.committed}
        newest.update(self._named_by_commits())
        partitions = None if tenants is None else {f"{PARTITION_COLUMN}={t}" for t in tenants}
        selected = (f for f in newest.values() if partitions is None or f.partition in partitions)
        return tuple(sorted(selected, key=lambda f: f.path))

    def _named_by_commits(self) -> dict[str, DataFile]:
        """Return file id -> the newest version that a commit of the timeline names, checked."""
        named: dict[str, tuple[str, int]] = {}
        for commit in self.commits:
            named.update(commit.written)
        by_path = {file.path: file for file in self.files}
        wrong = [p for p, size in named.values() if p not in by_path or by_path[p].size != size]
        if wrong:
            raise DamagedTable(
                f"{self.table.full_name}: {len(wrong)} of {len(named)} files that its commits name"
                f" are missing or incomplete (first: {min(wrong)}). Restore them from a backup, or"
                " delete the table and replay."
            )
        return {file_id: by_path[path] for file_id, (path, _) in named.items()}


def _instants(table: Table, sizes: Iterable[str]) -> Iterator[Instant]:
    for path in sizes:
        if path.startswith(_METADATA_TABLE):
            raise UnsupportedTable(
                f"{table.full_name} has a Hudi metadata table, which this engine would not keep up"
                " to date. Use the Spark engine."
            )
        if not _NUMBERED.fullmatch(path):
            continue
        match = _INSTANT.fullmatch(path)
        instant = _instant(*match.groups()) if match else None
        if instant is None:
            raise UnsupportedTable(
                f"{table.full_name} has {path.rpartition('/')[2]} in its timeline, which this"
                " engine does not know. Was the table changed by another tool?"
            )
        yield instant


def _instant(time: str, action: str, state: str | None) -> Instant | None:
    if action == "inflight" and state is None:
        return Instant(time, COMMIT, "inflight")
    return Instant(time, action, state) if action in (COMMIT, CLEAN, ROLLBACK) else None


def _commit(table: Table, instant: Instant, content: bytes) -> Commit:
    try:
        document: dict[str, Any] = json.loads(content or b"{}")
        stats = [
            s for written in document.get("partitionToWriteStats", {}).values() for s in written
        ]
        files = {s["fileId"]: (s["path"], int(s["fileSizeInBytes"])) for s in stats}
        before = {s["fileId"]: s.get("prevCommit") for s in stats}
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise DamagedTable(
            f"{table.full_name}: the commit {instant.time} cannot be read. Restore its file in"
            " .hoodie from a backup."
        ) from error
    replaced = {id_: time for id_, time in before.items() if time not in (None, "null")}
    return Commit(instant.time, document.get("extraMetadata", {}), files, replaced)
