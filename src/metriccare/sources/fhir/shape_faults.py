"""Where a resource differs from its declared shape: element, what was wanted, what was found.

This says in words why Spark's JSON reader refused a resource. Names come from the declaration,
never from the resource, so no content is shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

from metriccare.sources.fhir.declarations import declared_shape
from metriccare.sources.fhir.resources import BY_TYPE
from metriccare.sources.fhir.shapes import GREATEST_INT, INT, LEAST_INT, NUMBER, Shape

# A reason is one sentence in a table: more places say nothing more about the cause.
_MOST_NAMED = 5
_DECIMAL, _BOOLEAN = "DECIMAL", "BOOLEAN"
# Of DECIMAL(38,12), which numbers are read as.
_DIGITS_BEFORE_POINT = 26
_FOUND = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "true or false",
    Decimal: "a number",
}


def shape_faults(resource_type: str, raw: str) -> str:
    """Return a sentence that names the elements of another type, empty when there is none."""
    if resource_type not in BY_TYPE:
        return ""
    try:
        value = json.loads(raw, parse_float=Decimal, parse_int=Decimal)
        places = list(dict.fromkeys(_faults(value, declared_shape(BY_TYPE[resource_type]), "")))
    except (ValueError, RecursionError, ArithmeticError):
        return ""
    named = "; ".join(places[:_MOST_NAMED])
    return f"Found in: {named}." if named else ""


def _faults(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if value is None:
        return
    if shape.members:
        yield from _in_object(value, shape, path)
    elif shape.element is not None:
        yield from _in_list(value, shape.element, path)
    elif not _fits(value, shape):
        found = "another number" if _is_number(value) else _FOUND[type(value)]
        yield f"{path} (wanted {_wanted(shape)}, found {found})"


def _in_object(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path} (wanted an object, found {_FOUND[type(value)]})"
        return
    for name, member in shape.members:
        yield from _faults(value.get(name), member, f"{path}.{name}" if path else name)


def _in_list(value: Any, element: Shape, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path} (wanted a list, found {_FOUND[type(value)]})"
        return
    for item in value:
        yield from _faults(item, element, path)


@cache
def _wanted(shape: Shape) -> str:
    if shape.kind == INT:
        return f"a whole number between {LEAST_INT} and {GREATEST_INT}"
    if _is_decimal(shape):
        return f"a number of at most {_DIGITS_BEFORE_POINT} digits before the point"
    return "true or false"


def _is_decimal(shape: Shape) -> bool:
    return shape.kind == NUMBER or shape.kind.startswith(_DECIMAL)


def _is_number(value: Any) -> bool:
    return isinstance(value, Decimal)


def _fits(value: Any, shape: Shape) -> bool:
    """Return True if a scalar is what the shape wants; a text element takes any value as text."""
    if shape.kind == INT:
        return _is_number(value) and value == value.to_integral_value() and _in_range(value)
    if _is_decimal(shape):
        return _is_number(value) and value.adjusted() < _DIGITS_BEFORE_POINT
    return isinstance(value, bool) if shape.kind == _BOOLEAN else True


def _in_range(value: Decimal) -> bool:
    return LEAST_INT <= value <= GREATEST_INT
