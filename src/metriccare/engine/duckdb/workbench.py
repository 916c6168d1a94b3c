"""A store in which some tables are in another folder."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from metriccare.object_store import ObjectStore


@dataclass(frozen=True)
class WorkbenchStore:
    """A view of a store: what is below the `moved` folders is stored below `folder`."""

    store: ObjectStore
    folder: str
    moved: Collection[str]

    def _path(self, path: str) -> str:
        is_moved = any(path == top or path.startswith(f"{top}/") for top in self.moved)
        return f"{self.folder}/{path}" if is_moved else path

    def holds_lake(self) -> bool:
        """Return True if the other store holds a lake."""
        return self.store.holds_lake()

    def sizes(self, folder: str) -> Mapping[str, int]:
        """Return path -> bytes of every object below a folder."""
        return self.store.sizes(self._path(folder))

    def read(self, path: str) -> bytes:
        """Return an object's bytes."""
        return self.store.read(self._path(path))

    def put(self, path: str, content: bytes) -> None:
        """Write an object; it replaces the one of that path."""
        self.store.put(self._path(path), content)

    def put_new(self, path: str, content: bytes) -> None:
        """Create an object."""
        self.store.put_new(self._path(path), content)

    def replace(self, path: str, content: bytes, expected: bytes | None) -> None:
        """Write an object in place of the expected one."""
        self.store.replace(self._path(path), content, expected)

    def delete(self, path: str) -> None:
        """Delete an object."""
        self.store.delete(self._path(path))

    def erase(self, path: str) -> None:
        """Delete an object with every version of it."""
        self.store.erase(self._path(path))

    def delete_folder(self, folder: str) -> None:
        """Delete every object below a folder."""
        self.store.delete_folder(self._path(folder))

    def local_file(self, path: str) -> Path:
        """Return a file on this machine with the object's bytes."""
        return self.store.local_file(self._path(path))

    def writing(self, path: str) -> AbstractContextManager[Path]:
        """Give a file to write."""
        return self.store.writing(self._path(path))

    def finish_writing(self) -> None:
        """Return when every object of `writing` is stored."""
        self.store.finish_writing()
