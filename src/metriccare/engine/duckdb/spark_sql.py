"""Translates models from Spark's SQL to DuckDB's, so that both engines give the same rows.

sqlglot does most of it. Where it does not know what Spark means, there is a rule in RULES. Instants
are UTC without a zone in DuckDB.
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
    left,
    lower,
    regexp,
    regexp_replace,
    sort_array,
    trim,
    upper,
)
from metriccare.engine.functions import check_listed
from metriccare.engine.model_sql import DIALECT, parameters_in, parsed, relations_in

_INSTANTS = (exp.DataType.Type.TIMESTAMPTZ, exp.DataType.Type.TIMESTAMPLTZ)


def translated(
    model: str, relations: Collection[str], parameters: Collection[str]
) -> tuple[str, list[str]]:
    """Return a model in DuckDB's SQL, with marks for relations and parameters, and the parameters.

    Raises UsageError for a name that is not given, for anything but one SELECT, and for a function,
    operator or cast that is not listed.
    """
    query = parsed(model)
    check_listed(model, query)
    _mark_relations(query, relations)
    used = _mark_parameters(query, parameters)
    return _generated(query), sorted(used)


def translated_expression(expression: str) -> str:
    """Return a single Spark SQL expression in DuckDB's SQL."""
    model = f"SELECT {expression} AS x"
    query = parsed(model)
    check_listed(model, query)
    selected: exp.Expr = query.expressions[0].this
    return _generated(selected)


def _mark_relations(query: exp.Query, relations: Collection[str]) -> None:
    for table in relations_in(query, relations):
        if not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
        table.set("this", exp.to_identifier(relation_mark(table.name), quoted=True))


def _mark_parameters(query: exp.Query, given: Collection[str]) -> frozenset[str]:
    placeholders = parameters_in(query, given)
    for placeholder in placeholders:
        placeholder.replace(exp.var(parameter_mark(placeholder.name)))
    return frozenset(placeholder.name for placeholder in placeholders)


def _generated(query: exp.Expr) -> str:
    root = exp.Paren(this=query)
    # From the leaves up, so that no rule is applied to the result of another.
    for node in reversed(list(query.walk())):
        for node_type, rule in RULES:
            if isinstance(node, node_type):
                parent, key, index = node.parent, node.arg_key, node.index
                changed = rule(node)
                if changed is not node and parent is not None and key is not None:
                    parent.set(key, changed, index=index)
                break
    generated: str = root.this.sql(dialect="duckdb")
    return generated


def _cast(node: exp.Expr) -> exp.Expr:
    """Spark's timestamp is an instant, so a text's zone counts; DuckDB's is UTC without one."""
    to = node.args["to"]
    if to.this in _INSTANTS:
        to.set("this", exp.DataType.Type.TIMESTAMPTZ)
        return exp.Cast(this=node, to=exp.DataType.build("TIMESTAMP", dialect="duckdb"))
    for type_ in to.find_all(exp.DataType):
        if type_.this in _INSTANTS:
            type_.set("this", exp.DataType.Type.TIMESTAMP)
    return node


def _date_add(node: exp.Expr) -> exp.Expr:
    """Adding days to a date gives a date; with DuckDB's interval it would be a timestamp."""
    return exp.Cast(this=node, to=exp.DataType.build("DATE", dialect="duckdb"))


def _distinct(node: exp.Expr) -> exp.Expr:
    """Equal elements are kept once, in the order of the first; list_distinct has no order."""
    element, index = (exp.to_identifier(f"distinct_{part}") for part in ("element", "index"))
    position = exp.Anonymous(this="list_position", expressions=[node.this.copy(), element.copy()])
    is_first = exp.EQ(this=position, expression=index.copy())
    return exp.ArrayFilter(
        this=node.this.copy(), expression=exp.Lambda(this=is_first, expressions=[element, index])
    )


def _sort_by(node: exp.Expr) -> exp.Expr:
    """`SORT BY` orders within a partition: DuckDB has one. sqlglot would drop it silently."""
    sort = node.args.get("sort")
    if sort is not None:
        node.set("sort", None)
        node.set("order", exp.Order(expressions=sort.expressions))
    return node


def _exists(node: exp.Expr) -> exp.Expr:
    """`exists` is true if one element fits, else null if one is unknown, else false."""
    condition = node.args.get("expression")
    if not isinstance(condition, exp.Lambda):
        return node
    fits = exp.Anonymous(this="list_transform", expressions=[node.this.copy(), condition.copy()])
    one_fits = exp.Anonymous(this="list_contains", expressions=[fits, exp.true()])
    unknown = exp.Anonymous(this="list_count", expressions=[fits.copy()]) < exp.Anonymous(
        this="len", expressions=[node.this.copy()]
    )
    otherwise = exp.Case(ifs=[exp.If(this=unknown, true=exp.null())], default=exp.false())
    is_null = exp.Is(this=node.this.copy(), expression=exp.null())
    return exp.Case(
        ifs=[exp.If(this=one_fits, true=exp.true()), exp.If(this=is_null, true=exp.null())],
        default=otherwise,
    )


def _months_between(node: exp.Expr) -> exp.Expr:
    """The months are whole between equal days and between last days; a day is a 31st otherwise."""
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
    """`get` counts from 0, and is null outside; list_extract counts from 1, and back from -1."""
    array, index = node.expressions
    if isinstance(index, exp.Literal):
        position: exp.Expr = exp.Literal.number(int(index.name) + 1)
    else:
        position = exp.If(
            this=exp.GTE(this=index, expression=exp.Literal.number(0)),
            true=exp.Add(this=exp.cast(index.copy(), "BIGINT"), expression=exp.Literal.number(1)),
        )
    return exp.Anonymous(this="list_extract", expressions=[array, position])


def _from_json(node: exp.Expr) -> exp.Expr:
    """`from_json` takes the shape as text; an element of another type is null."""
    document, shape = node.this, node.expression
    type_ = exp.DataType.build(shape.name, dialect=DIALECT)
    structure = exp.Literal.string(json.dumps(_shape(type_)))
    transformed = exp.Anonymous(this="json_transform", expressions=[document, structure])
    # A text that is not JSON gives null. Checking it before would read every text twice.
    parsed = exp.Anonymous(this="TRY", expressions=[transformed])
    # DuckDB reads JSON numbers as doubles: 8284.45 would become 8284.450000000001.
    return exp.TryCast(this=parsed, to=type_) if _has_decimals(type_) else parsed


def json_structure(spark_type: str) -> Any:
    """Return a type as a structure for json_transform; decimals are read as text."""
    return _shape(exp.DataType.build(spark_type, dialect=DIALECT))


def _has_decimals(type_: exp.DataType) -> bool:
    return any(part.this == exp.DType.DECIMAL for part in type_.find_all(exp.DataType))


def _shape(type_: exp.DataType) -> Any:
    if type_.this == exp.DataType.Type.STRUCT:
        return {part.name: _shape(part.args["kind"]) for part in type_.expressions}
    if type_.this == exp.DataType.Type.ARRAY:
        return [_shape(type_.expressions[0])]
    return "VARCHAR" if type_.this == exp.DType.DECIMAL else type_.sql("duckdb")


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
    (exp.ArraySort, sort_array),
    (exp.ArrayToString, array_to_string),
    (exp.CountIf, count_if),
    (exp.Flatten, flatten),
    (exp.Left, left),
    (exp.Lower, lower),
    (exp.RegexpExtract, regexp),
    (exp.RegexpExtractAll, regexp),
    (exp.RegexpLike, regexp),
    (exp.RegexpReplace, regexp_replace),
    (exp.Trim, trim),
    (exp.Upper, upper),
    (exp.Exists, _exists),
    (exp.FromJson, _from_json),
    (exp.MonthsBetween, _months_between),
    (exp.Anonymous, _function),
    (exp.Select, _sort_by),
)
