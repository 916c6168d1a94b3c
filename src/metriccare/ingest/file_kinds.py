"""Which files are input: FHIR by the ending of their name or by their first bytes, or a table."""

from __future__ import annotations

from pathlib import PurePosixPath

from metriccare.causes import printable
from metriccare.sources.feeds.contracts import CANONICAL
from metriccare.sources.feeds.detection import named_contracts

ENDINGS = (".ndjson", ".json", ".jsonl", ".ndjson.gz", ".json.gz", ".jsonl.gz")
TABLE_ENDINGS = (".csv", ".tsv")
_GZIP_MARK = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# No sender puts more white space than this before the first bracket.
PEEK_BYTES = 4096
_NO_ENDING = "without an ending"


def has_fhir_ending(name: str) -> bool:
    """Return True if a name ends as a FHIR file's does."""
    return name.lower().endswith(ENDINGS)


def has_table_ending(name: str) -> bool:
    """Return True if a path ends as a table's does; a text is one if a feed's name says so."""
    lower = name.lower().removesuffix(".gz")
    return lower.endswith(TABLE_ENDINGS) or (
        lower.endswith(".txt") and bool(named_contracts(name, "", CANONICAL))
    )


def has_no_ending(name: str) -> bool:
    """Return True if a name has no ending that says what it is: `Encounter`, `2.16.840.1`."""
    ending = PurePosixPath(name).suffix[1:]
    return not ending or ending.isdigit()


def begins_as_fhir(head: bytes) -> bool:
    """Return True if the first bytes of a file are those of JSON or of gzip."""
    return head.startswith(_GZIP_MARK) or head.removeprefix(_BYTE_ORDER_MARK).lstrip()[:1] in (
        b"{",
        b"[",
    )


def kind_of(name: str) -> str:
    """Return the kind of a file left out: its ending, or that it has none."""
    ending = PurePosixPath(name).suffix.lower()
    return _NO_ENDING if has_no_ending(name) else printable(ending)
