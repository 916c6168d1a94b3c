"""The hash of a mart's rows: equal rows in the same order have it on every engine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import orjson


class RowHash:
    """Counts rows and hashes them one after another."""

    def __init__(self) -> None:
        self._digest, self.count = hashlib.sha256(), 0

    def add(self, row: Sequence[Any]) -> None:
        """Add a row: its values in the order of the columns; instants are in UTC without a zone."""
        self._digest.update(orjson.dumps(list(row), default=str, option=orjson.OPT_APPEND_NEWLINE))
        self.count += 1

    def hexdigest(self) -> str:
        """Return the SHA-256 of the rows so far in hexadecimal digits."""
        return self._digest.hexdigest()


def hash_of_rows(rows: Iterable[Sequence[Any]]) -> RowHash:
    """Return the count and hash of rows."""
    found = RowHash()
    for row in rows:
        found.add(row)
    return found
