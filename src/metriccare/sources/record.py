"""What a received record is to everyone who counts, stores or rejects it, whatever its source."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

# A longer record is rejected, and only the beginning of its text is kept.
MAX_RECORD_BYTES = 64 * 2**20
QUARANTINED_TEXT_BYTES = 10_000

Place = tuple[int, str]
"""A record's line (or number in its document), and its entry within: `0` for a whole line,
`3` for the third entry on the line, `3.2` for the second entry of a Bundle that is the third."""


class Record(Protocol):
    """A record as bronze stores it: a resource of FHIR, or a row of a feed.

    `record_type` is the resource type or the feed, `record_id` what identifies it among these.
    `rule_id` is None for a record that is loaded; `reason` never has its content.
    """

    @property
    def raw(self) -> bytes:
        """Return the exact bytes."""

    @property
    def line(self) -> int:
        """Return its first line in the file, or its number in a document; both from 1."""

    @property
    def record_type(self) -> str | None:
        """Return what it is a record of; None if that is not known."""

    @property
    def record_id(self) -> str | None:
        """Return what identifies it; None if it has none."""

    @property
    def updated_at(self) -> datetime | None:
        """Return when the sender last changed it; None if it does not say."""

    @property
    def deleted(self) -> bool:
        """Return True if it deletes what it names."""

    @property
    def rule_id(self) -> str | None:
        """Return the rule that rejects it."""

    @property
    def reason(self) -> str | None:
        """Return why it is rejected: what was wanted and found."""


class Rejected(Exception):
    """What is read cannot be a record: the rule it breaks, and why."""

    def __init__(self, rule_id: str, reason: str) -> None:
        super().__init__(reason)
        self.rule_id = rule_id
        self.reason = reason
