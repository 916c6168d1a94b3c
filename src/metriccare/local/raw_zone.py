"""The raw zone of a lake on this machine: received files, copied once and kept as they came."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from metriccare import naming
from metriccare.causes import cause_of
from metriccare.ingest.sent_files import Fault, Found, LeftOut, Sent
from metriccare.settings import Lake
from metriccare.tracking.states import FileRecord
from metriccare.tracking.store import TrackingStore

_BLOCK = 2**20
# The longest name that file systems allow.
_NAME_BYTES = 255
# Errors of the lake, not of one file: the next file would fail too.
_OF_THE_LAKE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


@dataclass(frozen=True)
class Ingested:
    """The result of taking files in; `faults` are files that could not be read."""

    registered: int
    known: int
    bytes_copied: int
    empty: tuple[str, ...]
    left_out: tuple[LeftOut, ...] = ()
    faults: tuple[Fault, ...] = ()


def ingest(
    lake: Lake,
    store: TrackingStore,
    sent: Sent,
    tenant: str,
    progress: Callable[[int], None] = lambda _: None,
) -> Ingested:
    """Copy files into the raw zone and register them; a known file changes nothing.

    `progress` gets the bytes of each file. A copy is complete before it is registered. A file
    that cannot be read does not hold up the others. Raises OSError when the lake takes no more.
    """
    registered = known = copied = 0
    empty: list[str] = []
    faults = list(sent.faults)
    for found in sent.files:
        try:
            is_new = _take_in(lake, store, found, tenant)
        except OSError as error:
            if _concerns_lake(error, lake):
                raise
            faults.append(Fault(found.name, cause_of(error)))
            continue
        if found.size == 0:
            empty.append(found.name)
        registered, known = registered + is_new, known + (not is_new)
        copied += found.size if is_new else 0
        progress(found.size)
    return Ingested(registered, known, copied, tuple(empty), sent.left_out, tuple(faults))


def _concerns_lake(error: OSError, lake: Lake) -> bool:
    place = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
    return error.errno in _OF_THE_LAKE or place.startswith(os.path.join(lake.folder, ""))


def _take_in(lake: Lake, store: TrackingStore, found: Found, tenant: str) -> bool:
    digest = _sha256(found.path)
    file_id = _file_id(tenant, found.identity, digest)
    target = lake.folder / naming.RAW_FOLDER / tenant / file_id / _stored_name(found.name)
    if not target.exists():
        _copy(found.path, target)
    return store.register(
        FileRecord(
            file_id=file_id,
            tenant=tenant,
            source_file=found.name,
            location=str(target.resolve()),
            size=target.stat().st_size,
            registered_at=datetime.now(UTC),
        )
    )


def _file_id(tenant: str, identity: str, digest: str) -> str:
    """Return the id of an object version: tenant, place and content together."""
    # A path may hold bytes that are no text.
    text = "\n".join((tenant, identity, digest)).encode(errors="surrogateescape")
    return hashlib.sha256(text).hexdigest()[:16]


def _stored_name(name: str) -> str:
    """Return a file's name as a path below a folder, its parts as long as a file system allows.

    Of a longer part the end is kept. The key of an object may hold `..`, which must lead nowhere.
    """
    parts = [part for part in name.split("/") if part not in {"", ".", ".."}]
    short = [part.encode()[-_NAME_BYTES:].decode(errors="ignore") for part in parts]
    return str(PurePosixPath(*(short or ["file"])))


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _copy(source: Path, target: Path) -> None:
    """Copy under a temporary name, so that a copy that breaks off never looks complete."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(".incoming.part")
    with source.open("rb") as sent, part.open("wb") as kept:
        while block := sent.read(_BLOCK):
            kept.write(block)
        kept.flush()
        os.fsync(kept.fileno())
    part.replace(target)
