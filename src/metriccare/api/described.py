"""What the OpenAPI document says, made by FastAPI from the declared endpoints.

Requests are answered by Starlette alone (`app.py`): FastAPI takes half a second to import.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from metriccare.api import problems
from metriccare.api.components import components, problem_schema
from metriccare.api.endpoint import Endpoint
from metriccare.api.registry import ENDPOINTS

# Of the paths below /v1: within it there are only additions.
API_VERSION = "1"
_DESCRIPTION = (
    "Published quality measures and revenue cycle KPIs, read-only. `x-right` is the right that an"
    " operation needs; docs/api.md says how to sign in."
)


@cache
def openapi_document() -> dict[str, Any]:
    """Return the OpenAPI document of every endpoint."""
    app = FastAPI(title="MetricCare", description=_DESCRIPTION, version=API_VERSION)
    for endpoint in ENDPOINTS:
        app.add_api_route(
            endpoint.path,
            _unanswered,
            methods=[endpoint.method],
            response_model=None,
            response_class=Response,
            status_code=endpoint.status,
            summary=endpoint.summary,
            operation_id=endpoint.name,
            tags=[endpoint.path.split("/")[2] if endpoint.path.startswith("/v1") else "server"],
            openapi_extra=endpoint.described(),
            responses=_responses(endpoint),
        )
    document = app.openapi()
    # FastAPI knows the schemas of its own models only.
    document.setdefault("components", {}).setdefault("schemas", {}).update(components())
    return document


async def _unanswered(_request: Request) -> Response:
    # Without a docstring: FastAPI would take it for the description of every operation.
    return Response(status_code=501)


def _responses(endpoint: Endpoint) -> dict[int | str, dict[str, Any]]:
    schema = dict(endpoint.schema) or {"type": "object"}
    content = {
        name: {"schema": schema if "json" in name else {"type": "string"}}
        for name in endpoint.media_types
    }
    error = {problems.MEDIA_TYPE: {"schema": problem_schema()}}
    return {
        endpoint.status: {"description": "Done", "content": content},
        "4XX": {"description": "A problem of the request", "content": error},
        "5XX": {"description": "A problem of the server", "content": error},
    }
