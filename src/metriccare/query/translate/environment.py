"""What names mean while a query is translated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from metriccare.query.translate.trino_types import Type

Columns = Mapping[str, Type]


@dataclass(frozen=True)
class Value:
    """An expression in DuckDB's words, and the Trino type of its value."""

    sql: str
    type: Type
    is_literal: bool = False


@dataclass(frozen=True)
class Relation:
    """A query in DuckDB's words, and the columns it gives; a name may be there twice."""

    sql: str
    columns: tuple[tuple[str, Type], ...]


@dataclass(frozen=True)
class Environment:
    """What an expression may name: sources, tables, the select's own names, lambda parameters.

    `relation` translates a query inside an expression, `expression` any expression.
    """

    relation: Callable[[exp.Expr, Environment], Relation]
    expression: Callable[[exp.Expr, Environment], Value]
    sources: Mapping[str, Columns] = field(default_factory=dict)
    tables: Mapping[str, Columns] = field(default_factory=dict)
    aliases: Mapping[str, Type] = field(default_factory=dict)
    parameters: Mapping[str, Type] = field(default_factory=dict)
