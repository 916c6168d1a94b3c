"""Models use listed functions only, and both engines give each the same value, however odd."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from sqlglot import exp

import metriccare
from metriccare.engine.duckdb.engine import DuckDbEngine
from metriccare.engine.functions import CASTS, FUNCTIONS, OPERATORS, unlisted
from metriccare.engine.model_sql import parsed
from metriccare.engine.resource_model import resource_model
from metriccare.incremental.pending_rows import IS_PENDING
from metriccare.local.folder_store import FolderStore
from metriccare.marts.measures.counts_model import COUNTS
from metriccare.pipeline.bronze.read_files import QUARANTINE_ROWS, RESOURCE_ROWS
from metriccare.quality.rules import RULES
from metriccare.sources.fhir.resources import RESOURCES
from metriccare.tables import Column
from tests.engine.odd_values import AGGREGATES, COLUMNS, EXAMPLES

# Shown with the patterns of the declarations; rows of explode, and their numbers, apart.
_WITH_PATTERNS = {"regexp_extract", "regexp_extract_all", "regexp_replace", "RegexpLike"}
_OF_ROWS = {"explode", "row_number"}


def _models() -> Mapping[str, str]:
    """Return the text of every declared model by its name."""
    found = {f"resource {r.type}": resource_model(r) for r in RESOURCES}
    for rule in RULES:
        name = f"rule {rule.id} of {rule.resource_type}"
        found[name] = f"select {rule.condition} as broken, {rule.found} as found"
    root = Path(str(files(metriccare)))
    for place in sorted((*root.glob("pipeline/**/*.sql"), *root.glob("marts/**/*.sql"))):
        found[str(place.relative_to(root))] = place.read_text(encoding="utf-8")
    written = {"counts": COUNTS, "resource rows": RESOURCE_ROWS, "rejects": QUARANTINE_ROWS}
    return {**found, **written, "pending rows": f"select {IS_PENDING}"}


MODELS = _models()


@pytest.mark.parametrize("name", MODELS)
def test_a_model_uses_only_listed_words(name: str):
    assert unlisted(MODELS[name], parsed(MODELS[name])) == set()


def test_a_word_that_is_not_listed_is_found():
    model = (
        "select soundex(a), cast(b as array<binary>), c % 2, d ilike 'x' from t where e(1) in (2)"
    )
    assert unlisted(model, parsed(model)) == {"soundex()", "e()", "cast as BINARY", "Mod", "ILike"}


def test_every_listed_word_is_shown():
    shown = {*EXAMPLES, *AGGREGATES, *_WITH_PATTERNS, *_OF_ROWS}
    assert shown == {*FUNCTIONS, *CASTS, *(kind.__name__ for kind in OPERATORS)}


def _patterns() -> Mapping[str, Sequence[str]]:
    """Return what declarations and models ask with regular expressions, asked of odd texts."""
    kinds = (exp.RegexpLike, exp.RegexpExtract, exp.RegexpExtractAll, exp.RegexpReplace)
    found = defaultdict(set)
    for model in MODELS.values():
        for node in parsed(model).find_all(*kinds):
            if isinstance(node.expression, exp.Literal | exp.RawString):
                asked = node.copy()
                asked.set("this", exp.column("t"))
                found[type(node).__name__].add(asked.sql("spark"))
    return {name: sorted(texts) for name, texts in found.items()}


@pytest.fixture(scope="module")
def engines(spark, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Any]]:
    from metriccare.engine.spark.engine import SparkEngine
    from metriccare.settings import Lake

    lake = Lake(str(tmp_path_factory.mktemp("functions") / "lake"))
    with DuckDbEngine(FolderStore(lake.folder), lambda: None) as duckdb:
        yield duckdb, SparkEngine(spark, lake, lambda: None)


def odd_rows(engine: Any, names: Sequence[str]) -> Any:
    """Return a relation of every combination of the columns' values, null among them."""
    columns = [Column(name, COLUMNS[name][0], "") for name in names]
    rows = itertools.product(*[(None, *COLUMNS[name][1]) for name in names])
    return engine.from_rows(
        [*columns, Column("place", "int", "")], [[*r, p] for p, r in enumerate(rows)]
    )


def columns_of(expression: str) -> tuple[str, ...]:
    found = {c.parts[0].name for c in parsed(f"select {expression}").find_all(exp.Column)}
    return tuple(sorted(found & set(COLUMNS)))


def values(engine: Any, expressions: Sequence[str], names: Sequence[str]) -> list[list[Any]]:
    """Return each expression's values over odd rows; an error in place of those that raise."""
    relation = odd_rows(engine, names)
    items = ", ".join(f"{text} as x{number}" for number, text in enumerate(expressions))
    try:
        rows = engine.rows(engine.sql(f"select place, {items} from odd", odd=relation))
    except Exception as error:
        if len(expressions) == 1:
            return [[f"{type(error).__name__}: {error}"[:300]]]
        return [found for text in expressions for found in values(engine, [text], names)]
    ordered = sorted(rows, key=lambda row: row["place"])
    return [[row[f"x{number}"] for row in ordered] for number in range(len(expressions))]


def different(engines: tuple[Any, Any], expressions: Sequence[str]) -> dict[str, Any]:
    """Return the expressions that the engines answer differently, with the first three answers."""
    by_columns = defaultdict(list)
    for text in expressions:
        by_columns[columns_of(text)].append(text)
    wrong = {}
    for names, texts in by_columns.items():
        inputs = list(itertools.product(*[(None, *COLUMNS[name][1]) for name in names]))
        both = [values(engine, texts, names) for engine in engines]
        for text, mine, sparks in zip(texts, *both, strict=True):
            if mine != sparks:
                pairs = zip(inputs, mine, sparks, strict=False)
                wrong[text] = [each for each in pairs if each[1] != each[2]][:3]
    return wrong


@pytest.mark.spark
def test_functions_operators_and_casts_are_equal_on_both_engines(engines):
    asked = [text for texts in EXAMPLES.values() for text in texts]
    assert different(engines, asked) == {}


@pytest.mark.spark
def test_the_declared_patterns_are_equal_on_both_engines(engines):
    patterns = _patterns()
    assert len(patterns) == 4
    assert different(engines, [text for texts in patterns.values() for text in texts]) == {}


def mixed_rows(engine: Any) -> Any:
    """Return a relation in which the columns' values meet at random, but always the same ones."""
    names = ("b", "c", "t", "d", "s", "n", "m", "x", "y", "l", "g")
    columns = [Column(name, COLUMNS[name][0], "") for name in names]
    some = [(None, *COLUMNS[name][1]) for name in names]
    rows = [[each[(row * 7 + row // 5) % len(each)] for each in some] for row in range(200)]
    places = [[*row, place] for place, row in enumerate(rows)]
    return engine.from_rows([*columns, Column("place", "int", "")], places)


_AGGREGATES = ", ".join(
    f"{text} as x{number}" for number, text in enumerate(itertools.chain(*AGGREGATES.values()))
)


@pytest.mark.spark
@pytest.mark.parametrize(
    "model",
    [
        f"select b, {_AGGREGATES} from odd group by b order by b",
        f"select {_AGGREGATES} from odd where place < 0",
        "select place, row_number() over (partition by b order by t, n desc, place) as x from odd"
        " order by place",
        "select place, sum(m) over (partition by b) as x, max(y) over (partition by b, c) as z"
        " from odd order by place",
        "select place, w from (select place, explode(l) as w from odd) order by place, w",
        "select z.code, count(*) as n from (select explode(g) as z from odd) group by z.code"
        " order by n desc, z.code",
        "select distinct t, b from odd order by t, b desc",
        "select t from odd union select u.t from odd u where b order by t",
        "select o.place, p.t from odd o left join odd p on p.place = o.place + 1 and p.b"
        " order by o.place",
        "select o.place, p.place as other from odd o full join odd p on p.t = o.t and p.n = o.m"
        " where not exists (select 1 from odd q where q.n = o.n and q.c) order by 1, 2",
    ],
)
def test_whole_models_are_equal_on_both_engines(engines, model: str):
    mine, sparks = (engine.rows(engine.sql(model, odd=mixed_rows(engine))) for engine in engines)
    assert mine == sparks
    assert len(mine) > 0
