"""How many bytes of a file were read, as what: no byte may be missed without a trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # The functions on AWS know accounts of bytes, but not the parser that makes them.
    from metriccare.sources.fhir.json_spans import Span


@dataclass(frozen=True)
class ByteAccount:
    """The bytes of a file's uncompressed content, by what they were read as.

    `content` is the length of the content, taken from the file and not from its reader. `envelope`
    is what surrounds the entries of a Bundle or an array, `space` what surrounds values.
    `entries_passed` counts the entries without a resource and what servers say about requests.
    """

    content: int = 0
    records: int = 0
    quarantined: int = 0
    passed: int = 0
    envelope: int = 0
    space: int = 0
    entries_passed: int = 0

    @property
    def accounted(self) -> int:
        """Return how many bytes were read as something."""
        return self.records + self.quarantined + self.passed + self.envelope + self.space

    def plus(self, other: ByteAccount) -> ByteAccount:
        """Return the account of two parts of one file; each knows the length of the whole."""
        return ByteAccount(
            content=max(self.content, other.content),
            records=self.records + other.records,
            quarantined=self.quarantined + other.quarantined,
            passed=self.passed + other.passed,
            envelope=self.envelope + other.envelope,
            space=self.space + other.space,
            entries_passed=self.entries_passed + other.entries_passed,
        )


class Ledger:
    """Counts the bytes outside records while a file is read from its beginning to its end.

    Each byte is counted once: by the value that takes it, or by what is reached next. Bytes of
    records are counted by whoever takes the records.
    """

    def __init__(self, start: int) -> None:
        self.position = start
        self.passed = 0
        self.envelope = 0
        self.space = 0
        self.entries_passed = 0

    def take(self, span: Span) -> None:
        """Reach the end of a record; what lies before it is envelope."""
        self.envelope_to(span[0])
        self.position = span[1]

    def envelope_to(self, end: int) -> None:
        """Reach a place within a value, or its end."""
        self.envelope += max(0, end - self.position)
        self.position = max(end, self.position)

    def space_to(self, end: int) -> None:
        """Reach what follows white space."""
        self.space += max(0, end - self.position)
        self.position = max(end, self.position)

    def pass_over(self, span: Span) -> None:
        """Reach the end of a value that is no record."""
        self.take(span)
        self.passed += span[1] - span[0]
        self.entries_passed += 1
