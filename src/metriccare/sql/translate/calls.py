"""A function call against the list: which of its forms fits, and that form in DuckDB's words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from metriccare.sql.translate.environment import Environment, Value
from metriccare.sql.translate.functions import AGGREGATE, FUNCTIONS, SCALAR, WINDOW, Function
from metriccare.sql.translate.literals import LITERALS, Written
from metriccare.sql.translate.operators import a_number, arithmetic, converted, has_order
from metriccare.sql.translate.refusals import Refused
from metriccare.sql.translate.trino_types import (
    BIGINT,
    TIMESTAMP,
    UNKNOWN,
    Type,
    array_of,
    common,
    parse_type,
)

Spell = Callable[[exp.Expr, Environment], Value]


@dataclass(frozen=True)
class Surroundings:
    """What stands around a call: DISTINCT, ORDER BY, FILTER, OVER, IGNORE NULLS."""

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


@dataclass
class _Bound:
    """A form of a function while its arguments are fitted to it."""

    types: dict[str, Type] = field(default_factory=dict)
    guard: str = ""
    words: list[str] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)


_PLACE = re.compile(r"\{(?:(all|op):([^}]*)|(\w+))\}")
_NAMES = frozenset(function.name for function in FUNCTIONS)
_VARIABLES: Mapping[str, Callable[[Type], bool]] = {
    "T": lambda _: True,
    "K": has_order,
    "V": lambda _: True,
    "O": has_order,
    "N": lambda kind: kind.is_integer or kind.name in ("decimal", "double"),
    "W": lambda kind: kind.name == "timestamp",
}


def called(
    name: str, nodes: list[exp.Expr], env: Environment, spell: Spell, around: Surroundings
) -> Value:
    """Return the call in DuckDB's words; Refused when the list has no form that fits."""
    if name not in _NAMES:
        raise Refused(f"the function {name}()")
    refusals: list[Refused] = []
    for exactly in (True, False):
        for function in FUNCTIONS:
            if function.name == name:
                try:
                    bound = _fitted(function, nodes, env, spell, exactly)
                except Refused as refusal:
                    refusals.append(refusal)
                else:
                    if bound is not None:
                        return _spelled(function, bound, around)
    if refusals:
        raise refusals[-1]
    types = ", ".join(_shown_type(node, env, spell) for node in nodes)
    raise Refused(f"{name}({types})", "it has been shown to for other arguments only")


def _shown_type(node: exp.Expr, env: Environment, spell: Spell) -> str:
    return "lambda" if isinstance(node, exp.Lambda) else str(spell(node, env).type)


def _parameters(function: Function, count: int) -> tuple[str, ...] | None:
    takes = function.takes
    if takes and takes[-1].endswith("..."):
        fixed, last = takes[:-1], takes[-1].removesuffix("...")
        return (*fixed, *[last] * (count - len(fixed))) if count >= len(fixed) else None
    return takes if len(takes) == count else None


def _fitted(
    function: Function, nodes: list[exp.Expr], env: Environment, spell: Spell, exactly: bool
) -> _Bound | None:
    words = _parameters(function, len(nodes))
    if words is None:
        return None
    bound = _Bound()
    for word, node in zip(words, nodes, strict=True):
        if word.startswith("<"):
            if not isinstance(node, exp.Literal):
                return None
            _take_written(bound, LITERALS[word[1:-1]](node.name))
        elif word.startswith("x -> "):
            if not isinstance(node, exp.Lambda):
                return None
            _take_lambda(bound, word.removeprefix("x -> "), node, env, spell)
        elif isinstance(node, exp.Lambda) or not _take_value(
            bound, word, spell(node, env), exactly
        ):
            return None
    _convert(bound, words)
    return bound


def _take_written(bound: _Bound, written: Written) -> None:
    bound.guard = written.guard or bound.guard
    bound.words.append(written.sql)
    bound.values.append(Value(written.sql, UNKNOWN, is_literal=True))


def _take_lambda(
    bound: _Bound, gives: str, node: exp.Lambda, env: Environment, spell: Spell
) -> None:
    """Spell a lambda over the elements of the array before it."""
    if len(node.expressions) != 1:
        raise Refused("a lambda of several parameters")
    name = node.expressions[0].name
    inner = replace(env, parameters={**env.parameters, name: bound.types["T"]})
    body = spell(node.this, inner)
    if gives == "boolean" and body.type.name not in ("boolean", "unknown"):
        raise Refused(f"a lambda that gives {body.type} where a boolean is wanted")
    bound.types.setdefault(gives, body.type)
    words = f'lambda "{name}": {body.sql}'
    bound.words.append(words)
    bound.values.append(Value(words, body.type, is_literal=True))


def _take_value(bound: _Bound, word: str, value: Value, exactly: bool) -> bool:
    if not _fits(word, value.type, bound.types, exactly):
        return False
    bound.words.append(value.sql)
    bound.values.append(value)
    return True


def _fits(word: str, kind: Type, types: dict[str, Type], exactly: bool) -> bool:
    """Tell whether a type fits a word of a signature; variables are bound on the way."""
    if word in _VARIABLES:
        known = common(types.get(word, UNKNOWN), kind)
        if known is None or not _VARIABLES[word](known):
            return False
        types[word] = known
        return True
    nested = re.fullmatch(r"(array|map)\((.*)\)", word)
    if nested:
        parts = nested[2].split(", ")
        if kind.name != nested[1]:
            return False
        fits = [_fits(part, of, types, exactly) for part, of in zip(parts, kind.of, strict=True)]
        return all(fits)
    return _is(word, kind, exactly)


def _is(word: str, kind: Type, exactly: bool) -> bool:
    if kind == UNKNOWN:
        return not exactly
    if word == "bigint" and kind.is_integer:
        return True
    if exactly or word == "decimal":
        return kind.name == word
    wanted = _wanted(word)
    found = common(kind, wanted)
    return found is not None and found.name == wanted.name


def _wanted(word: str) -> Type:
    kind = TIMESTAMP if word == "timestamp" else parse_type(word)
    if kind is None:
        raise ValueError(word)
    return kind


def _convert(bound: _Bound, words: tuple[str, ...]) -> None:
    """Bring every value to the type its place wants."""
    for place, (word, value) in enumerate(zip(words, bound.values, strict=True)):
        if not word.startswith(("<", "x -> ")):
            bound.words[place] = _at_its_place(word, value, bound.types)
    if bound.guard:
        bound.words[0] = f"{bound.guard}({bound.words[0]})"


def _at_its_place(word: str, value: Value, types: Mapping[str, Type]) -> str:
    wanted = _resolved(word, types, value.type)
    words = converted(value, wanted)
    if word == "O":
        return a_number(words, value, wanted)
    if word == "array(O)" and wanted.of[0].name == "double":
        return f"list_transform({words}, lambda one: a_number(one))"
    return words


def _resolved(word: str, types: Mapping[str, Type], actual: Type) -> Type:
    """Return the type a word of a signature stands for in this call."""
    if word in _VARIABLES:
        return types[word]
    nested = re.fullmatch(r"(array|map)\((.*)\)", word)
    if nested:
        of = tuple(_resolved(part, types, actual) for part in nested[2].split(", "))
        return array_of(of[0]) if nested[1] == "array" else Type("map", of=of)
    if word == "bigint" and actual.is_integer:
        return BIGINT
    return actual if actual.name == word else _wanted(word)


def _spelled(function: Function, bound: _Bound, around: Surroundings) -> Value:
    _refuse_surroundings(function, around)
    gives = _given(function, bound)
    template = _mean(gives) if function.duckdb == "{mean}" else function.duckdb
    parts = {
        "distinct": around.distinct,
        "order": around.order,
        "nulls": around.nulls,
        "tail": around.filter + around.over,
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
    if function.gives == "decimal(38,s)":
        return Type("decimal", (38, bound.values[0].type.params[1]))
    actual = bound.values[0].type if bound.values else UNKNOWN
    return _resolved(function.gives, bound.types, actual)


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
