"""Models run by Spark as they are written: only the names of relations are changed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any
from uuid import uuid4

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from sqlglot import exp

from metriccare.engine.model_sql import parameters_in, parsed, relations_in
from metriccare.engine.protocol import Value
from metriccare.engine.spark.schema import afresh

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

    Every place that names a relation reads it under attribute ids of its own, so that a relation
    can be joined with itself and with what was made of it.
    """
    model, parameters = _with_plain_lists(model, parameters)
    query = parsed(model)
    places = relations_in(query, relations)
    used = {place.name for place in parameters_in(query, parameters)}
    with _views(spark, [relations[place.name] for place in places]) as views:
        text = _renamed(model, places, views)
        return spark.sql(text, {name: _literal(spark, parameters[name]) for name in used})


@contextmanager
def _views(spark: SparkSession, frames: Sequence[DataFrame]) -> Iterator[list[str]]:
    """Name frames while a model is analysed; what is made of it does not need the names."""
    names = [f"{_PREFIX}_{next(_NUMBERS)}" for _ in frames]
    try:
        for name, frame in zip(names, frames, strict=True):
            afresh(frame).createTempView(name)
        yield names
    finally:
        for name in names:
            spark.catalog.dropTempView(name)


def _renamed(model: str, places: Sequence[exp.Table], views: Sequence[str]) -> str:
    """Return the text with a view's name at each place, under the name that it had there."""
    spans = [
        (place.this.meta["start"], place.this.meta["end"] + 1, view, place)
        for place, view in zip(places, views, strict=True)
    ]
    for start, end, view, place in sorted(spans, key=lambda span: span[0], reverse=True):
        alias = "" if place.alias else f" AS {model[start:end]}"
        model = f"{model[:start]}{view}{alias}{model[end:]}"
    return model


def _with_plain_lists(model: str, parameters: Mapping[str, Value]) -> tuple[str, dict[str, Value]]:
    """Return the model with each test for an element of a given list as one that files can answer.

    `x in (...)` reaches Parquet and the folders of a table, which `array_contains` does not: what
    a run wrote would be looked for in every row that the lake holds.
    """
    parts, done, given = [], 0, dict(parameters)
    for found in _LIST_CONTAINS.finditer(model):
        values = parameters.get(found[1])
        if not isinstance(values, Sequence) or isinstance(values, str):
            continue
        end = _closing(model, found.end())
        element = model[found.end() : end]
        names = [f"{found[1]}_{number}" for number in range(len(values))]
        given |= dict(zip(names, values, strict=True))
        listed = ", ".join(f":{name}" for name in names)
        # No value is in a list without any; of null nothing is known.
        test = f"({element}) in ({listed})" if names else f"if(({element}) is null, null, false)"
        parts += [model[done : found.start()], test]
        done = end + 1
    return "".join([*parts, model[done:]]), given


def _closing(text: str, start: int) -> int:
    """Return where the bracket closes that is open at some place."""
    depth = 1
    for place in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if not depth:
            return place
    raise ValueError(f"a bracket is not closed: {text}")


def _literal(spark: SparkSession, value: Value) -> Column:
    """Return a value as a literal; pyspark would read an instant in this machine's time zone."""
    if isinstance(value, dt.datetime):
        instant = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        return F.expr(f"timestamp'{instant.astimezone(dt.UTC).isoformat()}'")
    if isinstance(value, dt.date):
        return F.expr(f"date'{value.isoformat()}'")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _texts(spark, value)
    return F.lit(value)


def _texts(spark: SparkSession, values: Sequence[str]) -> Column:
    """Return a list of texts as one literal, which an expression of literals would not be."""
    jvm: Any = spark._jvm
    gateway: Any = spark.sparkContext._gateway
    texts = gateway.new_array(jvm.java.lang.String, len(values))
    for place, value in enumerate(values):
        texts[place] = value
    return Column(jvm.functions.lit(texts))
