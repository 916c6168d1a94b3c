"""Rules for single functions of Spark's that mean something else in DuckDB's words."""

from __future__ import annotations

import re

from sqlglot import exp

# Java's `$` stands before a line end that ends the text, RE2's only where the text ends.
_LINE_END = r"\r\n|[\n\r\x{85}\x{2028}\x{2029}]"
# A bracket that opens a group which is counted.
_GROUP = re.compile(r"(?<!\\)\((?!\?)")


def array_agg(node: exp.Expr) -> exp.Expr:
    """Without a value to collect there is an empty list."""
    if isinstance(node.parent, exp.Window | exp.Filter | exp.Coalesce):
        return node
    return exp.Coalesce(this=node.copy(), expressions=[exp.Array()])


def array_contains(node: exp.Expr) -> exp.Expr:
    """What is not in a list with a null among others may be in it: null."""
    if isinstance(node.this, exp.Cast) and isinstance(node.this.this, exp.Array):
        return node  # a parameter, which has no null
    found = _call("list_contains", node.this, node.expression)
    nulls = exp.LT(this=_call("list_count", node.this), expression=_call("len", node.this))
    may_be = exp.And(this=exp.Not(this=found), expression=nulls)
    return exp.Case(ifs=[exp.If(this=may_be, true=exp.null())], default=found.copy())


def array_size(node: exp.Expr) -> exp.Expr:
    """The size of null is -1."""
    return exp.Coalesce(this=node.copy(), expressions=[exp.Literal.number(-1)])


def array_to_string(node: exp.Expr) -> exp.Expr:
    """A list of nulls has the text of an empty one."""
    is_list = exp.Not(this=exp.Is(this=node.this.copy(), expression=exp.null()))
    joined = exp.Coalesce(this=node.copy(), expressions=[exp.Literal.string("")])
    return exp.Case(ifs=[exp.If(this=is_list, true=joined)])


def count_if(node: exp.Expr) -> exp.Expr:
    """Without a row that fits there are none."""
    return exp.Count(this=exp.If(this=node.this.copy(), true=exp.Literal.number(1)))


def date_trunc(node: exp.Expr) -> exp.Expr:
    """`trunc` gives a date; `date_trunc` is another node."""
    if isinstance(node.parent, exp.Cast):
        return node
    return exp.cast(node.copy(), "DATE")


def flatten(node: exp.Expr) -> exp.Expr:
    """A list in which a list is null flattens to null."""
    known = _call("list_count", node.this)
    is_whole = exp.EQ(this=known, expression=_call("len", node.this))
    return exp.Case(ifs=[exp.If(this=is_whole, true=node.copy())])


def regexp(node: exp.Expr) -> exp.Expr:
    """A pattern that ends in `$` as Java reads it."""
    pattern = _ending(node)
    if pattern is not None:
        node.set("expression", exp.Literal.string(rf"{pattern}(?:{_LINE_END})?\z"))
    return node


def regexp_replace(node: exp.Expr) -> exp.Expr:
    """The same; the line end stays as it is."""
    pattern, new = _ending(node), node.args.get("replacement")
    if pattern is not None and isinstance(new, exp.Literal):
        number = len(_GROUP.findall(pattern)) + 1
        node.set("expression", exp.Literal.string(rf"{pattern}({_LINE_END})?\z"))
        node.set("replacement", exp.Literal.string(rf"{new.name}\{number}"))
    return node


def _ending(node: exp.Expr) -> str | None:
    """Return a written pattern without the `$` at its end; None for others."""
    pattern = node.expression
    if not isinstance(pattern, exp.Literal | exp.RawString):
        return None
    text: str = pattern.name
    return text[:-1] if text.endswith("$") and not text.endswith(r"\$") else None


def trim(node: exp.Expr) -> exp.Expr:
    """Spark takes away blanks, and no other white space."""
    if node.expression is None or not node.args.get("expression"):
        node.set("expression", exp.Literal.string(" "))
    return node


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=[each.copy() for each in arguments])
