"""The type of a view's column: that of its cast, or the declared one of the table's column."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from metriccare import naming
from metriccare.tables import BY_NAME, Column
from metriccare.tables.types import trino_type


def column_type(query: exp.Select, item: exp.Expr) -> str | None:
    """Return the Trino type of a column of a view's closing select, None if nothing gives it one.

    A cast gives it. A view that selects from one published table straight away needs none for the
    table's own columns, and for the first known of some of them (coalesce). A timestamp must be
    cast: Hudi stores more digits than Athena's views carry. So must what is computed: the engines
    disagree on its type.
    """
    value = item.unalias()
    if isinstance(value, exp.Cast):
        return value.to.sql(dialect="trino").lower()
    declared = _declared_columns(query)
    types = {_declared_type(declared, column) for column in _columns(value)}
    return types.pop() if len(types) == 1 else None


def _columns(value: exp.Expr) -> list[exp.Expr]:
    if isinstance(value, exp.Coalesce):
        return [value.this, *value.expressions]
    return [value]


def _declared_type(declared: Mapping[str, Column], value: exp.Expr) -> str | None:
    column = declared.get(value.name) if isinstance(value, exp.Column) else None
    if column is None or column.type == "timestamp":
        return None
    return trino_type(column.type)


def _declared_columns(query: exp.Select) -> Mapping[str, Column]:
    """Return the columns of the published table that a query selects from straight away."""
    if not reads_one_table(query):
        return {}
    table = BY_NAME.get(f"{naming.PUBLISH}.{query.args['from_'].name}")
    return {column.name: column for column in table.columns} if table else {}


def reads_one_table(query: exp.Select) -> bool:
    """Return True if a query only chooses rows and columns of one table."""
    source = query.args.get("from_")
    is_table = source is not None and isinstance(source.this, exp.Table)
    return is_table and not any(query.args.get(part) for part in ("with_", "joins", "group"))
