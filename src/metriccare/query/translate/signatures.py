"""Words of a signature in `functions.py`, such as `array(O)`: which types fit, what they mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from metriccare.query.translate.operators import has_order
from metriccare.query.translate.trino_types import (
    BIGINT,
    TIMESTAMP,
    UNKNOWN,
    Type,
    array_of,
    common,
    parse_type,
)

_VARIABLES: Mapping[str, Callable[[Type], bool]] = {
    "T": lambda _: True,
    "K": has_order,
    "V": lambda _: True,
    "O": has_order,
    "N": lambda kind: kind.is_integer or kind.name in ("decimal", "double"),
    "W": lambda kind: kind.name == "timestamp",
}


def fits(word: str, kind: Type, types: dict[str, Type], exactly: bool) -> bool:
    """Return True if a type fits a word of a signature; variables are bound on the way."""
    if word in _VARIABLES:
        known = common(types.get(word, UNKNOWN), kind)
        if known is None or not _VARIABLES[word](known):
            return False
        types[word] = known
        return True
    nested = re.fullmatch(r"(array|map)\((.*)\)", word)
    if nested:
        parts = nested[2].split(", ")
        if kind.name != nested[1]:
            return False
        # Every part: a variable is bound even if an earlier part does not fit.
        of_parts = [fits(part, of, types, exactly) for part, of in zip(parts, kind.of, strict=True)]
        return all(of_parts)
    return _is(word, kind, exactly)


def _is(word: str, kind: Type, exactly: bool) -> bool:
    if kind == UNKNOWN:
        return not exactly
    if word == "bigint" and kind.is_integer:
        return True
    if exactly or word == "decimal":
        return kind.name == word
    wanted = _wanted(word)
    found = common(kind, wanted)
    return found is not None and found.name == wanted.name


def _wanted(word: str) -> Type:
    kind = TIMESTAMP if word == "timestamp" else parse_type(word)
    if kind is None:
        raise ValueError(word)
    return kind


def resolved(word: str, types: Mapping[str, Type], actual: Type) -> Type:
    """Return the type that a word of a signature means in this call."""
    if word in _VARIABLES:
        return types[word]
    nested = re.fullmatch(r"(array|map)\((.*)\)", word)
    if nested:
        of = tuple(resolved(part, types, actual) for part in nested[2].split(", "))
        return array_of(of[0]) if nested[1] == "array" else Type("map", of=of)
    if word == "bigint" and actual.is_integer:
        return BIGINT
    return actual if actual.name == word else _wanted(word)
