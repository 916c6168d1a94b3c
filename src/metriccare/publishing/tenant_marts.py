"""Writes the marts of one tenant: files of those that changed, their manifests, the pointer last.

A writer that is killed leaves files that no pointer names; later publications remove them.
Source: publishing specification, 2.2.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Generic

import metriccare
from metriccare.engine.protocol import RelationT
from metriccare.object_store import ObjectStore, read_if_there
from metriccare.publishing.definitions import definitions_of
from metriccare.publishing.mart_files import MadeFile, MartFiles
from metriccare.publishing.published_rows import MartRows
from metriccare.publishing.published_run import PublishedRun
from metriccare.query.published.publication import (
    FIGURES,
    Manifest,
    ManifestEntry,
    MartColumn,
    MartFile,
    Pointer,
    PublicationRefused,
    folder_of,
    kept_pointer_path,
    pointer_path,
    publication_id,
    read_manifest,
    read_pointer,
    sha256_of,
)


@dataclass(frozen=True)
class Written:
    """What a publication wrote of a tenant: the marts that changed, and its id."""

    tenant: str
    publication: str
    changed: tuple[str, ...]


@dataclass(frozen=True)
class Prepared:
    """A publication whose files are written: the pointer to it, and the marts that changed."""

    pointer: Pointer
    changed: tuple[str, ...]


class TenantMarts(Generic[RelationT]):
    """The marts of one tenant that one of its pointers names, as they are and as they become."""

    def __init__(self, objects: ObjectStore, tenant: str, pointer: str = FIGURES) -> None:
        self._objects, self._tenant = objects, tenant
        self._path, self._kind = pointer_path(tenant, pointer), pointer
        self._folder = folder_of(tenant)
        self._sizes = objects.sizes(self._folder)
        self._stored = read_if_there(objects, self._path)
        self._pointer = self._known_pointer()
        self._manifests = self._known_manifests()

    @property
    def next_sequence(self) -> int:
        """Return the sequence of the pointer that the next change writes."""
        return self._pointer.sequence + 1 if self._pointer else 1

    def write(
        self, marts: Sequence[MartRows[RelationT]], files: MartFiles[RelationT], run: PublishedRun
    ) -> Prepared:
        """Write the marts that changed; nobody reads them before `publish`."""
        entries, changed = {}, []
        for rows in marts:
            name = rows.mart.name
            made = files.make(rows, self._tenant)
            entry = self._unchanged(rows, made)
            if entry is None:
                changed.append(name)
                entry = self._write_mart(rows, made, run)
            entries[name] = entry
        return Prepared(self._next_pointer(entries, run), tuple(changed))

    def publish(self, prepared: Prepared) -> Written:
        """Replace the pointer; one that would stay as it is is not replaced.

        What `write` wrote must be there to stay: the store has finished writing.
        """
        content = prepared.pointer.content()
        publication = publication_id(content)
        if prepared.pointer != self._pointer:
            self._objects.put(kept_pointer_path(self._tenant, publication, self._kind), content)
            self._objects.replace(self._path, content, self._stored)
        return Written(self._tenant, publication, prepared.changed)

    def _next_pointer(self, entries: Mapping[str, ManifestEntry], run: PublishedRun) -> Pointer:
        """Return the pointer to write; the stored one if it says the same already."""
        stored = self._pointer
        sequence = stored.sequence if stored else 0
        same = Pointer(self._tenant, sequence, run.run_id, run.as_of, run.published_at, entries)
        return same if same == stored else replace(same, sequence=sequence + 1)

    def _known_pointer(self) -> Pointer | None:
        """Return the stored pointer; None if there is none that can be read: all is written."""
        if self._stored is None:
            return None
        try:
            return read_pointer(self._tenant, self._stored)
        except PublicationRefused:
            return None

    def _known_manifests(self) -> Mapping[str, Manifest]:
        """Return the stored manifest of each mart that has one that can be read."""
        if self._pointer is None:
            return {}
        found = {}
        for mart, entry in self._pointer.marts.items():
            content = read_if_there(self._objects, entry.manifest)
            with suppress(PublicationRefused):
                if content is not None:
                    found[mart] = read_manifest(self._pointer, mart, content)
        return found

    def _unchanged(self, rows: MartRows[RelationT], made: MadeFile) -> ManifestEntry | None:
        """Return the entry of a mart with the same bytes, columns and rules; else None.

        Equal rows have equal bytes on one engine. After a change of engine they are written once.
        """
        name, stored = rows.mart.name, self._manifests.get(rows.mart.name)
        if stored is None or self._pointer is None:
            return None
        same = (
            [file.sha256 for file in stored.files] == [made.sha256]
            and stored.columns == _columns(rows)
            and stored.definitions == definitions_of(rows.mart)
        )
        is_whole = all(
            self._sizes.get(file.path.removeprefix(f"{self._folder}/")) == file.size
            for file in stored.files
        )
        return self._pointer.marts[name] if same and is_whole else None

    def _write_mart(
        self, rows: MartRows[RelationT], made: MadeFile, run: PublishedRun
    ) -> ManifestEntry:
        name = rows.mart.name
        folder, number = f"{self._folder}/{name}", self._next_number(name, run.run_id)
        path = f"{folder}/{run.run_id}-{number}.parquet"
        with self._objects.writing(path) as local_file:
            shutil.copyfile(made.file, local_file)
        before = self._pointer.marts.get(name) if self._pointer else None
        content = Manifest(
            tenant=self._tenant,
            mart=name,
            run_id=run.run_id,
            as_of=run.as_of,
            columns=_columns(rows),
            rows=made.rows,
            files=(MartFile(path, made.size, made.sha256),),
            definitions=definitions_of(rows.mart),
            code_version=metriccare.__version__,
            previous=before.sha256 if before else "",
        ).content()
        manifest = f"{folder}/manifests/{run.run_id}-{number}.json"
        with self._objects.writing(manifest) as local_file:
            local_file.write_bytes(content)
        return ManifestEntry(manifest, sha256_of(content))

    def _next_number(self, mart: str, run_id: str) -> int:
        """Return a number that no file of the run has: a file that was named is never changed."""
        numbers = [
            int(path.removesuffix(".parquet").rpartition("-")[2])
            for path in self._sizes
            if path.startswith(f"{mart}/{run_id}-") and path.endswith(".parquet")
        ]
        return max(numbers, default=-1) + 1


def _columns(rows: MartRows[Any]) -> tuple[MartColumn, ...]:
    return tuple(
        MartColumn(column.name, column.type, column.meaning) for column in rows.mart.columns
    )
