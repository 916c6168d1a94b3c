"""Where a lake's files are: what the native writer and reader need of a folder or a bucket."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from metriccare import naming
from metriccare.errors import MetricCareError

# A name that no reader of Hudi tables takes for a file of the table.
_UNFINISHED = ".unfinished-"
_AT_A_TIME = 16


class AlreadyThere(MetricCareError):
    """An object that was to be new exists: another writer came first."""

    retryable = True

    def __init__(self, path: str) -> None:
        super().__init__(
            f"Another writer has created {path}; nothing was committed. Run again when it has"
            " ended."
        )


class ObjectStore(Protocol):
    """Objects of a lake by their path below its root: `gold/stay/.hoodie/hoodie.properties`.

    An object appears whole or not at all, except a data file that is being written in a folder.
    """

    def sizes(self, folder: str) -> Mapping[str, int]:
        """Return path below `folder` -> bytes of every object below it; empty if there are none.

        Objects below `.hoodie` are listed before data files: a commit that is listed has its files.
        """

    def read(self, path: str) -> bytes:
        """Return an object's bytes; FileNotFoundError if it does not exist."""

    def put_new(self, path: str, content: bytes) -> None:
        """Create an object durably; AlreadyThere if it exists."""

    def delete(self, path: str) -> None:
        """Delete an object; nothing happens if it does not exist."""

    def delete_folder(self, folder: str) -> None:
        """Delete every object below a folder; nothing happens if there is none."""

    def local_file(self, path: str) -> Path:
        """Return a file on this machine with the object's bytes; it must not be changed."""

    def writing(self, path: str) -> AbstractContextManager[Path]:
        """Give a file on this machine to write; it becomes the object after the block."""

    def finish_writing(self) -> None:
        """Return when every object of `writing` is there to stay; raise if one could not be."""


def rewritten_bytes(store: ObjectStore) -> int:
    """Return the bytes of the tables of which a run may rewrite files: bronze only grows."""
    return sum(
        size
        for layer in (naming.SILVER, naming.GOLD, naming.PUBLISH)
        for path, size in store.sizes(layer).items()
        if path.endswith(".parquet")
    )


class FolderStore:
    """A lake in a folder of this machine."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._unsynced: set[Path] = set()

    def sizes(self, folder: str) -> dict[str, int]:
        """Return path -> bytes, `.hoodie` first; without unfinished files and checksums."""
        top = self._root / folder
        hidden = dict(_sizes(top / ".hoodie", ".hoodie/"))
        return {**hidden, **dict(_sizes(top, "", without=".hoodie"))}

    def read(self, path: str) -> bytes:
        """Return a file's bytes."""
        return (self._root / path).read_bytes()

    def put_new(self, path: str, content: bytes) -> None:
        """Write beside, sync, rename, sync the folder."""
        place = self._root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        unfinished = place.with_name(f"{_UNFINISHED}{place.name}")
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            # A link, unlike a rename, never replaces what another writer put there.
            os.link(unfinished, place)
        except FileExistsError as error:
            raise AlreadyThere(path) from error
        finally:
            unfinished.unlink()
        _sync(place.parent)

    def delete(self, path: str) -> None:
        """Delete a file, Hadoop's checksum of it, and what a killed writer wrote of it."""
        place = self._root / path
        for name in (place.name, f".{place.name}.crc", f"{_UNFINISHED}{place.name}"):
            with suppress(FileNotFoundError):
                place.with_name(name).unlink()
        # As in a bucket, a folder exists only as long as it holds something.
        with suppress(OSError):
            place.parent.rmdir()

    def delete_folder(self, folder: str) -> None:
        """Delete the folder, with what killed writers left in it."""
        with suppress(FileNotFoundError):
            shutil.rmtree(self._root / folder)

    def local_file(self, path: str) -> Path:
        """Return the file itself."""
        return self._root / path

    @contextmanager
    def writing(self, path: str) -> Iterator[Path]:
        """Give the place itself: no completed commit names a file that is being written."""
        place = self._root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        yield place
        self._unsynced |= {place, place.parent}

    def finish_writing(self) -> None:
        """Sync the files and their folders, many at a time: the disk does them in one go."""
        written, self._unsynced = self._unsynced, set()
        with ThreadPoolExecutor(_AT_A_TIME) as pool:
            list(pool.map(_sync, written))


def _sizes(folder: Path, prefix: str, without: str | None = None) -> Iterator[tuple[str, int]]:
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir():
            if entry.name != without:
                yield from _sizes(Path(entry.path), f"{prefix}{entry.name}/")
        elif not entry.name.endswith(".crc") and not entry.name.startswith(_UNFINISHED):
            with suppress(FileNotFoundError):
                yield f"{prefix}{entry.name}", entry.stat().st_size


def _sync(place: Path) -> None:
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
