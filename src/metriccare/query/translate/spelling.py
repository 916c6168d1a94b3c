"""What translations of every kind share: an inner expression, a condition, an order."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from metriccare.query.translate.dialect import AsWritten
from metriccare.query.translate.environment import Environment, Value
from metriccare.query.translate.operators import has_order
from metriccare.query.translate.refusals import Refused
from metriccare.query.translate.trino_types import BOOLEAN, UNKNOWN

# How each class of node is translated.
Kinds = Mapping[type[exp.Expr], Callable[[exp.Expr, Environment], Value]]
_ZONED = "timestamp with time zone"
# Letters of a construct in a message: longer ones hide the sentence.
_SHOWN = 60


def described(node: exp.Expr) -> str:
    """Return a construct as a person wrote it, cut to a readable length."""
    text = " ".join(node.sql(dialect=AsWritten).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def spell(node: exp.Expr, env: Environment) -> Value:
    """Return an expression in DuckDB's words; Refused for what is not known here."""
    return env.expression(node, env)


def boolean(node: exp.Expr, env: Environment) -> str:
    """Return a condition; Refused if the expression is not boolean."""
    value = spell(node, env)
    if value.type not in (BOOLEAN, UNKNOWN):
        raise Refused(f"`{described(node)}` as a condition", f"it is a {value.type}")
    return value.sql


def ordered(items: list[exp.Expr], env: Environment) -> str:
    """Return the words after ORDER BY; nulls come last unless it says otherwise."""
    parts = []
    for item in items:
        value = spell(item.this, env)
        if not (has_order(value.type) or value.type.name == _ZONED):
            raise Refused(f"ORDER BY a {value.type}")
        # A whole number is the position of a column here, not a value.
        is_place = isinstance(item.this, exp.Literal) and not item.this.is_string
        words = item.this.name if is_place else value.sql
        down = " DESC" if item.args.get("desc") else ""
        nulls = "FIRST" if item.args.get("nulls_first") else "LAST"
        parts.append(f"{words}{down} NULLS {nulls}")
    return ", ".join(parts)
