"""A person's records blanked out of the raw zone, and what an erasure writes down about itself."""

from __future__ import annotations

import gzip
import json
import mmap
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from metriccare import naming
from metriccare.fhir.redaction import Place, blank
from metriccare.settings import Lake
from metriccare.tracking.states import FileRecord

_GZIP = b"\x1f\x8b"
_JOURNAL = f"{naming.ERASURES_FOLDER}/unfinished.json"


def places_by_file(record_keys: Iterable[str]) -> dict[str, set[Place]]:
    """Return where records stand, by file id, from their keys in bronze."""
    places: dict[str, set[Place]] = {}
    for key in record_keys:
        _, file_id, line, entry, *_ = key.split("|")
        places.setdefault(file_id, set()).add((int(line), int(entry)))
    return places


def blank_raw(files: Iterable[FileRecord], places: Mapping[str, set[Place]]) -> int:
    """Blank records out of raw files; return how many files were rewritten."""
    wanted = [file for file in files if file.file_id in places]
    return sum(_blank_file(Path(file.location), places[file.file_id]) for file in wanted)


def _blank_file(path: Path, places: set[Place]) -> bool:
    """Rewrite a file aside and put it in place whole; False when it is gone."""
    if not path.is_file():
        return False
    part = path.with_name(f".{path.name}.part")
    with path.open("rb") as stream:
        is_packed = stream.read(2) == _GZIP
    _copy(path, part, unpack=is_packed)
    if part.stat().st_size:
        with part.open("r+b") as changed, mmap.mmap(changed.fileno(), 0) as buffer:
            blank(buffer, places)
            buffer.flush()
    if is_packed:
        _pack(part)
    part.replace(path)
    return True


def _copy(source: Path, target: Path, *, unpack: bool) -> None:
    with (gzip.open if unpack else open)(source, "rb") as sent, target.open("wb") as kept:
        shutil.copyfileobj(sent, kept, 2**20)
        os.fsync(kept.fileno())


def _pack(path: Path) -> None:
    packed = path.with_name(f"{path.name}.gz")
    with path.open("rb") as plain, gzip.GzipFile(packed, "wb", mtime=0) as target:
        shutil.copyfileobj(plain, target, 2**20)
    packed.replace(path)


def write_journal(lake: Lake, plan: Mapping[str, Any]) -> None:
    """Write down what is to be erased, so that an erasure that breaks off can be finished."""
    _write(lake.folder / _JOURNAL, plan)


def read_journal(lake: Lake) -> dict[str, Any] | None:
    """Return what an erasure that broke off was to erase."""
    path = lake.folder / _JOURNAL
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def remove_journal(lake: Lake) -> None:
    """Remove the journal: it names the person, and all it names is gone."""
    (lake.folder / _JOURNAL).unlink(missing_ok=True)


def write_receipt(lake: Lake, name: str, receipt: Mapping[str, Any]) -> Path:
    """Write an erasure's receipt and return its place."""
    path = lake.folder / naming.ERASURES_FOLDER / f"{name}.json"
    _write(path, receipt)
    return path


def _write(path: Path, document: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as stream:
        json.dump(document, stream, indent=2)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)
