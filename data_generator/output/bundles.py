"""Transaction Bundles: one file per person; references are ``urn:uuid`` or searches."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import orjson

from data_generator.clock import day_text
from data_generator.fhir.codes import Resource
from data_generator.ids import bundle_id
from data_generator.output.batch import Batch
from data_generator.output.files import deletion_entries

_SHARED = ("Organization", "Location", "Practitioner", "PractitionerRole")
REGION = "region"


class BundleWriter:
    """Writes ``<root>/bundles/<person id>.json``."""

    def __init__(self, root: Path, shared: list[Resource]) -> None:
        self._folder = root / "bundles"
        self._counts: Counter[str] = Counter()
        self._searches = dict(_search(resource) for resource in shared)

    def write(self, batch: Batch) -> list[dict[str, Any]]:
        """Write one Bundle; ids are kept, so that later Bundles can refer to its resources."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._counts.update(resource["resourceType"] for resource in batch.resources)
        # A transaction may hold a resource once: of two versions the first, newer one is kept.
        resources = {_key(r): r for r in reversed(batch.resources)}
        known = {key: _full_url(r) for key, r in resources.items()}
        if batch.name != REGION:
            known |= self._searches
        entries = [_entry(resource, known) for resource in reversed(resources.values())]
        entries += deletion_entries(batch)
        bundle = {
            "resourceType": "Bundle",
            "id": bundle_id(batch.name, batch.day),
            "type": "transaction",
            "timestamp": f"{day_text(batch.day)}T23:59:59Z",
            "entry": entries,
        }
        (self._folder / f"{batch.name}.json").write_bytes(orjson.dumps(bundle) + b"\n")
        return []

    def close(self) -> dict[str, int]:
        """Return the number of resources by type."""
        return dict(sorted(self._counts.items()))


def _key(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _full_url(resource: Resource) -> str:
    if resource["resourceType"] in _SHARED:
        return f"urn:uuid:{bundle_id(_key(resource), 0)}"
    return f"urn:uuid:{resource['id']}"


def _search(resource: Resource) -> tuple[str, str]:
    identifier = resource["identifier"][0]
    value = f"{identifier['system']}|{identifier['value']}"
    return _key(resource), f"{resource['resourceType']}?identifier={value}"


def _entry(resource: Resource, known: dict[str, str]) -> Resource:
    return {
        "fullUrl": _full_url(resource),
        "resource": _rewritten(resource, known),
        "request": {"method": "PUT", "url": _key(resource)},
    }


def _rewritten(value: Any, known: dict[str, str]) -> Any:
    """Return the same content with references replaced as in ``known``."""
    if isinstance(value, list | tuple):
        return [_rewritten(item, known) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: known.get(item, item)
        if key == "reference" and isinstance(item, str)
        else _rewritten(item, known)
        for key, item in value.items()
    }
