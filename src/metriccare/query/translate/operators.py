"""Arithmetic and comparison: Trino's result types, and DuckDB's words for each pair of types."""

from __future__ import annotations

from dataclasses import replace

from metriccare.query.translate.casts import cast_words
from metriccare.query.translate.environment import Value
from metriccare.query.translate.refusals import Refused
from metriccare.query.translate.trino_types import (
    BOOLEAN,
    DOUBLE,
    INTEGERS,
    INTERVAL,
    Type,
    as_decimal,
    common,
    decimal,
    duckdb_name,
)

_ZONED = "timestamp with time zone"
_ORDERED = ("boolean", "decimal", "double", "varchar", "date", "timestamp")
_CLOCK_UNITS = ("second", "minute", "hour")
_DATE_UNITS = ("day", "week", "month", "year")


def has_order(kind: Type) -> bool:
    """Return True if values of a type compare alike on both engines without a change."""
    return kind.is_integer or kind.name in (*_ORDERED, "unknown")


def converted(value: Value, wanted: Type) -> str:
    """Return a value brought to a type that holds all its values."""
    if value.type.name == wanted.name and value.type.name in ("varchar", "timestamp", _ZONED):
        return value.sql
    if value.type == wanted or duckdb_name(value.type) == duckdb_name(wanted):
        return value.sql
    if value.type.name in ("array", "map", "row"):
        return f"CAST({value.sql} AS {duckdb_name(wanted)})"
    if as_decimal(value.type) and wanted.name in ("decimal", *INTEGERS):
        return f"CAST({value.sql} AS {duckdb_name(wanted)})"
    return cast_words(value.sql, value.type, wanted)


def arithmetic(operator: str, left: Value, right: Value) -> Value:
    """Return `left operator right` for + - * / %, with the type Trino gives it."""
    if INTERVAL.name in (left.type.name, right.type.name):
        return _moved(operator, left, right)
    kind = _common(operator, left, right)
    if kind.is_integer:
        words = _divided(operator, converted(left, kind), converted(right, kind))
        return Value(f"CAST({words} AS {duckdb_name(kind)})", kind)
    if kind == DOUBLE:
        return Value(f"({converted(left, kind)} {operator} {converted(right, kind)})", kind)
    if kind.name == "decimal":
        return _decimals(operator, left, right)
    if operator == "-" and {left.type.name, right.type.name} <= {"date", "timestamp", _ZONED}:
        why = "it gives an interval; write date_diff('day', earlier, later)"
        raise Refused(f"{left.type} - {right.type}", why)
    raise Refused(f"{left.type} {operator} {right.type}")


def _common(operator: str, left: Value, right: Value) -> Type:
    kind = common(left.type, right.type)
    if kind is None:
        raise Refused(f"{left.type} {operator} {right.type}")
    return kind


def _divided(operator: str, left: str, right: str) -> str:
    if operator == "/":
        return f"trino_divide({left}, {right})"
    if operator == "%":
        return f"trino_modulus({left}, {right})"
    return f"({left} {operator} {right})"


def _decimals(operator: str, left: Value, right: Value) -> Value:
    """Follow Trino's rules for the precision and scale of a decimal's result (Athena's rules)."""
    one, other = as_decimal(left.type), as_decimal(right.type)
    if one is None or other is None:
        raise Refused(f"{left.type} {operator} {right.type}")
    kind = _decimal_result(operator, one.params, other.params)
    a, b = converted(left, one), converted(right, other)
    if operator == "/":
        digits = kind.params[1]
        shift = digits + other.params[1] - one.params[1]
        words = f"trino_decimal_ratio({a}, {b}, {shift}, {digits})"
    elif operator == "*":
        # DuckDB multiplies short decimals in 64 bits, whatever the product needs.
        wide = duckdb_name(decimal(max(one.params[0], 19), one.params[1]))
        words = f"CAST({a} AS {wide}) * {b}"
    else:
        both = common(one, other) or kind
        words = _divided(operator, converted(Value(a, one), both), converted(Value(b, other), both))
    return Value(f"CAST({words} AS {duckdb_name(kind)})", kind)


def _decimal_result(operator: str, one: tuple[int, ...], other: tuple[int, ...]) -> Type:
    (p1, s1), (p2, s2) = one, other
    scale = max(s1, s2)
    if operator == "*":
        if s1 + s2 > 38:
            raise Refused(f"decimal({p1}, {s1}) * decimal({p2}, {s2})", "38 digits are the most")
        return decimal(p1 + p2, s1 + s2)
    if operator == "/":
        return decimal(p1 + s2 + max(s2 - s1, 0), scale)
    if operator == "%":
        return decimal(min(p1 - s1, p2 - s2) + scale, scale)
    return decimal(max(p1 - s1, p2 - s2) + scale + 1, scale)


def _moved(operator: str, left: Value, right: Value) -> Value:
    """Move a date or time by an interval that is written out."""
    moment, interval = (right, left) if left.type.name == INTERVAL.name else (left, right)
    unit = interval.type.fields[0] if interval.type.fields else ""
    kind = moment.type
    if operator not in "+-" or (operator == "-" and moment is right):
        raise Refused(f"{left.type} {operator} {right.type}")
    if kind.name == "date" and unit in _DATE_UNITS:
        return Value(f"CAST({moment.sql} {operator} {interval.sql} AS DATE)", kind)
    if kind.name == "timestamp":
        return Value(f"({moment.sql} {operator} {interval.sql})", kind)
    if kind.name == _ZONED and unit in _CLOCK_UNITS:
        zone = f"struct_extract({moment.sql}, 'zone')"
        return Value(f"at_zone(utc_of({moment.sql}) {operator} {interval.sql}, {zone})", kind)
    raise Refused(f"{kind} {operator} interval of {unit or 'another interval'}s")


def compared(operator: str, left: Value, right: Value) -> Value:
    """Return `left operator right` for = <> < <= > >= and IS [NOT] DISTINCT FROM."""
    kind = common(left.type, right.type)
    if kind is None or not (has_order(kind) or kind.name == _ZONED):
        raise Refused(f"{left.type} {operator} {right.type}")
    a, b = (comparable(value, kind) for value in (left, right))
    return Value(f"({a} {operator} {b})", BOOLEAN)


def comparable(value: Value, kind: Type) -> str:
    """Return a value as it is compared: instants by their moment, doubles without NaN."""
    words = converted(value, kind)
    if kind.name == _ZONED:
        return f"utc_of({words})"
    return a_number(words, value, kind)


def a_number(words: str, value: Value, kind: Type) -> str:
    """Refuse NaN where it is compared: it equals nothing in Trino and itself in DuckDB."""
    can_be_nan = kind == DOUBLE and value.type == DOUBLE and not value.is_literal
    return f"a_number({words})" if can_be_nan else words


def common_of(values: list[Value], construct: str) -> Type:
    """Return the type all values are brought to; Refused if there is none."""
    kind = values[0].type
    for value in values[1:]:
        found = common(kind, value.type)
        if found is None:
            raise Refused(f"{construct} of {kind} and {value.type}")
        kind = found
    return replace(kind, utc=all(value.type.utc for value in values))
