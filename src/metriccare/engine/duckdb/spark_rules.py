"""One rule for each function that means something else in Spark than in DuckDB.

Each docstring says what Spark does.
"""

from __future__ import annotations

import re

from sqlglot import exp

from metriccare.engine.duckdb.failures import REFUSED
from metriccare.engine.duckdb.letter_case import LOWER, UPPER

# Java's `$` also matches before a line end at the end of the text; RE2's only at the end itself.
_LINE_END = r"\r\n|[\n\r\x{85}\x{2028}\x{2029}]"
# A bracket that opens a numbered group.
_GROUP = re.compile(r"(?<!\\)\((?!\?)")


def array_agg(node: exp.Expr) -> exp.Expr:
    """Without a value to collect the list is empty."""
    if isinstance(node.parent, exp.Window | exp.Filter | exp.Coalesce):
        return node
    return exp.Coalesce(this=node.copy(), expressions=[exp.Array()])


def array_contains(node: exp.Expr) -> exp.Expr:
    """The answer is null if the element is not in a list that has a null."""
    if isinstance(node.this, exp.Cast) and isinstance(node.this.this, exp.Array):
        return node  # a parameter, which has no null
    contains = _call("list_contains", node.this, node.expression)
    has_null = exp.LT(this=_call("list_count", node.this), expression=_call("len", node.this))
    is_unknown = exp.And(this=exp.Not(this=contains), expression=has_null)
    return exp.Case(ifs=[exp.If(this=is_unknown, true=exp.null())], default=contains.copy())


def array_size(node: exp.Expr) -> exp.Expr:
    """The size of null is -1."""
    return exp.Coalesce(this=node.copy(), expressions=[exp.Literal.number(-1)])


def array_to_string(node: exp.Expr) -> exp.Expr:
    """A list of nulls has the text of an empty one."""
    is_list = exp.Not(this=exp.Is(this=node.this.copy(), expression=exp.null()))
    joined = exp.Coalesce(this=node.copy(), expressions=[exp.Literal.string("")])
    return exp.Case(ifs=[exp.If(this=is_list, true=joined)])


def count_if(node: exp.Expr) -> exp.Expr:
    """Without a row that fits the count is 0."""
    return exp.Count(this=exp.If(this=node.this.copy(), true=exp.Literal.number(1)))


def date_trunc(node: exp.Expr) -> exp.Expr:
    """`trunc` gives a date; `date_trunc` is another node."""
    if isinstance(node.parent, exp.Cast):
        return node
    return exp.cast(node.copy(), "DATE")


def flatten(node: exp.Expr) -> exp.Expr:
    """A list that contains a null list flattens to null."""
    count = _call("list_count", node.this)
    is_whole = exp.EQ(this=count, expression=_call("len", node.this))
    return exp.Case(ifs=[exp.If(this=is_whole, true=node.copy())])


def regexp(node: exp.Expr) -> exp.Expr:
    """A `$` at the end of a pattern also matches before a line end."""
    pattern = _ending(node)
    if pattern is not None:
        node.set("expression", exp.Literal.string(rf"{pattern}(?:{_LINE_END})?\z"))
    return node


def regexp_replace(node: exp.Expr) -> exp.Expr:
    """A `$` at the end of a pattern also matches before a line end, which is kept."""
    pattern, new = _ending(node), node.args.get("replacement")
    if pattern is not None and isinstance(new, exp.Literal):
        number = len(_GROUP.findall(pattern)) + 1
        node.set("expression", exp.Literal.string(rf"{pattern}({_LINE_END})?\z"))
        node.set("replacement", exp.Literal.string(rf"{new.name}\{number}"))
    return node


def _ending(node: exp.Expr) -> str | None:
    """Return a literal pattern without the `$` at its end; None for other patterns."""
    pattern = node.expression
    if not isinstance(pattern, exp.Literal | exp.RawString):
        return None
    text: str = pattern.name
    return text[:-1] if text.endswith("$") and not text.endswith(r"\$") else None


def left(node: exp.Expr) -> exp.Expr:
    """A negative length gives an empty text."""
    if isinstance(node.expression, exp.Literal):
        return node
    zero = exp.Literal.number(0)
    empty = exp.Left(this=node.this.copy(), expression=zero.copy())
    is_negative = exp.LT(this=exp.paren(node.expression.copy()), expression=zero)
    return exp.Case(ifs=[exp.If(this=is_negative, true=empty)], default=node.copy())


def sort_array(node: exp.Expr) -> exp.Expr:
    """Null is the smallest value, in the fields of a struct too.

    DuckDB can order by the fields one by one if the struct is written out, and the fields are plain
    values. Other lists of structs are refused when their type is known.
    """
    elements = node.this
    if isinstance(elements, exp.Coalesce):  # what `array_agg` made of it
        elements = elements.this
    if isinstance(elements, exp.ArrayAgg) and isinstance(elements.this, exp.Struct):
        by = [
            exp.Ordered(this=field.expression.copy(), nulls_first=True)
            for field in elements.this.expressions
            if isinstance(field, exp.PropertyEQ)
        ]
        if len(by) == len(elements.this.expressions):
            elements.set("this", exp.Order(this=elements.this.copy(), expressions=by))
            return exp.Coalesce(this=elements.copy(), expressions=[exp.Array()])
    is_struct = exp.Like(this=_call("typeof", node.this), expression=exp.Literal.string("STRUCT%"))
    refusal = f"{REFUSED}sort_array() takes a list of structs only as collect_list(named_struct())."
    refused = _call("error", exp.Literal.string(refusal))
    return exp.Case(ifs=[exp.If(this=is_struct, true=refused)], default=node.copy())


def lower(node: exp.Expr) -> exp.Expr:
    """A letter may become several."""
    return _by_java(node, LOWER)


def upper(node: exp.Expr) -> exp.Expr:
    """A letter may become several."""
    return _by_java(node, UPPER)


def _by_java(node: exp.Expr, function: str) -> exp.Expr:
    """Return the call of our function for a text with a letter beyond ASCII: it takes longer."""
    is_ascii = exp.EQ(this=_call("strlen", node.this), expression=_call("length", node.this))
    return exp.Case(
        ifs=[exp.If(this=is_ascii, true=node.copy())], default=_call(function, node.this)
    )


def trim(node: exp.Expr) -> exp.Expr:
    """Only blanks are removed, no other white space."""
    if node.expression is None or not node.args.get("expression"):
        node.set("expression", exp.Literal.string(" "))
    return node


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=[argument.copy() for argument in arguments])
