"""Alerts and runs through the API: who sees what, notes that stay, events, and the beacon."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from metriccare.tracking.states import RunState
from tests.api.running import Browser, Running, running
from tests.publishing.operations_lake import OperationsLake

_NOTE = {"note": "Asked the laboratory for March."}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> OperationsLake:
    """Two tenants; one was refused by a gate and has a hidden count of rejected records."""
    lake = OperationsLake(tmp_path_factory.mktemp("alerts"))
    lake.load("default", "run-000001-x", 300, 7)
    lake.end(1)
    lake.end(2, RunState.PARTLY_REFUSED, refuses="default")
    return lake


@pytest.fixture(scope="module")
def api(lake: OperationsLake) -> Iterator[Running]:
    with running(lake.folder) as served:
        yield served


def alerts(program: Browser, **parameters: Any) -> list[dict[str, Any]]:
    answer = program.get("/v1/alerts", params=parameters)
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


def refusal(api: Running) -> dict[str, Any]:
    (found,) = alerts(api.program("data_engineer"), rule="gate_refused")
    return found


def test_an_alert_says_what_happened_and_what_to_do(api: Running) -> None:
    found = refusal(api)

    assert (found["subject"], found["severity"]) == ("share_dropped", "failure")
    assert "last good ones stay" in found["meaning"]
    assert "--accept run-000002-x" in found["next_step"]
    assert found["raised_at"] == "2025-01-02T06:00:00Z"


def test_alerts_are_filtered_and_sorted_as_every_list(api: Running) -> None:
    program = api.program("data_engineer")

    assert len(alerts(program, state="open", severity="warning")) == 2
    assert alerts(program, state="closed") == []
    assert program.get("/v1/alerts", params={"state": "old"}).status_code == 422
    assert "gate_refused" in program.get("/v1/alerts.csv").text


def test_everybody_with_figures_reads_the_words_and_operators_read_the_rest(api: Running) -> None:
    executive = api.program("executive")
    rows = executive.get("/v1/datasets/alert_headlines/rows").json()["data"]

    assert {row["rule"] for row in rows} == {"gate_refused", "records_rejected"}
    assert not {"value", "allowed", "next_step"} & set(rows[0])
    assert executive.get("/v1/alerts").status_code == 403
    assert executive.get("/v1/datasets/runs/rows").status_code == 403


def test_each_tenant_has_its_own_alerts(api: Running) -> None:
    operator = api.provider.users["data_engineer"]
    token = api.provider.access_token(
        type(operator)("both", "Both", ["data_engineer"], ["default", "second"])
    )
    both = api.browser()
    both.headers["authorization"] = f"Bearer {token}"
    second = both.get("/v1/alerts", headers={"metriccare-tenant": "second"}).json()["data"]

    assert {row["rule"] for row in second} == {"records_rejected"}
    assert {row["tenant"] for row in second} == {"second"}


def test_a_note_stays_with_its_author_and_time(api: Running) -> None:
    program = api.program("data_engineer")
    address = f"/v1/alerts/{refusal(api)['alert_id']}/acknowledge"
    made = program.post(address, json=_NOTE)
    program.post(address, json={"note": "They send it on Monday."})
    notes = refusal(api)["acknowledgements"]

    assert made.status_code == 201
    assert [each["note"] for each in notes][-2:] == [_NOTE["note"], "They send it on Monday."]
    assert notes[0]["by"] == api.provider.users["data_engineer"].name
    assert api.audit()[-1]["action"] != "review"
    assert [row["status"] for row in api.audit() if row["action"] == "review"][-2:] == [201, 201]


@pytest.mark.parametrize("note", ["", "   ", "two\nlines", "x" * 501, None])
def test_a_note_is_one_line(api: Running, note: str | None) -> None:
    address = f"/v1/alerts/{refusal(api)['alert_id']}/acknowledge"
    body = {} if note is None else {"note": note}

    assert api.program("data_engineer").post(address, json=body).status_code == 422


def test_an_alert_of_nobody_cannot_be_acknowledged(api: Running) -> None:
    program = api.program("data_engineer")

    assert program.post("/v1/alerts/0123456789abcdef/acknowledge", json=_NOTE).status_code == 404


def test_another_tenants_alert_does_not_exist(api: Running) -> None:
    operator = api.provider.users["data_engineer"]
    token = api.provider.access_token(type(operator)("x", "X", ["data_engineer"], ["second"]))
    other = api.browser()
    other.headers["authorization"] = f"Bearer {token}"
    own = refusal(api)["alert_id"]
    answers = [
        other.post(f"/v1/alerts/{each}/acknowledge", json=_NOTE)
        for each in (own, "0123456789abcdef")
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    bodies = [{**answer.json(), "instance": ""} for answer in answers]
    assert bodies[0] == bodies[1]


def test_the_database_of_notes_lets_none_be_changed_or_removed(api: Running) -> None:
    test_a_note_stays_with_its_author_and_time(api)
    with sqlite3.connect(api.lake / ".serve" / "acknowledgements.db") as database:
        for change in ("DELETE FROM acknowledgement", "UPDATE acknowledgement SET note = 'x'"):
            with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
                database.execute(change)


# Small cells by difference: nothing about runs gives away what figures hide.
def test_no_answer_about_runs_has_a_count_of_a_refusal_or_a_hidden_one(api: Running) -> None:
    program, executive = api.program("data_engineer"), api.program("executive")
    answers = [
        program.get("/v1/alerts"),
        program.get("/v1/alerts.csv"),
        program.get("/v1/datasets/runs/rows"),
        program.get("/v1/runs"),
        program.get("/v1/runs/run-000002-x"),
        executive.get("/v1/datasets/alert_headlines/rows"),
        executive.get("/v1/events"),
    ]

    for answer in answers:
        assert answer.status_code == 200
        assert "found 7" not in answer.text
        assert "at least 27" not in answer.text
    (run,) = [
        row
        for row in program.get("/v1/datasets/runs/rows").json()["data"]
        if row["run_id"] == "run-000001-x"
    ]
    assert run["suppressed"]
    assert run["rows_received"] is run["rows_loaded"] is run["rows_quarantined"] is None


def test_a_hidden_value_is_hidden_as_data_quality_hides_it(api: Running) -> None:
    program = api.program("data_engineer")
    published = {
        f"{row['table_name']}: {row['rule_id']}": row["row_count"]
        for row in program.get("/v1/quality").json()["data"]
    }
    found = alerts(program, rule="records_rejected")

    assert {row["subject"]: row["value"] for row in found} == {
        name: count for name, count in published.items() if count != 0
    }
    assert [row["suppressed"] for row in found if row["value"] is None] == [True]


def test_a_total_of_hidden_and_shown_rows_counts_rows_and_no_record(api: Running) -> None:
    meta = api.program("data_engineer").get("/v1/alerts").json()["meta"]

    assert (meta["total"], meta["hidden"]) == (3, 1)


def test_events_say_that_alerts_were_raised_and_closed(
    tmp_path: Path,
) -> None:
    lake = OperationsLake(tmp_path)
    lake.end(1, RunState.PARTLY_REFUSED, refuses="default")
    with running(lake.folder) as api:
        program = api.program("analyst")
        first = program.get("/v1/events").json()["data"]
        after = first[-1]["id"]
        assert program.get(f"/v1/events?after={after}").json()["data"] == []

    lake.end(2)
    with running(lake.folder) as api:
        program = api.program("analyst")
        second = program.get(f"/v1/events?after={after}").json()["data"]
        lines = program.first_lines("/v1/events/stream", 3, {"last-event-id": str(after)})

    kinds = [(each["event"], each.get("change"), each.get("rule")) for each in first]
    assert ("alert", "raised", "gate_refused") in kinds
    assert kinds[-1] == ("publication", None, None)
    ids = [each["id"] for each in first]
    assert ids == sorted(ids)
    # Cut off in the middle of one run's alerts, a caller gets them all again.
    assert ids[0] < ids[len(ids) - 2] < ids[-1]
    assert [(each["change"], each["rule"]) for each in second] == [("closed", "gate_refused")]
    assert lines[1:3] == [f"id: {second[0]['id']}", "event: alert"]


def test_the_beacon_is_open_and_says_nothing_of_anybody(api: Running) -> None:
    answer = api.browser().get("/beacon.json")

    assert answer.status_code == 200
    assert answer.json().keys() == {"run_id", "alerts"}
    assert answer.headers["cache-control"] == "no-store"


def test_where_nothing_ran_there_are_no_alerts_and_no_beacon(tmp_path: Path) -> None:
    with running(tmp_path) as api:
        assert api.program("data_engineer").get("/v1/alerts").status_code == 404
        assert api.browser().get("/beacon.json").status_code == 404
        assert api.program("analyst").get("/v1/events").json()["data"] == []
