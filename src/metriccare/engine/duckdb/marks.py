"""Marks in a translated model that names of relations and values of parameters replace."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal

from metriccare.engine.duckdb.quoting import identifier, text
from metriccare.engine.protocol import Value

# Brackets that no model has. All marks are replaced in one pass, so a mark within a value stays.
_MARK = re.compile('"\u27e8(\\w+)\u27e9"|\u27e8:(\\w+)\u27e9')


def relation_mark(name: str) -> str:
    """Return the mark of a relation: an identifier, still without quotes."""
    return f"\u27e8{name}\u27e9"


def parameter_mark(name: str) -> str:
    """Return the mark of a parameter."""
    return f"\u27e8:{name}\u27e9"


def bound(translation: str, relations: Mapping[str, str], parameters: Mapping[str, Value]) -> str:
    """Return a translation with names and literals in place of its marks."""

    def replacement(mark: re.Match[str]) -> str:
        relation, parameter = mark.groups()
        return identifier(relations[relation]) if relation else _literal(parameters[parameter])

    return _MARK.sub(replacement, translation)


def _literal(value: Value) -> str:
    """Return a value as a DuckDB literal."""
    if value is None or isinstance(value, bool):
        return {None: "NULL", True: "TRUE", False: "FALSE"}[value]
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dt.datetime):
        utc = value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value
        return f"CAST('{utc.isoformat(' ')}' AS TIMESTAMP)"
    if isinstance(value, dt.date):
        return f"CAST('{value.isoformat()}' AS DATE)"
    if isinstance(value, int | Decimal):
        return f"({value:f})" if isinstance(value, Decimal) else f"({value})"
    return f"CAST([{', '.join(map(text, value))}] AS VARCHAR[])"
