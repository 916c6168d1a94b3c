"""Whether the server answers, whether it is ready, what Prometheus reads, and problem pages."""

from __future__ import annotations

import orjson

from metriccare.access.rights import OPS_READ
from metriccare.api import problems
from metriccare.api.endpoint import Call, Endpoint, Open, Reply, Source
from metriccare.api.metrics import MEDIA_TYPE
from metriccare.api.parameters import Parameter
from metriccare.api.problems import Problem
from metriccare.api.readiness import UNHEALTHY


def live(_call: Call) -> Reply:
    """Return that the process answers."""
    return Reply({"status": "alive"})


def ready(call: Call) -> Reply:
    """Return the readiness; without ops:read only the status and the names of what failed."""
    report = call.services.readiness.report()
    caller = call.services.gate.known(call.request)
    if caller is None or OPS_READ not in caller.rights:
        report = {name: report[name] for name in ("status", "timestamp", "failed_checks")}
    return Reply(report, status=503 if report["status"] == UNHEALTHY else 200)


def metrics(call: Call) -> Reply:
    """Return the counters in Prometheus' format."""
    return Reply(call.services.metrics.text(), MEDIA_TYPE)


def problem_page(call: Call) -> Reply:
    """Return the page that explains a kind of problem."""
    text = problems.page(call.values["slug"])
    if text is None:
        raise Problem("not-found")
    return Reply(text.encode(), "text/html; charset=utf-8")


def document(_call: Call) -> Reply:
    """Return the OpenAPI document."""
    # Half a second, and few ask for it.
    from metriccare.api.described import openapi_document

    return Reply(orjson.dumps(openapi_document()))


ENDPOINTS = (
    Endpoint("/health/live", live, Open.EVERYBODY, "The process answers"),
    Endpoint("/health/ready", ready, Open.EVERYBODY, "Whether the server can answer"),
    Endpoint(
        "/metrics",
        metrics,
        Open.LOOPBACK,
        "Counters and times for Prometheus",
        media_types=("text/plain",),
        source=Source.PROCESS,
    ),
    Endpoint(
        "/problems/{slug}",
        problem_page,
        Open.EVERYBODY,
        "What a kind of problem means",
        parameters=(Parameter("slug", "The problem.", is_in_path=True),),
        media_types=("text/html",),
    ),
    Endpoint("/openapi.json", document, Open.EVERYBODY, "This API as OpenAPI 3.1"),
)
