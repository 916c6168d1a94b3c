"""The documents of a publication: the pointer of a tenant, and a manifest for each of its marts.

`marts/<tenant>/current.json` is the pointer. It names one manifest for each mart, and a manifest
names the Parquet files. Nothing is found by listing folders, so a reader never mixes two runs.
How the runs went is published apart, by a pointer of its own: a run that publishes no figures
leaves the pointer to the figures as it is. Source: publishing specification, 2.2.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from datetime import date, datetime
from typing import Any

from metriccare import naming
from metriccare.errors import MetricCareError

# The two pointers of a tenant: to its figures, and to how its runs went (its alerts and runs).
FIGURES, OPERATIONS = "current", "operations"
_KEPT_FOLDERS = {FIGURES: "publications", OPERATIONS: "operations"}
# Readers refuse a form that they do not know.
FORM = 1
# 16 hexadecimal digits: two publications of a tenant never share them by chance.
_ID_DIGITS = 16


class PublicationRefused(MetricCareError):
    """A pointer, manifest or file is not what a publishing run wrote; nothing of it is read."""


@dataclass(frozen=True)
class MartFile:
    """A Parquet file of a mart: its path below the lake's root, bytes and SHA-256."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class MartColumn:
    """A column of a mart as its manifest describes it; `type` is Spark's word."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True)
class Manifest:
    """One version of a mart: its columns, files and rows, and what they were made by.

    `run_id` is the run since which the rows are unchanged, `previous` the SHA-256 of the manifest
    before it, empty for the first. Rows are in the order of the mart.
    """

    tenant: str
    mart: str
    run_id: str
    as_of: date | None
    columns: tuple[MartColumn, ...]
    rows: int
    files: tuple[MartFile, ...]
    definitions: Mapping[str, str]
    code_version: str
    previous: str

    @property
    def rows_sha256(self) -> str:
        """Return a hash of the rows as their files hold them: equal rows of one engine share it."""
        return sha256_of("".join(file.sha256 for file in self.files).encode())

    def content(self) -> bytes:
        """Return the manifest as it is stored."""
        return _document({"form": FORM, **vars(self)})


@dataclass(frozen=True)
class ManifestEntry:
    """Where a pointer finds a mart's manifest, and the SHA-256 of its bytes."""

    manifest: str
    sha256: str


@dataclass(frozen=True)
class Pointer:
    """What is published of a tenant: the run, its dates, and the manifest of each mart.

    `sequence` rises with every pointer of the tenant, also when a rollback publishes an earlier run
    again: a reader that has seen a greater one is being shown an old pointer.
    """

    tenant: str
    sequence: int
    run_id: str
    as_of: date | None
    published_at: datetime
    marts: Mapping[str, ManifestEntry]

    def content(self) -> bytes:
        """Return the pointer as it is stored."""
        return _document({"form": FORM, **vars(self)})


@dataclass(frozen=True)
class Publication:
    """A publication that may be read: its pointer, and the manifests that the pointer names."""

    id: str
    pointer: Pointer
    manifests: Mapping[str, Manifest]

    @property
    def tenant(self) -> str:
        """Return whose publication it is."""
        return self.pointer.tenant

    @property
    def size(self) -> int:
        """Return the bytes of all its files."""
        return sum(file.size for one in self.manifests.values() for file in one.files)


def folder_of(tenant: str) -> str:
    """Return the folder of a tenant's marts, which no other tenant shares.

    Raises PublicationRefused for a name that is no tenant's, such as one with a slash.
    """
    if not naming.TENANT_NAME.fullmatch(tenant):
        raise PublicationRefused("A published mart needs the name of a tenant.")
    return f"{naming.MARTS_FOLDER}/{tenant}"


def pointer_path(tenant: str, pointer: str = FIGURES) -> str:
    """Return the path of one of a tenant's pointers."""
    return f"{folder_of(tenant)}/{pointer}.json"


def kept_folder(tenant: str, pointer: str = FIGURES) -> str:
    """Return the folder with copies of earlier pointers."""
    return f"{folder_of(tenant)}/{_KEPT_FOLDERS[pointer]}"


def kept_pointer_path(tenant: str, publication: str, pointer: str = FIGURES) -> str:
    """Return where a copy of a pointer is kept as long as its files are."""
    return f"{kept_folder(tenant, pointer)}/{publication}.json"


def publication_id(pointer: bytes) -> str:
    """Return the id of the publication with this pointer: equal content has the same id."""
    return sha256_of(pointer)[:_ID_DIGITS]


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def read_pointer(tenant: str, content: bytes) -> Pointer:
    """Return a tenant's pointer; PublicationRefused if it is another's or leads elsewhere."""
    found = _parsed(content)
    try:
        entries = {name: ManifestEntry(**entry) for name, entry in found["marts"].items()}
        pointer = Pointer(
            found["tenant"],
            int(found["sequence"]),
            found["run_id"],
            _date(found["as_of"]),
            datetime.fromisoformat(found["published_at"]),
            entries,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise PublicationRefused("The pointer of a tenant's marts has another form.") from error
    if pointer.tenant != tenant:
        raise PublicationRefused("The pointer of a tenant's marts is another tenant's.")
    for name, entry in entries.items():
        _check_inside(entry.manifest, f"{folder_of(tenant)}/{name}")
    return pointer


def read_manifest(pointer: Pointer, mart: str, content: bytes) -> Manifest:
    """Return the manifest of a mart; PublicationRefused if it is not the one the pointer names."""
    if sha256_of(content) != pointer.marts[mart].sha256:
        raise PublicationRefused(f"The manifest of {mart} is not the one that was published.")
    found = _parsed(content)
    try:
        manifest = Manifest(
            tenant=found["tenant"],
            mart=found["mart"],
            run_id=found["run_id"],
            as_of=_date(found["as_of"]),
            columns=tuple(MartColumn(**column) for column in found["columns"]),
            rows=found["rows"],
            files=tuple(MartFile(**file) for file in found["files"]),
            definitions=found["definitions"],
            code_version=found["code_version"],
            previous=found["previous"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PublicationRefused(f"The manifest of {mart} has another form.") from error
    if (manifest.tenant, manifest.mart) != (pointer.tenant, mart):
        raise PublicationRefused(f"The manifest of {mart} is of another mart.")
    for file in manifest.files:
        _check_inside(file.path, f"{folder_of(pointer.tenant)}/{mart}")
    return manifest


def _check_inside(path: str, folder: str) -> None:
    """Raise PublicationRefused for a path that is not below a folder."""
    is_below = path.startswith(f"{folder}/")
    if not is_below or any(part in ("", ".", "..") for part in path.split("/")):
        raise PublicationRefused("A published mart names a file outside its own folder.")


def _document(content: Mapping[str, Any]) -> bytes:
    # Sorted names: equal content has equal bytes.
    return json.dumps(content, sort_keys=True, separators=(",", ":"), default=_plain).encode()


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return vars(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"A manifest cannot hold {type(value).__name__}.")


def _parsed(content: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(content)
    except ValueError as error:
        raise PublicationRefused("A document of a publication is damaged.") from error
    if not isinstance(found, dict) or found.get("form") != FORM:
        raise PublicationRefused("A document of a publication has another form.")
    return found


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
