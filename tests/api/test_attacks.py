"""What a valid user of one tenant tries against another. Source: serving specification 9.7.

Each attempt fails, and leaves an audit row. Attempts that need other data are in other files:

- (4) ids of another tenant by guess: `test_evidence_reads.py` (stays, also how long the answer
  takes), `test_exports_and_views.py`, `test_rights_matrix.py`.
- (9) a role that was taken away: `test_sign_in.py`.
- (10) small cells by difference: `test_large_publication.py`, and `test_suppression_attack.py` of
  each mart.
- (11) exports of somebody else, formulas in workbooks: `test_exports_and_views.py`.
- (12), (13) stolen cookies, sign-in begun elsewhere, where a sign-in leads: `test_sign_in.py`.
- (14) names from data in pages and charts: `tests/web/test_pages_in_browser.py`.
- (15) streams: `test_event_streams.py`; an audit that fails or is flooded: `test_audited_reads.py`.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import hmac
import http.client
import io
import json
import re
import time
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from metriccare.local.issuer.provider import AUDIENCE, CLIENT
from tests.api.conftest import FORMULA, SCRIPT
from tests.api.running import Browser, Running

_ROWS = "/v1/datasets/measure_results/rows"


@pytest.fixture(autouse=True)
def _leaves_an_audit_row(api: Running) -> Iterator[None]:
    before = len(api.audit())
    yield
    assert len(api.audit()) > before


def _claims(api: Running, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": api.provider.issuer,
        "aud": AUDIENCE,
        "client_id": CLIENT,
        "sub": "analyst",
        "name": "Anna",
        "roles": ["analyst"],
        "tenants": ["default"],
        "iat": now,
        "exp": now + 600,
    }
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


def _bearer(api: Running, token: str) -> Browser:
    browser = api.browser()
    browser.headers["authorization"] = f"Bearer {token}"
    return browser


def _b64(content: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


# (1) tenant header, query parameter or path of another tenant
def test_the_tenant_header_names_no_other_tenant(api: Running) -> None:
    program = api.program("analyst")
    other = program.get(_ROWS, headers={"metriccare-tenant": "second"})
    unknown = program.get(_ROWS, headers={"metriccare-tenant": "no-such-tenant"})

    assert other.status_code == unknown.status_code == 403
    assert _words(other) == _words(unknown)


def test_a_tenant_in_the_query_is_an_unknown_parameter(api: Running) -> None:
    assert api.program("analyst").get(_ROWS, params={"tenant": "second"}).status_code == 422


# (2) changed tokens
def _changed_tenant(api: Running) -> str:
    head, _, signature = api.provider.access_token(api.provider.users["analyst"]).split(".")
    return f"{head}.{_b64(_claims(api, tenants=['second']))}.{signature}"


def _without_algorithm(api: Running) -> str:
    kid = api.provider.keys.keys[0].kid
    return f"{_b64({'alg': 'none', 'typ': 'at+jwt', 'kid': kid})}.{_b64(_claims(api))}."


def _signed_with_the_public_key(api: Running) -> str:
    key = api.provider.keys.keys[0]
    pem = key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    text = f"{_b64({'alg': 'HS256', 'typ': 'at+jwt', 'kid': key.kid})}.{_b64(_claims(api))}"
    signature = hmac.new(pem, text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _own_key(api: Running, **headers: str) -> str:
    own = rsa.generate_private_key(65537, 2048)
    return jwt.encode(_claims(api), own, "RS256", {"typ": "at+jwt", **headers})


@pytest.mark.parametrize(
    "make",
    [
        _changed_tenant,
        _without_algorithm,
        _signed_with_the_public_key,
        lambda api: _own_key(api, kid=api.provider.keys.keys[0].kid),
        lambda api: _own_key(api, kid="../../../etc/passwd"),
        lambda api: _own_key(api, kid="https://evil.example/key", jku="https://evil.example/jwks"),
    ],
    ids=["tenant changed", "alg none", "HS256", "own key", "kid a path", "own jku"],
)
def test_a_forged_token_is_refused(api: Running, make: Any) -> None:
    assert _bearer(api, make(api)).get("/v1/me").status_code == 401


# (3) tokens for something else, or of another time
@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example"},
        {"aud": "another-api"},
        {"aud": None, "client_id": "another-client"},
        {"exp": int(time.time()) - 3600},
        {"nbf": int(time.time()) + 3600},
        {"exp": None},
        {"sub": None},
        {"nonce": "of-a-sign-in"},
    ],
    ids=["issuer", "audience", "client", "expired", "not yet valid", "for ever", "nobody", "id"],
)
def test_a_token_that_is_not_for_this_api_now_is_refused(
    api: Running, changes: dict[str, Any]
) -> None:
    token = api.provider.keys.sign(_claims(api, **changes), "at+jwt")

    assert _bearer(api, token).get("/v1/me").status_code == 401


@pytest.mark.parametrize(("late", "status"), [(55, 200), (66, 401)])
def test_a_minute_of_leeway_and_no_more(api: Running, late: int, status: int) -> None:
    token = api.provider.keys.sign(_claims(api, exp=int(time.time()) - late), "at+jwt")

    assert _bearer(api, token).get("/v1/me").status_code == status


def test_an_id_token_is_no_access_token(api: Running) -> None:
    token = api.provider.keys.sign(_claims(api, aud=[CLIENT, AUDIENCE]), "JWT")

    assert _bearer(api, token).get("/v1/me").status_code == 401


def test_cookie_and_token_together_are_refused(api: Running) -> None:
    browser = api.signed_in("analyst")
    browser.headers["authorization"] = api.program("finance").headers["authorization"]

    assert browser.get("/v1/me").status_code == 400


# (5) cursors
def _cursor(program: Browser, **filters: str) -> str:
    found: str = program.get(_ROWS, params={"limit": 2, **filters}).json()["meta"]["next"]
    return found


def test_a_cursor_goes_with_its_own_filters_only(api: Running) -> None:
    program = api.program("analyst")
    cursor = _cursor(program)

    assert program.get(_ROWS, params={"limit": 2, "cursor": cursor}).status_code == 200
    other = program.get(_ROWS, params={"limit": 2, "grain": "all", "cursor": cursor})
    assert other.status_code == 422


def test_a_cursor_of_another_tenant_is_refused(api: Running) -> None:
    cursor = _cursor(api.program("other_quality"))

    answer = api.program("quality_officer").get(_ROWS, params={"limit": 2, "cursor": cursor})

    assert answer.status_code in (409, 422)
    assert "data" not in answer.json()


@pytest.mark.parametrize(
    "edit", [lambda c: c[:-4] + "AAAA", lambda c: "", lambda c: "%00", str.swapcase]
)
def test_an_edited_cursor_is_refused(api: Running, edit: Any) -> None:
    program = api.program("analyst")
    cursor = edit(_cursor(program)) or "x"

    assert program.get(_ROWS, params={"limit": 2, "cursor": cursor}).status_code == 422


# (6) caches
def test_an_etag_of_another_tenant_is_never_current(api: Running) -> None:
    own = api.program("quality_officer").get(_ROWS)
    program = api.program("other_quality")

    answer = program.get(_ROWS, headers={"if-none-match": own.headers["etag"]})

    assert answer.status_code == 200
    assert {row["tenant"] for row in answer.json()["data"]} == {"second"}


def test_an_etag_of_another_role_is_never_current(api: Running) -> None:
    own = api.program("executive").get("/v1/kpis/financial")
    answer = api.program("finance").get(
        "/v1/kpis/financial", headers={"if-none-match": own.headers["etag"]}
    )

    assert answer.status_code == 200


def test_the_same_answer_again_is_304_for_its_owner_and_audited(api: Running) -> None:
    program = api.program("analyst")
    first = program.get(_ROWS, params={"grain": "all"})
    again = program.get(
        _ROWS, params={"grain": "all"}, headers={"if-none-match": first.headers["etag"]}
    )

    assert (again.status_code, again.content) == (304, b"")
    assert api.audit()[-1]["status"] == 304


# (7) injection
@pytest.mark.parametrize(
    "query",
    [
        "measure_id=' or 1=1--",
        "stratum_value=h1' union select * from kpi--",
        "sort=value;drop table measure",
        "sort=(select 1)",
        "hospital[]=h1",
        "limit=-1",
        "limit=1e9",
        "grain=all%00",
        "from=2024-01-01'",
        "measure_id=\u2018 or \u20191\u2019=\u20191",
        "&".join(f"stratum_value=h{n}" for n in range(400)),
    ],
    ids=lambda query: query[:24],
)
def test_no_word_becomes_sql(api: Running, query: str) -> None:
    answer = api.program("analyst").get(f"{_ROWS}?{query}")

    assert answer.status_code in (200, 422)
    if answer.status_code == 200:
        assert answer.json()["data"] == []
    assert "select" not in answer.text.lower().replace(query.lower(), "") or "data" in answer.json()


# (8) path tricks
@pytest.mark.parametrize(
    "path",
    ["/v1//evidence/denials", "/V1/kpis", "/v1/kpis/", "/v1/measures/%2e%2e/kpis",
     "/v1/./kpis", "/v1/kpis%2fresults", "/v1/kpis;a=b", "//v1/kpis", "/v1/kpis."],
)  # fmt: skip
def test_a_path_that_is_spelled_otherwise_leads_nowhere(api: Running, path: str) -> None:
    # Not by httpx, which tidies paths before it sends them.
    connection = http.client.HTTPConnection(api.host(), timeout=30)
    headers = {**api.program("executive").headers, "host": api.host()}
    connection.putrequest("GET", path, skip_host=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()

    # An encoded slash reaches an address that needs another right; all others lead nowhere.
    assert answer.status == (403 if "%2f" in path else 404)
    assert json.loads(answer.read())["instance"]
    connection.close()


@pytest.mark.parametrize(
    "header", ["x-http-method-override", "x-method-override", "x-original-url", "x-rewrite-url"]
)
def test_override_headers_are_not_followed(api: Running, header: str) -> None:
    answer = api.program("executive").get("/v1/kpis", headers={header: "/v1/measures"})

    assert answer.status_code == 403


# (9) role escalation
@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("executive", "/v1/kpis"),
        ("finance", "/v1/measures"),
        ("provider", "/v1/measures"),
        ("auditor", "/v1/publication"),
        ("tenant_admin", "/v1/quality"),
        ("analyst", "/v1/runs"),
    ],
)
def test_a_role_reaches_no_more_than_its_rights(api: Running, role: str, path: str) -> None:
    answer = api.program(role).get(path)

    assert answer.status_code == 403
    assert api.audit()[-1]["reason"] == "right"


def test_people_read_their_own_audit_rows_only(api: Running) -> None:
    api.program("finance").get("/v1/kpis")
    rows = api.program("analyst").get("/v1/audit").json()["data"]
    all_rows = api.program("auditor").get("/v1/audit").json()["data"]
    other = api.program("other_quality").get("/v1/audit").json()["data"]

    assert {row["principal"] for row in rows} <= {"analyst"}
    assert {"finance", "analyst"} <= {row["principal"] for row in all_rows}
    assert {row["principal"] for row in other} <= {"other_quality"}


# (10) small cells
def test_hidden_rows_are_given_without_figures_everywhere(api: Running) -> None:
    program = api.program("analyst")
    rows = program.get(_ROWS, params={"stratum_value": "h4"}).json()
    funnel = program.get("/v1/measures/readmission_30d/funnel").json()
    strata = program.get("/v1/measures/readmission_30d/strata?by=hospital").json()
    csv = program.get(f"{_ROWS}.csv", params={"stratum_value": "h4"}).text

    assert [rows["data"][0][n] for n in ("numerator", "denominator", "value")] == [None] * 3
    assert (rows["meta"]["hidden"], rows["meta"]["total"]) == (1, 1)
    assert [unit["stratum_value"] for unit in funnel["hidden"]] == ["h4"]
    assert "h4" not in [unit["stratum_value"] for unit in funnel["units"]]
    assert next(r for r in strata["data"] if r["stratum_value"] == "h4")["value"] is None
    assert ",h4,Hospital h4,,,,,,true," in csv


def test_the_order_of_hidden_rows_says_nothing_of_their_figures(api: Running) -> None:
    program = api.program("analyst")
    where = {"grain": "all", "by": "hospital", "sort": "value"}
    rising = program.get("/v1/measures/readmission_30d/results", params=where).json()["data"]
    falling = program.get(
        "/v1/measures/readmission_30d/results", params={**where, "sort": "-value"}
    ).json()["data"]

    assert rising[-1]["stratum_value"] == falling[-1]["stratum_value"] == "h4"


def test_no_form_of_a_list_shows_a_figure_that_another_form_hides(api: Running) -> None:
    program = api.program("analyst")
    address = "/v1/measures/readmission_30d/results"
    page = program.get(address, params={"by": "hospital"}).json()
    written = csv.DictReader(
        io.StringIO(program.get(page["meta"]["links"]["csv"]).text, newline="")
    )
    figures = ("numerator", "denominator", "value", "ci_low", "ci_high")
    hidden = [row["stratum_value"] for row in page["data"] if row["suppressed"]]

    assert hidden == ["h4"]
    for row in (*page["data"], *written):
        assert any(row[name] for name in figures) == (row["stratum_value"] not in hidden)
    workbook = zipfile.ZipFile(io.BytesIO(program.get(page["meta"]["links"]["xlsx"]).content))
    sheet = workbook.read("xl/worksheets/sheet1.xml").decode()
    # Above are days since 1900.
    numbers = {float(cell) for cell in re.findall(r"<v>([0-9.]+)</v>", sheet)}
    assert {each for each in numbers if 100 <= each < 40_000} == {100, 101, 102, 1000}


# (11) formulas
def test_no_spreadsheet_takes_a_name_for_a_formula(api: Running) -> None:
    csv = api.program("analyst").get(f"{_ROWS}.csv", params={"stratum_value": "h1"}).text

    assert FORMULA not in csv.replace('""', '"').replace(f"'{FORMULA}", "")
    assert "'=HYPERLINK" in csv


# (12) sessions
def test_an_id_that_was_set_before_sign_in_is_not_taken_over(api: Running) -> None:
    browser = api.browser()
    browser.cookies["__Host-mc_session"] = "chosen-by-the-attacker"
    begun = browser.get("/auth/login")
    picked = browser.get(begun.headers["location"] + "&user=analyst")
    browser.get(picked.headers["location"])

    assert browser.cookies["__Host-mc_session"] != "chosen-by-the-attacker"
    fixed = api.browser()
    fixed.cookies["__Host-mc_session"] = "chosen-by-the-attacker"
    assert fixed.get("/v1/me").status_code == 401


def test_two_tenants_in_two_tabs_stay_apart(api: Running) -> None:
    users = api.provider.users
    both = type(users["analyst"])("both", "Both", ["analyst"], ["default", "second"])
    users["both"] = both
    browser = api.signed_in("both")
    seen = {
        tenant: {
            row["tenant"]
            for row in browser.get(_ROWS, headers={"metriccare-tenant": tenant}).json()["data"]
        }
        for tenant in ("default", "second", "default")
    }

    assert seen == {"default": {"default"}, "second": {"second"}}


def test_a_session_that_another_path_planted_is_not_taken(api: Running) -> None:
    browser = api.signed_in("analyst")
    ((name, own),) = browser.cookies.items()
    ((_, planted),) = api.signed_in("finance").cookies.items()

    for pair in (f"{name}={planted}; {name}={own}", f"{name}={own}; {name}={planted}"):
        answer = api.browser().get("/v1/me", headers={"cookie": pair})
        assert answer.status_code == 400
    assert browser.get("/v1/me").json()["subject"] == "analyst"


# (13) other origins
def test_a_form_of_another_page_changes_nothing(api: Running) -> None:
    browser = api.signed_in("analyst")

    answer = browser.post(
        "/auth/logout", content="a=b", headers={"content-type": "text/plain",
                                                "origin": "https://evil.example"}
    )  # fmt: skip

    assert answer.status_code == 403
    assert browser.get("/v1/me").status_code == 200


def test_another_name_for_this_machine_is_not_answered(api: Running) -> None:
    assert api.program("analyst").get("/v1/me", headers={"host": "evil.example"}).status_code == 421


def test_no_page_elsewhere_may_read_answers(api: Running) -> None:
    answer = api.program("analyst").get("/v1/me", headers={"origin": "https://evil.example"})

    assert "access-control-allow-origin" not in answer.headers


# (14) names from data
def test_names_from_data_are_never_html(api: Running) -> None:
    answer = api.program("analyst").get(_ROWS, params={"stratum_value": "h2"})

    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.json()["data"][0]["stratum_label"] == SCRIPT


def test_words_of_a_request_are_not_shown_as_html(api: Running) -> None:
    answer = api.program("analyst").get(f"/v1/{SCRIPT}")

    assert answer.headers["content-type"] == "application/problem+json"
    assert SCRIPT not in answer.text


# (15) exhaustion
def test_a_page_has_at_most_a_thousand_rows(api: Running) -> None:
    assert api.program("analyst").get(_ROWS, params={"limit": 1001}).status_code == 422


def test_after_300_reads_a_minute_a_subject_waits(api: Running) -> None:
    program = api.program("analyst")
    limiter = api.served.services.limiter
    limiter._windows["reads", "analyst"] = (limiter._clock(), 299)

    assert program.get("/v1/me").status_code == 200
    refused = program.get("/v1/me")

    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert api.program("finance").get("/v1/me").status_code == 200
    rows = len(api.audit())
    program.get("/v1/me")
    assert len(api.audit()) == rows


def test_ten_failed_sign_ins_and_an_address_waits(api: Running) -> None:
    answers = [_bearer(api, "forged").get("/v1/me").status_code for _ in range(12)]

    assert answers == [401] * 10 + [429] * 2


def test_a_search_is_no_pattern_and_takes_no_time(api: Running) -> None:
    where = {"stratum_label_contains": "(a+)+$" + "a" * 60}
    began = time.monotonic()
    answer = api.program("analyst").get(_ROWS, params=where)

    assert answer.json()["data"] == []
    assert time.monotonic() - began < 5


def test_thousands_of_values_of_a_filter_are_refused(api: Running) -> None:
    values = "&".join(f"hospital={n}" for n in range(6_000))
    # Not by httpx, which sends no address of this length.
    connection = http.client.HTTPConnection(api.host(), timeout=30)
    connection.request("GET", f"{_ROWS}?{values}", headers=api.program("analyst").headers)

    assert connection.getresponse().status == 414
    connection.close()


def test_a_body_or_address_that_is_too_large_is_refused(api: Running) -> None:
    program = api.program("analyst")

    assert program.post("/auth/logout", content=b"x" * 70_000).status_code == 413
    assert program.get(f"/v1/me?{'x' * 9000}").status_code == 414


def _words(answer: Any) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "instance"}
