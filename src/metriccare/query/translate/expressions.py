"""Every expression a query may hold: its Trino type, and DuckDB's words that give its value.

A node passes only if a function is made for its class; everything else is refused by name.
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from metriccare.query.translate import call_words, condition_words, value_words
from metriccare.query.translate.environment import Environment, Value
from metriccare.query.translate.refusals import Refused
from metriccare.query.translate.spelling import Kinds, described, spell
from metriccare.query.translate.trino_types import BOOLEAN


def expression(node: exp.Expr, env: Environment) -> Value:
    """Return an expression in DuckDB's words; Refused for what is not known here."""
    translate = _KINDS.get(type(node))
    if translate is None:
        raise Refused(f"`{described(node)}`")
    return translate(node, env)


def _query(node: exp.Expr, env: Environment) -> Value:
    relation = env.relation(node, env)
    if len(relation.columns) != 1:
        raise Refused("a query of several columns as a value")
    return Value(f"({relation.sql})", relation.columns[0][1])


def _exists(node: exp.Expr, env: Environment) -> Value:
    return Value(f"EXISTS ({env.relation(node.this, env).sql})", BOOLEAN)


def _parenthesised(node: exp.Expr, env: Environment) -> Value:
    value = spell(node.this, env)
    return replace(value, sql=f"({value.sql})")


_KINDS: Kinds = {
    **value_words.KINDS,
    **condition_words.KINDS,
    **call_words.KINDS,
    exp.Paren: _parenthesised,
    exp.Subquery: _query,
    exp.Exists: _exists,
}
