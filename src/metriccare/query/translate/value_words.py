"""Values in DuckDB's words: literals, columns, casts, intervals, arrays, rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from metriccare.query.translate.calls import Surroundings, called
from metriccare.query.translate.casts import cast_words
from metriccare.query.translate.environment import Environment, Value
from metriccare.query.translate.literals import quoted, zone
from metriccare.query.translate.operators import (
    common_of,
    converted,
    has_order,
)
from metriccare.query.translate.refusals import Refused
from metriccare.query.translate.spelling import Kinds, described, spell
from metriccare.query.translate.trino_types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INSTANT,
    INTEGER,
    INTERVAL,
    TIMESTAMP,
    UNKNOWN,
    Type,
    array_of,
    decimal,
    duckdb_name,
    type_of,
)

_ZONED = "timestamp with time zone"
_ZONED_TEXT = re.compile(r"(\d{4}-\d\d?-\d\d?(?: \d\d?:\d\d(?::\d\d(?:\.\d{1,6})?)?)?) ?(\S+)")
_INTERVALS = ("second", "minute", "hour", "day", "week", "month", "year")
_NOW = "to_precision(timezone('UTC', now()), 1000)"


def _literal(node: exp.Expr, _: Environment) -> Value:
    text = node.name
    if node.args.get("is_string"):
        return Value(quoted(text), Type("varchar", (len(text),)), is_literal=True)
    if "e" in text.lower():
        return Value(f"CAST('{text}' AS DOUBLE)", DOUBLE, is_literal=True)
    if "." in text:
        return _decimal_literal(text)
    if int(text) >= 2**63:
        raise Refused(f"the number {text}", "it is larger than a bigint")
    kind = INTEGER if int(text) < 2**31 else BIGINT
    return Value(f"CAST({text} AS {kind.name.upper()})", kind, is_literal=True)


def _decimal_literal(text: str) -> Value:
    whole, _, part = text.partition(".")
    digits = len(whole.lstrip("0")) + len(part)
    kind = decimal(max(digits, 1), len(part))
    return Value(f"CAST('{text}' AS {duckdb_name(kind)})", kind, is_literal=True)


def _column(node: exp.Expr, env: Environment) -> Value:
    name, table = node.name, node.text("table")
    if not table and name in env.parameters:
        return Value(f'"{name}"', env.parameters[name])
    if table in env.sources and name in env.sources[table]:
        return Value(f'"{table}"."{name}"', env.sources[table][name])
    if not table and name in env.aliases:
        return Value(f'"{name}"', env.aliases[name])
    raise Refused(f"the column {described(node)}", "it is not found here")


def _field(node: exp.Expr, env: Environment) -> Value:
    row, name = spell(node.this, env), node.expression.name
    if row.type.name != "row" or name not in row.type.fields:
        raise Refused(f"`{described(node)}`", f"{row.type} has no field {name}")
    kind = row.type.of[row.type.fields.index(name)]
    return Value(f"struct_extract({row.sql}, {quoted(name)})", kind)


def _cast(node: exp.Expr, env: Environment) -> Value:
    wanted = type_of(node.args["to"])
    if wanted is None or wanted.name == "real":
        raise Refused(f"a cast to {node.args['to'].sql(dialect='trino').lower()}")
    if node.args.get("format"):
        raise Refused(f"`{described(node)}`")
    if wanted.name == _ZONED and isinstance(node.this, exp.Literal):
        return _zoned_literal(node.this.name, wanted)
    value = spell(node.this, env)
    trying = isinstance(node, exp.TryCast)
    utc = value.type.utc and wanted.name == "timestamp"
    kind = replace(wanted, utc=utc, of=value.type.of if value.type == wanted else wanted.of)
    words = cast_words(value.sql, value.type, wanted, trying)
    return Value(words, kind, value.is_literal)


def _zoned_literal(text: str, kind: Type) -> Value:
    found = _ZONED_TEXT.fullmatch(text.strip())
    if found is None:
        raise Refused(f"the instant {text!r}")
    place = zone(found[2]).sql
    day = found[1] if found[1].count(":") != 1 else f"{found[1]}:00"
    local = f"CAST({quoted(day)} AS TIMESTAMP)"
    if place == "'UTC'":
        return Value(f"at_zone({local}, 'UTC')", kind)
    if found[2][0] in "+-":
        moved = f"{local} - to_minutes(offset_minutes({place}))"
        return Value(f"at_zone({moved}, {place})", kind)
    return Value(f"local_in({local}, {place})", kind)


def _at_zone(node: exp.Expr, env: Environment) -> Value:
    return called("at_timezone", [node.this, node.args["zone"]], env, spell, Surroundings())


def _interval(node: exp.Expr, _: Environment) -> Value:
    unit = node.text("unit").lower().removesuffix("s")
    amount = node.this
    sign = -1 if isinstance(amount, exp.Neg) else 1
    text = amount.this.name if isinstance(amount, exp.Neg) else amount.name if amount else ""
    if unit not in _INTERVALS or not re.fullmatch("[+-]?[0-9]+", text):
        raise Refused(f"`{described(node)}`", "a whole number of one unit is known here")
    words = f"INTERVAL ({sign * int(text)}) {unit.upper()}"
    return Value(words, replace(INTERVAL, fields=(unit,), of=(UNKNOWN,)), is_literal=True)


def _array(node: exp.Expr, env: Environment) -> Value:
    items = [spell(one, env) for one in node.expressions]
    if not items:
        return Value("[]", array_of(UNKNOWN))
    kind = common_of(items, "an array")
    return Value(f"[{', '.join(converted(one, kind) for one in items)}]", array_of(kind))


def _subscript(node: exp.Expr, env: Environment) -> Value:
    if len(node.expressions) != 1:
        raise Refused(f"`{described(node)}`")
    whole, place = spell(node.this, env), spell(node.expressions[0], env)
    if whole.type.name == "array" and place.type.is_integer:
        return Value(f"trino_item({whole.sql}, {place.sql})", whole.type.of[0])
    if whole.type.name == "map" and has_order(whole.type.of[0]):
        key = converted(place, whole.type.of[0])
        return Value(f"trino_map_item({whole.sql}, {key})", whole.type.of[1])
    raise Refused(f"`{described(node)}`")


def row_of(nodes: list[exp.Expr], env: Environment) -> Value:
    """Return a row of values, its fields named by their places."""
    values = [spell(one, env) for one in nodes]
    fields = tuple(f"field{place}" for place in range(len(values)))
    inner = ", ".join(f'"{name}": {v.sql}' for name, v in zip(fields, values, strict=True))
    return Value(f"{{{inner}}}", Type("row", of=tuple(v.type for v in values), fields=fields))


def _fixed(words: str, kind: Type) -> Callable[[exp.Expr, Environment], Value]:
    def spelled(node: exp.Expr, _: Environment) -> Value:
        if any(node.args.values()):
            raise Refused(f"`{described(node)}`")
        return Value(words, kind)

    return spelled


KINDS: Kinds = {
    exp.Literal: _literal,
    exp.Boolean: lambda node, _: Value(str(node.this).lower(), BOOLEAN, is_literal=True),
    exp.Null: lambda *_: Value("NULL", UNKNOWN, is_literal=True),
    exp.Column: _column,
    exp.Identifier: _column,
    exp.Dot: _field,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.AtTimeZone: _at_zone,
    exp.Interval: _interval,
    exp.Array: _array,
    exp.Bracket: _subscript,
    exp.CurrentTimestamp: _fixed(f"at_zone({_NOW}, 'UTC')", INSTANT),
    exp.Localtimestamp: _fixed(_NOW, TIMESTAMP),
    exp.CurrentDate: _fixed("CAST(timezone('UTC', now()) AS DATE)", DATE),
}
