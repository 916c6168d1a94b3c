"""What Spark's JSON reader makes of a resource, where other readers would make something else.

Spark refuses a resource with an element of another type than declared, reads numbers of any length
exactly, and takes a number sent as text for one. A resource that may be concerned is found by
decoding it into types made from the declared shape, which takes a few microseconds; only such a
one is gone through here. Source: Spark 3.5, JacksonParser.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache
from typing import Annotated, Any

import msgspec

from metriccare.sources.fhir.declarations import declared_shape
from metriccare.sources.fhir.resources import BY_TYPE
from metriccare.sources.fhir.shapes import (
    BOOLEAN,
    GREATEST_INT,
    INT,
    LEAST_INT,
    LONGEST_NUMBER,
    NUMBER,
    NUMBER_TEXT,
    STRING,
    Shape,
)

# A number of more digits than a double holds, as a regular expression; it finds too much at worst.
LONG_NUMBER = r'"\s*:\s*-?[0-9.]{17}'
# The text a misshapen resource is read as: no element at all.
MISSHAPEN = ""
_DIGITS_BEFORE_POINT, _UNIT = 26, Decimal("1e-12")
_LARGE = 1e25
_EXACT = Context(prec=2 * LONGEST_NUMBER, rounding=ROUND_HALF_UP)
# The texts of a number that every reader takes, rounded or not: nearly all are of this form.
_PLAIN_NUMBER = r"^-?[0-9]{1,25}(\.[0-9]{1,900})?\Z"
# As Java's BigDecimal reads a text, after Spark has taken its commas out.
_NUMBER_AS_TEXT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z")
_EXACT_NUMBER = re.compile(rf"{NUMBER_TEXT}\Z")


# What a scalar of each kind is decoded into; a decimal is any other kind.
_SCALARS: Mapping[str, Any] = {
    STRING: str | bool | dict[str, msgspec.Raw] | list[msgspec.Raw] | None,
    BOOLEAN: bool | None,
    INT: Annotated[int, msgspec.Meta(ge=LEAST_INT, le=GREATEST_INT)] | None,
    NUMBER: Annotated[str, msgspec.Meta(pattern=_PLAIN_NUMBER)] | None,
}
_A_FLOAT: Any = Annotated[float, msgspec.Meta(gt=-_LARGE, lt=_LARGE)] | None


def respelled(resource_type: str, raw: str, has_long_number: bool) -> str | None:
    """Return the text to read instead of a resource's own, None where any reader reads it alike.

    In it every number is a text, exact and without exponent. MISSHAPEN for what Spark refuses.
    """
    if not has_long_number and _fits(resource_type, raw):
        return None
    try:
        value = json.loads(raw, object_pairs_hook=_Pairs, parse_int=_Int, parse_float=_Float)
        read = _read(value, declared_shape(BY_TYPE[resource_type]))
    except (ValueError, RecursionError, ArithmeticError):
        return MISSHAPEN
    return json.dumps(read, ensure_ascii=False)


def _fits(resource_type: str, raw: str) -> bool:
    try:
        _decoder(resource_type).decode(raw)
    except (msgspec.MsgspecError, RecursionError):
        return False
    return True


@cache
def _decoder(resource_type: str) -> Any:
    return msgspec.json.Decoder(_type_of(declared_shape(BY_TYPE[resource_type])))


def _type_of(shape: Shape) -> Any:
    """Return a type that decodes nothing but what fits the shape and is read alike by everyone."""
    if shape.element is not None:
        element: Any = _type_of(shape.element)
        return list[element] | None
    if shape.members:
        # Elements may be called what no attribute can.
        fields = [(f"f{n}", _type_of(kind), None) for n, (_, kind) in enumerate(shape.members)]
        names = {f"f{n}": name for n, (name, _) in enumerate(shape.members)}
        return msgspec.defstruct("Element", fields, rename=names) | None
    return _SCALARS.get(shape.kind, _A_FLOAT)


class _ShapeFault(ValueError):
    """An element has another type than the shape declares."""


class _Pairs(list[tuple[str, Any]]):
    """The members of an object as they came, repeated ones included."""


class _Int(str):
    """A number without point and exponent."""


class _Float(str):
    """Another number."""


def _read(value: Any, shape: Shape) -> Any:
    if value is None:
        return None
    if shape.members:
        if not isinstance(value, _Pairs):
            raise _ShapeFault
        members = dict(shape.members)
        return {name: _read(item, members[name]) for name, item in value if name in members}
    if shape.element is not None:
        if not isinstance(value, list) or isinstance(value, _Pairs):
            raise _ShapeFault
        return [_read(item, shape.element) for item in value]
    return _scalar(value, shape)


def _scalar(value: Any, shape: Shape) -> Any:
    if shape.kind == STRING:
        return _text(value)
    if shape.kind == BOOLEAN:
        if not isinstance(value, bool):
            raise _ShapeFault
        return value
    if shape.kind == NUMBER:
        return _number_text(value)
    return format(_number(value, is_whole=shape.kind == INT), "f")


def _number_text(value: Any) -> str:
    """Return the text of a number that is kept as sent."""
    text = _text(value)
    if not _EXACT_NUMBER.match(text.replace(",", "")):
        raise _ShapeFault
    _number(text, is_whole=False)
    return text


def _number(value: Any, *, is_whole: bool) -> Decimal:
    if not isinstance(value, str) or len(value) > LONGEST_NUMBER:
        raise _ShapeFault
    text = value if isinstance(value, _Int | _Float) else value.replace(",", "")
    if not _NUMBER_AS_TEXT.match(text):
        raise _ShapeFault
    number = Decimal(text)
    if number and number.adjusted() >= _DIGITS_BEFORE_POINT:
        raise _ShapeFault
    number = _EXACT.quantize(number, _UNIT)
    whole_in_range = number % 1 == 0 and LEAST_INT <= number <= GREATEST_INT
    if number.adjusted() >= _DIGITS_BEFORE_POINT or (is_whole and not whole_in_range):
        raise _ShapeFault
    return number


def _text(value: Any) -> str:
    """Return the value of a text element as Jackson writes it."""
    is_plain = isinstance(value, str) and not isinstance(value, _Int | _Float)
    return str(value) if is_plain else "".join(_written(value))


def _written(value: Any) -> Iterator[str]:
    if isinstance(value, _Int | _Float):
        if len(value) > LONGEST_NUMBER:
            raise _ShapeFault
        yield str(int(value)) if isinstance(value, _Int) else _java_double(float(value))
    elif isinstance(value, list):
        is_object = isinstance(value, _Pairs)
        yield "{" if is_object else "["
        for number, item in enumerate(value):
            if number:
                yield ","
            if is_object:
                yield json.dumps(item[0], ensure_ascii=False) + ":"
            yield from _written(item[1] if is_object else item)
        yield "}" if is_object else "]"
    else:
        yield json.dumps(value, ensure_ascii=False)


def _java_double(value: float) -> str:
    """Return a double as Java writes it: `1.0E40` where Python writes `1e+40`."""
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    if not isinstance(exponent, int):
        return "-Infinity" if value < 0 else "Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        plain = format(Decimal(repr(value)).normalize(), "f")
        return plain if "." in plain else f"{plain}.0"
    first, *rest = map(str, digits)
    power = exponent + len(digits) - 1
    return f"{'-' if sign else ''}{first}.{''.join(rest) or '0'}E{power}"
