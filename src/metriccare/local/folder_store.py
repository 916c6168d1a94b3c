"""A lake in a folder of this machine, and the raw files its runs read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from metriccare import naming
from metriccare.errors import UnreadableFile
from metriccare.object_store import AlreadyThere, ChangedMeanwhile

# A name that no reader of Hudi tables takes for a file of the table.
_UNFINISHED = ".unfinished-"
# Syncs under way at once; disks gain nothing from more.
_AT_A_TIME = 16


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

    def holds_lake(self) -> bool:
        """Return True if the folder holds a lake's tracking, or one of its tables."""
        if (self._root / naming.TRACKING_FILE).is_file():
            return True
        return any(next(self._root.glob(f"{layer}/*/.hoodie"), None) for layer in naming.LAYERS)

    def put(self, path: str, content: bytes) -> None:
        """Write beside, sync, rename, sync the folder."""
        target = self._root / path
        _write_beside(target, content).replace(target)
        _sync(target.parent)

    def put_new(self, path: str, content: bytes) -> None:
        """Write beside, sync, link, sync the folder."""
        target = self._root / path
        unfinished = _write_beside(target, content)
        try:
            # A link, unlike a rename, never replaces what another writer put there.
            os.link(unfinished, target)
        except FileExistsError as error:
            raise AlreadyThere(path) from error
        finally:
            unfinished.unlink()
        _sync(target.parent)

    def replace(self, path: str, content: bytes, expected: bytes | None) -> None:
        """Compare, then put: the holder of the lake's lease is a folder's only writer."""
        file = self._root / path
        if (file.read_bytes() if file.exists() else None) != expected:
            raise ChangedMeanwhile(path)
        self.put(path, content)

    def delete(self, path: str) -> None:
        """Delete a file, Hadoop's checksum of it, and what a killed writer wrote of it."""
        file = self._root / path
        for name in (file.name, f".{file.name}.crc", f"{_UNFINISHED}{file.name}"):
            with suppress(FileNotFoundError):
                file.with_name(name).unlink()
        # As in a bucket, a folder exists only as long as it holds something.
        with suppress(OSError):
            file.parent.rmdir()

    def erase(self, path: str) -> None:
        """Delete a file: a folder keeps no older versions."""
        self.delete(path)

    def delete_folder(self, folder: str) -> None:
        """Delete the folder, with what killed writers left in it."""
        with suppress(FileNotFoundError):
            shutil.rmtree(self._root / folder)

    def local_file(self, path: str) -> Path:
        """Return the file itself."""
        return self._root / path

    @contextmanager
    def writing(self, path: str) -> Iterator[Path]:
        """Give the file itself: no completed commit names a file that is being written."""
        file = self._root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        yield file
        self._unsynced |= {file, file.parent}

    def finish_writing(self) -> None:
        """Sync the files and their folders, many at a time: the disk does them together."""
        written, self._unsynced = self._unsynced, set()
        with ThreadPoolExecutor(_AT_A_TIME) as pool:
            list(pool.map(_sync, written))


class LocalRawFiles:
    """Raw files in folders of this machine."""

    @contextmanager
    def open(self, location: str) -> Iterator[BinaryIO]:
        """Open a file; UnreadableFile if it is gone."""
        try:
            stream = open(location, "rb")  # noqa: SIM115 - closed below, after the caller is done
        except FileNotFoundError as error:
            raise UnreadableFile("the raw file is gone") from error
        with stream:
            yield stream

    def heads(self, locations: Sequence[str], size: int) -> list[bytes | UnreadableFile]:
        """Return the first bytes of files."""
        return [self._head(location, size) for location in locations]

    def _head(self, location: str, size: int) -> bytes | UnreadableFile:
        try:
            with self.open(location) as stream:
                return stream.read(size)
        except UnreadableFile as error:
            return error

    def is_kept(self, location: str) -> bool:
        """Return True if the file exists; an erasure blanks it in place."""
        return os.path.isfile(location)


def _write_beside(target: Path, content: bytes) -> Path:
    """Write and sync a file that is not yet the one it will be; return its path."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"{_UNFINISHED}{target.name}")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return unfinished


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
