"""The declared shape of a resource as a tree, and what follows from it.

A shape is written as Spark's column list (`status STRING, code STRUCT<text:STRING>`). From it come
the type `from_json` parses, the expression that takes null elements out of lists, and the condition
that finds numbers an element cannot hold. Nothing here imports Spark.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

ARRAY, STRUCT, INT = "ARRAY", "STRUCT", "INT"
STRING, BOOLEAN = "STRING", "BOOLEAN"
# A decimal read as the text sent: a parser of numbers forgets digits and trailing zeros.
NUMBER = "NUMBER"
NUMBER_TYPE = "decimal(38,12)"
_SHORT_NUMBER_TYPE = "decimal(18,12)"
# What such a text may be once its commas are out. Java refuses exponents of more than ten digits,
# and no amount has one of five.
NUMBER_TEXT = r"[+-]?(?:[0-9]+[.]?[0-9]*|[.][0-9]+)(?:[eE][+-]?[0-9]{1,4})?"
# Jackson refuses longer numbers.
LONGEST_NUMBER = 1000
# JSON writes one whole number as 1, 1.0 or 1e0; Spark's integers take the first form only.
_WHOLE_AS = "DECIMAL(38,12)"
LEAST_INT, GREATEST_INT = -(2**31), 2**31 - 1


@dataclass(frozen=True)
class Shape:
    """A type: of a struct its members by name, of a list its element, else a scalar."""

    kind: str
    members: tuple[tuple[str, Shape], ...] = ()
    element: Shape | None = None

    @property
    def holds_list(self) -> bool:
        """Return True for a list and for what holds one at any depth."""
        return self.kind == ARRAY or any(member.holds_list for _, member in self.members)

    @property
    def spark_type(self) -> str:
        """Return the type Spark's JSON reader is given."""
        if self.element is not None:
            return f"ARRAY<{self.element.spark_type}>"
        if self.kind == STRUCT:
            inside = ",".join(f"`{name}`:{member.spark_type}" for name, member in self.members)
            return f"STRUCT<{inside}>"
        return {INT: _WHOLE_AS, NUMBER: STRING}.get(self.kind, self.kind)

    @property
    def number_names(self) -> frozenset[str]:
        """Return the names of elements at any depth that are read as the text of a number."""
        if self.element is not None:
            return self.element.number_names
        own = frozenset(name for name, member in self.members if member.kind == NUMBER)
        return own.union(*(member.number_names for _, member in self.members))


@cache
def shape_of(columns: str) -> Shape:
    """Return the struct of a column list, `name TYPE` or `name:TYPE` separated by commas."""
    return Shape(STRUCT, tuple(_members(columns)))


@cache
def shape_of_type(text: str) -> Shape:
    """Return the shape of one type, such as `ARRAY<STRUCT<a:INT>>`."""
    text = text.strip()
    if text.startswith(f"{ARRAY}<"):
        return Shape(ARRAY, element=shape_of_type(text[len(ARRAY) + 1 : -1]))
    if text.startswith(f"{STRUCT}<"):
        return shape_of(text[len(STRUCT) + 1 : -1])
    return Shape(text)


def _members(columns: str) -> Iterator[tuple[str, Shape]]:
    for part in _parts(columns):
        end = min(place for place in (part.find(" "), part.find(":")) if place > 0)
        yield part[:end].strip("`"), shape_of_type(part[end + 1 :])


def _parts(columns: str) -> Iterator[str]:
    """Yield the members of a column list; only separators outside brackets part them."""
    depth = start = 0
    for place, sign in enumerate(columns):
        depth += (sign in "<(") - (sign in ">)")
        if sign == "," and depth == 0:
            yield columns[start:place].strip()
            start = place + 1
    yield columns[start:].strip()


def parsed_list(text: str, element: str) -> str:
    """Return the expression that reads JSON `text` as a list of elements of a type.

    What one version of FHIR repeats, another sends once: then it is the list's only element. The
    list and those inside it hold no null elements.
    """
    shape = Shape(ARRAY, element=shape_of_type(element))
    items = f"if(left(ltrim({text}), 1) = '[', {text}, '[' || {text} || ']')"
    return without_nulls(f"from_json({items}, '{shape.spark_type}')", shape)


def without_nulls(sql: str, shape: Shape, depth: int = 0) -> str:
    """Return the expression for a value of the shape without the null elements of its lists."""
    if not shape.holds_list:
        return sql
    if shape.element is None:
        members = ", ".join(
            f"'{name}', {without_nulls(f'{sql}.`{name}`', member, depth)}"
            for name, member in shape.members
        )
        return f"if({sql} is null, null, named_struct({members}))"
    one = f"e{depth}"
    kept = f"filter({sql}, {one} -> {one} is not null)"
    if not shape.element.holds_list:
        return kept
    return f"transform({kept}, {one} -> {without_nulls(one, shape.element, depth + 1)})"


def number_pattern(shape: Shape) -> str | None:
    """Return the pattern of a name and its number in a resource's text, None without such names.

    Both engines put the number in quotes before they parse the text. Inside a JSON string the
    quotes around a name are escaped, so that the pattern finds nothing there.
    """
    names = "|".join(sorted(shape.number_names))
    return rf'"({names})"\s*:\s*(-?[0-9][0-9.eE+-]*)' if names else None


def number(sql: str) -> str:
    """Return the decimal that the text of a number means, null for a number out of its range."""
    text = _without_commas(sql)
    # Of the same scale, so that both round alike. DuckDB reads the short type 50 times faster, and
    # it holds amounts below a million.
    short = f"try_cast({text} as {_SHORT_NUMBER_TYPE})"
    return f"coalesce(cast({short} as {NUMBER_TYPE}), try_cast({text} as {NUMBER_TYPE}))"


def _without_commas(sql: str) -> str:
    # Spark's reader of decimals leaves them out too.
    return f"replace({sql}, ',', '')"


def has_misfit(sql: str, shape: Shape) -> str:
    """Return the condition that a number is not what its element wants; never null."""
    return f"coalesce({_misfit(sql, shape, 0) or 'false'}, false)"


def _misfit(sql: str, shape: Shape, depth: int) -> str | None:
    if shape.kind == INT:
        return f"({sql} <> floor({sql}) or {sql} < {LEAST_INT} or {sql} > {GREATEST_INT})"
    if shape.kind == NUMBER:
        text = _without_commas(sql)
        is_number = rf"{text} rlike r'\A{NUMBER_TEXT}\z' and length({sql}) <= {LONGEST_NUMBER}"
        is_in_range = f"try_cast({text} as {NUMBER_TYPE}) is not null"
        return f"({sql} is not null and not ({is_number} and {is_in_range}))"
    if shape.element is not None:
        one = f"e{depth}"
        inside = _misfit(one, shape.element, depth + 1)
        return f"coalesce(exists({sql}, {one} -> {inside}), false)" if inside else None
    found = [
        condition
        for name, member in shape.members
        if (condition := _misfit(f"{sql}.`{name}`", member, depth))
    ]
    return f"({' or '.join(f'coalesce({one}, false)' for one in found)})" if found else None
