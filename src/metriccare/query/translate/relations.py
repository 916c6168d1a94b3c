"""Queries: SELECT, WITH, set operations and what follows them, in DuckDB's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlglot import exp

from metriccare.query.translate.environment import Columns, Environment, Relation, Value
from metriccare.query.translate.expressions import expression
from metriccare.query.translate.operators import common_of, has_order
from metriccare.query.translate.refusals import Refused
from metriccare.query.translate.sources import identifier, only, renamed, sources_of, values_of
from metriccare.query.translate.spelling import boolean, described, ordered, spell
from metriccare.query.translate.trino_types import UNKNOWN, Type, duckdb_name

_SELECT = {
    "with_",
    "expressions",
    "distinct",
    "from_",
    "joins",
    "where",
    "group",
    "having",
    "order",
    "limit",
    "offset",
}
_WHOLE = {"with_", "order", "limit", "offset"}


def translated(query: exp.Expr, tables: Mapping[str, Columns]) -> Relation:
    """Return a query whose columns are qualified in DuckDB's words.

    `tables` holds the columns of the lake's tables and views it may read, by full name.
    """
    return relation(query, Environment(relation, expression, tables=tables))


def relation(query: exp.Expr, env: Environment) -> Relation:
    """Return a query, alone or inside another, in DuckDB's words."""
    if isinstance(query, exp.Subquery):
        only(query, {"this", "alias", *_WHOLE})
        inner = relation(query.this, env)
        return replace(inner, sql=f"({inner.sql}){_tail(query, inner, env)}")
    if isinstance(query, exp.Select):
        return _select(query, env)
    if isinstance(query, exp.SetOperation):
        return _set_operation(query, env)
    if isinstance(query, exp.Values):
        return values_of(query, env)
    raise Refused(f"`{described(query)}`")


def _select(query: exp.Select, env: Environment) -> Relation:
    only(query, _SELECT)
    before, env = _with(query, env)
    sources, env = sources_of(query, env)
    columns = [_projection(item, env) for item in query.expressions]
    parts = ["SELECT", _distinct(query, columns), _listed(columns), sources]
    if query.args.get("where"):
        parts.append(f"WHERE {boolean(query.args['where'].this, env)}")
    if query.args.get("group"):
        parts.append(f"GROUP BY {_groups(query.args['group'], query, env)}")
    if query.args.get("having"):
        parts.append(f"HAVING {boolean(query.args['having'].this, env)}")
    found = Relation("", tuple((name, value.type) for name, value in columns))
    words = " ".join(part for part in parts if part)
    return replace(found, sql=f"{before}{words}{_tail(query, found, env)}")


def _with(query: exp.Expr, env: Environment) -> tuple[str, Environment]:
    clause = query.args.get("with_")
    if not clause:
        return "", env
    if clause.args.get("recursive"):
        raise Refused("WITH RECURSIVE")
    words = []
    for one in clause.expressions:
        inner = relation(one.this, env)
        columns, head = renamed(one, inner)
        env = replace(env, tables={**env.tables, one.alias: columns})
        words.append(f'"{one.alias}"{head} AS ({inner.sql})')
    return f"WITH {', '.join(words)} ", env


def _projection(item: exp.Expr, env: Environment) -> tuple[str, Value]:
    if isinstance(item, exp.Star) or (isinstance(item, exp.Column) and item.is_star):
        raise Refused(f"`{described(item)}`", "its columns are not known")
    value = spell(item.unalias(), env)
    if value.type.name == "interval":
        why = "an interval as a result; write date_diff('day', earlier, later)"
        raise Refused(f"`{described(item)}`", why)
    return item.alias_or_name, value


def _listed(columns: list[tuple[str, Value]]) -> str:
    return ", ".join(f"{_typed(value)} AS {identifier(name)}" for name, value in columns)


def _typed(value: Value) -> str:
    """Give NULL and numbers from DuckDB's own functions the type Trino has."""
    if value.type.is_integer and not value.sql.startswith("CAST("):
        return f"CAST({value.sql} AS {duckdb_name(value.type)})"
    return value.sql


def _distinct(query: exp.Select, columns: list[tuple[str, Value]]) -> str:
    distinct = query.args.get("distinct")
    if not distinct:
        return ""
    if distinct.args.get("on"):
        raise Refused("DISTINCT ON")
    _refuse_unequal((value.type for _, value in columns), "DISTINCT")
    return "DISTINCT"


def _refuse_unequal(kinds: Iterable[Type], construct: str) -> None:
    """Refuse to compare whole rows by what is not equal alike: instants with zones, JSON."""
    for kind in kinds:
        inner = kind.of[0] if kind.name == "array" else kind
        if not has_order(inner):
            raise Refused(f"{construct} of {kind}")


def _groups(group: exp.Expr, query: exp.Select, env: Environment) -> str:
    only(group, {"expressions"})
    words = []
    for item in group.expressions:
        if isinstance(item, exp.Literal) and not item.is_string:
            chosen = query.expressions[int(item.name) - 1].unalias()
        else:
            chosen = item
        value = spell(chosen, env)
        _refuse_unequal([value.type], "GROUP BY")
        words.append(_typed(value))
    return ", ".join(words)


def _tail(query: exp.Expr, found: Relation, env: Environment) -> str:
    """Return ORDER BY, OFFSET and LIMIT; ORDER BY may name the columns of the result."""
    words = ""
    if query.args.get("order"):
        inner = replace(env, aliases=dict(found.columns))
        words += f" ORDER BY {ordered(query.args['order'].expressions, inner)}"
    for name in ("limit", "offset"):
        clause = query.args.get(name)
        if clause:
            if not isinstance(clause, exp.Limit | exp.Offset):
                raise Refused(f"`{described(clause)}`")
            if not isinstance(clause.expression, exp.Literal):
                raise Refused(f"`{described(clause)}`")
            words += f" {name.upper()} {int(clause.expression.name)}"
    return words


_OPERATIONS = {exp.Union: "UNION", exp.Intersect: "INTERSECT", exp.Except: "EXCEPT"}


def _set_operation(query: exp.SetOperation, env: Environment) -> Relation:
    only(query, {"this", "expression", "distinct", *_WHOLE})
    before, env = _with(query, env)
    left, right = (relation(side, env) for side in (query.this, query.expression))
    everything = not query.args.get("distinct")
    name = _OPERATIONS[type(query)]
    columns = _matched(left, right, name)
    if not everything or name != "UNION":
        _refuse_unequal((kind for _, kind in columns), name)
    words = f"({left.sql}) {name}{' ALL' if everything else ''} ({right.sql})"
    found = Relation("", columns)
    return replace(found, sql=f"{before}{words}{_tail(query, found, env)}")


def _matched(left: Relation, right: Relation, name: str) -> tuple[tuple[str, Type], ...]:
    """Return the columns of both sides, which must be of one type or one must be NULL."""
    if len(left.columns) != len(right.columns):
        raise Refused(f"{name} of {len(left.columns)} and {len(right.columns)} columns")
    found = []
    for (column, one), (_, other) in zip(left.columns, right.columns, strict=True):
        kind = common_of([Value("", one), Value("", other)], name)
        is_same = duckdb_name(one) == duckdb_name(other) or UNKNOWN in (one, other)
        if not (is_same or (one.is_integer and other.is_integer)):
            raise Refused(f"{name} of {one} and {other}", f"cast both sides to {kind}")
        found.append((column, kind))
    return tuple(found)
