"""The words of Spark's SQL that models and declarations may use: both engines give one value.

tests/engine/test_functions.py shows that for every word over odd values. Trino's words, which
`query` takes, are another list (sql/translate/functions.py): of the same name they often mean
something else there.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from sqlglot import exp, tokenize
from sqlglot.tokens import TokenType  # type: ignore[attr-defined]

from metriccare.engine.model_sql import DIALECT, parsed

_TEXT = (
    "concat concat_ws contains instr left lower ltrim regexp_extract regexp_extract_all"
    " regexp_replace replace split substr substring trim upper"
)
_CONDITIONS = "coalesce if nullif"
_TIMES = "date_add months_between trunc unix_micros"
_NUMBERS = "floor"
_LISTS = (
    "array array_contains array_distinct array_join exists explode filter flatten from_json get"
    " named_struct size sort_array struct transform"
)
_AGGREGATES = "collect_list count count_if max min sum"
_WINDOWS = "row_number"

FUNCTIONS = frozenset(
    " ".join((_TEXT, _CONDITIONS, _TIMES, _NUMBERS, _LISTS, _AGGREGATES, _WINDOWS)).split()
)
OPERATORS: frozenset[type[exp.Expr]] = frozenset(
    {
        exp.Add,
        exp.And,
        exp.Div,
        exp.Dot,
        exp.DPipe,
        exp.EQ,
        exp.GT,
        exp.GTE,
        exp.In,
        exp.Is,
        exp.Like,
        exp.LT,
        exp.LTE,
        exp.Mul,
        exp.NEQ,
        exp.Neg,
        exp.Not,
        exp.NullSafeEQ,
        exp.Or,
        exp.Paren,
        exp.RegexpLike,
        exp.Sub,
    }
)
# Types that a text may be cast to; a struct or a list may hold them.
CASTS = frozenset({"BIGINT", "BOOLEAN", "DATE", "DECIMAL", "INT", "STRING", "TIMESTAMP"})
# What stands before a bracket and is no function.
_SYNTAX = (
    "and as by case cast decimal distinct else except from having in interval join not on or over"
    " partition select then try_cast union using values when where"
)
_OPERATORS = (exp.Binary, exp.Unary, exp.Predicate)
_FOUND_BY_NAME = (exp.Func, exp.PropertyEQ)


def unlisted(model: str) -> set[str]:
    """Return the words of a model that are not listed: functions, operators and casts."""
    return {*_functions(model), *_operators_and_casts(model)}


def _functions(model: str) -> Iterator[str]:
    known = FUNCTIONS.union(_SYNTAX.split())
    tokens = tokenize(model, read=DIALECT)
    for word, bracket in pairwise(tokens):
        if bracket.token_type != TokenType.L_PAREN or word.token_type == TokenType.STRING:
            continue
        name = word.text.lower()
        if name.isidentifier() and name not in known:
            yield f"{name}()"


def _operators_and_casts(model: str) -> Iterator[str]:
    for node in parsed(model).walk():
        if isinstance(node, exp.Cast):
            yield from _cast(node)
        elif isinstance(node, _OPERATORS) and not isinstance(node, _FOUND_BY_NAME):
            yield from {type(node).__name__} - {kind.__name__ for kind in OPERATORS}


def _cast(node: exp.Cast) -> Iterator[str]:
    for kind in node.args["to"].find_all(exp.DataType):
        name = "DECIMAL" if kind.this == exp.DType.DECIMAL else kind.sql(DIALECT)
        if kind.this not in (exp.DType.ARRAY, exp.DType.STRUCT) and name not in CASTS:
            yield f"cast as {name}"
