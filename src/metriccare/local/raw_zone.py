"""The raw zone of a lake on this machine: received files, copied once and kept as they came."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from metriccare import naming
from metriccare.errors import UsageError
from metriccare.settings import Lake
from metriccare.tracking.states import FileRecord
from metriccare.tracking.store import TrackingStore

ENDINGS = (".ndjson", ".json", ".jsonl", ".ndjson.gz", ".json.gz", ".jsonl.gz")
# The generator's answer key lies beside its output and is no input.
_NOT_INPUT = frozenset({"truth.json", "truth.schema.json"})
_BLOCK = 2**20


@dataclass(frozen=True)
class Found:
    """A file to take in: where it is, its name as the sender gave it, what identifies it."""

    path: Path
    name: str
    identity: str


@dataclass(frozen=True)
class Ingested:
    """What came of taking files in."""

    registered: int
    known: int
    bytes_copied: int
    empty: tuple[str, ...]


def find_files(paths: Iterable[Path]) -> list[Found]:
    """Return the FHIR files below the paths, in the order of their names.

    Raises UsageError for a path that does not exist or a folder without any.
    """
    return [found for path in paths for found in _below(path)]


def _below(path: Path) -> list[Found]:
    if path.is_file():
        return [Found(path, path.name, str(path.resolve()))]
    if not path.is_dir():
        raise UsageError(f"There is no file or folder {path}.")
    folder = path.resolve()
    found = [
        Found(file, f"{folder.name}/{file.relative_to(folder).as_posix()}", str(file))
        for file in _walk(folder)
        if file.name.lower().endswith(ENDINGS) and file.name not in _NOT_INPUT
    ]
    if not found:
        raise UsageError(f"{path} holds no FHIR file ({', '.join(ENDINGS[:4])}).")
    return found


def _walk(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(place) / name for name in sorted(names) if not name.startswith("."))


def ingest(
    lake: Lake,
    store: TrackingStore,
    files: Iterable[Found],
    tenant: str,
    progress: Callable[[int], None] = lambda _: None,
) -> Ingested:
    """Copy files into the raw zone and register them; a file that is known changes nothing.

    `progress` is told the bytes of each file. A copy is complete before it is registered.
    """
    registered = known = copied = 0
    empty: list[str] = []
    for found in files:
        size = found.path.stat().st_size
        if size == 0:
            empty.append(found.name)
        if _take_in(lake, store, found, tenant):
            registered, copied = registered + 1, copied + size
        else:
            known += 1
        progress(size)
    return Ingested(registered, known, copied, tuple(empty))


def _take_in(lake: Lake, store: TrackingStore, found: Found, tenant: str) -> bool:
    digest = _sha256(found.path)
    file_id = _file_id(tenant, found.identity, digest)
    target = lake.folder / naming.RAW_FOLDER / tenant / file_id / found.name
    if not target.exists():
        _copy(found.path, target)
    return store.register(
        FileRecord(
            file_id=file_id,
            tenant=tenant,
            source_file=found.name,
            location=str(target.resolve()),
            size=found.path.stat().st_size,
            registered_at=datetime.now(UTC),
        )
    )


def _file_id(tenant: str, identity: str, digest: str) -> str:
    """Return the id of an object version: tenant, place and content together."""
    return hashlib.sha256("\n".join((tenant, identity, digest)).encode()).hexdigest()[:16]


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _copy(source: Path, target: Path) -> None:
    """Copy under a temporary name, so that a copy cut short is never taken for the file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    with source.open("rb") as sent, part.open("wb") as kept:
        while block := sent.read(_BLOCK):
            kept.write(block)
        kept.flush()
        os.fsync(kept.fileno())
    part.replace(target)
