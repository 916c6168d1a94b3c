"""Filters as one text for the audit: values of dimensions as they are, ids of people hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

# Parameters that name a person, a stay, a claim or an account.
IDENTIFYING = frozenset(
    {"stay_id", "account_id", "claim_id", "person", "person_id", "record_id", "evidence_id"}
)


def canonical(values: Mapping[str, Any]) -> str:
    """Return the parameters that were given, sorted, as JSON."""
    given = {
        name: hashed(str(value)) if name in IDENTIFYING else value
        for name, value in values.items()
        if value not in (None, ())
    }
    return json.dumps(given, sort_keys=True, default=str, ensure_ascii=False) if given else ""


def hashed(value: str) -> str:
    """Return the hash that stands for an id."""
    return "sha256:" + hashlib.sha256(value.encode()).hexdigest()[:32]
