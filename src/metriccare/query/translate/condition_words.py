"""Operators and conditions in DuckDB's words: arithmetic, comparisons, logic, CASE."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from metriccare.query.translate.environment import Environment, Value
from metriccare.query.translate.operators import (
    arithmetic,
    common_of,
    comparable,
    compared,
    converted,
    has_order,
)
from metriccare.query.translate.refusals import Refused
from metriccare.query.translate.spelling import Kinds, boolean, described, spell
from metriccare.query.translate.trino_types import (
    BOOLEAN,
    DOUBLE,
    UNKNOWN,
    VARCHAR,
    duckdb_name,
)

_ZONED = "timestamp with time zone"


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


KINDS: Kinds = {
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
}
