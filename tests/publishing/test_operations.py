"""How runs went is published by every run, apart from figures, and changes no figure."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from metriccare.query.published.publication import pointer_path
from metriccare.tracking.states import RunState
from tests.publishing.mart_lake import measure
from tests.publishing.operations_lake import NOW, OperationsLake

FIGURES = pointer_path("default")


@pytest.fixture
def lake(tmp_path: Path) -> OperationsLake:
    return OperationsLake(tmp_path)


def rows(lake: OperationsLake, mart: str, tenant: str = "default") -> list[dict]:
    (file,) = lake.operations(tenant).manifests[mart].files
    return pq.ParquetFile(lake.folder / file.path).read().to_pylist()


def beacon(lake: OperationsLake) -> dict[str, str]:
    return json.loads(lake.objects.read("marts/beacon.json"))


def test_a_refused_tenant_keeps_its_figures_and_gets_an_alert(lake):
    before = lake.objects.read(FIGURES)
    lake.end(1, RunState.PARTLY_REFUSED, refuses="default")

    assert lake.objects.read(FIGURES) == before
    assert [row["rule"] for row in rows(lake, "alert") if row["severity"] == "failure"] == [
        "gate_refused"
    ]
    assert [row["rule"] for row in rows(lake, "alert", "second")] == ["records_rejected"] * 2
    assert rows(lake, "run")[0]["refused_gate"] == "share_dropped"
    assert rows(lake, "run", "second")[0]["refused_gate"] is None


def test_a_failed_run_is_told_without_the_published_tables(lake):
    lake.end(1)
    for path in (lake.folder / "publish").rglob("*.parquet"):
        path.write_bytes(b"broken")
    lake.end(2, RunState.FAILED)

    states = {(row["rule"], row["state"]) for row in rows(lake, "alert")}
    assert states == {("run_failed", "open"), ("records_rejected", "open")}


def test_the_next_good_run_closes_alerts_and_their_ids_stay(lake):
    lake.end(1, RunState.REFUSED, refuses="default")
    (raised,) = [row for row in rows(lake, "alert") if row["rule"] == "gate_refused"]
    lake.end(2)
    (closed,) = [row for row in rows(lake, "alert") if row["rule"] == "gate_refused"]

    assert (raised["state"], closed["state"]) == ("open", "closed")
    assert raised["alert_id"] == closed["alert_id"]
    assert raised["raised_sequence"] < closed["closed_sequence"]
    assert closed["closed_at"].replace(tzinfo=None) == (NOW + timedelta(hours=2)).replace(
        tzinfo=None
    )


def test_no_count_of_a_refusal_and_no_hidden_count_is_in_any_file(lake):
    lake.load("default", "run-000001-x", 300, 7)
    lake.end(1, RunState.PARTLY_REFUSED, refuses="default")
    found = repr([*rows(lake, "run"), *rows(lake, "alert")])

    for words in ("found 7", "at least 27", "7 of 30", "rows_quarantined': 7", "307", "300"):
        assert words not in found
    values = {row["subject"]: row["value"] for row in rows(lake, "alert")}
    assert values["Observation: id_missing"] == 62
    assert values["Observation: type_unknown"] is None
    assert "Observation: date_broken" not in values


def test_a_damaged_ledger_raises_again_what_is_still_there(lake):
    lake.end(1)
    (lake.folder / "marts/default/alerts.json").write_bytes(b"[{")
    lake.end(2)

    assert {row["state"] for row in rows(lake, "alert")} == {"open"}
    assert {row["raised_sequence"] for row in rows(lake, "alert")} == {2}


def test_files_of_operations_are_kept_for_two_publications_and_those_of_figures_for_all(lake):
    figures = {path for path in lake.paths() if path.startswith("default/measure/")}
    for epoch in range(1, 5):
        lake.end(epoch, RunState.PARTLY_REFUSED, refuses="default" if epoch % 2 else "second")
    paths = set(lake.paths())

    assert figures <= paths
    assert len([path for path in paths if path.startswith("default/alert/run-")]) == 2
    assert len([path for path in paths if path.startswith("default/operations/")]) == 2


@pytest.mark.parametrize("erased", [False, True])
def test_publishing_figures_leaves_operations_as_they_are(lake, erased):
    lake.end(1, RunState.PARTLY_REFUSED, refuses="default")
    before = lake.operations()
    lake.write("publish.measure", measure("default", numerator=50))
    lake.publish("run-2", erased=erased)

    assert lake.operations() == before
    assert rows(lake, "alert")


def test_a_tenant_without_figures_keeps_its_alerts(lake):
    lake.end(1, RunState.PARTLY_REFUSED, refuses="default")
    lake.publish("run-2", run_of=lambda tenant: None)

    assert not (lake.folder / FIGURES).exists()
    assert not [path for path in lake.paths() if path.startswith("default/measure")]
    assert rows(lake, "alert")


def test_the_beacon_changes_with_alerts_and_publications_and_names_nobody(lake):
    lake.end(1)
    first = beacon(lake)
    lake.end(2)
    second = beacon(lake)
    lake.end(3, RunState.PARTLY_REFUSED, refuses="second")
    third = beacon(lake)

    assert (first["run_id"], second["run_id"]) == ("run-000001-x", "run-000002-x")
    assert first["alerts"] == second["alerts"] != third["alerts"]
    assert set(third) == {"run_id", "alerts"}
    assert "second" not in json.dumps(third)


def test_a_lake_without_a_run_publishes_nothing_about_runs(lake):
    with closing(lake.tracking()) as store:
        lake.publish_operations(store, NOW)

    assert not (lake.folder / "marts/beacon.json").exists()
