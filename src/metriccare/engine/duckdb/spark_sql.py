"""Declared Spark SQL as DuckDB SQL, so that both engines give the same rows.

sqlglot does most of it. What it does not know of Spark's meaning is one rule each in RULES;
instants are UTC without a zone on this side.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

import sqlglot
from sqlglot import exp

from metriccare.engine.duckdb.marks import parameter_mark, relation_mark
from metriccare.engine.duckdb.spark_rules import (
    array_agg,
    array_contains,
    array_size,
    array_to_string,
    count_if,
    date_trunc,
    flatten,
    regexp,
    regexp_replace,
    trim,
)
from metriccare.engine.model_sql import DIALECT, parameters_in, parsed, relations_in

_INSTANTS = (exp.DataType.Type.TIMESTAMPTZ, exp.DataType.Type.TIMESTAMPLTZ)


def translated(
    model: str, relations: Collection[str], parameters: Collection[str]
) -> tuple[str, list[str]]:
    """Return a model in DuckDB's words, with marks for relations and parameters; and the latter.

    Raises UsageError for a name that is not given, and for anything but one SELECT.
    """
    query = parsed(model)
    _mark_relations(query, relations)
    used = _mark_parameters(query, parameters)
    return _generated(query), sorted(used)


def translated_expression(expression: str) -> str:
    """Return a single Spark SQL expression in DuckDB's words."""
    query = parsed(f"SELECT {expression} AS x")
    selected: exp.Expr = query.expressions[0].this
    return _generated(selected)


def _mark_relations(query: exp.Query, relations: Collection[str]) -> None:
    for table in relations_in(query, relations):
        if not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
        table.set("this", exp.to_identifier(relation_mark(table.name), quoted=True))


def _mark_parameters(query: exp.Query, given: Collection[str]) -> frozenset[str]:
    places = parameters_in(query, given)
    for place in places:
        place.replace(exp.var(parameter_mark(place.name)))
    return frozenset(place.name for place in places)


def _generated(query: exp.Expr) -> str:
    root = exp.Paren(this=query)
    # From the leaves up: what a rule returns is not looked into again.
    for node in reversed(list(query.walk())):
        for kind, rule in RULES:
            if isinstance(node, kind):
                parent, key, place = node.parent, node.arg_key, node.index
                changed = rule(node)
                if changed is not node and parent is not None and key is not None:
                    parent.set(key, changed, index=place)
                break
    generated: str = root.this.sql(dialect="duckdb")
    return generated


def _cast(node: exp.Expr) -> exp.Expr:
    """Spark's timestamp is an instant: a text's zone counts. Here it is UTC without a zone."""
    to = node.args["to"]
    if to.this in _INSTANTS:
        to.set("this", exp.DataType.Type.TIMESTAMPTZ)
        return exp.Cast(this=node, to=exp.DataType.build("TIMESTAMP", dialect="duckdb"))
    for kind in to.find_all(exp.DataType):
        if kind.this in _INSTANTS:
            kind.set("this", exp.DataType.Type.TIMESTAMP)
    return node


def _date_add(node: exp.Expr) -> exp.Expr:
    """Adding days to a date gives a date; DuckDB's interval makes a timestamp of it."""
    return exp.Cast(this=node, to=exp.DataType.build("DATE", dialect="duckdb"))


def _distinct(node: exp.Expr) -> exp.Expr:
    """Keep the first of equal elements in their order, which list_distinct does not."""
    element, index = (exp.to_identifier(f"distinct_{part}") for part in ("element", "index"))
    position = exp.Anonymous(this="list_position", expressions=[node.this.copy(), element.copy()])
    is_first = exp.EQ(this=position, expression=index.copy())
    return exp.ArrayFilter(
        this=node.this.copy(), expression=exp.Lambda(this=is_first, expressions=[element, index])
    )


def _sort_by(node: exp.Expr) -> exp.Expr:
    """`SORT BY` orders within a partition; here is one, and sqlglot drops it without a word."""
    sort = node.args.get("sort")
    if sort is not None:
        node.set("sort", None)
        node.set("order", exp.Order(expressions=sort.expressions))
    return node


def _exists(node: exp.Expr) -> exp.Expr:
    """`exists` over a list: true if one fits, else null if one may, else false."""
    condition = node.args.get("expression")
    if not isinstance(condition, exp.Lambda):
        return node
    fits = exp.Anonymous(this="list_transform", expressions=[node.this.copy(), condition.copy()])
    found = exp.Anonymous(this="list_contains", expressions=[fits, exp.true()])
    unknown = exp.Anonymous(this="list_count", expressions=[fits.copy()]) < exp.Anonymous(
        this="len", expressions=[node.this.copy()]
    )
    maybe = exp.Case(ifs=[exp.If(this=unknown, true=exp.null())], default=exp.false())
    is_null = exp.Is(this=node.this.copy(), expression=exp.null())
    return exp.Case(
        ifs=[exp.If(this=found, true=exp.true()), exp.If(this=is_null, true=exp.null())],
        default=maybe,
    )


def _months_between(node: exp.Expr) -> exp.Expr:
    """Whole months between equal days and between last days of months, else parts of 31 days."""
    later, earlier = node.this, node.expression
    months = "(extract(year FROM {0}) * 12 + extract(month FROM {0}))"
    seconds = "(day({0}) * 86400 + floor(epoch({0} - date_trunc('day', {0}))))"
    is_last = "day({0}) = day(last_day({0}))"
    texts = [f"CAST({each.sql(dialect='duckdb')} AS TIMESTAMP)" for each in (later, earlier)]
    whole, part = (
        f"{form.format(texts[0])} - {form.format(texts[1])}" for form in (months, seconds)
    )
    last = " AND ".join(is_last.format(each) for each in texts)
    same = f"day({texts[0]}) = day({texts[1]}) OR ({last})"
    form = f"round({whole} + CASE WHEN {same} THEN 0 ELSE ({part}) / 2678400.0::DOUBLE END, 8)"
    return sqlglot.parse_one(form, dialect="duckdb")


def _function(node: exp.Expr) -> exp.Expr:
    rule = _FUNCTIONS.get(node.name.lower())
    return rule(node) if rule else node


def _get(node: exp.Expr) -> exp.Expr:
    """`get` counts from 0 and gives null outside; list_extract from 1, and back from -1."""
    array, index = node.expressions
    if isinstance(index, exp.Literal):
        place: exp.Expr = exp.Literal.number(int(index.name) + 1)
    else:
        place = exp.If(
            this=exp.GTE(this=index, expression=exp.Literal.number(0)),
            true=exp.Add(this=exp.cast(index.copy(), "BIGINT"), expression=exp.Literal.number(1)),
        )
    return exp.Anonymous(this="list_extract", expressions=[array, place])


def _from_json(node: exp.Expr) -> exp.Expr:
    """`from_json` with a shape as text, in which a wrong element is null."""
    document, shape = node.this, node.expression
    kind = exp.DataType.build(shape.name, dialect=DIALECT)
    structure = exp.Literal.string(json.dumps(_shape(kind)))
    transformed = exp.Anonymous(this="json_transform", expressions=[document, structure])
    # A text that is no JSON is null; looking first whether it is one would read every text twice.
    parsed = exp.Anonymous(this="TRY", expressions=[transformed])
    # DuckDB reads a JSON number as binary: 8284.45 would become 8284.450000000001.
    return exp.TryCast(this=parsed, to=kind) if _has_decimals(kind) else parsed


def json_structure(spark_type: str) -> Any:
    """Return a type as the structure that json_transform reads, decimals as text."""
    return _shape(exp.DataType.build(spark_type, dialect=DIALECT))


def _has_decimals(kind: exp.DataType) -> bool:
    return any(each.this == exp.DType.DECIMAL for each in kind.find_all(exp.DataType))


def _shape(kind: exp.DataType) -> Any:
    if kind.this == exp.DataType.Type.STRUCT:
        return {part.name: _shape(part.args["kind"]) for part in kind.expressions}
    if kind.this == exp.DataType.Type.ARRAY:
        return [_shape(kind.expressions[0])]
    return "VARCHAR" if kind.this == exp.DType.DECIMAL else kind.sql("duckdb")


_FUNCTIONS: Mapping[str, Callable[[exp.Expr], exp.Expr]] = {
    "get": _get,
}
RULES: tuple[tuple[type[exp.Expr], Callable[[exp.Expr], exp.Expr]], ...] = (
    (exp.Cast, _cast),
    (exp.DateTrunc, date_trunc),
    (exp.TsOrDsAdd, _date_add),
    (exp.ArrayAgg, array_agg),
    (exp.ArrayContains, array_contains),
    (exp.ArrayDistinct, _distinct),
    (exp.ArraySize, array_size),
    (exp.ArrayToString, array_to_string),
    (exp.CountIf, count_if),
    (exp.Flatten, flatten),
    (exp.RegexpExtract, regexp),
    (exp.RegexpExtractAll, regexp),
    (exp.RegexpLike, regexp),
    (exp.RegexpReplace, regexp_replace),
    (exp.Trim, trim),
    (exp.Exists, _exists),
    (exp.FromJson, _from_json),
    (exp.MonthsBetween, _months_between),
    (exp.Anonymous, _function),
    (exp.Select, _sort_by),
)
