"""Which files a tenant's publication consists of, and their bytes, checked."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Protocol

from metriccare import naming
from metriccare.object_store import ObjectStore, read_if_there
from metriccare.query.published.publication import (
    FIGURES,
    MartFile,
    Publication,
    PublicationRefused,
    kept_folder,
    kept_pointer_path,
    pointer_path,
    publication_id,
    read_manifest,
    read_pointer,
)


class FileList(Protocol):
    """The files that are published, by tenant; nothing else of a lake is opened through it."""

    def tenants(self) -> tuple[str, ...]:
        """Return the tenants with something published."""

    def current_id(self, tenant: str) -> str | None:
        """Return the id of what is published now, cheaply; None if nothing is."""

    def current(self, tenant: str) -> Publication | None:
        """Return what is published now; None if nothing is.

        Raises PublicationRefused if the pointer or a manifest is not what a run wrote.
        """

    def kept(self, tenant: str, publication: str) -> Publication | None:
        """Return an earlier publication of which the files are still kept; None if they are not."""

    def kept_ids(self, tenant: str) -> tuple[str, ...]:
        """Return the ids of the publications of which the files are still kept."""

    def local_file(self, file: MartFile) -> Path:
        """Return a file on this machine; PublicationRefused if its bytes are not as published."""


class PointerFiles:
    """The files that the pointers of a lake's marts name: those to figures, or to operations."""

    def __init__(self, objects: ObjectStore, pointer: str = FIGURES) -> None:
        self._objects, self._pointer = objects, pointer

    def tenants(self) -> tuple[str, ...]:
        """Return the tenants that have a pointer."""
        paths = (path.split("/") for path in self._objects.sizes(naming.MARTS_FOLDER))
        return tuple(sorted(parts[0] for parts in paths if parts[1:] == [f"{self._pointer}.json"]))

    def current_id(self, tenant: str) -> str | None:
        """Return the id of the pointer's content."""
        content = read_if_there(self._objects, pointer_path(tenant, self._pointer))
        return None if content is None else publication_id(content)

    def current(self, tenant: str) -> Publication | None:
        """Return the publication of the pointer."""
        path = pointer_path(tenant, self._pointer)
        return self._publication(tenant, read_if_there(self._objects, path))

    def kept(self, tenant: str, publication: str) -> Publication | None:
        """Return the publication of a kept pointer."""
        if not publication.isalnum():
            return None
        path = kept_pointer_path(tenant, publication, self._pointer)
        content = read_if_there(self._objects, path)
        if content is not None and publication_id(content) != publication:
            raise PublicationRefused("A kept publication is not the one its name says.")
        return self._publication(tenant, content)

    def kept_ids(self, tenant: str) -> tuple[str, ...]:
        """Return the ids of the kept pointers."""
        folder = kept_folder(tenant, self._pointer)
        names = (path.rpartition("/")[2] for path in self._objects.sizes(folder))
        return tuple(sorted(name[:-5] for name in names if name.endswith(".json")))

    def local_file(self, file: MartFile) -> Path:
        """Return the file after comparing size and SHA-256."""
        try:
            path = self._objects.local_file(file.path)
            size, digest = path.stat().st_size, _sha256(path)
        except FileNotFoundError as error:
            raise PublicationRefused("A file of a published mart is gone.") from error
        if (size, digest) != (file.size, file.sha256):
            raise PublicationRefused("A file of a published mart is not the one published.")
        return path

    def _publication(self, tenant: str, content: bytes | None) -> Publication | None:
        if content is None:
            return None
        pointer = read_pointer(tenant, content)
        manifests = {}
        for mart, entry in pointer.marts.items():
            manifest = read_if_there(self._objects, entry.manifest)
            if manifest is None:
                raise PublicationRefused(f"The manifest of {mart} is gone.")
            manifests[mart] = read_manifest(pointer, mart, manifest)
        return Publication(publication_id(content), pointer, manifests)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
