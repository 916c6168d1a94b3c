"""Athena's SQL in DuckDB's words: names first, then every construct by the allow list.

The two engines differ in silence: 3 / 2 is 1 in Athena and 1.5 in DuckDB, a timestamp at a time
zone means opposite things. `translate` holds what was shown to be equal and refuses the rest;
docs/sql.md lists both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import ErrorLevel, OptimizeError, SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from metriccare import naming
from metriccare.errors import UsageError
from metriccare.query.catalog import columns_of, is_view, nearest_columns, resolve
from metriccare.query.statement import DIALECT, tables_of
from metriccare.query.translate.environment import Columns
from metriccare.query.translate.refusals import Refused
from metriccare.query.translate.relations import translated
from metriccare.query.translate.trino_types import Type, parse_type, stored

_UNKNOWN_COLUMN = re.compile(r"^(?:Column|Unknown column:) ['\"]*([A-Za-z0-9_$]+)")


@dataclass(frozen=True)
class Translated:
    """A statement in DuckDB's words, and the Trino types of its columns if they are known."""

    sql: str
    types: tuple[Type, ...]


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


def to_duckdb(bound: exp.Query, names: Iterable[str]) -> Translated:
    """Return the bound query as DuckDB SQL that gives the rows Athena would give.

    Raises Refused for a construct that has not been shown equal.
    """
    for select in bound.find_all(exp.Select):
        _refuse_stars_over_using(select)
        _refuse_order_by_new_names(select)
    found = translated(_qualified(bound, names), {name: _columns(name) for name in names})
    types = tuple(kind for _, kind in found.columns)
    if any(kind.name == "json" for kind in types):
        raise Refused("JSON as a result", "its text differs; take values by json_extract_scalar")
    return Translated(found.sql, types)


def to_duckdb_unchecked(bound: exp.Query, names: Iterable[str]) -> Translated:
    """Return the bound query as sqlglot turns it, whatever it may mean in DuckDB."""
    try:
        words = _qualified(bound, names).sql(dialect="duckdb", unsupported_level=ErrorLevel.IGNORE)
    except SqlglotError as error:
        raise UsageError(f"The SQL has no words in DuckDB: {error}") from error
    return Translated(words, ())


def _qualified(bound: exp.Query, names: Iterable[str]) -> exp.Expr:
    try:
        return qualify(
            _with_athena_names(bound.copy()),
            schema=_schema(names),
            dialect=DIALECT,
            db=naming.PUBLISH,
            expand_alias_refs=False,
            quote_identifiers=False,
        )
    except OptimizeError as error:
        raise UsageError(_sentence(error, names)) from error


def _refuse_stars_over_using(select: exp.Select) -> None:
    """`SELECT *` over JOIN .. USING begins with the joined columns in Athena."""
    if select.is_star and any(one.args.get("using") for one in select.args.get("joins") or ()):
        raise Refused("SELECT * over JOIN .. USING", "the order of its columns differs")


def _refuse_order_by_new_names(select: exp.Select) -> None:
    """Within an expression a name is the select's own in Athena, and the table's in DuckDB."""
    order = select.args.get("order")
    given = {
        item.alias.lower()
        for item in select.expressions
        if isinstance(item, exp.Alias) and item.this.name.lower() != item.alias.lower()
    }
    for item in order.expressions if order else ():
        if isinstance(item.this, exp.Column | exp.Literal):
            continue
        for column in item.this.find_all(exp.Column):
            if not column.table and column.name.lower() in given:
                why = (
                    "the name is the select's own in Athena and the table's here; order by it alone"
                )
                raise Refused(f"ORDER BY an expression over the new name {column.name}", why)


def _columns(name: str) -> Columns:
    """Return a table's or view's columns; every timestamp there is an instant in UTC."""
    found: dict[str, Type] = {}
    for column, text in columns_of(name).items():
        kind = parse_type(text)
        if kind is not None:
            found[column] = stored(kind) if not is_view(name) else _marked(kind)
    return found


def _marked(kind: Type) -> Type:
    return Type(kind.name, kind.params, kind.of, kind.fields, utc=kind.name == "timestamp")


def _sentence(error: OptimizeError, names: Iterable[str]) -> str:
    unknown = _UNKNOWN_COLUMN.search(str(error))
    if unknown is None:
        return f"The SQL is not understood: {error}"
    column, where = unknown[1], ", ".join(names) or "the query"
    if column.startswith("$"):
        return (
            f"This engine has no hidden column {column}; source_file and source_line say where a"
            " row comes from."
        )
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
    if isinstance(query, exp.SetOperation):
        _with_athena_names(query.left)
    if isinstance(query, exp.Select):
        items = [
            item if isinstance(item, named) else exp.alias_(item, f"_col{place}")
            for place, item in enumerate(query.expressions)
        ]
        query.set("expressions", items)
    return query
