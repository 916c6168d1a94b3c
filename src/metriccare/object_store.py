"""Where a lake's bytes are: one seam for everyone who reads or writes them.

A folder implements it in `local/folder_store.py`, a bucket in `aws/object_store.py` and
`aws/raw_files.py`. `wiring/` chooses; nobody else asks where a lake is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from metriccare import naming
from metriccare.errors import MetricCareError, UnreadableFile
from metriccare.settings import Lake


class AlreadyThere(MetricCareError):
    """An object that was to be new exists: another writer came first."""

    retryable = True

    def __init__(self, path: str) -> None:
        super().__init__(
            f"Another writer has created {path}; nothing was committed. Run again when it has"
            " ended."
        )


class ChangedMeanwhile(MetricCareError):
    """An object that was to be replaced is not the one that was read: another writer came first."""

    retryable = True

    def __init__(self, path: str) -> None:
        super().__init__(f"Another writer has replaced {path}; run again when it has ended.")


class ObjectStore(Protocol):
    """Objects of a lake by their path below its root: `gold/stay/.hoodie/hoodie.properties`.

    An object appears whole or not at all, except a data file that is being written in a folder.
    """

    def holds_lake(self) -> bool:
        """Return True if tables are below the root, or tracking; True also if it may not be seen.

        A person who may read only the published tables may not list the others.
        """

    def sizes(self, folder: str) -> Mapping[str, int]:
        """Return path below `folder` -> bytes of every object below it; empty if there are none.

        Objects below `.hoodie` are listed before data files: a commit that is listed has its files.
        """

    def read(self, path: str) -> bytes:
        """Return an object's bytes; FileNotFoundError if it does not exist."""

    def put(self, path: str, content: bytes) -> None:
        """Write an object durably; it replaces the one of that path."""

    def put_new(self, path: str, content: bytes) -> None:
        """Create an object durably; AlreadyThere if it exists."""

    def replace(self, path: str, content: bytes, expected: bytes | None) -> None:
        """Write an object durably in place of the expected one; None: there was none.

        ChangedMeanwhile if another object is there; then it stays.
        """

    def delete(self, path: str) -> None:
        """Delete an object; nothing happens if it does not exist."""

    def erase(self, path: str) -> None:
        """Delete an object with every version that storage keeps of it."""

    def delete_folder(self, folder: str) -> None:
        """Delete every object below a folder; nothing happens if there is none."""

    def local_file(self, path: str) -> Path:
        """Return a file on this machine with the object's bytes; it must not be changed."""

    def writing(self, path: str) -> AbstractContextManager[Path]:
        """Give a file on this machine to write; it becomes the object after the block."""

    def finish_writing(self) -> None:
        """Return when every object of `writing` is there to stay; raise if one could not be."""


class RawFiles(Protocol):
    """Files as they were sent, by the location that tracking names; outside the lake on AWS.

    Tasks in other processes read them: an implementation can be pickled.
    """

    def open(self, location: str) -> AbstractContextManager[BinaryIO]:
        """Open a file, seekable; UnreadableFile if it is gone.

        After an erasure it is the copy that was blanked.
        """

    def heads(self, locations: Sequence[str], size: int) -> list[bytes | UnreadableFile]:
        """Return the first bytes of files, or why one cannot be read."""

    def is_kept(self, location: str) -> bool:
        """Return True if the file, or the copy an erasure blanked, still exists."""


def read_if_there(objects: ObjectStore, path: str) -> bytes | None:
    """Return an object's bytes; None if it does not exist.

    Storage that refuses to be read raises: what cannot be seen must not count as absent.
    """
    try:
        return objects.read(path)
    except FileNotFoundError:
        return None


@dataclass(frozen=True)
class Storage:
    """A lake, where its objects are, and the raw files its runs read."""

    lake: Lake
    objects: ObjectStore
    raw_files: RawFiles


def rewritten_bytes(store: ObjectStore) -> int:
    """Return the bytes of the tables of which a run may rewrite files: bronze only grows."""
    return sum(
        size
        for layer in (naming.SILVER, naming.GOLD, naming.PUBLISH)
        for path, size in store.sizes(layer).items()
        if path.endswith(".parquet")
    )
