"""Values of JSON objects as texts: a number keeps the digits it is written with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

# Numbers stay the text they are: an amount never becomes a binary number.
JSON = json.JSONDecoder(parse_float=str, parse_int=str)


def value_at(value: Any, path: Sequence[str]) -> Any:
    """Return the value of a name with dots in it, or at the end of a path of keys."""
    joined = ".".join(path)
    if isinstance(value, dict) and joined in value:
        return value[joined]
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def text_of(value: Any, separator: str) -> str | None:
    """Return a JSON value as text; None for an object or a list of such."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return separator.join(value)
    return value if isinstance(value, str) else None
