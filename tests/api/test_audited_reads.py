"""What the audit keeps of each request, and that nothing is shown without it."""

from __future__ import annotations

import json

import pytest

from metriccare.access.audit import AuditFailed
from tests.api.running import Running

_ROWS = "/v1/datasets/measure_results/rows"


def test_a_read_leaves_one_row_that_says_who_saw_what(api: Running) -> None:
    before = len(api.audit())
    answer = api.program("analyst").get(
        _ROWS,
        params={"grain": "all", "stratum_value": "h4"},
        headers={"metriccare-purpose": "quality-improvement; board pack"},
    )
    (row,) = api.audit()[before:]

    assert row["request_id"] == answer.headers["x-request-id"]
    assert (row["principal"], row["role"], row["tenant"]) == ("analyst", "analyst", "default")
    assert (row["action"], row["source"], row["outcome"]) == ("api", "api", "ok")
    assert row["object"] == f"measure_results {_ROWS}"
    assert (row["row_count"], row["hidden_returned"]) == (1, 1)
    assert row["publication"] == answer.headers["metriccare-publication"]
    assert row["purpose"] == "quality-improvement; board pack"
    assert json.loads(row["statement"])["stratum_value"] == ["h4"]
    assert "value" in row["columns"]


def test_the_audit_has_no_token_and_no_cookie(api: Running) -> None:
    browser = api.signed_in("analyst")
    browser.get("/v1/me")
    token = api.program("finance")
    token.get("/v1/me")
    kept = json.dumps(api.audit())

    assert all(value not in kept for value in browser.cookies.values())
    assert token.headers["authorization"].removeprefix("Bearer ") not in kept


def test_a_caller_cannot_choose_the_id_of_an_audit_row(api: Running) -> None:
    chosen = {"x-request-id": "0b5e3f6e-3f4a-4f1e-9f43-6d3f1f0c2a11"}
    before = len(api.audit())
    for _ in range(2):
        api.program("analyst").get("/v1/me", headers=chosen)
    first, second = api.audit()[before:]

    assert first["request_id"] == second["request_id"] == chosen["x-request-id"]
    assert first["event_id"] != second["event_id"]


def test_health_and_pages_leave_no_row(api: Running) -> None:
    before = len(api.audit())
    browser = api.browser()
    for path in ("/health/live", "/health/ready", "/problems/forbidden", "/openapi.json"):
        assert browser.get(path).status_code == 200

    assert len(api.audit()) == before


def test_sign_in_and_sign_out_leave_rows(empty: Running) -> None:
    browser = empty.signed_in("analyst")
    csrf = browser.get("/v1/me").json()["csrf_token"]
    browser.post("/auth/logout", headers={"x-csrf": csrf})

    actions = [(row["action"], row["principal"], row["outcome"]) for row in empty.audit()]

    assert actions == [
        ("login", "analyst", "ok"),
        ("api", "analyst", "ok"),
        ("logout", "analyst", "ok"),
    ]


def test_without_audit_there_is_no_data(api: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_entry: object) -> None:
        raise AuditFailed("disk full")

    monkeypatch.setattr(api.served.services.audit, "write", fails)
    answer = api.program("analyst").get(_ROWS)

    assert answer.status_code == 503
    assert answer.json()["type"] == "/problems/unavailable"
    assert "readmission" not in answer.text
    assert api.program("analyst").get(_ROWS, headers={"if-none-match": "*"}).status_code == 503


def test_a_flood_of_requests_without_sign_in_does_not_flood_the_audit(api: Running) -> None:
    before = len(api.audit())
    limiter = api.served.services.limiter
    limiter._windows["reads", "refused 127.0.0.1"] = (limiter._clock(), 298)
    for _ in range(8):
        api.browser().get("/v1/me")

    assert len(api.audit()) - before == 3


def test_the_chain_of_a_served_lake_is_whole(api: Running) -> None:
    from metriccare.local.audit_files import verify

    api.program("analyst").get("/v1/me")

    assert verify(api.lake)[0] == []
