"""Queries: SELECT, WITH, joins, UNNEST, VALUES and set operations, in DuckDB's words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from sqlglot import exp

from metriccare.query.translate.environment import Columns, Environment, Relation, Value
from metriccare.query.translate.expressions import expression
from metriccare.query.translate.operators import common_of, converted, has_order
from metriccare.query.translate.refusals import Refused
from metriccare.query.translate.spelling import boolean, described, ordered, spell
from metriccare.query.translate.trino_types import BIGINT, UNKNOWN, Type, duckdb_name

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
        _only(query, {"this", "alias", *_WHOLE})
        inner = relation(query.this, env)
        return replace(inner, sql=f"({inner.sql}){_tail(query, inner, env)}")
    if isinstance(query, exp.Select):
        return _select(query, env)
    if isinstance(query, exp.SetOperation):
        return _set_operation(query, env)
    if isinstance(query, exp.Values):
        return _values(query, env)
    raise Refused(f"`{described(query)}`")


def _only(node: exp.Expr, known: Iterable[str]) -> None:
    for name, value in node.args.items():
        if value and name not in known:
            raise Refused(f"{name.strip('_').replace('_', ' ').upper()} in `{described(node)}`")


def _select(query: exp.Select, env: Environment) -> Relation:
    _only(query, _SELECT)
    before, env = _with(query, env)
    sources, env = _sources(query, env)
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
        columns, head = _renamed(one, inner)
        env = replace(env, tables={**env.tables, one.alias: columns})
        words.append(f'"{one.alias}"{head} AS ({inner.sql})')
    return f"WITH {', '.join(words)} ", env


def _renamed(node: exp.Expr, inner: Relation) -> tuple[Columns, str]:
    """Return the columns of a named query, and the list of its new column names if it has one."""
    alias = node.args.get("alias")
    new = [one.name for one in alias.args.get("columns") or ()] if alias else []
    if not new:
        return dict(inner.columns), ""
    if len(new) != len(inner.columns):
        raise Refused(f"{len(new)} names for {len(inner.columns)} columns in `{described(node)}`")
    kinds = dict(zip(new, (kind for _, kind in inner.columns), strict=True))
    return kinds, f"({', '.join(_identifier(name) for name in new)})"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _projection(item: exp.Expr, env: Environment) -> tuple[str, Value]:
    if isinstance(item, exp.Star) or (isinstance(item, exp.Column) and item.is_star):
        raise Refused(f"`{described(item)}`", "its columns are not known")
    value = spell(item.unalias(), env)
    if value.type.name == "interval":
        why = "an interval as a result; write date_diff('day', earlier, later)"
        raise Refused(f"`{described(item)}`", why)
    return item.alias_or_name, value


def _listed(columns: list[tuple[str, Value]]) -> str:
    return ", ".join(f"{_typed(value)} AS {_identifier(name)}" for name, value in columns)


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
    _only(group, {"expressions"})
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


# Sources.


def _sources(query: exp.Select, env: Environment) -> tuple[str, Environment]:
    first = query.args.get("from_")
    if not first:
        return "", env
    words, env = _source(first.this, env)
    text = f"FROM {words}"
    for join in query.args.get("joins") or ():
        words, env = _join(join, env)
        text += f" {words}"
    return text, env


def _join(join: exp.Expr, env: Environment) -> tuple[str, Environment]:
    _only(join, {"this", "side", "kind", "on"})
    words, env = _source(join.this, env)
    kind, side = join.text("kind").upper(), join.text("side").upper()
    if kind not in ("", "INNER", "CROSS", "OUTER") or side not in ("", "LEFT", "RIGHT", "FULL"):
        raise Refused(f"`{described(join)}`")
    condition = join.args.get("on")
    if condition is None:
        return f"CROSS JOIN {words}", env
    return f"{side or 'INNER'} JOIN {words} ON {boolean(condition, env)}", env


def _source(node: exp.Expr, env: Environment) -> tuple[str, Environment]:
    made = _SOURCES.get(type(node))
    if made is None:
        raise Refused(f"`{described(node)}` as a table")
    words, name, columns = made(node, env)
    return words, replace(env, sources={**env.sources, name: columns})


def _table(node: exp.Expr, env: Environment) -> tuple[str, str, Columns]:
    _only(node, {"this", "db", "alias"})
    full = f"{node.text('db')}.{node.name}" if node.text("db") else node.name
    if full not in env.tables:
        raise Refused(f"the table {full}", "it is not found here")
    name = node.alias or node.name
    columns, head = _renamed(node, Relation("", tuple(env.tables[full].items())))
    shown = ".".join(_identifier(part) for part in full.split("."))
    return f"{shown} AS {_identifier(name)}{head}", name, columns


def _inner_query(node: exp.Expr, env: Environment) -> tuple[str, str, Columns]:
    _only(node, {"this", "alias", "with_"})
    inner = relation(node.this, replace(env, sources={}))
    columns, head = _renamed(node, inner)
    return f"({inner.sql}) AS {_identifier(node.alias)}{head}", node.alias, columns


def _values_as_table(node: exp.Expr, env: Environment) -> tuple[str, str, Columns]:
    inner = _values(node, env)
    columns, head = _renamed(node, inner)
    if not head:
        raise Refused("VALUES without names for its columns")
    return f"({inner.sql}) AS {_identifier(node.alias)}{head}", node.alias, columns


def _values(node: exp.Expr, env: Environment) -> Relation:
    rows = [
        [spell(one, env) for one in (row.expressions if isinstance(row, exp.Tuple) else [row])]
        for row in node.expressions
    ]
    kinds = [common_of(list(column), "VALUES") for column in zip(*rows, strict=True)]
    words = [
        f"({', '.join(converted(v, kind) for v, kind in zip(row, kinds, strict=True))})"
        for row in rows
    ]
    names = [f"_col{place}" for place in range(len(kinds))]
    return Relation(f"VALUES {', '.join(words)}", tuple(zip(names, kinds, strict=True)))


def _unnest(node: exp.Expr, env: Environment) -> tuple[str, str, Columns]:
    """Give an unnested array one row an element; an array of rows one column a field."""
    _only(node, {"expressions", "alias", "offset"})
    if len(node.expressions) != 1:
        raise Refused("UNNEST of several arrays")
    value = spell(node.expressions[0], env)
    kinds, words = _unnested(value)
    offset = node.args.get("offset")
    names = [one.name for one in node.args["alias"].args.get("columns") or ()]
    if offset:
        kinds, words = [*kinds, BIGINT], f"{words}, generate_subscripts({_items(value)}, 1)"
        names += [offset.name] if isinstance(offset, exp.Identifier) else []
    if len(names) != len(kinds):
        raise Refused(f"`{described(node)}`", f"it gives {len(kinds)} columns; name them all")
    head = ", ".join(_identifier(name) for name in names)
    alias = _identifier(node.alias)
    return (
        f"LATERAL (SELECT {words}) AS {alias}({head})",
        node.alias,
        dict(zip(names, kinds, strict=True)),
    )


def _unnested(value: Value) -> tuple[list[Type], str]:
    if value.type.name == "array" and value.type.of[0].name == "row":
        return list(value.type.of[0].of), f"unnest({value.sql}, max_depth := 2)"
    if value.type.name == "array":
        return [value.type.of[0]], f"unnest({value.sql})"
    if value.type.name == "map":
        words = f"unnest(map_keys({value.sql})), unnest(map_values({value.sql}))"
        return list(value.type.of), words
    raise Refused(f"UNNEST of {value.type}")


def _items(value: Value) -> str:
    return f"map_keys({value.sql})" if value.type.name == "map" else value.sql


_SOURCES: Mapping[type[exp.Expr], Callable[[exp.Expr, Environment], tuple[str, str, Columns]]] = {
    exp.Table: _table,
    exp.Subquery: _inner_query,
    exp.Values: _values_as_table,
    exp.Unnest: _unnest,
}


# Set operations.

_OPERATIONS = {exp.Union: "UNION", exp.Intersect: "INTERSECT", exp.Except: "EXCEPT"}


def _set_operation(query: exp.SetOperation, env: Environment) -> Relation:
    _only(query, {"this", "expression", "distinct", *_WHOLE})
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
