"""Objects of JSON in which a name is there twice: readers would take different values.

Spark's reader takes the last value, DuckDB's the first. Source: FHIR R4, JSON representation:
"Property names SHALL be unique".
"""

from __future__ import annotations

import json
from typing import Any

import orjson

# Written again as `\"`, which has a quote more.
_ESCAPED_QUOTE = b"\\u0022"


def has_repeated_name(value: object, raw: bytes) -> bool:
    """Return True if a text has an object with a name twice; `value` is the text, decoded.

    The decoded value has one of the two. So, written again, the text has fewer quotes.
    """
    try:
        written = orjson.dumps(value)
    except orjson.JSONEncodeError:  # nested too deeply for it
        return _is_repeated_in(raw)
    if written == raw:
        return False
    if _ESCAPED_QUOTE in raw:
        return _is_repeated_in(raw)
    return written.count(b'"') != raw.count(b'"')


class _RepeatedName(Exception):
    """An object has a name twice."""


def _is_repeated_in(raw: bytes) -> bool:
    """Return the same, exactly and slowly; False for a text that is nested too deeply."""
    try:
        json.loads(raw, object_pairs_hook=_check_names)
    except _RepeatedName:
        return True
    except RecursionError:
        return False
    return False


def _check_names(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise _RepeatedName
