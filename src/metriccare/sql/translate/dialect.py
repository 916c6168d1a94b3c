"""Trino's grammar with every function left as it is written, so that a list can judge it."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot.dialects.trino import Trino

_SPECIAL_SYNTAX = ("CAST", "TRY_CAST", "EXTRACT", "POSITION", "SUBSTRING", "TRIM", "LISTAGG")


class AsWritten(Trino):
    """Trino, whose function calls are parsed as names and arguments without any reading of them.

    sqlglot's own parser turns a call into a node with a meaning shared by all dialects, and
    that is where one function silently becomes another.
    """

    class Parser(Trino.Parser):
        """The parser without the functions sqlglot knows; only special grammar is kept."""

        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            name: parse
            for name, parse in Trino.Parser.FUNCTION_PARSERS.items()
            if name in _SPECIAL_SYNTAX
        }
