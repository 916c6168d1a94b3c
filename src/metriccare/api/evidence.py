"""The records behind published figures, as the API reads them: behind a protocol.

The implementation reads the inner layers, which a server of published figures must not reach.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from metriccare.report.evidence import Cell, Choice

Record = dict[str, Any]


class Explanation(NamedTuple):
    """An explanation's lines, whose record it is, and the facility it happened in."""

    person_id: str
    facility_id: str | None
    rows: tuple[Record, ...]


class SourceRecord(NamedTuple):
    """A record as it was received, and whose it is; no person for a record of none."""

    persons: tuple[str, ...]
    raw: str
    source_file: str
    source_line: int | None
    last_updated: datetime | None
    versions: int


class Evidence(Protocol):
    """Records of one tenant at a time."""

    def stays(self, tenant: str, cell: Cell, choice: Choice) -> list[Record]:
        """Return the stays of a cell."""
        ...

    def explanation(self, tenant: str, measure_id: str, stay_id: str) -> Explanation | None:
        """Return why a stay is in or out of a measure; None if the tenant has no such stay."""
        ...

    def denials(self, tenant: str, where: Mapping[str, Sequence[str]], limit: int) -> list[Record]:
        """Return denials to work."""
        ...

    def account(self, tenant: str, account_id: str) -> Explanation | None:
        """Return an account down to file and line; None if the tenant has no such account."""
        ...

    def account_of_claim(self, tenant: str, claim_id: str) -> str | None:
        """Return the account of a claim; None if the tenant has no such claim."""
        ...

    def small_counts(self, tenant: str, measure_id: str) -> list[Record]:
        """Return every result of a measure before suppression, in the columns published.

        `small` is True where the published row is hidden.
        """
        ...

    def record(self, tenant: str, resource_type: str, record_id: str) -> SourceRecord | None:
        """Return the newest version of a resource; None if the tenant has none or it is deleted."""
        ...
