"""The functions, operators and casts of Spark's SQL that a model may use, checked before it runs.

Both engines give the same value for each of them: tests/engine/test_sql_functions.py shows it over
odd values. `query` has a list of its own (query/translate/functions.py). Neither can be derived
from the other: that one has Trino's functions, their argument types and DuckDB's words for them,
and the same name often means something else there (`substr`, `split`, `trim`, `concat_ws`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from sqlglot import exp, tokenize
from sqlglot.tokens import TokenType  # type: ignore[attr-defined]

from metriccare.engine.model_sql import DIALECT, parsed
from metriccare.errors import UsageError

_TEXT = (
    "concat concat_ws contains instr left length lower ltrim regexp_extract regexp_extract_all"
    " regexp_replace replace split split_part substr substring trim upper"
)
_CONDITIONS = "coalesce if nullif"
_TIMES = "date_add datediff months_between trunc unix_micros"
_NUMBERS = "floor shiftright"
_LISTS = (
    "array array_compact array_contains array_distinct array_join exists explode filter flatten"
    " from_json get named_struct size sort_array struct transform"
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
        exp.BitwiseRightShift,
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
CASTS = frozenset({"BIGINT", "BOOLEAN", "DATE", "DECIMAL", "DOUBLE", "INT", "STRING", "TIMESTAMP"})
# Words before a bracket that are no functions.
_SYNTAX = (
    "and as by case cast decimal distinct else except from having in interval join not on or over"
    " partition select sets then try_cast union using values when where"
)
_OPERATORS = (exp.Binary, exp.Unary, exp.Predicate)
_CHECKED_BY_NAME = (exp.Func, exp.PropertyEQ)


@cache
def check_model(model: str) -> None:
    """Raise UsageError if a model uses what is not listed; each text is checked only once."""
    check_listed(model, parsed(model))


def check_listed(model: str, query: exp.Query) -> None:
    """Raise UsageError if a model uses what is not listed; `query` is the model, parsed."""
    words = sorted(unlisted(model, query))
    if words:
        raise UsageError(
            f"The model uses {', '.join(words)}: not listed as equal on both engines. Use what is"
            " listed in engine/functions.py, or add it there with an equality test."
        )


def unlisted(model: str, query: exp.Query) -> set[str]:
    """Return the functions, operators and casts of a model that are not listed."""
    return {*_functions(model), *_operators_and_casts(query)}


def _functions(model: str) -> Iterator[str]:
    known = FUNCTIONS.union(_SYNTAX.split())
    tokens = tokenize(model, read=DIALECT)
    for word, bracket in pairwise(tokens):
        if bracket.token_type != TokenType.L_PAREN or word.token_type == TokenType.STRING:
            continue
        name = word.text.lower()
        if name.isidentifier() and name not in known:
            yield f"{name}()"


def _operators_and_casts(query: exp.Query) -> Iterator[str]:
    for node in query.walk():
        if isinstance(node, exp.Cast):
            yield from _cast(node)
        elif isinstance(node, _OPERATORS) and not isinstance(node, _CHECKED_BY_NAME):
            yield from {type(node).__name__} - {operator.__name__ for operator in OPERATORS}


def _cast(node: exp.Cast) -> Iterator[str]:
    for type_ in node.args["to"].find_all(exp.DataType):
        name = "DECIMAL" if type_.this == exp.DType.DECIMAL else type_.sql(DIALECT)
        if type_.this not in (exp.DType.ARRAY, exp.DType.STRUCT) and name not in CASTS:
            yield f"cast as {name}"
