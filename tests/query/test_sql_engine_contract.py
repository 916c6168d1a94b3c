"""Engines answer one statement with the same rows and types, and refuse the same statements.

Athena's calls are real, to moto's server; what Athena would compute is answered there by DuckDB.
"""

from __future__ import annotations

import boto3
import pytest

from metriccare.errors import UsageError
from metriccare.query.engine import SqlEngine
from metriccare.query.views import view_columns, views
from metriccare.settings import Lake
from metriccare.wiring.queries import athena_engine, open_engine
from tests.aws.athena_server import answer_by, answer_in_pages
from tests.query.engine_contract import REFUSED, VALUES


@pytest.fixture(params=["duckdb", "athena"])
def engine(
    request: pytest.FixtureRequest, published_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> SqlEngine:
    here = open_engine(published_lake)
    if request.param == "duckdb":
        return here
    request.getfixturevalue("aws")
    boto3.client("athena").create_work_group(
        Name="own",
        Configuration={"ResultConfiguration": {"OutputLocation": "s3://results/own/"}},
    )
    answer_by(monkeypatch, here, "dev")
    answer_in_pages(monkeypatch)
    return athena_engine(Lake("s3://metriccare-lake-123456789012-dev"), "own", None)


def test_values_are_those_of_their_types(engine: SqlEngine) -> None:
    listed = ", ".join(f"{sql} as c{place}" for place, (sql, _) in enumerate(VALUES))
    (row,) = engine.query(f"select {listed}").rows
    assert [(v, type(v)) for v in row] == [(value, type(value)) for _, value in VALUES]
    assert [str(v) for v in row] == [str(value) for _, value in VALUES]


@pytest.mark.parametrize("name", sorted(views())[:3])
def test_a_view_gives_its_rows(engine: SqlEngine, published_lake: Lake, name: str) -> None:
    found, wanted = (
        each.query(f"select * from {name}") for each in (engine, open_engine(published_lake))
    )
    assert found.columns == tuple(view_columns(name))
    assert sorted(map(repr, found.rows)) == sorted(map(repr, wanted.rows))
    assert [kind.name for kind in found.types] == [kind.name for kind in wanted.types]


def test_tables_of_the_layers_are_found_by_their_layer(engine: SqlEngine) -> None:
    assert engine.query("select count(*) as n from gold.stay").rows == ((0,),)


@pytest.mark.parametrize("sql", REFUSED)
def test_what_does_not_only_read_is_refused(engine: SqlEngine, sql: str) -> None:
    with pytest.raises(UsageError):
        engine.query(sql)


def test_a_name_the_lake_does_not_have_is_named(engine: SqlEngine) -> None:
    with pytest.raises(UsageError, match=r"no table or view gold\.stays"):
        engine.query("select * from gold.stays")


@pytest.mark.parametrize("sql", ["show tables in gold", "describe gold.stay", "show schemas"])
def test_names_are_answered_alike(engine: SqlEngine, published_lake: Lake, sql: str) -> None:
    assert engine.query(sql) == open_engine(published_lake).query(sql)
