"""Which files are FHIR, by the ending of their name or by their first bytes."""

from __future__ import annotations

from pathlib import PurePosixPath

from metriccare.causes import printable

ENDINGS = (".ndjson", ".json", ".jsonl", ".ndjson.gz", ".json.gz", ".jsonl.gz")
_GZIP_MARK = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# No sender puts more white space than this before the first bracket.
PEEK_BYTES = 4096
_NO_ENDING = "without an ending"


def has_fhir_ending(name: str) -> bool:
    """Return True if a name ends as a FHIR file's does."""
    return name.lower().endswith(ENDINGS)


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
