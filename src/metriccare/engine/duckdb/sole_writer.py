"""A cache of a store for its only writer: listings and contents are kept until it writes.

A request to a bucket takes tens of milliseconds, and a run makes the same ones many times.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from metriccare.object_store import ObjectStore


@dataclass
class SoleWriterStore:
    """A store that nobody else writes at the same time: only for a run that holds the lease."""

    store: ObjectStore
    _sizes: dict[str, Mapping[str, int]] = field(default_factory=dict)
    # Only objects of a timeline are read: small, and written once.
    _contents: dict[str, bytes] = field(default_factory=dict)

    def holds_lake(self) -> bool:
        """Return True if a lake is there."""
        return self.store.holds_lake()

    def sizes(self, folder: str) -> Mapping[str, int]:
        """Return path -> bytes of every object below a folder."""
        if folder not in self._sizes:
            self._sizes[folder] = self.store.sizes(folder)
        return self._sizes[folder]

    def read(self, path: str) -> bytes:
        """Return an object's bytes."""
        if path not in self._contents:
            self._contents[path] = self.store.read(path)
        return self._contents[path]

    def put(self, path: str, content: bytes) -> None:
        """Write an object; it replaces the one of that path."""
        self._forget(path)
        self.store.put(path, content)

    def put_new(self, path: str, content: bytes) -> None:
        """Create an object."""
        self._forget(path)
        self.store.put_new(path, content)

    def replace(self, path: str, content: bytes, expected: bytes | None) -> None:
        """Write an object in place of the expected one."""
        self._forget(path)
        self.store.replace(path, content, expected)

    def delete(self, path: str) -> None:
        """Delete an object."""
        self._forget(path)
        self.store.delete(path)

    def erase(self, path: str) -> None:
        """Delete an object with every version of it."""
        self._forget(path)
        self.store.erase(path)

    def delete_folder(self, folder: str) -> None:
        """Delete every object below a folder."""
        self._sizes.clear()
        self._contents.clear()
        self.store.delete_folder(folder)

    def local_file(self, path: str) -> Path:
        """Return a file on this machine with the object's bytes."""
        return self.store.local_file(path)

    @contextmanager
    def writing(self, path: str) -> Iterator[Path]:
        """Give a file to write."""
        with self.store.writing(path) as local_file:
            yield local_file
        self._forget(path)

    def finish_writing(self) -> None:
        """Return when every object of `writing` is stored."""
        self.store.finish_writing()

    def _forget(self, path: str) -> None:
        self._contents.pop(path, None)
        stale = [folder for folder in self._sizes if path.startswith(f"{folder}/")]
        for folder in stale:
            del self._sizes[folder]
