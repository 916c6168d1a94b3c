"""Files of one resource type each: NDJSON lines or JSON arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import orjson

from data_generator.clock import day_text
from data_generator.fhir.codes import Resource
from data_generator.fhir.record import FOLDERS, OTHER_FOLDERS
from data_generator.ids import bundle_id
from data_generator.output.batch import Batch, BrokenLine

# Large enough for few files, small enough for Spark to share them out.
RESOURCES_PER_FILE = 200_000
_FLUSH_BYTES = 1 << 20
_DELETED = "deleted"


class BatchWriter(Protocol):
    """Takes one batch at a time."""

    def write(self, batch: Batch) -> list[dict[str, Any]]:
        """Write a batch; says where the broken lines went."""

    def close(self) -> dict[str, int]:
        """Finish the files; resources by type."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What stands before, between and after the resources of a file."""

    suffix: str
    before: bytes
    between: bytes
    after: bytes


NDJSON = Layout("ndjson", b"", b"\n", b"\n")
JSON_ARRAYS = Layout("json", b"[\n", b",\n", b"\n]\n")


@dataclass(slots=True)
class _TypeFile:
    """The current file of one resource type."""

    folder: Path
    kind: str
    layout: Layout
    count: int = 0
    pending: list[bytes] = field(default_factory=list)
    size: int = 0
    begun: bool = False

    def add(self, line: bytes) -> tuple[str, int]:
        """Append a record; its file (from the output folder) and its place there."""
        if self.count and self.count % RESOURCES_PER_FILE == 0:
            self.finish()
        self.pending.append(line)
        self.count += 1
        self.size += len(line)
        if self.size > _FLUSH_BYTES:
            self._flush()
        place = (self.count - 1) % RESOURCES_PER_FILE + 1
        return f"json/{self.folder.name}/{self._name(self.count)}", place

    def finish(self) -> None:
        """Write what is pending and end the file."""
        self._flush()
        if self.begun:
            self._append(self.layout.after)
        self.begun = False

    def _flush(self) -> None:
        if self.pending:
            lead = self.layout.between if self.begun else self.layout.before
            self.folder.mkdir(parents=True, exist_ok=True)
            self._append(lead + self.layout.between.join(self.pending))
            self.begun = True
        self.pending, self.size = [], 0

    def _append(self, data: bytes) -> None:
        with (self.folder / self._name(self.count)).open("ab") as file:
            file.write(data)

    def _name(self, count: int) -> str:
        return f"{self.kind}.{(count - 1) // RESOURCES_PER_FILE:03d}.{self.layout.suffix}"


class TypeFilesWriter:
    """``<root>/<folder>/<Type>.NNN.<suffix>``, deletions in ``<root>/deleted``."""

    def __init__(self, root: Path, layout: Layout) -> None:
        self._files = {
            kind: _TypeFile(root / folder, kind, layout)
            for kind, folder in (FOLDERS | OTHER_FOLDERS).items()
        }
        self._deleted = _TypeFile(root / _DELETED, "Bundle", layout)

    def write(self, batch: Batch) -> list[dict[str, Any]]:
        """One record per resource; one Bundle for what is gone."""
        for resource in batch.resources:
            self._files[resource["resourceType"]].add(orjson.dumps(resource))
        if batch.deleted:
            self._deleted.add(orjson.dumps(deletion_bundle(batch)))
        return [_note(self._files[b.folder_of].add(b.line), b) for b in batch.broken]

    def close(self) -> dict[str, int]:
        """Finish every file; records by type, broken ones included."""
        for file in (*self._files.values(), self._deleted):
            file.finish()
        return {kind: file.count for kind, file in self._files.items() if file.count}


def _note(place: tuple[str, int], broken: BrokenLine) -> dict[str, Any]:
    return {
        "file": place[0],
        "line": place[1],
        "kind": broken.kind,
        "rule_id": broken.rule_id,
        "severity": broken.severity,
        "resource_type": broken.folder_of,
        "resource_id": broken.resource_id,
    }


def deletion_bundle(batch: Batch) -> Resource:
    """The bulk export's way to say that resources are gone."""
    # Everything deleted was last changed the day before, so noon is later in any zone.
    moment = f"{day_text(batch.day)}T12:00:00Z"
    return {
        "resourceType": "Bundle",
        "id": bundle_id(batch.name, batch.day),
        "meta": {"lastUpdated": moment},
        "type": "transaction",
        "timestamp": moment,
        "entry": list(deletion_entries(batch)),
    }


def deletion_entries(batch: Batch) -> Iterator[Resource]:
    """One DELETE per resource."""
    for gone in batch.deleted:
        yield {"request": {"method": "DELETE", "url": gone}}
