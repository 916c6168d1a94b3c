"""Writers of the three formats; files are cut at a fixed number of resources."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import orjson

from data_generator.fhir.codes import Resource
from data_generator.fhir.record import FOLDERS

# Large enough for few files, small enough for Spark to share them out.
RESOURCES_PER_FILE = 200_000
_FLUSH_BYTES = 1 << 20


class ResourceWriter(Protocol):
    """Takes the resources of one person (or of the region) at a time."""

    def write(self, resources: list[Resource]) -> None:
        """Write resources that belong together."""

    def close(self) -> dict[str, int]:
        """Finish the files; resources by type."""


@dataclass(slots=True)
class _TypeFile:
    """The current file of one resource type."""

    folder: Path
    kind: str
    count: int = 0
    pending: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, line: bytes) -> None:
        if self.count % RESOURCES_PER_FILE == 0:
            self.flush()
        self.pending.append(line)
        self.count += 1
        self.size += len(line)
        if self.size > _FLUSH_BYTES:
            self.flush()

    def flush(self) -> None:
        if self.pending:
            number = (self.count - 1) // RESOURCES_PER_FILE
            with (self.folder / f"{self.kind}.{number:03d}.ndjson").open("ab") as file:
                file.write(b"\n".join(self.pending) + b"\n")
        self.pending, self.size = [], 0


class NdjsonWriter:
    """``<root>/<folder>/<Type>.NNN.ndjson``."""

    def __init__(self, root: Path) -> None:
        self._files: dict[str, _TypeFile] = {}
        for kind, folder in FOLDERS.items():
            (root / folder).mkdir(parents=True)
            self._files[kind] = _TypeFile(root / folder, kind)

    def write(self, resources: list[Resource]) -> None:
        """One line per resource."""
        for resource in resources:
            self._files[resource["resourceType"]].add(orjson.dumps(resource))

    def close(self) -> dict[str, int]:
        """Flush what is pending; resources by type."""
        for file in self._files.values():
            file.flush()
        return {kind: file.count for kind, file in self._files.items()}
