"""Declared Spark SQL as DuckDB SQL, so that both engines give the same rows.

sqlglot does most of it. What it does not know of Spark's meaning is one rule each in RULES;
instants are UTC without a zone on this side.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

from metriccare.engine.protocol import Value
from metriccare.errors import UsageError

_DIALECT = "spark"
_PLACE = re.compile('"\u27e8(:?[^\u27e9]+)\u27e9"')
_INSTANTS = (exp.DataType.Type.TIMESTAMPTZ, exp.DataType.Type.TIMESTAMPLTZ)


def to_duckdb(model: str, relations: Mapping[str, str], parameters: Mapping[str, Value]) -> str:
    """Return one SELECT in DuckDB's words.

    `relations` is name in the model -> name in the session. Raises UsageError for a name that is
    not given, and for anything but one SELECT.
    """

    def value_of(place: re.Match[str]) -> str:
        name = place[1]
        if name.startswith(":"):
            return _generated(_literal(parameters[name[1:]]))
        return exp.to_identifier(relations[name], quoted=True).sql(dialect="duckdb")

    return _PLACE.sub(value_of, _template(model, frozenset(relations), frozenset(parameters)))


@lru_cache(maxsize=1024)
def _template(model: str, relations: frozenset[str], parameters: frozenset[str]) -> str:
    """Return the SELECT with a place for each relation and parameter.

    It is kept: a model takes sqlglot about 5 ms, and a process that runs again has the same ones.
    """
    query = _parsed(model)
    _place_relations(query, relations)
    _place_parameters(query, parameters)
    return _generated(query)


def expression_to_duckdb(expression: str) -> str:
    """Return a single Spark SQL expression in DuckDB's words."""
    query = _parsed(f"SELECT {expression} AS x")
    selected: exp.Expr = query.expressions[0].this
    return _generated(selected)


def _parsed(model: str) -> exp.Query:
    try:
        statements = parse(model, dialect=_DIALECT)
    except SqlglotError as error:
        raise UsageError(f"The model is not understood: {error}") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise UsageError("A model is one SELECT.")
    return statements[0]


def _place_relations(query: exp.Query, relations: frozenset[str]) -> None:
    local = {cte.alias for cte in query.find_all(exp.CTE)}
    hidden = sorted(local & relations)
    if hidden:
        raise UsageError(f"The model's WITH hides the relation {hidden[0]}; rename it.")
    for table in list(query.find_all(exp.Table)):
        if table.name in local:
            continue
        if table.db or table.name not in relations:
            given = ", ".join(sorted(relations)) or "none"
            raise UsageError(f"The model reads {table.sql()}, which is not given; given: {given}.")
        if not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
        table.set("this", _place(table.name))


def _place_parameters(query: exp.Query, parameters: frozenset[str]) -> None:
    for place in list(query.find_all(exp.Placeholder)):
        if place.name not in parameters:
            raise UsageError(f"The model's parameter :{place.name} is not given.")
        place.replace(exp.Column(this=_place(f":{place.name}")))


def _place(name: str) -> exp.Identifier:
    """Return a name that no column has, for which the value's text is put in."""
    return exp.to_identifier(f"\u27e8{name}\u27e9", quoted=True)


def _literal(value: Value) -> exp.Expr:
    if isinstance(value, Sequence) and not isinstance(value, str):
        texts = exp.Array(expressions=[exp.convert(each) for each in value])
        return exp.cast(texts, "ARRAY<STRING>", dialect=_DIALECT)
    return exp.convert(value)


def _generated(query: exp.Expr) -> str:
    root = exp.Paren(this=query)
    # From the leaves up: what a rule returns is not looked into again.
    for node in reversed(list(query.walk())):
        for kind, rule in RULES:
            if isinstance(node, kind):
                changed = rule(node)
                if changed is not node:
                    node.replace(changed)
                break
    text: str = root.this.sql(dialect="duckdb")
    return text


def _cast(node: exp.Expr) -> exp.Expr:
    """Spark's timestamp is an instant: a text's zone counts. Here it is UTC without a zone."""
    to = node.args["to"]
    if to.this in _INSTANTS:
        to.set("this", exp.DataType.Type.TIMESTAMPTZ)
        return exp.Cast(this=node.copy(), to=exp.DataType.build("TIMESTAMP", dialect="duckdb"))
    for kind in to.find_all(exp.DataType):
        if kind.this in _INSTANTS:
            kind.set("this", exp.DataType.Type.TIMESTAMP)
    return node


def _date_add(node: exp.Expr) -> exp.Expr:
    """Adding days to a date gives a date; DuckDB's interval makes a timestamp of it."""
    return exp.Cast(this=node.copy(), to=exp.DataType.build("DATE", dialect="duckdb"))


def _distinct(node: exp.Expr) -> exp.Expr:
    """Keep the first of equal elements in their order, which list_distinct does not."""
    element, index = (exp.to_identifier(f"distinct_{part}") for part in ("element", "index"))
    position = exp.Anonymous(this="list_position", expressions=[node.this.copy(), element.copy()])
    is_first = exp.EQ(this=position, expression=index.copy())
    return exp.ArrayFilter(
        this=node.this.copy(), expression=exp.Lambda(this=is_first, expressions=[element, index])
    )


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


def _sort_by(node: exp.Expr) -> exp.Expr:
    """`SORT BY` orders within a partition; here is one, and sqlglot drops it without a word."""
    sort = node.args.get("sort")
    if sort is not None:
        node.set("sort", None)
        node.set("order", exp.Order(expressions=sort.expressions))
    return node


def _function(node: exp.Expr) -> exp.Expr:
    rule = _FUNCTIONS.get(node.name.lower())
    return rule(node) if rule else node


def _get(node: exp.Expr) -> exp.Expr:
    """`get` counts from 0 and gives null past the end, list_extract counts from 1."""
    array, index = node.expressions
    first = exp.Add(this=index, expression=exp.Literal.number(1))
    return exp.Anonymous(this="list_extract", expressions=[array, first])


def _from_json(node: exp.Expr) -> exp.Expr:
    """`from_json` with a shape as text, in which a wrong element is null."""
    text, shape = node.this, node.expression
    kind = exp.DataType.build(shape.name, dialect=_DIALECT)
    structure = exp.Literal.string(json.dumps(_shape(kind)))
    valid = exp.Anonymous(this="json_valid", expressions=[text.copy()])
    parsed = exp.Anonymous(this="json_transform", expressions=[text, structure])
    # DuckDB reads a JSON number as binary: 8284.45 would become 8284.450000000001.
    exact = exp.TryCast(this=parsed, to=kind) if _has_decimals(kind) else parsed
    return exp.Case(ifs=[exp.If(this=valid, true=exact)])


def _has_decimals(kind: exp.DataType) -> bool:
    return any(each.this == exp.DType.DECIMAL for each in kind.find_all(exp.DataType))


def _shape(kind: exp.DataType) -> Any:
    """Return a type as the structure that json_transform reads, decimals as text."""
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
    (exp.TsOrDsAdd, _date_add),
    (exp.ArrayDistinct, _distinct),
    (exp.Exists, _exists),
    (exp.FromJson, _from_json),
    (exp.Anonymous, _function),
    (exp.Select, _sort_by),
)
