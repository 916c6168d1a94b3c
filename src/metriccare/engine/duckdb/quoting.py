"""Names and texts as DuckDB SQL."""

from __future__ import annotations

from collections.abc import Iterable


def identifier(name: str) -> str:
    """Return a name in quotes."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a text literal."""
    return "'" + value.replace("'", "''") + "'"


def texts(values: Iterable[object]) -> str:
    """Return a list of text literals."""
    return "[" + ", ".join(text(str(value)) for value in values) + "]"


def names(columns: Iterable[str]) -> str:
    """Return names in quotes, separated by commas."""
    return ", ".join(map(identifier, columns))
