"""Athena's SQL in DuckDB's words, with column types, so that the numbers stay the same.

The two engines differ in silence: 3 / 2 is 1 in Athena and 1.5 in DuckDB, `date_diff` counts
complete units there and boundaries here. What sqlglot does not put right itself is put right
here; docs/sql.md lists what still differs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from sqlglot import exp
from sqlglot.errors import ErrorLevel, OptimizeError, UnsupportedError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from metriccare import naming
from metriccare.errors import UsageError
from metriccare.sql.catalog import columns_of, nearest_columns, resolve
from metriccare.sql.statement import DIALECT, tables_of

_UNKNOWN_COLUMN = re.compile(r"^(?:Column|Unknown column:) ['\"]*([A-Za-z0-9_]+)")
# Trino functions DuckDB lacks, as macros; made in every session.
MACROS = (
    "CREATE MACRO map_agg(k, v) AS map_from_entries(list((k, v)))",
    "CREATE MACRO to_iso8601(x) AS strftime(x, "
    "CASE WHEN typeof(x) = 'DATE' THEN '%Y-%m-%d' ELSE '%Y-%m-%dT%H:%M:%S.%g' END)",
)


def bind(query: exp.Query) -> tuple[exp.Query, tuple[str, ...]]:
    """Return the query with full names, and the tables and views it reads.

    Raises UsageError for a name the lake does not have.
    """
    bound = query.copy()
    names = []
    for table in tables_of(bound):
        full = resolve(".".join(part.name for part in table.parts))
        layer, _, name = full.partition(".")
        table.set("this", exp.to_identifier(name))
        table.set("db", exp.to_identifier(layer))
        table.set("catalog", None)
        names.append(full)
    return bound, tuple(sorted(set(names)))


def to_duckdb(bound: exp.Query, names: Iterable[str]) -> str:
    """Return the bound query as DuckDB SQL that gives the rows Athena would give."""
    schema = _schema(names)
    try:
        qualified = qualify(
            _with_athena_names(bound.copy()),
            schema=schema,
            dialect=DIALECT,
            db=naming.PUBLISH,
        )
        typed = annotate_types(qualified, schema=schema, dialect=DIALECT)
    except OptimizeError as error:
        raise UsageError(_sentence(error, names)) from error
    return _generate(_keep_meaning(typed))


def _generate(query: exp.Expr) -> str:
    try:
        translated: str = query.sql(dialect="duckdb", unsupported_level=ErrorLevel.RAISE)
    except UnsupportedError as error:
        raise UsageError(f"The local engine cannot do this; Athena can: {error}") from error
    return translated


def _sentence(error: OptimizeError, names: Iterable[str]) -> str:
    unknown = _UNKNOWN_COLUMN.search(str(error))
    if unknown is None:
        return f"The SQL is not understood: {error}"
    column, where = unknown[1], ", ".join(names) or "the query"
    if sum(column.lower() in columns_of(name) for name in names) > 1:
        return f"Column {column} is in several of {where}; write which, as in t.{column}."
    return f"There is no column {column} in {where}.{nearest_columns(column, names)}"


def _schema(names: Iterable[str]) -> MappingSchema:
    nested: dict[str, object] = {}
    for layer in naming.LAYERS:
        of_layer = [full for full in names if full.startswith(f"{layer}.")]
        if of_layer:
            nested[layer] = {full.partition(".")[2]: dict(columns_of(full)) for full in of_layer}
    return MappingSchema(nested, dialect=DIALECT)


def _with_athena_names(query: exp.Query) -> exp.Query:
    """Name unnamed results `_col0`, `_col1` ... as Athena does."""
    named = (exp.Alias, exp.Column, exp.Star, exp.Dot)
    if isinstance(query, exp.Select):
        items = [
            item if isinstance(item, named) else exp.alias_(item, f"_col{place}")
            for place, item in enumerate(query.expressions)
        ]
        query.set("expressions", items)
    return query


def _keep_meaning(query: exp.Expr) -> exp.Expr:
    """Apply the changes from the leaves up, so that one inside another is not missed."""
    for node in reversed(list(query.walk())):
        change = _CHANGES.get(type(node))
        changed = node if change is None else change(node)
        if changed is not node:
            node.replace(changed)
    return query


def _complete_units(node: exp.Expr) -> exp.Expr:
    """Count complete units between two times: DuckDB's date_diff counts boundaries crossed."""
    unit = exp.Literal.string(node.text("unit").lower() or "day")
    return exp.Anonymous(this="date_sub", expressions=[unit, node.expression, node.this])


def _still_a_date(node: exp.Expr) -> exp.Expr:
    """Keep a date plus or minus an interval, or truncated, a date: DuckDB makes it a timestamp."""
    if not _is_date(node.this):
        return node
    return exp.cast(node.copy(), exp.DType.DATE)


def _date_arithmetic(node: exp.Expr) -> exp.Expr:
    return _still_a_date(node) if isinstance(node.expression, exp.Interval) else node


def _rows_of_structs(node: exp.Expr) -> exp.Expr:
    """Give an unnested array of structs one column per field, as Athena does."""
    items = node.expressions
    if len(items) != 1 or not _is_array_of_structs(items[0]):
        return node
    array = items[0].sql(dialect="duckdb")
    place = f", GENERATE_SUBSCRIPTS({array}, 1)" if node.args.get("offset") else ""
    alias = node.args["alias"].copy()
    inner = f"LATERAL (SELECT UNNEST({array}, max_depth := 2){place}) AS c"
    joined = exp.select("1").from_("t").join(inner, join_type="cross", dialect="duckdb")
    lateral: exp.Expr = joined.args["joins"][0].this
    if place:
        alias.append("columns", node.args["offset"].copy())
    lateral.set("alias", alias)
    return lateral


def _is_array_of_structs(node: exp.Expr) -> bool:
    if node.type is None or not node.is_type(exp.DType.ARRAY):
        return False
    element = node.type.expressions
    return bool(element) and element[0].is_type(exp.DType.STRUCT)


def _is_date(node: exp.Expr | None) -> bool:
    return isinstance(node, exp.Expr) and node.is_type(exp.DType.DATE)


_CHANGES: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.DateDiff: _complete_units,
    exp.DateAdd: _still_a_date,
    exp.TimestampTrunc: _still_a_date,
    exp.DateTrunc: _still_a_date,
    exp.Unnest: _rows_of_structs,
    exp.Add: _date_arithmetic,
    exp.Sub: _date_arithmetic,
}
