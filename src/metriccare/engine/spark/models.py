"""Models run by Spark in their own words: only names of relations and list tests are changed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from uuid import uuid4

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from sqlglot import exp, tokenize
from sqlglot.tokens import Token, TokenType  # type: ignore[attr-defined]

from metriccare.engine.functions import check_model
from metriccare.engine.model_sql import DIALECT, parameters_in, parsed, relations_in
from metriccare.engine.protocol import Value
from metriccare.engine.spark.internals import text_list, with_new_column_ids

# Names of views, unlike those of any other engine of the session.
_PREFIX, _NUMBERS = f"relation_{uuid4().hex}", count()
_LIST_CONTAINS = re.compile(r"array_contains\(:(\w+),\s*")


def run_model(
    spark: SparkSession,
    model: str,
    relations: Mapping[str, DataFrame],
    parameters: Mapping[str, Value],
) -> DataFrame:
    """Return a model's rows, lazily.

    Each mention of a relation reads it under column ids of its own, so that a relation can be
    joined with itself and with relations made from it.
    """
    check_model(model)
    model, parameters = _with_plain_lists(with_plain_sigma(model), parameters)
    query = parsed(model)
    mentions = relations_in(query, relations)
    used = {placeholder.name for placeholder in parameters_in(query, parameters)}
    with _views(spark, [relations[mention.name] for mention in mentions]) as views:
        text = _renamed(model, mentions, views)
        return spark.sql(text, {name: _literal(spark, parameters[name]) for name in used})


def with_plain_sigma(model: str) -> str:
    """Return the model with `lower` as the other engine has it: each letter for itself.

    Java writes a capital sigma at the end of a word as another small letter, and finds the ends of
    words by rules of its own.
    """
    tokens = tokenize(model, read=DIALECT)
    insertions: list[tuple[int, str]] = []
    for number, token in enumerate(tokens[:-1]):
        bracket = tokens[number + 1]
        if token.text.lower() == "lower" and bracket.token_type == TokenType.L_PAREN:
            end = _closing_token(tokens, number + 2)
            insertions += [(bracket.end + 1, "replace("), (end.start, ", '\u03a3', '\u03c3')")]
    for position, text in sorted(insertions, reverse=True):
        model = f"{model[:position]}{text}{model[position:]}"
    return model


def _closing_token(tokens: Sequence[Token], start: int) -> Token:
    """Return the bracket that closes the one open before `start`."""
    depth = 1
    for token in tokens[start:]:
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
        if not depth:
            return token
    raise ValueError("a bracket is not closed")


@contextmanager
def _views(spark: SparkSession, frames: Sequence[DataFrame]) -> Iterator[list[str]]:
    """Name frames while a model is analysed; its result does not need the names."""
    names = [f"{_PREFIX}_{next(_NUMBERS)}" for _ in frames]
    try:
        for name, frame in zip(names, frames, strict=True):
            with_new_column_ids(frame).createTempView(name)
        yield names
    finally:
        for name in names:
            spark.catalog.dropTempView(name)


def _renamed(model: str, mentions: Sequence[exp.Table], views: Sequence[str]) -> str:
    """Return the text with a view in place of each mention, under the name used there."""
    spans = [
        (mention.this.meta["start"], mention.this.meta["end"] + 1, view, mention)
        for mention, view in zip(mentions, views, strict=True)
    ]
    for start, end, view, mention in sorted(spans, key=lambda span: span[0], reverse=True):
        alias = "" if mention.alias else f" AS {model[start:end]}"
        model = f"{model[:start]}{view}{alias}{model[end:]}"
    return model


def _with_plain_lists(model: str, parameters: Mapping[str, Value]) -> tuple[str, dict[str, Value]]:
    """Return the model with `x in (...)` for each `array_contains` of a list parameter.

    Spark can answer `in` from Parquet's statistics and a table's folders. With `array_contains` it
    would look for the rows of one run in every row of the lake.
    """
    parts, done, given = [], 0, dict(parameters)
    for match in _LIST_CONTAINS.finditer(model):
        values = parameters.get(match[1])
        if not isinstance(values, Sequence) or isinstance(values, str):
            continue
        end = _closing(model, match.end())
        element = model[match.end() : end]
        names = [f"{match[1]}_{number}" for number in range(len(values))]
        given |= dict(zip(names, values, strict=True))
        listed = ", ".join(f":{name}" for name in names)
        # Nothing is in an empty list; for null the answer is unknown.
        test = f"({element}) in ({listed})" if names else f"if(({element}) is null, null, false)"
        parts += [model[done : match.start()], test]
        done = end + 1
    return "".join([*parts, model[done:]]), given


def _closing(text: str, start: int) -> int:
    """Return the position of the bracket that closes the one open at `start`."""
    depth = 1
    for position in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if not depth:
            return position
    raise ValueError(f"a bracket is not closed: {text}")


def _literal(spark: SparkSession, value: Value) -> Column:
    """Return a value as a literal; pyspark would read an instant in this machine's time zone."""
    if isinstance(value, dt.datetime):
        instant = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        return F.expr(f"timestamp'{instant.astimezone(dt.UTC).isoformat()}'")
    if isinstance(value, dt.date):
        return F.expr(f"date'{value.isoformat()}'")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return text_list(spark, value)
    return F.lit(value)
