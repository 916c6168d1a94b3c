"""What a query reads: tables, subqueries, VALUES, UNNEST and their joins, in DuckDB's words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from sqlglot import exp

from metriccare.query.translate.environment import Columns, Environment, Relation, Value
from metriccare.query.translate.operators import common_of, converted
from metriccare.query.translate.refusals import Refused
from metriccare.query.translate.spelling import boolean, described, spell
from metriccare.query.translate.trino_types import BIGINT, Type


def sources_of(query: exp.Select, env: Environment) -> tuple[str, Environment]:
    """Return FROM with its joins, and the environment in which their columns are known."""
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
    only(join, {"this", "side", "kind", "on"})
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
    only(node, {"this", "db", "alias"})
    full = f"{node.text('db')}.{node.name}" if node.text("db") else node.name
    if full not in env.tables:
        raise Refused(f"the table {full}", "it is not found here")
    name = node.alias or node.name
    columns, head = renamed(node, Relation("", tuple(env.tables[full].items())))
    shown = ".".join(identifier(part) for part in full.split("."))
    return f"{shown} AS {identifier(name)}{head}", name, columns


def _inner_query(node: exp.Expr, env: Environment) -> tuple[str, str, Columns]:
    only(node, {"this", "alias", "with_"})
    inner = env.relation(node.this, replace(env, sources={}))
    columns, head = renamed(node, inner)
    return f"({inner.sql}) AS {identifier(node.alias)}{head}", node.alias, columns


def _values_as_table(node: exp.Expr, env: Environment) -> tuple[str, str, Columns]:
    inner = values_of(node, env)
    columns, head = renamed(node, inner)
    if not head:
        raise Refused("VALUES without names for its columns")
    return f"({inner.sql}) AS {identifier(node.alias)}{head}", node.alias, columns


def values_of(node: exp.Expr, env: Environment) -> Relation:
    """Return VALUES in DuckDB's words."""
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
    """Return one row per element of an array; an array of rows gives one column per field."""
    only(node, {"expressions", "alias", "offset"})
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
    head = ", ".join(identifier(name) for name in names)
    alias = identifier(node.alias)
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


def only(node: exp.Expr, known: Iterable[str]) -> None:
    """Raise Refused if a node has a part that is not known here."""
    for name, value in node.args.items():
        if value and name not in known:
            raise Refused(f"{name.strip('_').replace('_', ' ').upper()} in `{described(node)}`")


def renamed(node: exp.Expr, inner: Relation) -> tuple[Columns, str]:
    """Return the columns of a named query, and the list of its new column names if it has one."""
    alias = node.args.get("alias")
    new = [one.name for one in alias.args.get("columns") or ()] if alias else []
    if not new:
        return dict(inner.columns), ""
    if len(new) != len(inner.columns):
        raise Refused(f"{len(new)} names for {len(inner.columns)} columns in `{described(node)}`")
    kinds = dict(zip(new, (kind for _, kind in inner.columns), strict=True))
    return kinds, f"({', '.join(identifier(name) for name in new)})"


def identifier(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


_SOURCES: Mapping[type[exp.Expr], Callable[[exp.Expr, Environment], tuple[str, str, Columns]]] = {
    exp.Table: _table,
    exp.Subquery: _inner_query,
    exp.Values: _values_as_table,
    exp.Unnest: _unnest,
}
