"""The published tables as a publication, for a lake that has no marts yet.

An earlier version published it, and the next run writes marts.
hudi-rs says which files are the newest; each lies in the folder of one tenant. Joined marts are
missing, and come with the next run.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from metriccare.object_store import ObjectStore
from metriccare.query.duckdb.file_slices import newest_files
from metriccare.query.duckdb.lake_files import LakeFiles
from metriccare.query.published.marts import PUBLISHED_TABLES, mart
from metriccare.query.published.publication import (
    Manifest,
    MartColumn,
    MartFile,
    Pointer,
    Publication,
    sha256_of,
)

_TENANT = "tenant="
_ID_DIGITS = 16


class TimelineFiles:
    """The newest files of the published tables, by tenant; implements FileList."""

    def __init__(self, files: LakeFiles, objects: ObjectStore) -> None:
        self._files, self._objects = files, objects

    @cached_property
    def _newest(self) -> dict[str, tuple[str, ...]]:
        """Return table -> paths of its newest files below the lake's root."""
        root = self._files.location("").rstrip("/")
        return {
            table.name: tuple(
                place.removeprefix(f"{root}/") for place in newest_files(self._files, table)
            )
            for table in PUBLISHED_TABLES
        }

    def tenants(self) -> tuple[str, ...]:
        """Return the tenants of which a published table has a file."""
        return tuple(sorted({_tenant(path) for paths in self._newest.values() for path in paths}))

    def current_id(self, tenant: str) -> str | None:
        """Return the id of the newest files' names."""
        paths = sorted(path for found in self._of(tenant).values() for path in found)
        return sha256_of("\n".join(paths).encode())[:_ID_DIGITS] if paths else None

    def current(self, tenant: str) -> Publication | None:
        """Return the tenant's newest files as a publication; its run is not known."""
        publication = self.current_id(tenant)
        if publication is None:
            return None
        of_tables = self._of(tenant)
        instants = [_instant(path) for paths in of_tables.values() for path in paths]
        pointer = Pointer(tenant, 0, "", None, max(instants), {})
        manifests = {name: self._manifest(tenant, name, p) for name, p in of_tables.items()}
        return Publication(publication, pointer, manifests)

    def kept(self, tenant: str, publication: str) -> Publication | None:
        """Return None: no earlier publication is kept."""
        return None

    def kept_ids(self, tenant: str) -> tuple[str, ...]:
        """Return nothing: no earlier publication is kept."""
        return ()

    def local_file(self, file: MartFile) -> Path:
        """Return the file; Hudi keeps no hash of it to compare."""
        return self._objects.local_file(file.path)

    def _of(self, tenant: str) -> dict[str, tuple[str, ...]]:
        return {
            name: tuple(path for path in paths if _tenant(path) == tenant)
            for name, paths in self._newest.items()
        }

    def _manifest(self, tenant: str, name: str, paths: tuple[str, ...]) -> Manifest:
        columns = tuple(MartColumn(c.name, c.type, c.meaning) for c in mart(name).columns)
        files = tuple(MartFile(path, 0, "") for path in paths)
        return Manifest(tenant, name, "", None, columns, 0, files, {}, "", "")


def _tenant(path: str) -> str:
    """Return whose file it is, by the folder it lies in."""
    return next(part for part in path.split("/") if part.startswith(_TENANT))[len(_TENANT) :]


def _instant(path: str) -> datetime:
    """Return when a base file was committed: `<file>_<task>_<instant>.parquet`, to milliseconds."""
    text = path.rpartition("_")[2].removesuffix(".parquet")
    return datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
