"""The names by which rows of feeds are known and belong to persons.

One spelling each: `Patient/<id>`, `member/<id>`, `claims/<id>`, `account/<number>`,
`Encounter/<id>`. A claim of a feed may be the FHIR resource of the same id.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metriccare.sources.feeds.declarations import Feed

PATIENT, MEMBER, CLAIM, ACCOUNT = "Patient", "member", "claims", "account"
_ALSO = {CLAIM: ("Claim",)}


def value_names(kind: str, value: str) -> set[str]:
    """Return the names that a value of a person column gives its row."""
    return {f"{each}/{value}" for each in (kind, *_ALSO.get(kind, ()))}


def row_names(feed: Feed, record_id: str | None, fields: Mapping[str, Any]) -> set[str]:
    """Return the names of a row: its own, and those of what its person columns name."""
    names = {f"{feed.name}/{record_id}"} if record_id else set()
    for column in feed.person_columns:
        value = fields.get(column.name)
        if isinstance(value, str):
            names |= value_names(str(column.names), value)
    return names
