"""A function call against the list: which of its forms fits, and that form in DuckDB's words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from metriccare.query.translate.environment import Environment, Value
from metriccare.query.translate.functions import AGGREGATE, FUNCTIONS, SCALAR, WINDOW, Function
from metriccare.query.translate.literals import LITERALS
from metriccare.query.translate.operators import a_number, arithmetic, converted
from metriccare.query.translate.refusals import Refused
from metriccare.query.translate.signatures import fits, resolved
from metriccare.query.translate.trino_types import (
    UNKNOWN,
    Type,
    decimal,
    duckdb_name,
)

Spell = Callable[[exp.Expr, Environment], Value]


@dataclass(frozen=True)
class Surroundings:
    """Clauses around a call: DISTINCT, ORDER BY, FILTER, OVER, IGNORE NULLS."""

    distinct: str = ""
    order: str = ""
    filter: str = ""
    over: str = ""
    nulls: str = ""

    @property
    def used(self) -> Mapping[str, str]:
        """Return what is there, by the place a function must have for it."""
        places = {"distinct": self.distinct, "order": self.order, "nulls": self.nulls}
        places["tail"] = self.filter + self.over
        return {place: words for place, words in places.items() if words}


@dataclass(frozen=True)
class _Reading:
    """How arguments are read; `exactly` allows no coercion."""

    env: Environment
    spell: Spell
    exactly: bool


@dataclass
class _Bound:
    """A form of a function while its arguments are fitted to it."""

    words: list[str]
    values: list[Value]
    types: dict[str, Type] = field(default_factory=dict)
    guard: str = ""
    written: str = ""


_PLACE = re.compile(r"\{(?:(all|op):([^}]*)|(\w+))\}")
_WRITTEN = Value("", UNKNOWN, is_literal=True)
_NAMES = frozenset(function.name for function in FUNCTIONS)


def called(
    name: str, nodes: list[exp.Expr], env: Environment, spell: Spell, around: Surroundings
) -> Value:
    """Return the call in DuckDB's words; Refused if the list has no form that fits."""
    if name not in _NAMES:
        raise Refused(f"the function {name}()")
    for exactly in (True, False):
        for function in FUNCTIONS:
            if function.name == name:
                bound = _fitted(function, nodes, _Reading(env, spell, exactly))
                if bound is not None:
                    return _spelled(function, bound, around)
    types = ", ".join(_shown_type(node, env, spell) for node in nodes)
    raise Refused(f"{name}({types})", "it was shown equal for other arguments only")


def _shown_type(node: exp.Expr, env: Environment, spell: Spell) -> str:
    return "lambda" if isinstance(node, exp.Lambda) else str(spell(node, env).type)


def _parameters(function: Function, count: int) -> tuple[str, ...] | None:
    takes = function.takes
    if takes and takes[-1].endswith("..."):
        fixed, last = takes[:-1], takes[-1].removesuffix("...")
        return (*fixed, *[last] * (count - len(fixed))) if count >= len(fixed) else None
    return takes if len(takes) == count else None


def _fitted(function: Function, nodes: list[exp.Expr], reading: _Reading) -> _Bound | None:
    words = _parameters(function, len(nodes))
    if words is None:
        return None
    bound = _Bound([""] * len(nodes), [_WRITTEN] * len(nodes))
    takes = list(zip(range(len(nodes)), words, nodes, strict=True))
    for place, word, node in takes:
        if not _take(bound, place, word, node, reading):
            return None
    # Only now that the types fit: a unit of dates says nothing of a form for timestamps.
    for place, word, node in takes:
        if word.startswith("<"):
            _take_written(bound, place, word, node.name)
    _convert(bound, words)
    return bound


def _take(bound: _Bound, place: int, word: str, node: exp.Expr, reading: _Reading) -> bool:
    """Fit one argument to its parameter; return False if it does not fit."""
    if word.startswith("<"):
        return isinstance(node, exp.Literal)
    if word.startswith("x -> ") != isinstance(node, exp.Lambda):
        return False
    if isinstance(node, exp.Lambda):
        bound.values[place] = _lambda(bound, word.removeprefix("x -> "), node, reading)
        bound.words[place] = bound.values[place].sql
        return True
    bound.values[place] = reading.spell(node, reading.env)
    return fits(word, bound.values[place].type, bound.types, reading.exactly)


def _take_written(bound: _Bound, place: int, word: str, text: str) -> None:
    written = LITERALS[word[1:-1]](text, bound.written)
    bound.written = text
    bound.guard = written.guard or bound.guard
    bound.words[place] = written.sql


def _lambda(bound: _Bound, gives: str, node: exp.Lambda, reading: _Reading) -> Value:
    """Spell a lambda over the elements of the array before it."""
    if len(node.expressions) != 1:
        raise Refused("a lambda of several parameters")
    name = node.expressions[0].name
    known = {**reading.env.parameters, name: bound.types["T"]}
    body = reading.spell(node.this, replace(reading.env, parameters=known))
    if gives == "boolean" and body.type.name not in ("boolean", "unknown"):
        raise Refused(f"a lambda that gives {body.type} where a boolean is wanted")
    bound.types.setdefault(gives, body.type)
    return Value(f'lambda "{name}": {body.sql}', body.type, is_literal=True)


def _convert(bound: _Bound, words: tuple[str, ...]) -> None:
    """Convert every value to the type of its parameter."""
    for place, (word, value) in enumerate(zip(words, bound.values, strict=True)):
        if not word.startswith(("<", "x -> ")):
            bound.words[place] = _at_its_place(word, value, bound.types)
    if bound.guard:
        bound.words[0] = f"{bound.guard}({bound.words[0]})"


def _at_its_place(word: str, value: Value, types: Mapping[str, Type]) -> str:
    wanted = resolved(word, types, value.type)
    words = converted(value, wanted)
    if word == "O":
        return a_number(words, value, wanted)
    if word == "array(O)" and wanted.of[0].name == "double":
        return f"list_transform({words}, lambda one: a_number(one))"
    return words


def _spelled(function: Function, bound: _Bound, around: Surroundings) -> Value:
    _refuse_surroundings(function, around)
    gives = _given(function, bound)
    template = _mean(gives) if function.duckdb == "{mean}" else function.duckdb
    parts = {
        "distinct": around.distinct,
        "order": around.order,
        "nulls": around.nulls,
        "tail": around.filter + around.over,
        "to": duckdb_name(gives),
        **{str(place): words for place, words in enumerate(bound.words)},
    }

    def put(found: re.Match[str]) -> str:
        return _joined(found[1], found[2], bound) if found[1] else parts[found[3]]

    # In one go: an argument's own words may hold braces.
    words = _PLACE.sub(put, template)
    return Value(f"({words})" if function.kind == SCALAR else words, gives)


def _refuse_surroundings(function: Function, around: Surroundings) -> None:
    for place in around.used:
        if "{" + place + "}" not in function.duckdb and function.duckdb != "{mean}":
            names = {"tail": "FILTER or OVER", "distinct": "DISTINCT", "order": "ORDER BY"}
            raise Refused(f"{function.name}() with {names.get(place, 'IGNORE NULLS')}")
    if function.kind == WINDOW and not around.over:
        raise Refused(f"{function.name}() without OVER")
    if function.kind == AGGREGATE and around.nulls:
        raise Refused(f"{function.name}() with IGNORE NULLS")


def _given(function: Function, bound: _Bound) -> Type:
    actual = bound.values[0].type if bound.values else UNKNOWN
    made = _DECIMALS.get(function.gives)
    return made(*actual.params) if made else resolved(function.gives, bound.types, actual)


# Decimals whose digits follow from those of the argument.
_DECIMALS: Mapping[str, Callable[[int, int], Type]] = {
    "sum decimal": lambda _, scale: decimal(38, scale),
    "whole decimal": lambda digits, scale: decimal(digits - scale + min(scale, 1), 0),
    "rounded decimal": lambda digits, scale: decimal(digits + 1, scale),
}


def _joined(how: str, mark: str, bound: _Bound) -> str:
    """Join all arguments, or put an operator between two."""
    if how == "op":
        one, other = bound.values
        return arithmetic(mark, one, other).sql
    return mark.join(f"({words})" for words in bound.words)


def _mean(kind: Type) -> str:
    """Divide the exact sum by the count and round half up, as Trino does for decimals."""
    digits = kind.params[1]
    total, count = "unscaled(sum({distinct}{0}){tail})", "count({distinct}{0}){tail}"
    text = f"scaled_text(half_up({total}, CAST({count} AS HUGEINT)), {digits})"
    return f"CAST({text} AS DECIMAL({kind.params[0]}, {digits}))"
