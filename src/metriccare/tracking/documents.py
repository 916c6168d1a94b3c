"""Small documents kept with a lake, each there whole or not at all.

The lease makes sure that one writer is at work.
"""

from __future__ import annotations

from metriccare.object_store import ObjectStore, read_if_there


def read_document(objects: ObjectStore, name: str) -> str | None:
    """Return a document's text; None if there is none."""
    content = read_if_there(objects, name)
    return None if content is None else content.decode("utf-8")


def write_document(objects: ObjectStore, name: str, text: str) -> None:
    """Write a document; it replaces the one of that name."""
    objects.put(name, text.encode("utf-8"))


def remove_document(objects: ObjectStore, name: str) -> None:
    """Remove a document for good, with every version of it."""
    objects.erase(name)


def document_names(objects: ObjectStore, folder: str) -> set[str]:
    """Return the names of the documents directly in a folder of the lake."""
    names = (name for name in objects.sizes(folder) if "/" not in name)
    return {f"{folder}/{name}" for name in names if name.endswith(".json")}
