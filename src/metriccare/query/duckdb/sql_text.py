"""Texts as DuckDB's SQL writes them."""

from __future__ import annotations

from collections.abc import Sequence


def sql_list(texts: Sequence[str]) -> str:
    """Return texts as a DuckDB list."""
    quoted = ", ".join("'" + text.replace("'", "''") + "'" for text in texts)
    return f"[{quoted}]"
