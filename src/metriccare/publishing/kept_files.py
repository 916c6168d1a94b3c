"""Which files of a tenant's marts are kept: those of its newest publications.

Files that no kept publication names are left by killed writers or belong to older ones.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import PurePosixPath

from metriccare.object_store import ObjectStore
from metriccare.query.published.publication import (
    folder_of,
    kept_pointer_path,
    pointer_path,
    publication_id,
)

# 30 publications: a month of daily runs (publishing specification, 2.2).
KEPT = 30
# 10 more before older ones go: each time every kept pointer is read, a request each in S3.
_SLACK = 10


def remove_old_publications(objects: ObjectStore, tenant: str) -> int:
    """Delete files of publications older than the newest 30, now and then; return how many."""
    paths = objects.sizes(f"{folder_of(tenant)}/publications")
    if len(paths) <= KEPT + _SLACK:
        return 0
    return _remove(objects, tenant, KEPT, is_erased=False)


def remove_every_older_publication(objects: ObjectStore, tenant: str) -> int:
    """Delete all files but those of the current publication, with every version storage keeps.

    Returns how many. It is what an erasure needs: nobody may find the rows in an older file.
    """
    return _remove(objects, tenant, 1, is_erased=True)


def _remove(objects: ObjectStore, tenant: str, keep: int, *, is_erased: bool) -> int:
    folder = folder_of(tenant)
    paths = [f"{folder}/{path}" for path in objects.sizes(folder)]
    kept = _newest(objects, tenant, paths, keep)
    named = {pointer_path(tenant)} | {
        kept_pointer_path(tenant, publication_id(pointer)) for pointer in kept
    }
    versions = {version for pointer in kept for version in _versions_in(pointer)}
    unnamed = [path for path in paths if path not in named and _version(path) not in versions]
    remove = objects.erase if is_erased else objects.delete
    for path in unnamed:
        remove(path)
    return len(unnamed)


def _newest(objects: ObjectStore, tenant: str, paths: Collection[str], keep: int) -> list[bytes]:
    """Return the current pointer and the newest of the others that are kept."""
    current = objects.read(pointer_path(tenant))
    folder = f"{folder_of(tenant)}/publications/"
    others = [objects.read(path) for path in paths if path.startswith(folder)]
    others = [pointer for pointer in others if pointer != current]
    others.sort(key=lambda pointer: str(_parsed(pointer)["published_at"]), reverse=True)
    return [current, *others[: keep - 1]]


def _versions_in(pointer: bytes) -> set[tuple[str, str]]:
    """Return the mart and the version of each manifest a pointer names."""
    return {_version(entry["manifest"]) for entry in _parsed(pointer)["marts"].values()}


def _version(path: str) -> tuple[str, str]:
    """Return the mart and the version of a file or manifest: their names are the same."""
    parts = PurePosixPath(path)
    folder = parts.parent.parent if parts.parent.name == "manifests" else parts.parent
    return folder.name, parts.stem


def _parsed(pointer: bytes) -> Mapping[str, dict[str, dict[str, str]]]:
    found: Mapping[str, dict[str, dict[str, str]]] = json.loads(pointer)
    return found
