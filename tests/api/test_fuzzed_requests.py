"""Requests that the OpenAPI document allows, and some it does not: by schemathesis, fixed seed."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from metriccare.api.described import openapi_document
from tests.api.running import Running

# 2 of each mode for each of about 75 operations: some 300 requests.
_EXAMPLES = 2
_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# A stream does not end; sign-ins lead to the issuer, and wrong forms take minutes to think of.
_LEFT_OUT = (
    "/v1/events/stream",
    "/auth/login",
    "/auth/callback",
    "/auth/logout",
    "/auth/backchannel-logout",
)
_SCHEMA = schemathesis.openapi.from_dict(openapi_document())
_OPERATIONS = {
    operation.label: operation
    for operation in (result.ok() for result in _SCHEMA.get_all_operations())
    if operation.path not in _LEFT_OUT
}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("label", sorted(_OPERATIONS))
def test_every_answer_is_one_that_the_document_describes(
    api: Running, label: str, mode: GenerationMode
) -> None:
    operation = _OPERATIONS[label]
    headers = {
        "Authorization": api.program(_subject(operation)).headers["authorization"],
        "MetricCare-Purpose": "operations",
    }
    before = len(api.audit())

    @settings(
        max_examples=_EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        api.served.services.limiter._windows.clear()
        answer = case.call(base_url=api.base, headers=headers)
        case.validate_response(answer, checks=_CHECKS)

    try:
        ask()
    except BaseException as error:
        if type(error).__name__ in ("Unsatisfiable", "Skipped"):
            pytest.skip("nothing invalid can be sent here")
        raise
    assert not operation.path.startswith("/v1") or len(api.audit()) > before


def _subject(operation: Any) -> str:
    """Return a user whose role has the operation's right."""
    right = operation.definition.raw["x-right"]
    holders = {
        "ops:read": "data_engineer",
        "finance:read": "finance",
        "finance:evidence": "finance",
    }
    return holders.get(right, "quality_officer")
