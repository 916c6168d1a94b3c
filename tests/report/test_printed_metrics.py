"""`metriccare metrics`: which results, in which order, and how they look."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from metriccare.commands.printing.metrics import write_metrics
from metriccare.errors import UsageError
from metriccare.marts.measures import BY_ID
from metriccare.query.duckdb.engine import DuckDbEngine
from metriccare.report.figures import counts_text, interval_text, value_text
from metriccare.report.published_metrics import published_metrics
from metriccare.settings import Lake
from metriccare.wiring.queries import open_engine
from tests.query.test_view_files import ADDED, MEASURE_VIEW

ROW: dict[str, Any] = {
    "value": 0.13333,
    "ci_low": 0.10667,
    "ci_high": 0.16766,
    "numerator": 480,
    "denominator": 3600,
    "suppressed": False,
}


@pytest.fixture
def engine(published_lake: Lake) -> DuckDbEngine:
    return open_engine(published_lake)


def test_without_arguments_each_measure_is_given_once_overall(engine: DuckDbEngine) -> None:
    found = published_metrics(engine, None, None, None)
    assert [record["measure_id"] for record in found.records()] == [
        "readmission_30d",
        "mortality_in_hospital",
        "mortality_30d",
        "infection_hospital_acquired",
        "infection_stay_share",
        "alos",
        "alos_episode",
    ]
    assert found.columns == tuple(MEASURE_VIEW | ADDED)


def test_one_measure_by_stratum_and_grain_is_sorted_by_period_and_label(
    engine: DuckDbEngine,
) -> None:
    found = published_metrics(engine, "mortality_30d", "sex", "year")
    cells = [(r["period_start"].year, r["stratum_value"]) for r in found.records()]
    assert cells == [(year, sex) for year in (2022, 2023, 2024) for sex in ("female", "male")]


def test_quarters_are_printed_as_people_write_them(
    engine: DuckDbEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    found = published_metrics(engine, "alos", None, "quarter")
    assert len(found.rows) == 12
    write_metrics(found, "table")
    printed = capsys.readouterr().out
    assert "2022 Q1" in printed
    assert "2024 Q4" in printed


def test_json_is_a_list_of_objects_and_csv_has_a_heading(
    engine: DuckDbEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    found = published_metrics(engine, "readmission_30d", "hospital", None)
    write_metrics(found, "json")
    objects = json.loads(capsys.readouterr().out)
    write_metrics(found, "csv")
    lines = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [one["stratum_value"] for one in objects] == ["hosp-1", "hosp-2", "hosp-3", "hosp-4"]
    assert objects[2]["suppressed"] is True
    assert objects[2]["numerator"] is None
    assert [line["stratum_value"] for line in lines] == [one["stratum_value"] for one in objects]


def test_a_table_says_hidden_and_shows_units(
    engine: DuckDbEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    write_metrics(published_metrics(engine, "readmission_30d", "hospital", None), "table")
    printed = capsys.readouterr()
    assert "hidden (1-10)" in printed.out
    assert "14.9 %" in printed.out
    assert "2024-12-31" in printed.err


def test_a_lake_without_results_says_so_and_prints_no_rows(
    engine: DuckDbEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    write_metrics(published_metrics(engine, "infection_mrsa_labid", None, None), "table")
    printed = capsys.readouterr()
    assert (printed.out, "metriccare run" in printed.err) == ("", True)


@pytest.mark.parametrize(
    ("measure_id", "by", "grain"),
    [("readmissions", None, None), (None, "ward", None), (None, None, "week")],
)
def test_a_word_that_does_not_exist_lists_those_that_do(
    measure_id: str | None, by: str | None, grain: str | None, new_lake: Lake
) -> None:
    engine = open_engine(new_lake)
    with pytest.raises(UsageError, match="known: "):
        published_metrics(engine, measure_id, by, grain)


@pytest.mark.parametrize(
    ("measure_id", "changed", "texts"),
    [
        ("readmission_30d", {}, ("13.3 %", "10.7-16.8 %", "480 of 3,600 stays")),
        ("readmission_30d", {"value": None, "ci_low": None}, ("-", "-", "480 of 3,600 stays")),
        (
            "infection_hospital_acquired",
            {"value": 12.0, "ci_low": 9.0, "ci_high": 15.6},
            ("12.00 per 1,000 patient days", "9.00-15.60", "480 events in 3,600 patient days"),
        ),
        (
            "alos",
            {"value": 4.6, "ci_low": None},
            ("4.60 days", "-", "480 days in 3,600 discharges"),
        ),
    ],
)
def test_figures_have_their_unit(
    measure_id: str, changed: dict[str, Any], texts: tuple[str, str, str]
) -> None:
    measure, row = BY_ID[measure_id], ROW | changed
    assert (value_text(measure, row), interval_text(measure, row), counts_text(measure, row)) == (
        texts
    )
