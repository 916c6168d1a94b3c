"""What a person may ask, and how a refusal sounds. No lake and no JVM is needed for these."""

from pathlib import Path

import pytest

from metriccare.errors import UsageError
from metriccare.query.duckdb.engine import DuckDbEngine
from metriccare.settings import Lake
from metriccare.wiring.queries import open_engine


@pytest.fixture
def engine(new_lake: Lake) -> DuckDbEngine:
    return open_engine(new_lake)


@pytest.mark.parametrize(
    "sql",
    [
        "drop table gold.stay",
        "insert into gold.stay values (1)",
        "delete from gold.stay",
        "update gold.stay set sex = 'x'",
        "create table x as select 1",
        "select 1; select 2",
        "select 1; drop table gold.stay",
        "with x as (delete from gold.stay) select 1",
        "copy gold.stay to '/tmp/x.csv'",
        "attach '/tmp/x.db'",
        "set threads = 1",
        "pragma database_list",
        "call foo()",
        "explain select 1",
    ],
)
def test_anything_but_one_reading_statement_is_refused(engine: DuckDbEngine, sql: str) -> None:
    with pytest.raises(UsageError, match=r"Only one statement that reads|mistake"):
        engine.query(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "select * from read_parquet('/etc/passwd')",
        "select * from glob('/*')",
        "select * from duckdb_settings()",
        "select * from '/etc/passwd'",
        'select * from "/etc/passwd"',
        'select * from "x.csv"',
        "select (select count(*) from read_csv('/etc/passwd'))",
        "select 1 where exists (select 1 from read_text('/etc/hostname'))",
        "with a as (select * from read_text('/etc/passwd')) select * from a",
        "select * from information_schema.tables",
    ],
)
def test_nothing_outside_the_lake_can_be_read(engine: DuckDbEngine, sql: str) -> None:
    with pytest.raises(UsageError):
        engine.query(sql)


def test_the_session_itself_is_locked_down(tmp_path: Path) -> None:
    """The second wall: even SQL that got past the first reads no file and loads nothing."""
    import duckdb

    from metriccare.query.duckdb.lake_files import FolderFiles
    from metriccare.query.duckdb.session import open_session

    session = open_session({}, FolderFiles(tmp_path))
    for sql in (
        "SELECT * FROM read_text('/etc/hostname')",
        "COPY (SELECT 1) TO '/tmp/metriccare-must-not-be-written.csv'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "ATTACH '/tmp/metriccare-must-not-be-written.db'",
    ):
        with pytest.raises(duckdb.Error):
            session.execute(sql)


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("select * from metric_readmision", "Did you mean metric_readmission"),
        ("select * from gold.sty", "Did you mean gold.stay"),
        ("select * from stay", "Did you mean gold.stay"),
        ("select numeratr from measure", "no column numeratr in publish.measure. Did you mean num"),
        ("select m.numeratr from metric_alos m", "no column numeratr in publish.metric_alos"),
        ("select numerator from measure join metric_alos using (tenant)", "in several of"),
        ("select from gold.stay where", "mistake"),
        ("select 'a", "not closed"),
        ("", "Example: SELECT"),
        ("show tables in golden", "no database golden"),
        ("select no_such_function(1)", "no_such_function"),
        ("select cast('x' as integer)", "Cannot cast to integer"),
    ],
)
def test_a_mistake_is_named_in_one_sentence(engine: DuckDbEngine, sql: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence) as caught:
        engine.query(sql)
    assert "\n" not in str(caught.value)


def test_a_missing_lake_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="metriccare demo"):
        open_engine(Lake(str(tmp_path / "nowhere")))


def test_show_and_describe_answer_from_the_declarations(engine: DuckDbEngine) -> None:
    assert ("publish", "metric_alos", "view") in engine.query("SHOW TABLES").rows
    assert engine.query("show tables in gold").rows[0] == ("gold", "account", "table")
    assert engine.query("show databases;").rows == (
        ("bronze",),
        ("silver",),
        ("gold",),
        ("publish",),
    )
    assert ("los_days", "integer") in engine.query("DESCRIBE gold.stay").rows
    assert ("value", "double") in engine.query("show columns from metric_alos").rows
