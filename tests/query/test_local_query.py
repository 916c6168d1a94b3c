"""A lake is read without Spark: the newest rows of every table, whatever state it is in."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from metriccare.query.duckdb.engine import DuckDbEngine
from metriccare.query.views import checks, view_columns, views
from metriccare.settings import SPARK, Lake
from metriccare.tables import BY_NAME, TABLES
from metriccare.wiring.engines import open_engine as open_writer
from metriccare.wiring.queries import open_engine
from tests.query.lakes import HOSPITALS, YEARS
from tests.query.published_rows import measure_rows
from tests.query.written_lake import write_rows, write_table

pytestmark = pytest.mark.usefixtures("engine_kind")


@pytest.fixture
def engine(published_lake: Lake) -> DuckDbEngine:
    return open_engine(published_lake)


def test_only_the_newest_version_of_a_row_is_read(engine: DuckDbEngine) -> None:
    sql = "select count(*), count_if(numerator = 999999) from measure"
    assert engine.query(sql).rows == ((len(measure_rows(HOSPITALS, YEARS)), 0),)


def test_the_independent_reader_equals_the_writers_own(
    engine_kind: str, published_lake: Lake, engine: DuckDbEngine
) -> None:
    with open_writer(published_lake, engine_kind, lambda: None) as writer:
        for name in ("publish.measure", "publish.data_quality"):
            table = BY_NAME[name]
            by_writer = [tuple(row.values()) for row in writer.rows(writer.read(table))]
            found = engine.query(f"select * from {name}")
            assert found.columns == table.column_names
            assert sorted(found.rows, key=repr) == sorted(by_writer, key=repr)


@pytest.mark.spark
def test_the_independent_reader_equals_spark(
    spark, published_lake: Lake, engine: DuckDbEngine
) -> None:
    with open_writer(published_lake, SPARK, lambda: None) as reader:
        for name in ("publish.measure", "publish.data_quality"):
            by_spark = [tuple(row.values()) for row in reader.rows(reader.read(BY_NAME[name]))]
            found = engine.query(f"select * from {name}").rows
            assert sorted(found, key=repr) == sorted(by_spark, key=repr)


def test_instants_are_utc_without_a_zone(engine: DuckDbEngine) -> None:
    sql = "select last_updated from freshness where resource_type = 'Encounter'"
    newest = datetime(2024, 12, 31, 4, 59, 59, 123456)  # noqa: DTZ001
    assert engine.query(sql).rows == ((newest,),)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.full_name)
def test_every_declared_table_answers_with_its_columns(engine: DuckDbEngine, table: object) -> None:
    found = engine.query(f"select * from {table.full_name} limit 1")  # type: ignore[attr-defined]
    assert found.columns == table.column_names  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", views())
def test_every_view_answers_with_its_columns_and_types(engine: DuckDbEngine, name: str) -> None:
    found = engine.query(f"select * from {name}")
    assert found.columns == tuple(view_columns(name))
    assert found.rows


@pytest.mark.parametrize("name", views())
def test_every_view_answers_over_a_lake_without_tables(new_lake: Lake, name: str) -> None:
    found = open_engine(new_lake).query(f"select * from {name}")
    assert (found.columns, found.rows) == (tuple(view_columns(name)), ())


@pytest.mark.parametrize("name", checks())
def test_every_check_is_healthy_over_a_lake_without_tables(new_lake: Lake, name: str) -> None:
    assert open_engine(new_lake).query(checks()[name].text).rows == ()


def test_a_killed_first_load_reads_as_empty(published_lake: Lake, tmp_path: Path) -> None:
    killed = Lake(str(tmp_path / "killed"))
    shutil.copytree(published_lake.folder, killed.folder)
    for commit in (killed.folder / "publish/data_quality/.hoodie").glob("*.commit"):
        commit.unlink()
    found = open_engine(killed).query("select * from data_quality")
    assert (found.columns, found.rows) == (BY_NAME["publish.data_quality"].column_names, ())


def test_an_open_engine_sees_the_next_commit(lake: Lake) -> None:
    write_rows(lake, "gold.patient_day", [_patient_days("h1", 5)], run="run-1")
    engine = open_engine(lake)
    before = engine.query("select sum(patient_days) from gold.patient_day").rows
    changed = [_patient_days("h1", 7), _patient_days("h2", 1)]
    write_rows(lake, "gold.patient_day", changed, run="run-2")
    after = engine.query("select sum(patient_days) from gold.patient_day").rows
    assert (before, after) == (((5,),), ((8,),))


def test_rows_written_before_a_column_was_declared_read_it_as_null(lake: Lake) -> None:
    table = BY_NAME["gold.patient_day"]
    older = replace(table, columns=tuple(c for c in table.columns if c.name != "run_id"))
    row = _patient_days("h1", 5) | {"record_key": "h1"}
    del row["run_id"]
    write_table(lake, older, [row], "run-1")
    write_rows(lake, "gold.patient_day", [_patient_days("h2", 1)], run="run-2")
    found = open_engine(lake).query(
        "select hospital_id, run_id from gold.patient_day order by hospital_id"
    )
    assert found.rows == (("h1", None), ("h2", "run-2"))


def test_conditions_of_an_encounter_unnest_into_columns(lake: Lake) -> None:
    conditions = [_condition("c1", "J18.9"), _condition("c2", "A41.9")]
    rows = [
        {"tenant": "default", "encounter_id": "e1", "conditions": conditions},
        {"tenant": "default", "encounter_id": "e2", "conditions": []},
    ]
    write_rows(lake, "silver.encounter_detail", rows)
    fields = "c (condition_id, system, code, display, onset, verification_status, role, rank"
    engine = open_engine(lake)
    inner = engine.query(
        "select encounter_id, c.code, n from silver.encounter_detail"
        f" cross join unnest(conditions) with ordinality as {fields}, n) order by n"
    )
    assert inner.rows == (("e1", "J18.9", 1), ("e1", "A41.9", 2))
    outer = engine.query(
        "select encounter_id, code from silver.encounter_detail"
        f" left join unnest(conditions) as {fields}) on true order by encounter_id, code"
    )
    assert outer.rows == (("e1", "A41.9"), ("e1", "J18.9"), ("e2", None))


def test_readmission_bars_show_hidden_zero_and_plain_rows(engine: DuckDbEngine) -> None:
    found = engine.query(
        "select hospital_id, numerator, suppressed from readmission_by_hospital"
        " where hospital_id in ('hosp-3', 'hosp-4') order by hospital_id"
    )
    assert found.rows == (("hosp-3", None, True), ("hosp-4", 0, False))


def test_the_donut_holds_snomed_codes_only(engine: DuckDbEngine) -> None:
    found = engine.query(
        "select snomed_code, events, suppressed from infection_by_snomed_code order by events desc"
    )
    assert found.rows[0] == ("68566005", 62, False)
    assert found.rows[-1] == ("266096002", None, True)
    assert len(found) == 6


def test_the_line_has_a_row_for_each_measure_and_year(engine: DuckDbEngine) -> None:
    found = engine.query(
        "select measure_id, period_year from mortality_trend_by_year order by 1, 2"
    )
    years = (2022, 2023, 2024)
    measures = ("mortality_30d", "mortality_in_hospital")
    assert found.rows == tuple((one, year) for one in measures for year in years)


def test_freshness_counts_dates_and_rounds_to_milliseconds(engine: DuckDbEngine) -> None:
    found = engine.query(
        "select resource_type, last_updated, days_behind, as_of from data_freshness order by 1"
    )
    behind = datetime(2024, 12, 28, 22, 0)  # noqa: DTZ001
    now = datetime(2024, 12, 31, 4, 59, 59, 123000)  # noqa: DTZ001
    day = date(2024, 12, 31)
    assert found.rows == (
        ("Condition", behind, 3, day),
        ("Encounter", now, 0, day),
        ("Location", None, None, day),
    )


def test_the_share_of_rows_is_exact_and_hidden_with_its_count(engine: DuckDbEngine) -> None:
    found = engine.query(
        "select rule_id, row_count, share_of_rows from data_quality_summary"
        " where table_name = 'encounter' order by rule_id"
    )
    assert found.rows == (
        ("end-before-start", 41, 0.01),
        ("no-class", None, None),
        ("rows", 4100, 1.0),
    )


def test_the_share_of_index_stays_without_a_hospital_is_shown(engine: DuckDbEngine) -> None:
    found = engine.query(
        "select rule_id, row_count, share_of_rows, suppressed from data_quality_summary"
        " where layer = 'gold' and table_name = 'index_stay' order by rule_id"
    )
    assert found.rows == (("rows", 3600, 1.0, False), ("unknown_hospital", 0, 0.0, False))


def _patient_days(hospital: str, days: int) -> dict[str, object]:
    return {
        "tenant": "default",
        "hospital_id": hospital,
        "department": "ward",
        "month": date(2024, 1, 1),
        "patient_days": days,
        "run_id": "run-2",
    }


def _condition(condition_id: str, code: str) -> tuple[object, ...]:
    return (condition_id, "icd-10", code, None, None, None, None, 1)
