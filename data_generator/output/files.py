"""Files with one resource type each: NDJSON lines or JSON arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import orjson

from data_generator.clock import day_text
from data_generator.fhir.codes import Resource
from data_generator.fhir.record import DETAIL_FOLDERS, FOLDERS, OTHER_FOLDERS
from data_generator.ids import bundle_id
from data_generator.output.batch import Batch, BrokenLine

# Large enough for few files, small enough for Spark to read several in parallel.
RESOURCES_PER_FILE = 200_000
_FLUSH_BYTES = 1 << 20  # 1 MB per type: few writes, and little memory
_DELETED = "deleted"


class BatchWriter(Protocol):
    """Writes one batch at a time."""

    def write(self, batch: Batch) -> list[dict[str, Any]]:
        """Write a batch; return the file and line of its broken records."""

    def close(self) -> dict[str, int]:
        """Finish the files; return the number of resources by type."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The bytes before, between and after the resources of a file."""

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
    resource_type: str
    layout: Layout
    count: int = 0
    pending: list[bytes] = field(default_factory=list)
    size: int = 0
    begun: bool = False

    def add(self, line: bytes) -> tuple[str, int]:
        """Append a record; return its file (from the output folder) and line number."""
        if self.count and self.count % RESOURCES_PER_FILE == 0:
            self.finish()
        self.pending.append(line)
        self.count += 1
        self.size += len(line)
        if self.size > _FLUSH_BYTES:
            self._flush()
        line_number = (self.count - 1) % RESOURCES_PER_FILE + 1
        return f"json/{self.folder.name}/{self._name(self.count)}", line_number

    def finish(self) -> None:
        """Write pending records and end the file."""
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
        return f"{self.resource_type}.{(count - 1) // RESOURCES_PER_FILE:03d}.{self.layout.suffix}"


class TypeFilesWriter:
    """Writes ``<root>/<folder>/<Type>.NNN.<suffix>``, and deletions to ``<root>/deleted``."""

    def __init__(self, root: Path, layout: Layout) -> None:
        self._files = {
            resource_type: _TypeFile(root / folder, resource_type, layout)
            for resource_type, folder in (FOLDERS | DETAIL_FOLDERS | OTHER_FOLDERS).items()
        }
        self._deleted = _TypeFile(root / _DELETED, "Bundle", layout)

    def write(self, batch: Batch) -> list[dict[str, Any]]:
        """Write one record per resource, and one Bundle for the deletions."""
        for resource in batch.resources:
            self._files[resource["resourceType"]].add(orjson.dumps(resource))
        if batch.deleted:
            self._deleted.add(orjson.dumps(deletion_bundle(batch)))
        return [_note(self._files[b.folder_of].add(b.line), b) for b in batch.broken]

    def close(self) -> dict[str, int]:
        """Finish every file; return the number of records by type, with broken ones."""
        for file in (*self._files.values(), self._deleted):
            file.finish()
        return {
            resource_type: file.count for resource_type, file in self._files.items() if file.count
        }


def _note(file_and_line: tuple[str, int], broken: BrokenLine) -> dict[str, Any]:
    return {
        "file": file_and_line[0],
        "line": file_and_line[1],
        "kind": broken.kind,
        "rule_id": broken.rule_id,
        "severity": broken.severity,
        "resource_type": broken.folder_of,
        "resource_id": broken.resource_id,
    }


def deletion_bundle(batch: Batch) -> Resource:
    """Return the Bundle that reports deleted resources, as a bulk export does."""
    # Deleted resources last changed the day before or earlier: noon is later in any zone.
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
    """Yield one DELETE entry per deleted resource."""
    for gone in batch.deleted:
        yield {"request": {"method": "DELETE", "url": gone}}
