"""Every expression a query may hold: its Trino type, and DuckDB's words that give its value.

A node passes only if a function here is made for its class; everything else is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlglot import exp

from metriccare.query.translate.calls import Surroundings, called
from metriccare.query.translate.casts import cast_words
from metriccare.query.translate.dialect import AsWritten
from metriccare.query.translate.environment import Environment, Value
from metriccare.query.translate.literals import quoted, zone
from metriccare.query.translate.operators import (
    arithmetic,
    common_of,
    comparable,
    compared,
    converted,
    has_order,
)
from metriccare.query.translate.refusals import Refused
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
    VARCHAR,
    Type,
    array_of,
    decimal,
    duckdb_name,
    type_of,
)

_ZONED = "timestamp with time zone"
_SHOWN = 60
_ZONED_TEXT = re.compile(r"(\d{4}-\d\d?-\d\d?(?: \d\d?:\d\d(?::\d\d(?:\.\d{1,6})?)?)?) ?(\S+)")
_INTERVALS = ("second", "minute", "hour", "day", "week", "month", "year")


def described(node: exp.Expr) -> str:
    """Return a construct as a person wrote it, cut to a readable length."""
    text = " ".join(node.sql(dialect=AsWritten).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def spell(node: exp.Expr, env: Environment) -> Value:
    """Return an expression in DuckDB's words; Refused for what is not known here."""
    spelled = _KINDS.get(type(node))
    if spelled is None:
        raise Refused(f"`{described(node)}`")
    return spelled(node, env)


def boolean(node: exp.Expr, env: Environment) -> str:
    """Return a condition; Refused if the expression is not boolean."""
    value = spell(node, env)
    if value.type not in (BOOLEAN, UNKNOWN):
        raise Refused(f"`{described(node)}` as a condition", f"it is a {value.type}")
    return value.sql


def ordered(items: list[exp.Expr], env: Environment) -> str:
    """Return the words after ORDER BY; nulls come last unless it says otherwise."""
    parts = []
    for item in items:
        value = spell(item.this, env)
        if not (has_order(value.type) or value.type.name == _ZONED):
            raise Refused(f"ORDER BY a {value.type}")
        # A whole number is a place among the columns here, not a value.
        is_place = isinstance(item.this, exp.Literal) and not item.this.is_string
        words = item.this.name if is_place else value.sql
        down = " DESC" if item.args.get("desc") else ""
        nulls = "FIRST" if item.args.get("nulls_first") else "LAST"
        parts.append(f"{words}{down} NULLS {nulls}")
    return ", ".join(parts)


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


def _binary(operator: str) -> Callable[[exp.Expr, Environment], Value]:
    def spelled(node: exp.Expr, env: Environment) -> Value:
        return arithmetic(operator, spell(node.this, env), spell(node.expression, env))

    return spelled


def _comparison(operator: str) -> Callable[[exp.Expr, Environment], Value]:
    def spelled(node: exp.Expr, env: Environment) -> Value:
        left, right = spell(node.this, env), spell(node.expression, env)
        return compared(operator, left, right)

    return spelled


def _logic(operator: str) -> Callable[[exp.Expr, Environment], Value]:
    def spelled(node: exp.Expr, env: Environment) -> Value:
        left, right = boolean(node.this, env), boolean(node.expression, env)
        return Value(f"({left} {operator} {right})", BOOLEAN)

    return spelled


def _negated(node: exp.Expr, env: Environment) -> Value:
    value = spell(node.this, env)
    if not (value.type.is_integer or value.type.name in ("decimal", "double")):
        raise Refused(f"- {value.type}")
    return Value(f"(-{value.sql})", value.type, value.is_literal)


def _in(node: exp.Expr, env: Environment) -> Value:
    value = spell(node.this, env)
    if node.args.get("query"):
        return _in_query(node, value, env)
    if not node.expressions:
        raise Refused(f"`{described(node)}`")
    others = [spell(one, env) for one in node.expressions]
    kind = common_of([value, *others], "IN")
    if not (has_order(kind) or kind.name == _ZONED):
        raise Refused(f"IN of {kind}")
    listed = ", ".join(comparable(one, kind) for one in others)
    return Value(f"({comparable(value, kind)} IN ({listed}))", BOOLEAN)


def _in_query(node: exp.Expr, value: Value, env: Environment) -> Value:
    relation = env.relation(node.args["query"], env)
    if len(relation.columns) != 1:
        raise Refused("IN a query of several columns")
    found = relation.columns[0][1]
    kind = common_of([value, Value("", found)], "IN")
    if duckdb_name(kind) != duckdb_name(found) or not has_order(kind) or kind == DOUBLE:
        raise Refused(f"{value.type} IN a query of {found}", "cast both sides to one type")
    return Value(f"({converted(value, kind)} IN ({relation.sql}))", BOOLEAN)


def _between(node: exp.Expr, env: Environment) -> Value:
    value, low, high = (spell(node.args[key], env) for key in ("this", "low", "high"))
    from_low, to_high = compared(">=", value, low), compared("<=", value, high)
    return Value(f"({from_low.sql} AND {to_high.sql})", BOOLEAN)


def _like(node: exp.Expr, env: Environment) -> Value:
    inner, escape = (node.this, node.expression) if isinstance(node, exp.Escape) else (node, None)
    if not isinstance(inner, exp.Like):
        raise Refused(f"`{described(node)}`")
    parts = [spell(inner.this, env), spell(inner.expression, env)]
    parts += [spell(escape, env)] if escape is not None else []
    if any(part.type.name not in ("varchar", "unknown") for part in parts):
        raise Refused(f"LIKE of {parts[0].type}")
    end = f" ESCAPE {parts[2].sql}" if escape is not None else ""
    return Value(f"({parts[0].sql} LIKE {parts[1].sql}{end})", BOOLEAN)


def _is(node: exp.Expr, env: Environment) -> Value:
    if not isinstance(node.expression, exp.Null):
        raise Refused(f"`{described(node)}`")
    return Value(f"({spell(node.this, env).sql} IS NULL)", BOOLEAN)


def _joined(node: exp.Expr, env: Environment) -> Value:
    """Join texts or arrays with `||`."""
    left, right = spell(node.this, env), spell(node.expression, env)
    kind = common_of([left, right], "||")
    one, other = converted(left, kind), converted(right, kind)
    if kind.name in ("varchar", "unknown"):
        return Value(f"({one} || {other})", VARCHAR)
    if kind.name != "array" or left.type.name != "array" or right.type.name != "array":
        raise Refused(f"{left.type} || {right.type}")
    words = f"CASE WHEN {one} IS NULL OR {other} IS NULL THEN NULL"
    return Value(f"({words} ELSE list_concat({one}, {other}) END)", kind)


def _case(node: exp.Expr, env: Environment) -> Value:
    subject = spell(node.this, env) if node.this is not None else None
    conditions = []
    for item in node.args["ifs"]:
        if subject is None:
            conditions.append(boolean(item.this, env))
        else:
            conditions.append(compared("=", subject, spell(item.this, env)).sql)
    results = [spell(item.args["true"], env) for item in node.args["ifs"]]
    default = node.args.get("default")
    results.append(spell(default, env) if default is not None else Value("NULL", UNKNOWN))
    return _chosen(conditions, results)


def _if(node: exp.Expr, env: Environment) -> Value:
    no = node.args.get("false")
    other = spell(no, env) if no is not None else Value("NULL", UNKNOWN)
    return _chosen([boolean(node.this, env)], [spell(node.args["true"], env), other])


def _chosen(conditions: list[str], results: list[Value]) -> Value:
    kind = common_of(results, "CASE")
    words = [converted(result, kind) for result in results]
    parts = [
        f"WHEN {condition} THEN {result}"
        for condition, result in zip(conditions, words, strict=False)
    ]
    return Value(f"(CASE {' '.join(parts)} ELSE {words[-1]} END)", kind)


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


def _row(nodes: list[exp.Expr], env: Environment) -> Value:
    values = [spell(one, env) for one in nodes]
    fields = tuple(f"field{place}" for place in range(len(values)))
    inner = ", ".join(f'"{name}": {v.sql}' for name, v in zip(fields, values, strict=True))
    return Value(f"{{{inner}}}", Type("row", of=tuple(v.type for v in values), fields=fields))


def _call(node: exp.Expr, env: Environment) -> Value:
    return _call_within(node, env, Surroundings())


def _call_within(node: exp.Expr, env: Environment, around: Surroundings) -> Value:
    """Translate a call that may hold DISTINCT or ORDER BY among its arguments."""
    if not isinstance(node, exp.Anonymous):
        if around.used:
            raise Refused(f"`{described(node)}` with FILTER or OVER")
        return spell(node, env)
    name, nodes = node.name.lower(), list(node.expressions)
    if name == "row":
        return _row(nodes, env)
    if name == "nullif" and len(nodes) == 2:
        return _nullif(nodes, env)
    if name == "count" and (not nodes or isinstance(nodes[0], exp.Star)):
        return Value(f"count(*){around.filter}{around.over}", BIGINT)
    if nodes and isinstance(nodes[-1], exp.Order):
        around = replace(around, order=f" ORDER BY {ordered(nodes[-1].expressions, env)}")
        nodes[-1] = nodes[-1].this
    if nodes and isinstance(nodes[0], exp.Distinct):
        around = replace(around, distinct="DISTINCT ")
        nodes = list(nodes[0].expressions)
    return called(name, nodes, env, spell, around)


def _nullif(nodes: list[exp.Expr], env: Environment) -> Value:
    one, other = (spell(node, env) for node in nodes)
    words = f"(CASE WHEN {compared('=', one, other).sql} THEN NULL ELSE {one.sql} END)"
    return Value(words, one.type)


def _filtered(node: exp.Expr, env: Environment) -> Value:
    return _call_within(node.this, env, Surroundings(filter=_filter(node, env)))


def _filter(node: exp.Expr, env: Environment) -> str:
    return f" FILTER (WHERE {boolean(node.expression.this, env)})"


def _windowed(node: exp.Expr, env: Environment) -> Value:
    if node.args.get("alias") or node.args.get("first") or not node.args.get("over", True):
        raise Refused(f"`{described(node)}`")
    around = Surroundings(over=f" OVER ({_window(node, env)})")
    inner = node.this
    if isinstance(inner, exp.IgnoreNulls | exp.RespectNulls):
        ignoring = isinstance(inner, exp.IgnoreNulls)
        around = replace(around, nulls=" IGNORE NULLS" if ignoring else "")
        inner = inner.this
    if isinstance(inner, exp.Filter):
        raise Refused("FILTER with OVER", "Trino has none; put the condition into a CASE")
    return _call_within(inner, env, around)


def _window(node: exp.Expr, env: Environment) -> str:
    parts = []
    if node.args.get("partition_by"):
        listed = [spell(one, env) for one in node.args["partition_by"]]
        if not all(has_order(one.type) for one in listed):
            raise Refused(f"PARTITION BY in `{described(node)}`")
        parts.append(f"PARTITION BY {', '.join(one.sql for one in listed)}")
    if node.args.get("order"):
        parts.append(f"ORDER BY {ordered(node.args['order'].expressions, env)}")
    if node.args.get("spec"):
        parts.append(_frame(node.args["spec"]))
    return " ".join(parts)


def _frame(spec: exp.Expr) -> str:
    kind = spec.text("kind").upper()
    start, end = (_frame_end(spec, name) for name in ("start", "end"))
    if kind not in ("ROWS", "RANGE") or spec.args.get("exclude"):
        raise Refused(f"the frame `{described(spec)}`")
    if kind == "RANGE" and any(re.match(r"\d", one) for one in (start, end)):
        raise Refused(f"the frame `{described(spec)}`")
    return f"{kind} BETWEEN {start} AND {end or 'CURRENT ROW'}"


def _frame_end(spec: exp.Expr, name: str) -> str:
    found = spec.args.get(name)
    words = found.name if isinstance(found, exp.Literal) else str(found or "").upper()
    if words and not re.fullmatch(r"\d+|UNBOUNDED|CURRENT ROW", words):
        raise Refused(f"the frame `{described(spec)}`")
    return f"{words} {spec.text(f'{name}_side').upper()}".strip()


def _function(name: str, *keys: str) -> Callable[[exp.Expr, Environment], Value]:
    """Return how a node of special grammar is called as a listed function."""

    def spelled(node: exp.Expr, env: Environment) -> Value:
        nodes = [node.args[key] for key in keys if node.args.get(key) is not None]
        extra = [key for key, value in node.args.items() if value and key not in keys]
        if extra:
            raise Refused(f"`{described(node)}`")
        return called(name, nodes, env, spell, Surroundings())

    return spelled


def _extract(node: exp.Expr, env: Environment) -> Value:
    return called(node.name.lower(), [node.expression], env, spell, Surroundings())


def _trim(node: exp.Expr, env: Environment) -> Value:
    marks, side = node.args.get("expression"), node.text("position").upper()
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(side, "trim")
    if marks is None:
        return called(name, [node.this], env, spell, Surroundings())
    value, set_of = spell(node.this, env), spell(marks, env)
    if value.type.name != "varchar" or set_of.type.name != "varchar":
        raise Refused(f"`{described(node)}`")
    return Value(f"{name}({value.sql}, {set_of.sql})", VARCHAR)


def _query(node: exp.Expr, env: Environment) -> Value:
    relation = env.relation(node, env)
    if len(relation.columns) != 1:
        raise Refused("a query of several columns as a value")
    return Value(f"({relation.sql})", relation.columns[0][1])


def _exists(node: exp.Expr, env: Environment) -> Value:
    return Value(f"EXISTS ({env.relation(node.this, env).sql})", BOOLEAN)


def _fixed(words: str, kind: Type) -> Callable[[exp.Expr, Environment], Value]:
    def spelled(node: exp.Expr, _: Environment) -> Value:
        if any(node.args.values()):
            raise Refused(f"`{described(node)}`")
        return Value(words, kind)

    return spelled


def _parenthesised(node: exp.Expr, env: Environment) -> Value:
    value = spell(node.this, env)
    return replace(value, sql=f"({value.sql})")


_NOW = "to_precision(timezone('UTC', now()), 1000)"
_KINDS: Mapping[type[exp.Expr], Callable[[exp.Expr, Environment], Value]] = {
    exp.Literal: _literal,
    exp.Boolean: lambda node, _: Value(str(node.this).lower(), BOOLEAN, is_literal=True),
    exp.Null: lambda *_: Value("NULL", UNKNOWN, is_literal=True),
    exp.Column: _column,
    exp.Identifier: _column,
    exp.Dot: _field,
    exp.Paren: _parenthesised,
    exp.Neg: _negated,
    exp.Add: _binary("+"),
    exp.Sub: _binary("-"),
    exp.Mul: _binary("*"),
    exp.Div: _binary("/"),
    exp.Mod: _binary("%"),
    exp.EQ: _comparison("="),
    exp.NEQ: _comparison("<>"),
    exp.LT: _comparison("<"),
    exp.LTE: _comparison("<="),
    exp.GT: _comparison(">"),
    exp.GTE: _comparison(">="),
    exp.NullSafeEQ: _comparison("IS NOT DISTINCT FROM"),
    exp.NullSafeNEQ: _comparison("IS DISTINCT FROM"),
    exp.And: _logic("AND"),
    exp.Or: _logic("OR"),
    exp.Not: lambda node, env: Value(f"(NOT {boolean(node.this, env)})", BOOLEAN),
    exp.Is: _is,
    exp.In: _in,
    exp.Between: _between,
    exp.Like: _like,
    exp.Escape: _like,
    exp.DPipe: _joined,
    exp.Case: _case,
    exp.If: _if,
    exp.Coalesce: lambda node, env: called(
        "coalesce", [node.this, *node.expressions], env, spell, Surroundings()
    ),
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.AtTimeZone: _at_zone,
    exp.Interval: _interval,
    exp.Array: _array,
    exp.Bracket: _subscript,
    exp.Anonymous: _call,
    exp.Filter: _filtered,
    exp.Window: _windowed,
    exp.Extract: _extract,
    exp.Trim: _trim,
    exp.Substring: _function("substr", "this", "start", "length"),
    exp.StrPosition: _function("strpos", "this", "substr"),
    exp.Subquery: _query,
    exp.Exists: _exists,
    exp.CurrentTimestamp: _fixed(f"at_zone({_NOW}, 'UTC')", INSTANT),
    exp.Localtimestamp: _fixed(_NOW, TIMESTAMP),
    exp.CurrentDate: _fixed("CAST(timezone('UTC', now()) AS DATE)", DATE),
}
