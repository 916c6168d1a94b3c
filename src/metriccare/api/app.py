"""The ASGI app: every declared endpoint, the built page, and the frame around them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match

from metriccare.access.rights import RIGHTS
from metriccare.api import problems
from metriccare.api.answering import Answer, answer_of
from metriccare.api.components import components, problem_schema
from metriccare.api.endpoint import Endpoint, Open
from metriccare.api.exchange import exchange_of
from metriccare.api.frame import Frame, FrameSettings, security_headers
from metriccare.api.problems import Problem
from metriccare.api.registry import ENDPOINTS
from metriccare.api.services import Services
from metriccare.api.site import PAGE_PATH, add_site
from metriccare.errors import SetupError

# Of the paths below /v1: within it there are only additions.
API_VERSION = "1"
_DESCRIPTION = (
    "Published quality measures and revenue cycle KPIs, read-only. `x-right` is the right that an"
    " operation needs; docs/api.md says how to sign in."
)


def create_app(services: Services, endpoints: Sequence[Endpoint] = ENDPOINTS) -> Frame:
    """Return the app; SetupError if an endpoint declares nobody who may call it."""
    return Frame(
        api_of(services, endpoints),
        FrameSettings(
            hosts=services.hosts,
            headers=security_headers(services.issuer, services.is_tls),
            allowed_origins=services.allowed_origins,
            audit=services.audit,
            limiter=services.limiter,
            metrics=services.metrics,
        ),
    )


def api_of(services: Services, endpoints: Sequence[Endpoint] = ENDPOINTS) -> FastAPI:
    """Return the app without its frame."""
    app = described_api(lambda endpoint: answer_of(endpoint, services), endpoints)
    if services.site is not None:
        add_site(app, services.site)
    return app


def described_api(
    answer_for: Callable[[Endpoint], Answer], endpoints: Sequence[Endpoint] = ENDPOINTS
) -> FastAPI:
    """Return an app with some endpoints, else every one: what the OpenAPI document is made from."""
    app = _Api(
        title="MetricCare",
        description=_DESCRIPTION,
        version=API_VERSION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers={HTTPException: _framework_problem, Problem: _problem},
    )
    for endpoint in endpoints:
        _check(endpoint)
        app.add_api_route(
            endpoint.path,
            answer_for(endpoint),
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
    return app


class _Api(FastAPI):
    """FastAPI whose document has our named schemas: it knows those of its own models only."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document."""
        if not self.openapi_schema:
            document = super().openapi()
            document.setdefault("components", {}).setdefault("schemas", {}).update(components())
        return super().openapi()


def _check(endpoint: Endpoint) -> None:
    if not isinstance(endpoint.right, Open) and endpoint.right not in RIGHTS:
        raise SetupError(f"{endpoint.method} {endpoint.path} does not say who may call it.")


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


async def _problem(request: Request, error: Exception) -> Response:
    exchange = exchange_of(request.scope)
    problem = error if isinstance(error, Problem) else Problem("internal")
    exchange.reason = problem.reason
    body = problem.body(exchange.request_id)
    headers = {"cache-control": "no-store", **problem.headers}
    return Response(body, problem.status, headers, problems.MEDIA_TYPE)


async def _framework_problem(request: Request, error: Exception) -> Response:
    """Return the problem of what the framework refused; OPTIONS is answered here."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    methods = _methods(request) if status == 405 else []
    if status == 405 and not methods:
        status = 404
    if methods and request.method == "OPTIONS":
        return Response(status_code=204, headers={"Allow": ", ".join(methods)})
    problem = problems.of_status(status)
    if methods:
        problem.headers = {"Allow": ", ".join(methods)}
    return await _problem(request, problem)


def _methods(request: Request) -> list[str]:
    """Return the methods that some route takes at the request's path."""
    routes: list[BaseRoute] = request.app.routes
    found = {"OPTIONS"}
    for route in routes:
        if getattr(route, "path", "") == PAGE_PATH:
            continue
        if route.matches(request.scope)[0] is not Match.NONE:
            found |= set(getattr(route, "methods", None) or ())
    if "GET" in found:
        found.add("HEAD")
    return sorted(found) if len(found) > 1 else []
