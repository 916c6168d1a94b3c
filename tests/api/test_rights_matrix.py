"""Every route x every role x own and other tenant, against the declarations."""

from __future__ import annotations

import pytest

from metriccare.access.rights import QUALITY_READ
from metriccare.access.roles import ROLES
from metriccare.api.endpoint import Endpoint, Open
from metriccare.api.registry import ENDPOINTS
from tests.api.running import Running

_SIGNED_IN = [each for each in ENDPOINTS if each.path.startswith(("/v1", "/fhir"))]
# Compares measure results by default: that dataset's right is needed too.
_COMPARED = "/v1/publications/{a}/changes/{b}"
_PATHS = {
    "{slug}": "forbidden",
    "{name}": "measure_results",
    "{id}": "readmission_30d",
    "{a}": "0" * 16,
    "{b}": "1" * 16,
    "{stay_id}": "s1",
    "{claim_id}": "c1",
    "{account_id}": "a1",
    "{type}": "Encounter",
    "{record_id}": "e1",
}


def address(endpoint: Endpoint) -> str:
    path = endpoint.path
    for part, value in _PATHS.items():
        path = path.replace(part, value)
    return path


def test_every_endpoint_is_declared_once() -> None:
    names = [(endpoint.method, endpoint.path) for endpoint in ENDPOINTS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("role", [role.name for role in ROLES])
def test_a_role_reads_what_it_may_and_nothing_else(api: Running, role: str) -> None:
    program = api.program(role)
    rights = api.provider.users[role].roles
    held = {right for each in ROLES if each.name in rights for right in each.rights}
    purpose = {"metriccare-purpose": "operations"}
    wrong = []
    for endpoint in _SIGNED_IN:
        api.served.services.limiter._windows.clear()
        own = program.status(endpoint.method, address(endpoint), headers=purpose)
        may = isinstance(endpoint.right, Open) or endpoint.right in held
        if endpoint.path == _COMPARED:
            may = may and QUALITY_READ in held
        if (own in (401, 403)) == may:
            wrong.append((endpoint.method, endpoint.path, own))

    assert wrong == []


@pytest.mark.parametrize("role", [role.name for role in ROLES])
def test_no_role_reads_another_tenant(api: Running, role: str) -> None:
    program = api.program(role)
    headers = {"metriccare-purpose": "operations", "metriccare-tenant": "second"}
    answers = {}
    for endpoint in _SIGNED_IN:
        api.served.services.limiter._windows.clear()
        answers[endpoint.path] = program.status(endpoint.method, address(endpoint), headers=headers)

    assert set(answers.values()) == {403}, answers


def test_nothing_below_v1_is_read_without_sign_in(api: Running) -> None:
    for endpoint in _SIGNED_IN:
        api.served.services.limiter._windows.clear()
        answer = api.browser().request(endpoint.method, address(endpoint))
        assert answer.status_code == 401, endpoint.path
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_person_without_roles_may_do_nothing(api: Running) -> None:
    users = api.provider.users
    token = api.provider.access_token(
        type(users["analyst"])("nobody", "Nobody", ["root", "admin"], ["default"])
    )
    browser = api.browser()
    browser.headers["authorization"] = f"Bearer {token}"

    assert browser.get("/v1/me").json()["rights"] == []
    assert browser.get("/v1/publication").status_code == 403


def test_a_person_without_a_tenant_reads_nothing(api: Running) -> None:
    users = api.provider.users
    token = api.provider.access_token(
        type(users["analyst"])("homeless", "No Tenant", ["analyst"], ["../default", "*"])
    )
    browser = api.browser()
    browser.headers["authorization"] = f"Bearer {token}"

    assert browser.get("/v1/me").json()["tenant"] is None
    assert browser.get("/v1/publication").status_code == 403
