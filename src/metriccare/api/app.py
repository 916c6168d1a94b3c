"""The ASGI app: every declared endpoint, the built page, and the frame around them."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route

from metriccare.access.rights import RIGHTS
from metriccare.api import problems
from metriccare.api.answering import answer_of
from metriccare.api.endpoint import Endpoint, Open
from metriccare.api.exchange import exchange_of
from metriccare.api.frame import Frame, FrameSettings, security_headers
from metriccare.api.problems import Problem
from metriccare.api.registry import ENDPOINTS
from metriccare.api.services import Services
from metriccare.api.site import PAGE_PATH, add_site
from metriccare.errors import SetupError


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


def api_of(services: Services, endpoints: Sequence[Endpoint] = ENDPOINTS) -> Starlette:
    """Return the app without its frame."""
    for endpoint in endpoints:
        _check(endpoint)
    routes = [
        Route(each.path, answer_of(each, services), methods=[each.method], name=each.name)
        for each in endpoints
    ]
    app = Starlette(
        routes=routes,
        exception_handlers={HTTPException: _framework_problem, Problem: _problem},
    )
    # An address that is spelled otherwise is not found.
    app.router.redirect_slashes = False
    if services.site is not None:
        add_site(app, services.site)
    return app


def _check(endpoint: Endpoint) -> None:
    if not isinstance(endpoint.right, Open) and endpoint.right not in RIGHTS:
        raise SetupError(f"{endpoint.method} {endpoint.path} does not say who may call it.")


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
