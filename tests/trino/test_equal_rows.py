"""Every view and check gives equal rows on DuckDB and on Trino over the same Hudi tables."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from metriccare.errors import SetupError, UsageError
from metriccare.query.duckdb.engine import DuckDbEngine
from metriccare.query.engine import Rows, SqlEngine
from metriccare.query.trino import install
from metriccare.query.trino.engine import TrinoEngine
from metriccare.query.trino.server import TrinoServer
from metriccare.query.views import checks, view_columns, views
from metriccare.settings import SPARK, Lake
from metriccare.tables import TABLES
from metriccare.wiring.queries import open_engine
from tests.query.engine_contract import VALUES
from tests.query.lakes import write_published
from tests.query.test_athena_meaning import EXPRESSIONS
from tests.query.written_lake import create_empty, write_rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.trino, pytest.mark.spark]
PUBLISH = [table.full_name for table in TABLES if table.layer == "publish"]


@pytest.fixture(scope="session", autouse=True)
def _trino_is_there() -> None:
    try:
        install.jdk()
    except SetupError as error:
        pytest.skip(str(error))
    if not install.is_installed(install.trino_home()):
        pytest.skip("Trino is not fetched; `make trino` does that.")


@pytest.fixture(scope="module")
def lake(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Return a lake with results, and every other table empty."""
    lake = Lake(str(tmp_path_factory.mktemp("trino") / "lake"))
    write_published(lake, hospitals=4, years=3, kind=SPARK)
    create_empty(lake, [t.full_name for t in TABLES if t.full_name not in PUBLISH], SPARK)
    return lake


@pytest.fixture(scope="module")
def empty_lake(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Return a lake whose publish tables hold nothing, as after its first use."""
    lake = Lake(str(tmp_path_factory.mktemp("trino") / "empty"))
    create_empty(lake, PUBLISH, SPARK)
    return lake


@pytest.fixture(scope="module")
def server(lake: Lake) -> Iterator[TrinoServer]:
    with TrinoServer(lake, _free_port()) as server:
        yield server


@pytest.fixture(scope="module")
def trino(server: TrinoServer) -> TrinoEngine:
    return TrinoEngine(server.uri)


@pytest.fixture(scope="module")
def duckdb(lake: Lake) -> DuckDbEngine:
    return open_engine(lake)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _sorted(found: Rows) -> list[str]:
    return sorted(map(repr, found.rows))


@pytest.mark.parametrize("name", views())
def test_a_view_gives_equal_rows(trino: SqlEngine, duckdb: SqlEngine, name: str) -> None:
    there, here = (engine.query(f"select * from {name}") for engine in (trino, duckdb))
    assert there.columns == here.columns == tuple(view_columns(name))
    assert _sorted(there) == _sorted(here)
    assert there.rows


@pytest.mark.parametrize("name", checks())
def test_a_check_gives_equal_rows(trino: SqlEngine, duckdb: SqlEngine, name: str) -> None:
    there, here = (engine.query(checks()[name].text) for engine in (trino, duckdb))
    assert (there.columns, _sorted(there)) == (here.columns, _sorted(here))


@pytest.mark.parametrize("table", [table.full_name for table in TABLES])
def test_an_empty_table_answers(trino: SqlEngine, table: str) -> None:
    assert trino.query(f"select * from {table} where tenant = 'nobody'").rows == ()


@pytest.mark.parametrize(("expression", "value"), EXPRESSIONS)
def test_what_we_take_for_athenas_value_is_trinos(
    trino: SqlEngine, expression: str, value: object
) -> None:
    ((found,),) = trino.query(f"select {expression}").rows
    assert found == (float(value) if isinstance(found, float) else value)  # type: ignore[arg-type]


@pytest.mark.parametrize(("expression", "value"), VALUES)
def test_a_value_is_that_of_its_type(trino: SqlEngine, expression: str, value: object) -> None:
    ((found,),) = trino.query(f"select {expression}").rows
    assert (found, type(found)) == (value, type(value))


def test_the_server_is_read_only(trino: SqlEngine) -> None:
    for sql in ("create view x as select 1 as a", "create table x as select 1 as a"):
        with pytest.raises(UsageError, match=r"Denied|not support"):
            trino.query(sql)


def test_an_unknown_column_is_named(trino: SqlEngine) -> None:
    with pytest.raises(UsageError, match="numeratr"):
        trino.query("select numeratr from metric_alos")


def test_updates_and_new_partitions_are_seen_after_a_refresh(
    spark: SparkSession, lake: Lake, server: TrinoServer, trino: SqlEngine, duckdb: SqlEngine
) -> None:
    stay = {"stay_id": "s1", "encounter_ids": ["e1", "e2"], "los_days": 3, "dq_flags": []}
    write_rows(lake, "gold.stay", [{"tenant": "north", **stay}], "run-1", SPARK)
    later = [{"tenant": "north", **stay, "los_days": 4}, {"tenant": "south", **stay}]
    write_rows(lake, "gold.stay", later, "run-2", SPARK)
    server.refresh()
    sql = "select tenant, los_days, encounter_ids from gold.stay order by tenant"
    assert trino.query(sql).rows == duckdb.query(sql).rows
    assert duckdb.query(sql).rows[0] == ("north", 4, ["e1", "e2"])


def test_a_lake_that_cannot_be_written_is_served_too(
    lake: Lake, duckdb: SqlEngine, tmp_path: Path
) -> None:
    mounted = Lake(str(tmp_path / "mounted"))
    shutil.copytree(lake.folder, mounted.folder, ignore=shutil.ignore_patterns(".trino"))
    (mounted.folder / ".trino").write_text("no folder can be made here")
    sql = "select * from metric_alos"
    with TrinoServer(mounted, _free_port()) as server:
        assert _sorted(TrinoEngine(server.uri).query(sql)) == _sorted(duckdb.query(sql))
    assert (mounted.folder / ".trino").is_file()


def test_views_over_empty_tables_answer_on_both(empty_lake: Lake) -> None:
    with TrinoServer(empty_lake, _free_port()) as server:
        for name in views():
            sql = f"select * from {name}"
            there, here = TrinoEngine(server.uri).query(sql), open_engine(empty_lake).query(sql)
            assert (there.columns, there.rows) == (here.columns, ())
            assert here.rows == ()
