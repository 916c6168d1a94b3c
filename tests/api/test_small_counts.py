"""Small counts: for the quality office, of its own tenant, for a purpose, each read audited."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator

import pytest

from metriccare.access.roles import ROLES
from tests.api.running import Browser, Running, running
from tests.publishing.small_lake import small_lake

_PURPOSE = {"metriccare-purpose": "quality-improvement; small hospital"}
_BASE = "/v1/evidence/measures/readmission_30d"
_CHART = f"{_BASE}/control-chart?grain=month"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(small_lake(tmp_path_factory.mktemp("small")).folder) as api:
        yield api


@pytest.fixture
def officer(served: Running) -> Browser:
    served.served.services.limiter._windows.clear()
    return served.program("quality_officer")


def test_a_hidden_series_is_shown_with_its_limits(officer: Browser) -> None:
    published = officer.get("/v1/measures/readmission_30d/control-chart?grain=month").json()
    small = officer.get(_CHART, headers=_PURPOSE).json()

    assert (published["hidden"], published["reason"]) == (24, "hidden_points")
    assert published["offers"]["small_counts"] is True
    assert [point["numerator"] for point in small["points"][:6]] == [1, 2, 3, 4, 5, 6]
    assert (small["hidden"], small["reason"]) == (0, None)
    assert small["points"][0]["high"] is not None
    assert (small["meta"]["small_counts"], small["meta"]["small"]) == (True, 24)


def test_only_who_has_the_right_is_offered_small_counts(served: Running) -> None:
    chart = served.program("analyst").get("/v1/measures/readmission_30d/control-chart").json()
    assert chart["offers"]["small_counts"] is False


@pytest.mark.parametrize("path", ["control-chart", "funnel", "strata?by=hospital", "results.csv"])
def test_without_a_purpose_none_is_shown(officer: Browser, path: str) -> None:
    answer = officer.get(f"{_BASE}/{path}")

    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/purpose-required")


@pytest.mark.parametrize("role", [r.name for r in ROLES if r.name != "quality_officer"])
def test_no_other_role_sees_them(served: Running, role: str) -> None:
    served.served.services.limiter._windows.clear()
    assert served.program(role).get(_CHART, headers=_PURPOSE).status_code == 403


def test_they_are_of_the_own_tenant(officer: Browser) -> None:
    other = officer.get(_CHART, headers={**_PURPOSE, "metriccare-tenant": "second"})
    own = officer.get(f"{_BASE}/funnel", headers=_PURPOSE).json()

    assert other.status_code == 403
    assert {unit["numerator"] for unit in own["units"]} == {7}


def test_a_person_of_one_hospital_sees_its_small_counts_only(served: Running) -> None:
    served.served.services.limiter._windows.clear()
    users = served.provider.users
    users["of_h1"] = dataclasses.replace(
        users["quality_officer"], subject="of_h1", facilities=["h1"]
    )
    program = served.program("of_h1")
    funnel = program.get(f"{_BASE}/funnel", headers=_PURPOSE).json()

    assert [unit["stratum_value"] for unit in funnel["units"]] == ["h1"]
    assert program.get(_CHART, headers=_PURPOSE).json()["points"] == []


def test_each_read_is_in_the_audit_with_the_hidden_rows_it_showed(
    served: Running, officer: Browser
) -> None:
    for _ in range(2):
        officer.get(_CHART, headers=_PURPOSE)
    rows = [row for row in served.audit() if "small counts" in row["object"]][-2:]

    assert [row["hidden_returned"] for row in rows] == [24, 24]
    assert {row["purpose"] for row in rows} == {_PURPOSE["metriccare-purpose"]}
    assert {row["action"] for row in rows} == {"explain"}


def test_they_are_never_kept_by_a_cache(served: Running, officer: Browser) -> None:
    before = len(served.served.services.cache)
    answer = officer.get(_CHART, headers=_PURPOSE)

    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
    assert len(served.served.services.cache) == before


def test_a_file_says_in_name_notes_and_column_what_it_is(served: Running, officer: Browser) -> None:
    answer = officer.get(f"{_BASE}/results.csv?grain=month", headers=_PURPOSE)
    lines = answer.text.splitlines()

    assert "with-small-counts.csv" in answer.headers["content-disposition"]
    assert lines[0].startswith("# SMALL COUNTS ARE SHOWN")
    assert lines[3].split(",")[-1] == "small"
    assert lines[4].endswith(",true")
    assert len(lines) == 4 + 24
    assert served.audit()[-1]["action"] == "export"


def test_nothing_published_changes_by_looking(officer: Browser) -> None:
    address = "/v1/measures/readmission_30d/results?grain=month"
    before = officer.get(address).json()["data"]
    officer.get(_CHART, headers=_PURPOSE)
    after = officer.get(address).json()["data"]

    assert before == after
    assert all(row["numerator"] is None for row in after)
    assert "small" not in json.dumps(after)


def test_an_unknown_measure_or_breakdown_does_not_exist(officer: Browser) -> None:
    for path in ("no_such/control-chart", "readmission_30d/results.csv?by=infection_type"):
        answer = officer.get(f"/v1/evidence/measures/{path}", headers=_PURPOSE)
        assert answer.status_code == 404, path
