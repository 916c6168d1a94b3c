"""One case for every form of every listed function, cast and operator, over odd values.

A case is an expression over columns, with rows of odd values; what an engine answers is a list
of outcomes, one a row (one for an aggregate).
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from metriccare.query.translate.casts import CASTS
from metriccare.query.translate.functions import AGGREGATE, FUNCTIONS, SCALAR, Function
from metriccare.query.translate.operators import has_order
from metriccare.query.translate.trino_types import INTEGERS, parse_type
from tests.query.shown.odd_values import ODD, SUMMED, TEXTS_OF

SEED = 20240229


@dataclass(frozen=True)
class Case:
    """An expression over c0, c1 ..., their types, and rows of values, all in Trino's SQL."""

    expression: str
    types: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_aggregate: bool = False

    @property
    def name(self) -> str:
        """Return the expression with its types."""
        return f"{self.expression} of {', '.join(self.types)}"

    def sql(self, rows: Sequence[int]) -> str:
        """Return the statement that evaluates the expression over some of the rows."""
        listed = ", ".join(self._row(place) for place in rows)
        names = ", ".join(f"c{place}" for place in range(len(self.types)))
        table = f"(VALUES {listed}) AS t (i{names and ', '}{names})"
        if self.is_aggregate:
            return f"SELECT {self.expression} FROM {table}"
        return f"SELECT i, {self.expression} FROM {table} ORDER BY i"

    def _row(self, place: int) -> str:
        kinds = (_TEXT.get(kind, kind) for kind in self.types)
        values = zip(self.rows[place], kinds, strict=True)
        cast = (_cast(value, kind) for value, kind in values)
        return f"({', '.join((str(place), *cast))})"


_TEXT = {"json text": "varchar", **{f"{name} text": "varchar" for name in TEXTS_OF}}


def _cast(value: str, kind: str) -> str:
    if value in ("NULL", "ARRAY[]", "map()") or kind.startswith(("decimal", "tinyint", "array")):
        return f"CAST({'NULL' if value == 'map()' else value} AS {kind})"
    return value


_WRITTEN: Mapping[str, tuple[str, ...]] = {
    "unit of dates": ("'day'", "'week'", "'month'", "'quarter'", "'year'"),
    "unit of times": (
        "'second'",
        "'hour'",
        "'day'",
        "'month'",
        "'year'",
        "'millisecond'",
        "'week'",
    ),
    "fixed unit": ("'second'", "'hour'"),
    "adder of dates": ("'day'", "'week'", "'month'", "'quarter'", "'year'"),
    "adder of times": ("'millisecond'", "'second'", "'minute'", "'hour'", "'day'", "'month'"),
    "fixed adder": ("'second'", "'hour'"),
    "pattern": (
        "'^[A-Z]\\d\\d'",
        "'b'",
        "'(z)?a'",
        "'(?i)ABC'",
        "'c$'",
        "'a.b|x'",
        "'\\s+'",
        "'[^a-z ]+'",
        "'(a)(b)?'",
        "'\\bx'",
        "'(?=a)'",
        "'\\w{2,}'",
        "'.'",
        "'a|ab'",
        "'(ab|a)(c|bcd)?'",
    ),
    "full pattern": ("'[abc]'", "'(\\w)(\\w)'", "','", "'.'", "'\\s'", "'x*'"),
    "replacement": ("'<$1>'", "'$0$0'", "''", "'\\$'"),
    "group": ("0", "1", "2"),
    "whole": ("0", "1", "3"),
    "text": ("','", "''"),
    "digits": ("0", "1", "2", "7"),
    "zone": (
        "'UTC'",
        "'America/New_York'",
        "'Asia/Kolkata'",
        "'-05:30'",
        "'EST'",
        "'america/new_york'",
    ),
    "date format": ("'%Y-%m-%d %H:%i:%s'", "'%b %e, %y %p %h %j'", "'%W %M %a %f %T %%'", "'%v'"),
    "joda format": ("'yyyy-MM-dd''T''HH:mm:ss.SSS'", "'EEE'"),
    "path": ("'$.a'", "'$.b.c[1]'", "'$'", "'$[1]'", "'$.b.c'", "'$.b'", "'$..a'"),
}
_TYPES: Mapping[str, tuple[str, ...]] = {
    "T": ("bigint", "varchar"),
    "O": ("integer", "decimal(5, 2)", "double", "varchar", "date", "timestamp(3)", "boolean"),
    "N": ("integer", "bigint", "decimal(5, 2)", "double"),
    "W": ("timestamp(3)",),
    "decimal": ("decimal(5, 2)", "decimal(38, 6)"),
    "timestamp": ("timestamp(3)",),
    "timestamp with time zone": ("timestamp(3) with time zone",),
    "array(T)": ("array(bigint)", "array(varchar)"),
    "array(O)": ("array(bigint)", "array(varchar)", "array(double)", "array(date)"),
    "array(K)": ("array(varchar)",),
    "array(V)": ("array(bigint)",),
    "map(K, V)": ("map(varchar, bigint)",),
    "K": ("varchar",),
    "V": ("bigint",),
}
_ELEMENT = {"array(bigint)": "bigint", "array(varchar)": "varchar", "array(double)": "double"}
_SMALL = ("NULL", "0", "1", "2", "-1", "5", "-2")
# Where a number says how much, only small ones.
_COUNTS = {
    "lpad",
    "rpad",
    "sequence",
    "date_add",
    "substr",
    "substring",
    "split_part",
    "element_at",
}
_COUNTS |= {"chr", "ntile", "lag", "lead"}
_UNSETTLED = {"now"}
# Functions whose text is read as something.
_READ_AS: Mapping[str, str] = {
    "json_extract_scalar": "json text",
    "json_extract": "json text",
    "json_array_length": "json text",
    "json_parse": "json text",
    "from_iso8601_date": "iso text",
    "from_iso8601_timestamp": "iso text",
    "at_timezone": "zone text",
}


def all_cases(most_rows: int) -> list[Case]:
    """Return every case, each with at most so many rows, the same ones each time."""
    made = [*_of_functions(), *_of_casts(), *_of_operators(), *_of_syntax()]
    by_name = {case.name: case for case in made}
    return [_cut(case, most_rows) for case in by_name.values()]


def _cut(case: Case, most_rows: int) -> Case:
    if len(case.rows) <= most_rows:
        return case
    # By its name, so that another case changes nothing here.
    chosen = random.Random(f"{SEED} {case.name}")
    kept = sorted(chosen.sample(range(len(case.rows)), most_rows))
    rows = tuple(case.rows[place] for place in kept)
    return Case(case.expression, case.types, rows, case.is_aggregate)


def _of_functions() -> Iterator[Case]:
    for function in FUNCTIONS:
        if function.name not in _UNSETTLED:
            yield from _of_function(function)


def _of_function(function: Function) -> Iterator[Case]:
    words = [word.removesuffix("...") for word in function.takes]
    for written in itertools.product(*[_WRITTEN[w[1:-1]] for w in words if w[0] == "<"]):
        for kinds in _kinds_of(function.name, words):
            yield _case(function, words, list(written), kinds)


def _kinds_of(name: str, words: Sequence[str]) -> Iterator[Mapping[str, str]]:
    """Yield a type for every word; one variable has one type, and an element its array's."""
    plain = [word for word in dict.fromkeys(words) if word[0] != "<" and "->" not in word]
    for kinds in itertools.product(*[_TYPES.get(word, (word,)) for word in plain]):
        found = dict(zip(plain, kinds, strict=True))
        for outer in ("array(T)", "array(O)"):
            element = _ELEMENT.get(found.get(outer, ""), "date")
            if outer in found and outer[6] in found and found[outer[6]] != element:
                break
        else:
            read_as = _READ_AS.get(name)
            yield {**found, "varchar": read_as} if read_as and "varchar" in found else found


def _case(
    function: Function, words: Sequence[str], written: list[str], kinds: Mapping[str, str]
) -> Case:
    arguments, types, values = [], [], []
    for word in words:
        if word[0] == "<":
            arguments.append(written.pop(0))
        elif "->" in word:
            arguments.append(_lambda(kinds.get("array(T)", ""), word))
        else:
            arguments.append(f"c{len(types)}")
            if kinds[word] == "json":
                arguments[-1] = f"json_parse(c{len(types)})"
            types.append("json text" if kinds[word] == "json" else kinds[word])
            counts = function.name in _COUNTS and word == "bigint"
            sums = SUMMED if function.kind == AGGREGATE else ODD
            values.append(_SMALL if counts else sums.get(types[-1]) or _values_of(types[-1]))
    rows = tuple(itertools.product(*values))
    text = f"{function.name}({', '.join(arguments)})"
    if function.kind == SCALAR:
        return Case(text, tuple(types), rows)
    if function.kind == AGGREGATE:
        order = " ORDER BY i" if "{order}" in function.duckdb else ""
        return Case(text.replace(")", f"{order})"), tuple(types), rows, is_aggregate=True)
    return Case(f"{text} OVER (ORDER BY i)", tuple(types), rows)


def _lambda(array: str, word: str) -> str:
    body = "x > 1" if array == "array(bigint)" else "x = 'a'"
    if word.endswith("V"):
        body = "x * 2" if array == "array(bigint)" else "upper(x)"
    return f"x -> {body}"


def _of_casts() -> Iterator[Case]:
    for source, wanted in CASTS:
        for kind in _typed(wanted):
            for of in _texts(source, wanted):
                rows = tuple((value,) for value in _values_of(of))
                for word in ("CAST", "TRY_CAST"):
                    yield Case(f"{word}(c0 AS {kind})", (of,), rows)


def _values_of(kind: str) -> tuple[str, ...]:
    """Return the odd values of a type, or of text that is read as one, as in `date text`."""
    text = TEXTS_OF.get(kind.removesuffix(" text")) if kind.endswith(" text") else None
    return text or ODD[kind]


def _texts(source: str, wanted: str) -> tuple[str, ...]:
    if source == "varchar":
        named = "number" if wanted in (*INTEGERS, "decimal", "double") else wanted
        return (f"{named} text",)
    if source in ("smallint",):
        return ()
    if source == "timestamp":
        return ("timestamp(0)", "timestamp(3)", "timestamp(6)")
    if source == "decimal":
        return tuple(kind for kind in ODD if kind.startswith("decimal"))
    return ("timestamp(3) with time zone",) if source.startswith("timestamp") else (source,)


def _typed(wanted: str) -> tuple[str, ...]:
    if wanted == "decimal":
        return ("decimal(5, 2)", "decimal(38, 6)", "decimal(10, 0)")
    if wanted == "timestamp":
        return ("timestamp(0)", "timestamp(3)", "timestamp(6)")
    return ("timestamp(3) with time zone",) if wanted.startswith("timestamp") else (wanted,)


_NUMBERS = ("integer", "bigint", "double", "decimal(5, 2)", "decimal(10, 0)", "decimal(38, 6)")


def _of_operators() -> Iterator[Case]:
    for left, right in itertools.product(_NUMBERS, _NUMBERS):
        rows = tuple(itertools.product(ODD[left], ODD[right]))
        for operator in ("+", "-", "*", "/", "%"):
            yield Case(f"c0 {operator} c1", (left, right), rows)
        for operator in ("=", "<", "IS DISTINCT FROM"):
            yield Case(f"c0 {operator} c1", (left, right), rows)
    for kind, values in ODD.items():
        if kind.startswith("timestamp(3)") or _has_order(kind):
            rows = tuple(itertools.product(values, values))
            for operator in ("=", "<>", "<", "<=", ">", ">=", "IS NOT DISTINCT FROM"):
                yield Case(f"c0 {operator} c1", (kind, kind), rows)
            yield Case("c0 IN (c1, NULL)", (kind, kind), rows)
            yield Case("nullif(c0, c1)", (kind, kind), rows)
            yield Case("c0 BETWEEN c1 AND c1", (kind, kind), rows)
    pairs = (("date", "timestamp(3)"), ("timestamp(3)", "timestamp(3) with time zone"))
    for left, right in pairs:
        rows = tuple(itertools.product(ODD[left], ODD[right]))
        yield Case("c0 < c1", (left, right), rows)


def _has_order(kind: str) -> bool:
    found = parse_type(kind) if kind != "json text" else None
    return found is not None and has_order(found)


def _of_syntax() -> Iterator[Case]:
    """Yield what is neither a call, nor a cast, nor an operator of two numbers."""
    for expression, types in _SYNTAX:
        rows = tuple(itertools.product(*[ODD[kind] for kind in types]))
        yield Case(expression, types, rows)
    for expression, types in _SUMMED:
        rows = tuple(itertools.product(*[ODD[kind] for kind in types]))
        yield Case(expression, types, rows, is_aggregate=True)


_SYNTAX: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("c0 AND c1", ("boolean", "boolean")),
    ("c0 OR NOT c1", ("boolean", "boolean")),
    ("-c0", ("integer",)),
    ("-c0", ("decimal(5, 2)",)),
    ("c0 || c1", ("varchar", "varchar")),
    ("c0 || c1", ("array(bigint)", "array(bigint)")),
    ("c0 LIKE '%a%'", ("varchar",)),
    ("c0 LIKE 'a_c'", ("varchar",)),
    ("c0 LIKE '_'", ("varchar",)),
    ("c0 LIKE 'a!%%' ESCAPE '!'", ("varchar",)),
    ("c0 LIKE c1", ("varchar", "varchar")),
    ("CASE WHEN c0 > 0 THEN 'x' WHEN c0 = 0 THEN NULL ELSE 'y' END", ("integer",)),
    ("CASE c0 WHEN 1 THEN 1 WHEN 7 THEN 2.5 END", ("integer",)),
    ("IF(c0, 1e0, 2)", ("boolean",)),
    ("c0[c1]", ("array(bigint)", "integer")),
    ("c0['a']", ("map(varchar, bigint)",)),
    ("trim(BOTH 'a' FROM c0)", ("varchar",)),
    ("trim(LEADING 'ab' FROM c0)", ("varchar",)),
    ("substring(c0 FROM 2 FOR 2)", ("varchar",)),
    ("position('b' IN c0)", ("varchar",)),
    ("CAST(c0 AS varchar(2))", ("varchar",)),
    ("extract(year FROM c0)", ("date",)),
    ("extract(dow FROM c0)", ("timestamp(3)",)),
    ("c0 AT TIME ZONE 'America/New_York'", ("timestamp(3)",)),
    ("CAST(c0 AT TIME ZONE 'America/New_York' AS date)", ("timestamp(3)",)),
    ("hour(c0 AT TIME ZONE 'Asia/Kolkata')", ("timestamp(3)",)),
    ("CAST(c0 AT TIME ZONE 'America/New_York' AS timestamp(3))", ("timestamp(3) with time zone",)),
    ("c0 + INTERVAL '1' MONTH", ("date",)),
    ("c0 - INTERVAL '1' YEAR", ("date",)),
    ("c0 + INTERVAL '30' DAY", ("timestamp(3)",)),
    ("c0 - INTERVAL '90' MINUTE", ("timestamp(3)",)),
    ("c0 + INTERVAL '1' HOUR", ("timestamp(3) with time zone",)),
    ("c0 - c0", ("date",)),
    ("try(c0 / c1)", ("integer", "integer")),
    ("try(CAST(c0 AS tinyint))", ("integer",)),
    ("CAST(json_extract(c0, '$.b.c') AS array(json)) IS NULL", ("json text",)),
    ("json_extract_scalar(json_extract(c0, '$.b'), '$.c[1]')", ("json text",)),
    ("row(c0, c1) IS NULL", ("integer", "varchar")),
    ("sum(c0) OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)", ("decimal(5, 2)",)),
    ("max(c0) OVER (PARTITION BY i % 2)", ("date",)),
    ("lag(c0) IGNORE NULLS OVER (ORDER BY i)", ("integer",)),
    ("count(c0) FILTER (WHERE c0 > 0) OVER (ORDER BY i)", ("integer",)),
    ("rank() OVER (ORDER BY c0)", ("integer",)),
)
_SUMMED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("count(*)", ("integer",)),
    ("count(DISTINCT c0)", ("varchar",)),
    ("sum(DISTINCT c0)", ("decimal(5, 2)",)),
    ("sum(c0) FILTER (WHERE c0 > 0)", ("decimal(5, 2)",)),
    ("avg(c0) FILTER (WHERE c0 < 5)", ("decimal(5, 2)",)),
    ("max(c0) FILTER (WHERE c0 = '')", ("varchar",)),
    ("array_agg(c0 ORDER BY c0 DESC)", ("integer",)),
    ("array_agg(DISTINCT c0 ORDER BY c0)", ("varchar",)),
)
