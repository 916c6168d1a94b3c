"""Function calls in DuckDB's words, also those with FILTER, OVER or a grammar of their own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from metriccare.query.translate.calls import Surroundings, called
from metriccare.query.translate.environment import Environment, Value
from metriccare.query.translate.operators import (
    compared,
    has_order,
)
from metriccare.query.translate.refusals import Refused
from metriccare.query.translate.spelling import Kinds, boolean, described, ordered, spell
from metriccare.query.translate.trino_types import (
    BIGINT,
    VARCHAR,
)
from metriccare.query.translate.value_words import row_of


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
        return row_of(nodes, env)
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


KINDS: Kinds = {
    exp.Coalesce: lambda node, env: called(
        "coalesce", [node.this, *node.expressions], env, spell, Surroundings()
    ),
    exp.Anonymous: _call,
    exp.Filter: _filtered,
    exp.Window: _windowed,
    exp.Extract: _extract,
    exp.Trim: _trim,
    exp.Substring: _function("substr", "this", "start", "length"),
    exp.StrPosition: _function("strpos", "this", "substr"),
}
