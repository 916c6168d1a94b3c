"""Declared Spark SQL as DuckDB SQL, so that both engines give the same rows.

sqlglot does most of it. What it does not know of Spark's meaning is one rule each in RULES;
instants are UTC without a zone on this side.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import sqlglot
from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

from metriccare.engine.duckdb.quoting import identifier, text
from metriccare.engine.protocol import Value
from metriccare.errors import UsageError

_DIALECT = "spark"
# Brackets no model has. One pass puts names and values in: what a value holds is not looked into.
_MARK = re.compile('"\u27e8(\\w+)\u27e9"|\u27e8:(\\w+)\u27e9')
# Some hundred models belong to a run; generated ones differ by their declaration only.
_TRANSLATIONS = 1024
_INSTANTS = (exp.DataType.Type.TIMESTAMPTZ, exp.DataType.Type.TIMESTAMPLTZ)


@dataclass(frozen=True)
class _Translation:
    """A model in DuckDB's words, with marks where relations and parameters belong."""

    text: str
    relations: frozenset[str]
    parameters: frozenset[str]


def to_duckdb(model: str, relations: Mapping[str, str], parameters: Mapping[str, Value]) -> str:
    """Return one SELECT in DuckDB's words.

    `relations` is name in the model -> name in the session. Raises UsageError for a name that is
    not given, and for anything but one SELECT.
    """
    translation = _translated(model, frozenset(relations))
    for name in sorted(translation.parameters - set(parameters)):
        raise UsageError(f"The model's parameter :{name} is not given.")
    values = {name: _literal(parameters[name]) for name in translation.parameters}

    def bound(mark: re.Match[str]) -> str:
        relation, parameter = mark.groups()
        return identifier(relations[relation]) if relation else values[parameter]

    return _MARK.sub(bound, translation.text)


@lru_cache(maxsize=_TRANSLATIONS)
def _translated(model: str, relations: frozenset[str]) -> _Translation:
    """Return a model's translation, worked out once: that takes up to a fifth of a second."""
    query = _parsed(model)
    _mark_relations(query, relations)
    parameters = _mark_parameters(query)
    return _Translation(_generated(query), relations, parameters)


@lru_cache(maxsize=_TRANSLATIONS)
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


def _mark_relations(query: exp.Query, relations: frozenset[str]) -> None:
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
        table.set("this", exp.to_identifier(f"\u27e8{table.name}\u27e9", quoted=True))


def _mark_parameters(query: exp.Query) -> frozenset[str]:
    places = list(query.find_all(exp.Placeholder))
    for place in places:
        place.replace(exp.var(f"\u27e8:{place.name}\u27e9"))
    return frozenset(place.name for place in places)


def _literal(value: Value) -> str:
    """Return a value as a literal of DuckDB's."""
    if value is None or isinstance(value, bool):
        return {None: "NULL", True: "TRUE", False: "FALSE"}[value]
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dt.datetime):
        utc = value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value
        return f"CAST('{utc.isoformat(' ')}' AS TIMESTAMP)"
    if isinstance(value, dt.date):
        return f"CAST('{value.isoformat()}' AS DATE)"
    if isinstance(value, int | Decimal):
        return f"({value:f})" if isinstance(value, Decimal) else f"({value})"
    return f"CAST([{', '.join(map(text, value))}] AS VARCHAR[])"


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
    seconds = "(day({0}) * 86400 + epoch({0} - date_trunc('day', {0})))"
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
    """`get` counts from 0 and gives null past the end, list_extract counts from 1."""
    array, index = node.expressions
    first = exp.Add(this=index, expression=exp.Literal.number(1))
    return exp.Anonymous(this="list_extract", expressions=[array, first])


def _from_json(node: exp.Expr) -> exp.Expr:
    """`from_json` with a shape as text, in which a wrong element is null."""
    document, shape = node.this, node.expression
    kind = exp.DataType.build(shape.name, dialect=_DIALECT)
    structure = exp.Literal.string(json.dumps(_shape(kind)))
    transformed = exp.Anonymous(this="json_transform", expressions=[document, structure])
    # A text that is no JSON is null; looking first whether it is one would read every text twice.
    parsed = exp.Anonymous(this="TRY", expressions=[transformed])
    # DuckDB reads a JSON number as binary: 8284.45 would become 8284.450000000001.
    return exp.TryCast(this=parsed, to=kind) if _has_decimals(kind) else parsed


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
    (exp.MonthsBetween, _months_between),
    (exp.Anonymous, _function),
)
