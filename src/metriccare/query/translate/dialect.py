"""Trino's grammar with every function left as it is written, so that a list can judge it."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.parsers.trino import TrinoParser

_SPECIAL_SYNTAX = ("CAST", "TRY_CAST", "EXTRACT", "POSITION", "SUBSTRING", "TRIM", "LISTAGG")


class AsWritten(Trino):
    """Trino, whose function calls are parsed as names and arguments without any reading of them.

    sqlglot's own parser turns a call into a node with a meaning shared by all dialects, and
    that is where one function silently becomes another.
    """

    INDEX_OFFSET = 0  # an index stays as it is written

    class Parser(TrinoParser):
        """The parser without the functions sqlglot knows; only special grammar is kept."""

        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            name: parse
            for name, parse in TrinoParser.FUNCTION_PARSERS.items()
            if name in _SPECIAL_SYNTAX
        }
        # DECIMAL '1.50' is a decimal(3, 2); read as a cast it would be a decimal(38, 0).
        # A timestamp has as many digits as are written.
        TYPE_LITERAL_PARSERS: ClassVar[dict[Any, Any]] = {
            exp.DType.DECIMAL: lambda self, this, _: _decimal_literal(this),
            exp.DType.TIMESTAMP: lambda self, this, kind: _timestamp_literal(this, kind),
            exp.DType.TIMESTAMPTZ: lambda self, this, kind: _timestamp_literal(this, kind),
        }


def _decimal_literal(node: exp.Expr) -> exp.Expr:
    text = node.name.lstrip("+")
    written = exp.Literal.number(text.lstrip("-") if "." in text else f"{text.lstrip('-')}.")
    return exp.Neg(this=written) if text.startswith("-") else written


def _timestamp_literal(node: exp.Expr, kind: exp.Expr) -> exp.Expr:
    """Give TIMESTAMP '..' the precision it is written with; a cast has milliseconds."""
    _, _, fraction = node.name.partition(".")
    digits = len(fraction) - len(fraction.lstrip("0123456789"))
    wanted = kind.copy()
    wanted.set("expressions", [exp.DataTypeParam(this=exp.Literal.number(digits))])
    return exp.Cast(this=node, to=wanted)
