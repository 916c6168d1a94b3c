"""Numbers of a JSON text as they are written there: DuckDB reads 1.10 as 1.1."""

from __future__ import annotations

import json
import re
from typing import Any

_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[([0-9]+)\]")


def json_number_text(text: str, path: str) -> str | None:
    """Return the number at a path such as `$.item[0].value` with its digits as written.

    None if there is no number. Of a name that repeats the first counts, as in Trino.
    """
    value = json.loads(text, parse_float=_Number, parse_int=_Number, object_pairs_hook=_first)
    for name, place in _STEP.findall(path):
        value = _step(value, name, place)
    return str(value) if isinstance(value, _Number) else None


def json_is_plain(text: str) -> bool:
    """Return True if no name repeats and no number is -0: Trino's JSON type changes nothing."""
    plain = True

    def unlike(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal plain
        found = dict(pairs)
        plain = plain and len(found) == len(pairs)
        return found

    def whole(digits: str) -> int:
        nonlocal plain
        plain = plain and digits != "-0"
        return int(digits)

    json.loads(text, parse_int=whole, object_pairs_hook=unlike)
    return plain


class _Number(str):
    """A number's own digits."""

    __slots__ = ()


def _first(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return dict(reversed(pairs))


def _step(value: Any, name: str, place: str) -> Any:
    if name:
        return value.get(name) if isinstance(value, dict) else None
    items = value if isinstance(value, list) else []
    return items[int(place)] if int(place) < len(items) else None
