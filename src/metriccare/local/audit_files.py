"""Audit rows of a lake on this machine: `audit/<writer>-<date>.ndjson`, one chain each writer.

A writer holds a lock on its chain, so that two servers of one lake never fork one.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from metriccare.access import audit
from metriccare.access.audit import AuditEntry, AuditFailed, Head, Line
from metriccare.errors import SetupError

FOLDER, ANCHORS = "audit", "anchors.ndjson"
# Servers of one lake at the same time: more than one is unusual already.
_MOST_WRITERS = 20
_ANCHOR_SECONDS = 3600.0


class AuditFiles:
    """Appends rows to the file of the day and notes the chain's head once an hour and at the end.

    `writer` is the kind of writer, such as `api`; a second one at the same time gets a number.
    """

    def __init__(
        self,
        lake: Path,
        writer: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._folder, self._clock, self._lock = lake / FOLDER, clock, threading.Lock()
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.chain, self._held = _lock_chain(self._folder, writer)
        except OSError as error:
            raise SetupError(
                f"The audit folder {self._folder} cannot be written ({error.strerror}). Nothing"
                " is served without an audit."
            ) from error
        self._head = _last_head(self._folder, self.chain)
        self._anchored_at: float | None = None
        self._file: IO[bytes] | None = None
        self._day = ""

    def write(self, entry: AuditEntry) -> None:
        """Append a row; raises AuditFailed, and then the chain goes on from the row before."""
        with self._lock:
            line, head = audit.chained(entry, self.chain, self._head)
            try:
                written = os.write(self._today().fileno(), line)
            except (OSError, ValueError) as error:
                raise AuditFailed(
                    f"The audit row was not written: {type(error).__name__}"
                ) from error
            if written != len(line):
                raise AuditFailed("The audit row was written in part: the disk is full.")
            self._head = head
            self._anchor_hourly()

    def check(self) -> None:
        """Raise AuditFailed if the file of the day cannot be written."""
        with self._lock:
            try:
                self._today()
                is_writable = os.access(self._folder, os.W_OK)
            except OSError as error:
                raise AuditFailed(str(error.strerror)) from error
        if not is_writable:
            raise AuditFailed("The audit folder cannot be written.")

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Return the rows of every chain, the newest file and line first."""
        return rows_of(self._folder.parent)

    def close(self) -> None:
        """Note the chain's head and let the chain go."""
        with self._lock:
            self._anchor()
            if self._file is not None:
                self._file.close()
                self._file = None
            self._held.close()

    def _today(self) -> IO[bytes]:
        day = f"{self._clock():%Y-%m-%d}"
        path = self._folder / f"{self.chain}-{day}.ndjson"
        if self._file is None or self._day != day or not path.exists():
            if self._file is not None:
                self._file.close()
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            self._file, self._day = os.fdopen(descriptor, "ab", buffering=0), day
        return self._file

    def _anchor_hourly(self) -> None:
        now = self._clock().timestamp()
        if self._anchored_at is None:
            self._anchored_at = now
        elif now - self._anchored_at >= _ANCHOR_SECONDS:
            self._anchor()
            self._anchored_at = now

    def _anchor(self) -> None:
        if self._head.seq == 0:
            return
        note = {
            "at": self._clock().isoformat(),
            "chain": self.chain,
            "seq": self._head.seq,
            "hash": self._head.hash,
        }
        with (self._folder / ANCHORS).open("ab") as file:
            file.write(audit.canonical(note) + b"\n")


def rows_of(lake: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a lake's audit, the newest file and line first."""
    for path in reversed(_files(lake / FOLDER)):
        for text in reversed(path.read_bytes().splitlines()):
            try:
                yield json.loads(text)
            except ValueError:  # `audit verify` names it
                continue


def verify(lake: Path) -> tuple[list[str], Mapping[str, Head], int]:
    """Return what is wrong with a lake's audit, the heads of its chains, and its rows' number."""
    folder = lake / FOLDER
    lines = [
        Line(f"{path.name} line {number}", text)
        for path in _files(folder)
        for number, text in enumerate(path.read_bytes().splitlines(), 1)
    ]
    anchors_file = folder / ANCHORS
    anchors = (
        [json.loads(text) for text in anchors_file.read_bytes().splitlines()]
        if anchors_file.is_file()
        else []
    )
    chains = sorted({_chain(path) for path in _files(folder)})
    heads = {chain: _last_head(folder, chain) for chain in chains}
    return list(audit.faults(lines, anchors)), heads, len(lines)


def _files(folder: Path) -> list[Path]:
    """Return the audit files, the oldest day first, chains side by side."""
    files = [path for path in folder.glob("*.ndjson") if path.name != ANCHORS]
    return sorted(files, key=lambda path: (path.stem[-10:], path.stem))


def _chain(path: Path) -> str:
    return path.stem[:-11]


def _last_head(folder: Path, chain: str) -> Head:
    for path in reversed(_files(folder)):
        if _chain(path) != chain:
            continue
        for text in reversed(path.read_bytes().splitlines()):
            try:
                row = json.loads(text)
            except ValueError:
                continue
            return Head(int(row["seq"]), str(row["hash"]))
    return Head(0, audit.FIRST_HASH)


def _lock_chain(folder: Path, writer: str) -> tuple[str, IO[bytes]]:
    """Return the first free chain of a kind of writer, and the lock that keeps it."""
    for number in range(1, _MOST_WRITERS + 1):
        chain = writer if number == 1 else f"{writer}-{number}"
        lock = (folder / f".{chain}.lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        return chain, lock
    raise SetupError(f"{_MOST_WRITERS} servers write the audit of this lake already.")
