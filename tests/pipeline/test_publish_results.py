"""What is published of results: hidden rows without numbers, strata in words, only changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from metriccare.engine.duckdb.engine import DuckDbEngine
from metriccare.incremental.table_changes import TableChanges
from metriccare.marts.measures.published import published as measures_published
from metriccare.marts.measures.result_rows import TenantResult
from metriccare.marts.measures.results import Estimate, Result, ResultKey
from metriccare.marts.stays.facility import Facilities, OrganizationFacts
from metriccare.pipeline.publish import data_quality, publish
from metriccare.settings import Lake
from metriccare.tables import BY_NAME, quality
from metriccare.tables import publish as tables
from metriccare.tables.commit_note import CommitNote
from tests.pipeline.stored_rows import AT, context_of, engine_of, store

PLACES = {"north": Facilities({"h1": OrganizationFacts("h1", "General")})}
HOSPITAL = ("hospital", "h1")


def result(numerator: int, denominator: int, stratum: tuple[str, str]) -> TenantResult:
    key = ResultKey("readmission_30d", "all", None, *stratum)
    figure = Estimate(numerator / denominator, 0.1, 0.2, "wilson")
    return TenantResult(
        "north",
        date(2024, 6, 1),
        Result(key, numerator, denominator, 0, figure, "pra", *[None] * 3),
        "1",
    )


WHOLE, SMALL = result(40, 100, ("overall", "all")), result(3, 50, HOSPITAL)


@pytest.fixture
def engine(lake: Lake) -> DuckDbEngine:
    return engine_of(lake)


def changes(
    engine: DuckDbEngine, lake: Lake, results: Sequence[TenantResult], run_id: str = "run-1"
) -> list[TableChanges[Any]]:
    context = replace(context_of(lake), run_id=run_id)
    whole = {name: engine.read(BY_NAME[f"gold.{name}"]) for name in ("stay", "infection_event")}
    received = data_quality.received(engine, context)
    shown = measures_published(engine, context, whole, results, PLACES)
    found = [
        *publish.of_marts(engine, context, shown),
        *publish.of_arrivals(engine, context, whole, received),
    ]
    publish.write(engine, found, CommitNote(run_id, "gold"))
    return found


def published(engine: DuckDbEngine, name: str) -> list[dict[str, Any]]:
    return [dict(row) for row in engine.rows(engine.read(BY_NAME[f"publish.{name}"]))]


def test_a_hidden_result_keeps_its_name_and_loses_every_number(engine: DuckDbEngine, lake: Lake):
    changes(engine, lake, [WHOLE, SMALL])
    whole, small = sorted(published(engine, "measure"), key=lambda row: row["suppressed"])
    assert (whole["numerator"], whole["value"], whole["ci_method"]) == (40, 0.4, "wilson")
    assert (small["stratum_label"], small["method"]) == ("General", "pra")
    assert small["measure_title"] == whole["measure_title"]
    numbers = ("numerator", "denominator", "value", "ci_low", "ci_high", "ci_method", "sir")
    assert {small[name] for name in numbers} == {None}


def test_only_what_changed_is_written_and_what_is_gone_is_removed(engine: DuckDbEngine, lake: Lake):
    changes(engine, lake, [WHOLE, SMALL])
    found = changes(engine, lake, [WHOLE, SMALL], "run-2")
    assert all(each.rows is None for each in found)
    changes(engine, lake, [result(41, 100, ("overall", "all"))], "run-3")
    (row,) = published(engine, "measure")
    assert (row["numerator"], row["run_id"]) == (41, "run-3")


def test_the_time_of_publication_is_written_last(engine: DuckDbEngine, lake: Lake):
    found = changes(engine, lake, [WHOLE])
    assert [each.table for each in found] == [
        tables.INFECTION_CODE,
        tables.MEASURE,
        *quality.TABLES,
        tables.DATA_QUALITY,
        tables.FRESHNESS,
    ]


def test_where_results_stay_only_the_description_of_the_data_is_renewed(
    engine: DuckDbEngine, lake: Lake
):
    row = {"file_id": "f", "source_line": 1, "resource_type": "Patient"}
    store(engine, "bronze.resource", [row])
    context = replace(context_of(lake), started_at=AT)
    received = data_quality.received(engine, context)
    gold = {"stay": engine.read(BY_NAME["gold.stay"])}
    found = publish.of_arrivals(engine, context, gold, received)
    publish.write(engine, found, CommitNote("run-1", "gold"))
    assert published(engine, "measure") == []
    assert len(published(engine, "freshness")) == len(published(engine, "data_quality")) == 1


def test_hospital_acquired_events_are_counted_by_code(engine: DuckDbEngine, lake: Lake):
    code = {"code_system": "icd", "code": "A04.72", "infection_type": "cdi", "display": "C. diff"}
    counted = {**code, "measure_ids": ["infection_hospital_acquired"]}
    rows = [{**counted, "event_id": f"e{n}"} for n in range(12)]
    rare = {**counted, "event_id": "rare", "code": "T80", "infection_type": "clabsi"}
    community = {**code, "event_id": "other", "code": "B", "measure_ids": ["infection_all"]}
    store(engine, "gold.infection_event", [*rows, rare, community])
    changes(engine, lake, [WHOLE])
    shown = {
        row["code"]: (row["events"], row["display"]) for row in published(engine, "infection_code")
    }
    assert shown == {"A04.72": (12, "C. diff"), "T80": (None, "C. diff")}
