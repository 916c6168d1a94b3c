"""Names that stand for persons: the same person has the same one, and nobody can go back.

A keyed hash: without the key, which never leaves the server, ids cannot be tried one by one.
"""

from __future__ import annotations

import hmac

# 64 bits: two persons of a tenant never share one by chance.
_DIGITS = 16


class Pseudonyms:
    """Keyed hashes of one lake: of persons for readers, and others for the audit."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def person(self, tenant: str, person_id: str) -> str:
        """Return what a reader sees in place of a person's id."""
        return "p-" + self._hashed("reader", tenant, person_id)

    def in_audit(self, tenant: str, person_id: str) -> str:
        """Return what the audit keeps of a person whose records were read."""
        return self._hashed("audit", tenant, person_id)

    def _hashed(self, use: str, tenant: str, person_id: str) -> str:
        text = "\x1f".join((use, tenant, person_id))
        return hmac.digest(self._key, text.encode(), "sha256").hex()[:_DIGITS]
