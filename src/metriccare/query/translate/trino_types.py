"""Trino's types: how they are read, which of two both sides are brought to, DuckDB's words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache

from sqlglot import exp

_MAX_DIGITS = 38
INTEGERS = ("tinyint", "smallint", "integer", "bigint")
_DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
_NAMES = {
    exp.DType.BOOLEAN: "boolean",
    exp.DType.TINYINT: "tinyint",
    exp.DType.SMALLINT: "smallint",
    exp.DType.INT: "integer",
    exp.DType.BIGINT: "bigint",
    exp.DType.FLOAT: "real",
    exp.DType.DOUBLE: "double",
    exp.DType.DECIMAL: "decimal",
    exp.DType.VARCHAR: "varchar",
    exp.DType.TEXT: "varchar",
    exp.DType.DATE: "date",
    exp.DType.TIMESTAMP: "timestamp",
    exp.DType.TIMESTAMPTZ: "timestamp with time zone",
    exp.DType.ARRAY: "array",
    exp.DType.MAP: "map",
    exp.DType.STRUCT: "row",
    exp.DType.JSON: "json",
}
_DUCKDB = {
    "unknown": "INTEGER",
    "json": "JSON",
    "timestamp with time zone": "STRUCT(utc TIMESTAMP, zone VARCHAR)",
}


@dataclass(frozen=True)
class Type:
    """A Trino type.

    `params` are a decimal's precision and scale, a timestamp's precision (none: as the engine
    stores it), a varchar's longest length. `utc` marks a timestamp that is an instant in UTC.
    """

    name: str
    params: tuple[int, ...] = ()
    of: tuple[Type, ...] = ()
    fields: tuple[str, ...] = ()
    utc: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        """Return the type as Trino spells it."""
        inner = [str(one) for one in self.of] or [str(one) for one in self.params]
        if self.fields:
            inner = [f"{name} {kind}" for name, kind in zip(self.fields, self.of, strict=True)]
        return f"{self.name}({', '.join(inner)})" if inner else self.name

    @property
    def is_integer(self) -> bool:
        """Return True if it is one of the four whole-number types."""
        return self.name in INTEGERS


UNKNOWN = Type("unknown")
BOOLEAN = Type("boolean")
INTEGER = Type("integer")
BIGINT = Type("bigint")
DOUBLE = Type("double")
VARCHAR = Type("varchar")
DATE = Type("date")
TIMESTAMP = Type("timestamp", (3,))
INSTANT = Type("timestamp with time zone", (3,))
INTERVAL = Type("interval")
JSON = Type("json")


def decimal(precision: int, scale: int) -> Type:
    """Return a decimal type; Trino holds at most 38 digits."""
    return Type("decimal", (min(_MAX_DIGITS, precision), scale))


def array_of(element: Type) -> Type:
    """Return the type of arrays of an element."""
    return Type("array", of=(element,))


@cache
def parse_type(text: str) -> Type | None:
    """Return the type that Trino's words name; None for an unknown one."""
    return type_of(exp.DataType.build(text, dialect="trino"))


def type_of(node: exp.Expr) -> Type | None:
    """Return the type of a parsed type; None for an unknown one."""
    kind = node.kind if isinstance(node, exp.ColumnDef) else node
    name = _NAMES.get(kind.this) if isinstance(kind, exp.DataType) else None
    if kind is None or name is None:
        return None
    if name in ("array", "map", "row"):
        return _nested(name, kind.expressions)
    params = tuple(int(one.name) for one in kind.expressions)
    if name == "decimal":
        return decimal(*(*params, *(_MAX_DIGITS, 0)[len(params) :]))
    if name.startswith("timestamp"):
        return Type(name, params or (3,))
    return Type(name, params)


def _nested(name: str, parts: list[exp.Expr]) -> Type | None:
    of = [type_of(part) for part in parts]
    if None in of or not of:
        return None
    fields = tuple(part.name for part in parts) if name == "row" else ()
    return Type(name, of=tuple(one for one in of if one), fields=fields)


def stored(kind: Type) -> Type:
    """Return the type of a lake's column: its timestamps are instants in UTC.

    Athena shows them to the millisecond and other engines with more digits, so that their
    precision is left open.
    """
    if kind.name == "timestamp":
        return Type("timestamp", utc=True)
    return replace(kind, of=tuple(stored(one) for one in kind.of))


def duckdb_name(kind: Type) -> str:
    """Return DuckDB's words for the type of a value that represents one of Trino's."""
    if kind.name in _DUCKDB:
        return _DUCKDB[kind.name]
    if kind.name == "array":
        return f"{duckdb_name(kind.of[0])}[]"
    if kind.name == "map":
        return f"MAP({duckdb_name(kind.of[0])}, {duckdb_name(kind.of[1])})"
    if kind.name == "row":
        named = zip(kind.fields, kind.of, strict=True)
        inner = [f'"{name}" {duckdb_name(one)}' for name, one in named]
        return f"STRUCT({', '.join(inner)})"
    if kind.name == "decimal":
        return f"DECIMAL({kind.params[0]}, {kind.params[1]})"
    return kind.name.upper()


def as_decimal(kind: Type) -> Type | None:
    """Return the decimal that holds every value of a whole-number or decimal type."""
    if kind.is_integer:
        return decimal(_DIGITS[kind.name], 0)
    return kind if kind.name == "decimal" else None


def common(left: Type, right: Type) -> Type | None:
    """Return the type Trino brings both sides to, or None if it refuses to compare them."""
    if UNKNOWN in (left, right):
        return right if left == UNKNOWN else left
    for rule in (_same_name, _numbers, _times):
        found = rule(left, right)
        if found is not None:
            return found
    return None


def _same_name(left: Type, right: Type) -> Type | None:
    if left == right:
        return replace(left, utc=left.utc and right.utc)
    if left.name != right.name:
        return None
    if left.name == "varchar":
        return VARCHAR
    if left.name in ("array", "map") or (left.name == "row" and len(left.of) == len(right.of)):
        of = [common(one, other) for one, other in zip(left.of, right.of, strict=True)]
        return None if None in of else replace(left, of=tuple(one for one in of if one))
    return None


def _numbers(left: Type, right: Type) -> Type | None:
    if left.is_integer and right.is_integer:
        return max(left, right, key=lambda kind: INTEGERS.index(kind.name))
    exact = as_decimal(left), as_decimal(right)
    if exact[0] is None or exact[1] is None:
        others = {left.name, right.name} - {*INTEGERS, "decimal"}
        return DOUBLE if others == {"double"} else None
    (p1, s1), (p2, s2) = exact[0].params, exact[1].params
    scale = max(s1, s2)
    return decimal(max(p1 - s1, p2 - s2) + scale, scale)


def _times(left: Type, right: Type) -> Type | None:
    rank = ("date", "timestamp", "timestamp with time zone")
    if left.name not in rank or right.name not in rank:
        return None
    higher = max(left, right, key=lambda kind: rank.index(kind.name))
    known = [kind.params for kind in (left, right) if kind.name != "date"]
    params = () if () in known else max(known)
    return Type(higher.name, params, utc=left.utc and right.utc)
