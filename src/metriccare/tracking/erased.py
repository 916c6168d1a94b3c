"""The list of erased persons: salted hashes of names, so that no file brings a person back.

A reader learns no name from the list. It answers only whether a given name is on it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from metriccare import naming
from metriccare.object_store import ObjectStore
from metriccare.tracking.documents import read_document, write_document


@dataclass(frozen=True)
class ErasedNames:
    """The names of erased persons and of their resources, hashed with the lake's salt."""

    salt: str = field(default_factory=lambda: secrets.token_hex(32))
    marks: frozenset[str] = frozenset()

    def mark(self, tenant: str, name: str) -> str:
        """Return the hash a tenant's name is listed under."""
        text = f"{tenant}|{name}".encode()
        return hmac.new(bytes.fromhex(self.salt), text, hashlib.sha256).hexdigest()

    def hold(self, tenant: str, names: Iterable[str]) -> bool:
        """Return True if any of the names is listed."""
        return any(self.mark(tenant, name) in self.marks for name in names)

    def with_names(self, tenant: str, names: Iterable[str]) -> ErasedNames:
        """Return the list with more names."""
        added = {self.mark(tenant, name) for name in names}
        return ErasedNames(self.salt, self.marks | added)


def load_erased(objects: ObjectStore) -> ErasedNames:
    """Return the lake's list; an empty one where nobody was erased."""
    text = read_document(objects, naming.ERASED_FILE)
    if text is None:
        return ErasedNames()
    found = json.loads(text)
    return ErasedNames(found["salt"], frozenset(found["marks"]))


def save_erased(objects: ObjectStore, erased: ErasedNames) -> None:
    """Write the list so that it is there whole or not at all."""
    document = {"salt": erased.salt, "marks": sorted(erased.marks)}
    write_document(objects, naming.ERASED_FILE, json.dumps(document))
