"""`upper` and `lower` beyond ASCII as Java 17 has them; DuckDB changes letters one to one.

`upper('ß')` is `SS` and `upper('ﬁ')` is `FI`. `lower` gives every capital sigma the same small one.
Java has a second one for the ends of words, so Spark's models replace the letter before
(`engine/spark/models.py`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

UPPER, LOWER = "java_upper", "java_lower"
# Letters that Unicode got after version 13, which Java 17 has: it leaves them unchanged.
_NEWER = re.compile(
    "[\u1c89\u1c8a\u2c2f\u2c5f\ua7c0\ua7c1\ua7cb-\ua7dc"
    "\U00010570-\U000105bc\U00010d50-\U00010d65\U00010d70-\U00010d85]"
)


def java_upper(text: str) -> str:
    """Return a text in capital letters."""
    return "".join(letter if _NEWER.match(letter) else letter.upper() for letter in text)


def java_lower(text: str) -> str:
    """Return a text in small letters, each letter for itself."""
    return "".join(letter if _NEWER.match(letter) else letter.lower() for letter in text)


def register(session: DuckDBPyConnection) -> None:
    """Register the functions that translated models call."""
    session.create_function(UPPER, java_upper, ["VARCHAR"], "VARCHAR")
    session.create_function(LOWER, java_lower, ["VARCHAR"], "VARCHAR")
