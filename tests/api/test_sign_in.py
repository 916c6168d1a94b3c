"""Sign-in through the development issuer, over real HTTP."""

from __future__ import annotations

import dataclasses
from urllib.parse import parse_qs, urlsplit

import pytest

from metriccare.api.sign_in import safe_path
from tests.api.running import Running


def test_a_person_signs_in_and_lands_on_the_page_asked_for(empty: Running) -> None:
    browser = empty.signed_in("quality_officer", "/measures/readmission_30d?grain=year")

    me = browser.get("/v1/me").json()

    assert browser.headers["x-landed"] == "/measures/readmission_30d?grain=year"
    assert (me["subject"], me["tenant"], me["roles"]) == (
        "quality_officer", "default", ["quality_officer"])  # fmt: skip
    assert "quality:evidence" in me["rights"]
    assert me["lands_on"] == "measures"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(empty: Running) -> None:
    browser = empty.browser()
    begun = browser.get("/auth/login")
    picked = browser.get(begun.headers["location"] + "&user=analyst")
    back = browser.get(picked.headers["location"])

    cookie = next(c for c in back.headers.get_list("set-cookie") if "mc_session" in c)

    assert cookie.startswith("__Host-mc_session=")
    assert all(part in cookie for part in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/"))


def test_the_issuer_is_asked_with_pkce_state_and_nonce(empty: Running) -> None:
    asked = parse_qs(urlsplit(empty.browser().get("/auth/login").headers["location"]).query)

    assert asked["code_challenge_method"] == ["S256"]
    assert all(len(asked[name][0]) >= 32 for name in ("state", "nonce", "code_challenge"))


def test_a_sign_in_that_another_browser_began_is_refused(empty: Running) -> None:
    victim, attacker = empty.browser(), empty.browser()
    begun = attacker.get("/auth/login")
    picked = attacker.get(begun.headers["location"] + "&user=analyst")
    victim.get("/auth/login")

    answer = victim.get(picked.headers["location"])

    assert answer.status_code == 401
    assert "__Host-mc_session" not in victim.cookies
    assert empty.audit()[-1]["reason"] == "state"


def test_a_code_is_good_once(empty: Running) -> None:
    browser = empty.browser()
    begun = browser.get("/auth/login")
    flow = dict(browser.cookies)
    back = browser.get(begun.headers["location"] + "&user=analyst").headers["location"]
    assert browser.get(back).status_code == 303

    browser.cookies = flow

    assert browser.get(back).status_code == 401


def test_signing_out_ends_the_session_for_a_stolen_cookie_too(empty: Running) -> None:
    browser = empty.signed_in("analyst")
    stolen = dict(browser.cookies)
    csrf = browser.get("/v1/me").json()["csrf_token"]

    assert browser.post("/auth/logout", headers={"x-csrf": csrf}).status_code == 200
    browser.cookies = stolen

    assert browser.get("/v1/me").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-csrf": "guessed"},
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site"},
    ],
    ids=["no token", "guessed token", "other origin", "other site"],
)
def test_a_page_elsewhere_cannot_sign_a_person_out(empty: Running, headers: dict[str, str]) -> None:
    browser = empty.signed_in("analyst")
    csrf = browser.get("/v1/me").json()["csrf_token"]
    sent = headers if "origin" not in headers and "sec-fetch-site" not in headers else {
        "x-csrf": csrf, **headers}  # fmt: skip

    answer = browser.post("/auth/logout", headers=sent)

    assert (answer.status_code, browser.get("/v1/me").status_code) == (403, 200)
    assert [row["reason"] for row in empty.audit() if row["action"] == "logout"] == ["csrf"]


def test_a_new_sign_in_ends_the_old_session(empty: Running) -> None:
    browser = empty.signed_in("analyst")
    old = dict(browser.cookies)
    begun = browser.get("/auth/login")
    picked = browser.get(begun.headers["location"] + "&user=finance")
    browser.get(picked.headers["location"])

    assert browser.get("/v1/me").json()["subject"] == "finance"
    assert browser.cookies != old
    browser.cookies = old
    assert browser.get("/v1/me").status_code == 401


def test_the_issuer_ends_sessions_by_a_signed_logout_token(empty: Running) -> None:
    browser = empty.signed_in("analyst")
    token = empty.provider.logout_token("analyst")

    answer = empty.browser().post("/auth/backchannel-logout", data={"logout_token": token})

    assert answer.json() == {"ended": 1}
    assert browser.get("/v1/me").status_code == 401


def test_an_access_token_ends_no_session(empty: Running) -> None:
    browser = empty.signed_in("analyst")
    token = empty.provider.access_token(empty.provider.users["analyst"])

    answer = empty.browser().post("/auth/backchannel-logout", data={"logout_token": token})

    assert answer.status_code == 401
    assert browser.get("/v1/me").status_code == 200


def test_a_removed_role_ends_when_roles_are_read_again(empty: Running) -> None:
    browser = empty.signed_in("analyst")
    keeper = empty.served.services.sign_in.keeper
    (session,) = keeper.store._sessions.values()  # type: ignore[attr-defined]
    users = empty.provider.users
    users["analyst"] = dataclasses.replace(users["analyst"], roles=["executive"])

    assert browser.get("/v1/me").json()["roles"] == ["analyst"]
    keeper.store.update(dataclasses.replace(session, roles_read=0.0))

    assert browser.get("/v1/me").json()["roles"] == ["executive"]


def test_a_removed_person_is_signed_out_when_roles_are_read_again(empty: Running) -> None:
    browser = empty.signed_in("analyst")
    keeper = empty.served.services.sign_in.keeper
    (session,) = keeper.store._sessions.values()  # type: ignore[attr-defined]
    empty.provider.remove_user("analyst")
    keeper.store.update(dataclasses.replace(session, roles_read=0.0))

    assert browser.get("/v1/me").status_code == 401
    assert empty.audit()[-1]["reason"] == "roles"


def test_an_idle_session_ends(empty: Running) -> None:
    browser = empty.signed_in("analyst")
    keeper = empty.served.services.sign_in.keeper
    (session,) = keeper.store._sessions.values()  # type: ignore[attr-defined]
    keeper.store.update(dataclasses.replace(session, seen=session.seen - 1801))

    assert browser.get("/v1/me").status_code == 401


def test_a_page_that_only_polls_does_not_keep_a_session_alive(empty: Running) -> None:
    browser = empty.signed_in("analyst")
    keeper = empty.served.services.sign_in.keeper
    (session,) = keeper.store._sessions.values()  # type: ignore[attr-defined]
    keeper.store.update(dataclasses.replace(session, seen=session.seen - 1700))

    for path in ("/v1/publication", "/v1/events", "/health/ready"):
        browser.get(path)
    (polled,) = keeper.store._sessions.values()  # type: ignore[attr-defined]
    browser.get("/v1/me")
    (used,) = keeper.store._sessions.values()  # type: ignore[attr-defined]

    assert polled.seen == session.seen - 1700
    assert used.seen >= session.seen


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/a//b",
     "/\t/evil.example", "\\\\evil", "/%0d%0aSet-Cookie:x\r\n", "/v1/me", "/auth/logout", ""],
)  # fmt: skip
def test_after_sign_in_nobody_is_led_elsewhere(wanted: str) -> None:
    assert safe_path(wanted) == "/"


def test_keys_can_be_rotated_while_people_are_signed_in(empty: Running) -> None:
    before = empty.program("analyst")
    assert before.get("/v1/me").status_code == 200

    empty.provider.keys.rotate()
    after = empty.program("analyst")

    assert after.get("/v1/me").status_code == 200
    assert before.get("/v1/me").status_code == 200


def test_the_development_issuer_answers_to_its_own_name_only(empty: Running) -> None:
    issuer = empty.provider.issuer

    answer = empty.browser().get(f"{issuer}/jwks", headers={"host": "evil.example"})

    assert answer.status_code == 421


def test_the_development_issuer_sends_no_code_to_another_address(empty: Running) -> None:
    begun = empty.browser().get("/auth/login").headers["location"]
    query = {k: v[0] for k, v in parse_qs(urlsplit(begun).query).items()}
    query |= {"redirect_uri": "https://evil.example/auth/callback", "user": "analyst"}

    answer = empty.browser().get(f"{empty.provider.issuer}/authorize", params=query)

    assert answer.status_code == 400
