"""Which files of a tenant's marts are kept: those of its newest publications.

Files that no kept publication names are left by killed writers or belong to older ones. Figures and
operations have a pointer each; neither's files are looked at for the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePosixPath

from metriccare.object_store import ObjectStore
from metriccare.query.published.operations_marts import LEDGER, OPERATIONS_MARTS
from metriccare.query.published.publication import (
    FIGURES,
    OPERATIONS,
    folder_of,
    kept_folder,
    kept_pointer_path,
    pointer_path,
    publication_id,
)

# 30 publications: a month of daily runs (publishing specification, 2.2).
KEPT = 30
# 10 more before older ones go: each time every kept pointer is read, a request each in S3.
_SLACK = 10
# Of operations, the one before: a reader may be opening its files. Nobody pins one.
_KEPT_OPERATIONS = 2
_OF_OPERATIONS = frozenset(
    {f"{OPERATIONS}.json", OPERATIONS, LEDGER, *(mart.name for mart in OPERATIONS_MARTS)}
)


def remove_old_publications(objects: ObjectStore, tenant: str) -> int:
    """Delete files of publications older than the newest 30, now and then; return how many."""
    paths = objects.sizes(kept_folder(tenant))
    if len(paths) <= KEPT + _SLACK:
        return 0
    return _remove(objects, tenant, KEPT, is_erased=False)


def remove_old_operations(objects: ObjectStore, tenant: str) -> int:
    """Delete files of operations that neither the newest two pointers name; return how many."""
    return _remove(objects, tenant, _KEPT_OPERATIONS, is_erased=False, pointer=OPERATIONS)


def remove_figures(objects: ObjectStore, tenant: str) -> None:
    """Delete every file of a tenant's figures; the pointer goes first."""
    objects.delete(pointer_path(tenant))
    for path in _paths(objects, tenant, FIGURES):
        objects.delete(path)


def remove_every_older_publication(objects: ObjectStore, tenant: str) -> int:
    """Delete all files but those of the current publication, with every version storage keeps.

    Returns how many. It is what an erasure needs: nobody may find the rows in an older file.
    """
    return _remove(objects, tenant, 1, is_erased=True)


def _remove(
    objects: ObjectStore, tenant: str, keep: int, *, is_erased: bool, pointer: str = FIGURES
) -> int:
    paths = [path for path in _paths(objects, tenant, pointer) if not path.endswith(LEDGER)]
    kept = _newest(objects, tenant, pointer, keep)
    named = {pointer_path(tenant, pointer)} | {
        kept_pointer_path(tenant, publication_id(content), pointer) for content in kept
    }
    versions = {version for content in kept for version in _versions_in(content)}
    unnamed = [path for path in paths if path not in named and _version(path) not in versions]
    remove = objects.erase if is_erased else objects.delete
    for path in unnamed:
        remove(path)
    return len(unnamed)


def _paths(objects: ObjectStore, tenant: str, pointer: str) -> list[str]:
    """Return the paths of the files that belong to one of the two pointers."""
    folder, is_operations = folder_of(tenant), pointer == OPERATIONS
    return [
        f"{folder}/{path}"
        for path in objects.sizes(folder)
        if (path.split("/")[0] in _OF_OPERATIONS) == is_operations
    ]


def _newest(objects: ObjectStore, tenant: str, pointer: str, keep: int) -> list[bytes]:
    """Return the current pointer and the newest of the others that are kept."""
    current = objects.read(pointer_path(tenant, pointer))
    folder = kept_folder(tenant, pointer)
    others = [objects.read(f"{folder}/{path}") for path in objects.sizes(folder)]
    others = [content for content in others if content != current]
    others.sort(key=lambda content: str(_parsed(content)["published_at"]), reverse=True)
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
